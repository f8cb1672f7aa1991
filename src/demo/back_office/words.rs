//! Phrases of the back office in three languages, one of them right-to-left; the embedded window
//! uses the same language.

use serde_json::{Map, Value};
use std::sync::LazyLock;

static ALL: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("words.json")).unwrap_or_default());

/// Language codes with their native names.
pub const LANGUAGES: [(&str, &str); 3] =
    [("en", "English"), ("uk", "Українська"), ("ar", "العربية")];

/// The phrases of one language.
#[derive(Clone, Copy)]
pub struct Phrases {
    /// Language code.
    pub language: &'static str,
}

impl Phrases {
    /// The phrases of this language, otherwise English.
    pub fn for_language(code: &str) -> Self {
        let language =
            LANGUAGES.iter().map(|(language, _)| *language).find(|language| *language == code);
        Self { language: language.unwrap_or("en") }
    }

    /// The phrase with this name.
    pub fn get(self, name: &str) -> &'static str {
        ALL.get(self.language)
            .and_then(|words| words.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// All phrases as JSON, for the script.
    pub fn json(self) -> String {
        ALL.get(self.language).map(Value::to_string).unwrap_or_default()
    }

    /// Text direction.
    pub fn direction(self) -> &'static str {
        if self.language == "ar" { "rtl" } else { "ltr" }
    }

    /// Path of an agent's page in this language.
    pub fn agent_path(self, agent: &str) -> String {
        if self.language == "en" {
            format!("/{agent}")
        } else {
            format!("/{agent}?lang={}", self.language)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_have_all_phrases() {
        let names =
            |language: &str| ALL[language].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        for (language, _) in LANGUAGES {
            assert_eq!(names(language), names("en"), "{language}");
            assert!(
                ALL[language]
                    .as_object()
                    .unwrap()
                    .values()
                    .all(|word| word.as_str().is_some_and(|word| !word.is_empty())),
                "{language}"
            );
        }
    }

    #[test]
    fn unknown_language_is_english() {
        assert_eq!(Phrases::for_language("tlh").agent_path("ada"), "/ada");
        assert_eq!(
            (
                Phrases::for_language("ar").agent_path("ada"),
                Phrases::for_language("ar").direction()
            ),
            ("/ada?lang=ar".to_owned(), "rtl")
        );
    }
}
