//! Phrases that several pages share. A page's own phrases stand in its module, in a `words!` block.

pub(super) use crate::content::phrases::{Phrase, UiLanguage, words};

use axum::http::{HeaderMap, header};

impl UiLanguage {
    /// The language that `Accept-Language` prefers.
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        let said = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let tags = said
            .split(',')
            .map(|part| part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        tags.map(|tag| (tag.starts_with("en"), tag.starts_with("uk")))
            .find(|known| known.0 || known.1)
            .map_or(Self::English, |known| if known.1 { Self::Ukrainian } else { Self::English })
    }
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
pub(super) fn role_name(role: crate::domain::Role) -> Phrase {
    match role {
        crate::domain::Role::Owner => OWNER,
        crate::domain::Role::Editor => EDITOR,
        crate::domain::Role::Viewer => VIEWER,
        crate::domain::Role::Agent => AGENT,
    }
}
