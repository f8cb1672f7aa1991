//! Phrases of the console and the Inbox SDK's window, in the languages of site owners and agents.
//!
//! To add a phrase: a line in a `words!` block of the module that shows it.

use std::fmt::Display;

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UiLanguage {
    /// English.
    #[default]
    English,
    /// Ukrainian.
    Ukrainian,
}

impl UiLanguage {
    /// All languages: tag and native name.
    pub const ALL: [(&'static str, &'static str); 2] = [("en", "English"), ("uk", "Українська")];

    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Ukrainian => "uk",
        }
    }

    /// Ukrainian for its tags, else English.
    pub fn of(tag: &str) -> Self {
        if tag.split(['-', '_']).next().is_some_and(|base| base.eq_ignore_ascii_case("uk")) {
            Self::Ukrainian
        } else {
            Self::English
        }
    }
}

/// A phrase in all languages.
#[derive(Debug, Clone, Copy)]
pub struct Phrase {
    /// English.
    pub en: &'static str,
    /// Ukrainian.
    pub uk: &'static str,
}

impl Phrase {
    /// The phrase in this language.
    pub fn t(self, lang: UiLanguage) -> &'static str {
        match lang {
            UiLanguage::English => self.en,
            UiLanguage::Ukrainian => self.uk,
        }
    }

    /// The phrase in this language, with each `{name}` replaced.
    pub fn with(self, lang: UiLanguage, parts: &[(&str, &(dyn Display + Sync))]) -> String {
        parts.iter().fold(self.t(lang).to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &value.to_string())
        })
    }
}

/// Defines phrases: `words! { TITLE: "Sites", "Сайти"; … }`.
macro_rules! words {
    ($($name:ident: $en:literal, $uk:literal;)+) => {
        $(pub(crate) const $name: $crate::content::phrases::Phrase = $crate::content::phrases::Phrase { en: $en, uk: $uk };)+
    };
}
pub(crate) use words;
