//! Phrases in the two languages of those who run sites and answer conversations.
//!
//! Must not know of HTTP, nor of where a phrase is shown. The console and the window of the Inbox SDK say theirs with it.

use std::fmt::Display;

/// A language of the people who run sites and answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    English,
    /// Ukrainian.
    Ukrainian,
}

impl Lang {
    /// Each by its tag and its own name.
    pub const ALL: [(&'static str, &'static str); 2] = [("en", "English"), ("uk", "Українська")];

    /// The tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Ukrainian => "uk",
        }
    }

    /// Ukrainian where it is that, else English.
    pub fn of(tag: &str) -> Self {
        if tag.split(['-', '_']).next().is_some_and(|base| base.eq_ignore_ascii_case("uk")) { Self::Ukrainian } else { Self::English }
    }
}

/// A phrase in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// In English.
    pub en: &'static str,
    /// In Ukrainian.
    pub uk: &'static str,
}

impl Word {
    /// In this language.
    pub fn t(self, lang: Lang) -> &'static str {
        match lang {
            Lang::English => self.en,
            Lang::Ukrainian => self.uk,
        }
    }

    /// In this language, with `{name}` replaced.
    pub fn with(self, lang: Lang, parts: &[(&str, &(dyn Display + Sync))]) -> String {
        parts.iter().fold(self.t(lang).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
    }
}

/// Names phrases: `words! { TITLE: "Sites", "Сайти"; … }`.
macro_rules! words {
    ($($name:ident: $en:literal, $uk:literal;)+) => {
        $(pub(crate) const $name: $crate::content::words::Word = $crate::content::words::Word { en: $en, uk: $uk };)+
    };
}
pub(crate) use words;
