//! Texts that are made where they are shown: a phrase with the values of its placeholders, in no
//! language yet. Errors are such texts: the code that finds an error does not know who will read
//! it.
//!
//! The build script generates a constant, or a function of the placeholders, for each phrase of the
//! files listed in `build/generate.rs`.

use crate::{AnyPhrase, Phrase, Template, UiLanguage, phrases::TEXTS};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap, fmt};

/// A phrase and its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    /// File and key of the phrase: `errors.required`. Empty for a phrase of a page, which is neither
    /// sent to programs nor stored.
    pub(crate) code: &'static str,
    pub(crate) phrase: AnyPhrase,
}

/// A phrase with the values of its placeholders. `Display` gives it in English.
#[derive(Clone, PartialEq, Eq)]
pub struct LocalizedText {
    source: Source,
    arguments: Vec<(&'static str, Argument)>,
}

/// The value of a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// The same in all languages.
    Text(Cow<'static, str>),
    /// In the language of the text that contains it.
    Localized(LocalizedText),
}

impl LocalizedText {
    pub(crate) const fn fixed(source: Source) -> Self {
        Self { source, arguments: Vec::new() }
    }

    pub(crate) const fn with(source: Source, arguments: Vec<(&'static str, Argument)>) -> Self {
        Self { source, arguments }
    }

    pub(crate) fn of_template(
        template: Template,
        arguments: Vec<(&'static str, Argument)>,
    ) -> Self {
        Self::with(Source { code: "", phrase: AnyPhrase::Template(template) }, arguments)
    }

    /// A stable code, the same for all values of the placeholders.
    pub fn code(&self) -> &'static str {
        self.source.code
    }

    /// The text in this language.
    pub fn t(&self, lang: UiLanguage) -> String {
        let values: Vec<_> =
            self.arguments.iter().map(|(name, value)| (*name, value.t(lang))).collect();
        let values: Vec<(&str, &(dyn fmt::Display + Sync))> = values
            .iter()
            .map(|(name, value)| (*name, value as &(dyn fmt::Display + Sync)))
            .collect();
        self.source.phrase.with(lang, &values)
    }
}

impl fmt::Display for LocalizedText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.t(UiLanguage::ENGLISH))
    }
}

impl fmt::Debug for LocalizedText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple(self.code()).field(&self.arguments).finish()
    }
}

/// For tables of constants.
impl From<&Self> for LocalizedText {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<Phrase> for LocalizedText {
    fn from(phrase: Phrase) -> Self {
        Self::fixed(Source { code: "", phrase: AnyPhrase::Phrase(phrase) })
    }
}

impl Argument {
    fn t(&self, lang: UiLanguage) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Localized(text) => Cow::Owned(text.t(lang)),
        }
    }
}

impl From<&'static str> for Argument {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<LocalizedText> for Argument {
    fn from(text: LocalizedText) -> Self {
        Self::Localized(text)
    }
}

/// Values whose text is the same in all languages.
macro_rules! as_text {
    ($($of:ty),+) => {
        $(impl From<$of> for Argument {
            fn from(value: $of) -> Self {
                Self::Text(Cow::Owned(value.to_string()))
            }
        })+
    };
}

as_text!(String, char, u8, u16, u32, u64, usize, i32, i64);

/// A text in the form that is stored. What it says is decided when it is shown, so a stored text
/// has the wording and the languages of the program that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredText {
    code: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    arguments: BTreeMap<String, StoredArgument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum StoredArgument {
    Text(String),
    Localized(StoredText),
}

impl From<&LocalizedText> for StoredText {
    fn from(text: &LocalizedText) -> Self {
        let argument = |(name, value): &(&'static str, Argument)| {
            let value = match value {
                Argument::Text(text) => StoredArgument::Text(text.to_string()),
                Argument::Localized(text) => StoredArgument::Localized(text.into()),
            };
            ((*name).to_owned(), value)
        };
        Self {
            code: text.code().to_owned(),
            arguments: text.arguments.iter().map(argument).collect(),
        }
    }
}

impl StoredText {
    /// The text; `None` if this program has no such phrase.
    pub fn restore(mut self) -> Option<LocalizedText> {
        let source = **TEXTS.iter().find(|source| source.code == self.code)?;
        let mut arguments = Vec::new();
        for name in source.phrase.placeholders() {
            let value = match self.arguments.remove(name)? {
                StoredArgument::Text(text) => Argument::Text(Cow::Owned(text)),
                StoredArgument::Localized(text) => Argument::Localized(text.restore()?),
            };
            arguments.push((name, value));
        }
        Some(LocalizedText { source, arguments })
    }
}
