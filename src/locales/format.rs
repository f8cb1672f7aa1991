//! Fills in the placeholders of a phrase.

use crate::{UiLanguage, phrase::Part};
use std::fmt::{self, Display, Write as _};

/// Values of placeholders by name.
///
/// A plural form is selected by the value's alternate format (`{:#}`), which for numbers is the same
/// as the usual one; see [`Counted`].
pub type Args<'a> = &'a [(&'a str, &'a (dyn Display + Sync))];

/// A number that is shown in another way than by its digits, such as `99+` or with separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    number: u64,
    shown: String,
}

impl Counted {
    /// A number and how it is shown.
    pub fn new(number: u64, shown: String) -> Self {
        Self { number, shown }
    }
}

impl Display for Counted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if formatter.alternate() {
            write!(formatter, "{}", self.number)
        } else {
            formatter.write_str(&self.shown)
        }
    }
}

/// The text of `parts` with these values. A placeholder without a value stays as `{name}`; it is a
/// mistake of the caller, which debug builds report.
pub(crate) fn format(lang: UiLanguage, parts: &[Part], values: Args<'_>) -> String {
    let mut text = String::new();
    write(&mut text, lang, parts, values);
    text
}

fn write(text: &mut String, lang: UiLanguage, parts: &[Part], values: Args<'_>) {
    let value = |wanted: &str| {
        let found = values.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        debug_assert!(found.is_some(), "no value for the placeholder {wanted:?}");
        found
    };
    for part in parts {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Value(name) => {
                // Writing into a string doesn't fail.
                let _ = match value(name) {
                    Some(value) => write!(text, "{value}"),
                    None => write!(text, "{{{name}}}"),
                };
            }
            Part::Plural { name, variants, other } => {
                let number = value(name).map(|value| format!("{value:#}")).unwrap_or_default();
                write(text, lang, plural_form(lang, variants, other, &number), values);
            }
        }
    }
}

/// The variant of this very number, else of its category, else the general one.
fn plural_form<'p>(
    lang: UiLanguage,
    variants: &[(&str, &'p [Part])],
    other: &'p [Part],
    number: &str,
) -> &'p [Part] {
    let variant =
        |key: &str| variants.iter().find(|(name, _)| *name == key).map(|(_, parts)| *parts);
    let of_category = || variant(lang.plural_category(number.parse().ok()?));
    variant(number).or_else(of_category).unwrap_or(other)
}

/// The text with `{name}` for each placeholder, in one plural category.
pub(crate) fn placeholders(parts: &[Part], category: &str) -> String {
    parts.iter().fold(String::new(), |text, part| match part {
        Part::Text(part) => text + part,
        Part::Value(name) => text + "{" + name + "}",
        Part::Plural { variants, other, .. } => {
            let form = variants.iter().find(|(key, _)| *key == category).map(|(_, parts)| *parts);
            text + &placeholders(form.unwrap_or(other), category)
        }
    })
}
