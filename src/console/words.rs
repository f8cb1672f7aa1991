//! The console's own words, in its two languages. A page keeps its words beside it, by `words!`.

use axum::http::{HeaderMap, header};
use std::fmt::Display;

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lang {
    #[default]
    English,
    Ukrainian,
}

impl Lang {
    pub(super) const ALL: [(&'static str, &'static str); 2] = [("en", "English"), ("uk", "Українська")];

    /// The tag.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Ukrainian => "uk",
        }
    }

    /// Ukrainian where it is that, else English.
    pub(super) fn of(tag: &str) -> Self {
        if tag.split(['-', '_']).next().is_some_and(|base| base.eq_ignore_ascii_case("uk")) { Self::Ukrainian } else { Self::English }
    }

    /// What the browser asks for first of the two.
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let tags = said.split(',').map(|part| part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        tags.map(|tag| (tag.starts_with("en"), tag.starts_with("uk")))
            .find(|known| known.0 || known.1)
            .map_or(Self::English, |known| if known.1 { Self::Ukrainian } else { Self::English })
    }
}

/// A phrase in both languages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) en: &'static str,
    pub(super) uk: &'static str,
}

impl Word {
    /// In this language.
    pub(super) fn t(self, lang: Lang) -> &'static str {
        match lang {
            Lang::English => self.en,
            Lang::Ukrainian => self.uk,
        }
    }

    /// In this language, with `{name}` replaced.
    pub(super) fn with(self, lang: Lang, parts: &[(&str, &(dyn Display + Sync))]) -> String {
        parts.iter().fold(self.t(lang).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
    }
}

/// Names phrases: `words! { TITLE: "Sites", "Сайти"; … }`.
macro_rules! words {
    ($($name:ident: $en:literal, $uk:literal;)+) => {
        $(pub(in crate::console) const $name: $crate::console::words::Word = $crate::console::words::Word { en: $en, uk: $uk };)+
    };
}
pub(super) use words;

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
