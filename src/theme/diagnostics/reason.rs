//! Why something in an upload is a problem.
//!
//! Frequent problems have their own sentence in each language. The others are said in English, and
//! in other languages by the phrase of their [`Code`](super::Code).

use belfry_locales::{LocalizedText, StoredText, UiLanguage, phrases::themes};
use serde::{Deserialize, Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// The reason, and how to fix it. `Display` and JSON are in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// In all languages.
    Localized(LocalizedText),
    /// In English only.
    English(Cow<'static, str>),
}

/// A reason without values, for tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FixedReason {
    Localized(&'static LocalizedText),
    English(&'static str),
}

impl Reason {
    /// The reason in this language, if it has a sentence there.
    pub fn t(&self, lang: UiLanguage) -> Option<String> {
        match self {
            Self::Localized(text) => Some(text.t(lang)),
            Self::English(text) if lang == UiLanguage::ENGLISH => Some(text.to_string()),
            Self::English(_) => None,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::English(text) if text.is_empty())
    }

    /// The same reason for something that is left out.
    #[must_use]
    pub(crate) fn and_left_out(self) -> Self {
        match self {
            Self::Localized(text) => Self::Localized(themes::left_out(text)),
            Self::English(text) => Self::English(format!("{text}; it is left out").into()),
        }
    }
}

impl Default for Reason {
    fn default() -> Self {
        Self::English(Cow::Borrowed(""))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Localized(text) => fmt::Display::fmt(text, out),
            Self::English(text) => out.write_str(text),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        Self::English(Cow::Owned(text.to_owned()))
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self::English(Cow::Owned(text))
    }
}

impl From<LocalizedText> for Reason {
    fn from(text: LocalizedText) -> Self {
        Self::Localized(text)
    }
}

impl From<FixedReason> for Reason {
    fn from(reason: FixedReason) -> Self {
        match reason {
            FixedReason::Localized(text) => Self::Localized(text.clone()),
            FixedReason::English(text) => Self::English(Cow::Borrowed(text)),
        }
    }
}

/// A reason as it is stored with a theme.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredReason {
    Localized(StoredText),
    English(String),
}

impl From<&Reason> for StoredReason {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::Localized(text) => Self::Localized(text.into()),
            Reason::English(text) => Self::English(text.to_string()),
        }
    }
}

impl From<StoredReason> for Reason {
    fn from(stored: StoredReason) -> Self {
        match stored {
            StoredReason::Localized(text) => text.restore().map(Self::from).unwrap_or_default(),
            StoredReason::English(text) => text.into(),
        }
    }
}
