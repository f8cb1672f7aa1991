//! Language tags of contacts, messages and the widget's texts.

use super::{ValidationError, language_matching};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A language tag such as `en` or `pt-br`: a subset of BCP 47 (language, script, region) in lower
/// case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// English, the default of a site.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The tag in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary language subtag: `pt` of `pt-br`.
    pub fn base(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// Whether the language's script runs from right to left.
    pub fn is_right_to_left(&self) -> bool {
        language_matching::is_right_to_left(self)
    }
}

impl FromStr for Language {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let tag = text.trim().replace('_', "-").to_ascii_lowercase();
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        let well_formed = (2..=3).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && tag.len() <= 24
            && parts.all(|part| {
                (2..=8).contains(&part.len())
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        if well_formed {
            Ok(Self(tag))
        } else {
            Err(ValidationError::new("language", errors::LANGUAGE_TAG))
        }
    }
}

impl TryFrom<String> for Language {
    type Error = ValidationError;

    fn try_from(text: String) -> Result<Self, ValidationError> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_normalized_and_invalid_ones_rejected() {
        assert_eq!("pt_BR".parse::<Language>().unwrap().as_str(), "pt-br");
        assert_eq!("pt-BR".parse::<Language>().unwrap().base(), "pt");
        assert!("AR".parse::<Language>().unwrap().is_right_to_left());
        for invalid in ["", "e", "english", "en-", "en<script>", "../en", "en-aaaaaaaaa"] {
            assert!(invalid.parse::<Language>().is_err(), "{invalid}");
        }
    }
}
