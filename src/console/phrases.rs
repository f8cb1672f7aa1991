//! Phrases that several pages share. A page's own phrases stand in its module, in a `words!` block.

pub(super) use belfry_content::phrases::{Phrase, UiLanguage, words};

use axum::http::HeaderMap;
use belfry_web::accept::languages;

/// The language that `Accept-Language` prefers.
pub(super) fn preferred_language(headers: &HeaderMap) -> UiLanguage {
    let tags = languages(headers).into_iter().map(str::to_ascii_lowercase);
    tags.map(|tag| (tag.starts_with("en"), tag.starts_with("uk")))
        .find(|known| known.0 || known.1)
        .map_or(UiLanguage::English, |known| {
            if known.1 { UiLanguage::Ukrainian } else { UiLanguage::English }
        })
}

// Shared by several pages.
words! {
    SAVE: "Save", "Зберегти";
    CANCEL: "Cancel", "Скасувати";
    DELETE: "Delete", "Видалити";
    EMAIL: "E-mail", "Електронна пошта";
    PASSWORD: "Password", "Пароль";
    NAME: "Name", "Назва";
    LANGUAGE: "Language", "Мова";
    SITES: "Sites", "Сайти";
    COPY: "Copy", "Копіювати";
    COPIED: "Copied", "Скопійовано";
    OLDER: "Older", "Старіші";
    NEWEST: "Newest", "Найновіші";
    OWNER: "Owner", "Власник";
    EDITOR: "Editor", "Редактор";
    VIEWER: "Viewer", "Глядач";
    AGENT: "Agent", "Агент";
    SAVED: "Saved.", "Збережено.";
}

/// The name of a role.
pub(super) fn role_name(role: belfry_domain::Role) -> Phrase {
    match role {
        belfry_domain::Role::Owner => OWNER,
        belfry_domain::Role::Editor => EDITOR,
        belfry_domain::Role::Viewer => VIEWER,
        belfry_domain::Role::Agent => AGENT,
    }
}
