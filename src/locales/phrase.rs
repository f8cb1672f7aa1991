//! The types of the generated constants.

use crate::{
    Argument, LocalizedText, UiLanguage,
    format::{self, Args},
    phrases::LANGUAGES,
};

/// A phrase without placeholders, in all languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase(pub(crate) &'static [&'static str; LANGUAGES]);

impl Phrase {
    /// The phrase in this language.
    pub fn t(self, lang: UiLanguage) -> &'static str {
        lang.pick(self.0)
    }

    /// For a table of phrases with and without placeholders.
    pub const fn any(self) -> AnyPhrase {
        AnyPhrase::Phrase(self)
    }
}

/// A part of a phrase with placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(&'static str),
    /// The value of a placeholder.
    Value(&'static str),
    /// One of several texts, by the plural category of a placeholder's number.
    Plural {
        /// The placeholder.
        name: &'static str,
        /// Texts by plural category or number.
        variants: &'static [(&'static str, &'static [Self])],
        /// The text of the category `other`, and of values that are no numbers.
        other: &'static [Self],
    },
}

/// A phrase with placeholders, in all languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template(pub(crate) &'static [&'static [Part]; LANGUAGES]);

impl Template {
    /// The phrase in this language with the values of its placeholders.
    pub fn with(self, lang: UiLanguage, values: Args<'_>) -> String {
        format::format(lang, self.parts(lang), values)
    }

    /// The phrase with its placeholders as `{name}`, for scripts to fill in. Of plural forms the
    /// general one.
    pub fn for_browser(self, lang: UiLanguage) -> String {
        format::placeholders(self.parts(lang), "other")
    }

    /// As [`Self::for_browser`], in each plural category of the language, for a script that selects
    /// with `Intl.PluralRules`.
    pub fn plural_forms(self, lang: UiLanguage) -> Vec<(&'static str, String)> {
        let form = |category| (category, format::placeholders(self.parts(lang), category));
        lang.plural_categories().into_iter().map(form).collect()
    }

    /// The phrase with the values of its placeholders, to be shown in a language later.
    pub fn text<const N: usize>(self, arguments: [(&'static str, Argument); N]) -> LocalizedText {
        LocalizedText::of_template(self, arguments.into())
    }

    /// For a table of phrases with and without placeholders.
    pub const fn any(self) -> AnyPhrase {
        AnyPhrase::Template(self)
    }

    /// The compiled phrase in this language.
    pub fn parts(self, lang: UiLanguage) -> &'static [Part] {
        lang.pick(self.0)
    }
}

/// A phrase with or without placeholders, for tables of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnyPhrase {
    /// Without placeholders.
    Phrase(Phrase),
    /// With placeholders.
    Template(Template),
}

impl AnyPhrase {
    /// The phrase in this language with the values of its placeholders, if it has some.
    pub fn with(self, lang: UiLanguage, values: Args<'_>) -> String {
        match self {
            Self::Phrase(phrase) => phrase.t(lang).to_owned(),
            Self::Template(template) => template.with(lang, values),
        }
    }

    /// The names of the placeholders, each once, in the order of English.
    pub(crate) fn placeholders(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        if let Self::Template(template) = self {
            collect_names(template.parts(UiLanguage::ENGLISH), &mut names);
        }
        names
    }
}

fn collect_names(parts: &[Part], into: &mut Vec<&'static str>) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Value(name) => add_name(name, into),
            Part::Plural { name, variants, other } => {
                add_name(name, into);
                collect_names(other, into);
                for (_, parts) in *variants {
                    collect_names(parts, into);
                }
            }
        }
    }
}

fn add_name(name: &'static str, into: &mut Vec<&'static str>) {
    if !into.contains(&name) {
        into.push(name);
    }
}
