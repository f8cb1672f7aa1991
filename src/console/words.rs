//! The console's own words, in its two languages. A page keeps its words beside it, by `words!`.

pub(super) use crate::content::words::{Lang, Word, words};

use axum::http::{HeaderMap, header};

impl Lang {
    /// What the browser asks for first of the two.
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let tags = said.split(',').map(|part| part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        tags.map(|tag| (tag.starts_with("en"), tag.starts_with("uk")))
            .find(|known| known.0 || known.1)
            .map_or(Self::English, |known| if known.1 { Self::Ukrainian } else { Self::English })
    }
}

// What more than one page says.
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

/// A role's name.
pub(super) fn role(role: crate::domain::Role) -> Word {
    match role {
        crate::domain::Role::Owner => OWNER,
        crate::domain::Role::Editor => EDITOR,
        crate::domain::Role::Viewer => VIEWER,
        crate::domain::Role::Agent => AGENT,
    }
}
