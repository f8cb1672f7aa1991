//! The languages in which there are phrases: the folders of this crate.

use crate::phrases::{LANGUAGES, TAGS, language::NATIVE_NAME};
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use std::fmt;

/// A language of the phrases. The default is English.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct UiLanguage {
    /// The position in [`TAGS`].
    index: usize,
}

impl UiLanguage {
    /// English, to which all other languages fall back.
    pub const ENGLISH: Self = Self { index: 0 };

    /// All languages, English first.
    pub fn all() -> [Self; LANGUAGES] {
        std::array::from_fn(|index| Self { index })
    }

    /// The language tag.
    pub fn tag(self) -> &'static str {
        self.pick(&TAGS)
    }

    /// What its speakers call it.
    pub fn native_name(self) -> &'static str {
        NATIVE_NAME.t(self)
    }

    /// The language of a tag: exactly it, else without its region, else `None`.
    pub fn find(tag: &str) -> Option<Self> {
        let with = |wanted: &str| {
            Self::all().into_iter().find(|language| language.tag().eq_ignore_ascii_case(wanted))
        };
        with(tag).or_else(|| with(tag.split(['-', '_']).next()?))
    }

    /// As [`Self::find`]; English for other tags.
    pub fn from_tag(tag: &str) -> Self {
        Self::find(tag).unwrap_or_default()
    }

    /// The language's value in a list of values for all languages.
    pub(crate) fn pick<T: Copy + Default>(self, values: &[T; LANGUAGES]) -> T {
        values.get(self.index).copied().unwrap_or_default()
    }

    /// The plural category of a number.
    pub fn plural_category(self, number: u64) -> &'static str {
        self.rules().map_or("other", |rules| category_name(rules.category_for(number)))
    }

    /// The plural categories that the language has.
    pub fn plural_categories(self) -> Vec<&'static str> {
        let names = |rules: PluralRules| rules.categories().map(category_name).collect();
        self.rules().map_or_else(|| vec!["other"], names)
    }

    /// The rules are compiled in, so this is cheap. `None` only for a folder that is no tag.
    fn rules(self) -> Option<PluralRules> {
        let locale: Locale = self.tag().parse().ok()?;
        PluralRules::try_new((&locale).into(), PluralRulesOptions::default()).ok()
    }
}

impl fmt::Debug for UiLanguage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.tag())
    }
}

/// The name of a plural category in CLDR, Fluent and `Intl.PluralRules`.
fn category_name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}
