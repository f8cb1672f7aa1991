//! Language negotiation: which of a message's languages a reader gets.

use super::{Language, language_matching};
use std::collections::BTreeMap;

/// Selects the content for a reader and returns it with its language. Order: exactly `wanted`, the
/// [closest](super::language_matching::closest_language) language to it, the same two for the
/// site's default, then any. `None` only if there is no content.
pub fn negotiate<'content, T>(
    content: &'content BTreeMap<Language, T>,
    wanted: &Language,
    site_default: &Language,
) -> Option<(&'content Language, &'content T)> {
    if content.len() > 1 {
        for preferred in [wanted, site_default] {
            if let Some(found) = content.get_key_value(preferred) {
                return Some(found);
            }
            if let Some(found) = language_matching::closest_language(preferred, content.keys()) {
                return content.get_key_value(found);
            }
        }
    }
    content.first_key_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MessageContent;

    fn in_languages(tags: &[&str]) -> BTreeMap<Language, MessageContent> {
        let text = |tag: &str| MessageContent {
            title: tag.to_owned(),
            body: String::new(),
            link: None,
            new_tab: false,
            image: None,
            actions: Vec::new(),
            is_literal: false,
        };
        tags.iter().map(|tag| (tag.parse().unwrap(), text(tag))).collect()
    }

    fn chosen(there: &[&str], wanted: &str, site: &str) -> Option<String> {
        negotiate(&in_languages(there), &wanted.parse().unwrap(), &site.parse().unwrap()).map(
            |(language, content)| {
                assert_eq!(
                    language.as_str(),
                    content.title,
                    "language and content belong together"
                );
                content.title.clone()
            },
        )
    }

    #[test]
    fn language_negotiation_order() {
        let all = ["de", "en", "en-gb", "pt", "pt-br", "pt-pt"];
        assert_eq!(chosen(&all, "pt-BR", "en").as_deref(), Some("pt-br"), "exactly");
        assert_eq!(
            chosen(&["de", "en", "pt", "pt-br"], "pt-AO", "en").as_deref(),
            Some("pt"),
            "the base language"
        );
        assert_eq!(
            chosen(&["de", "en", "pt-br"], "pt-AO", "en").as_deref(),
            Some("pt-br"),
            "another region"
        );
        assert_eq!(
            chosen(&["de", "en", "pt-br"], "pt", "en").as_deref(),
            Some("pt-br"),
            "a region of the wanted language"
        );
        assert_eq!(chosen(&all, "fr", "en-GB").as_deref(), Some("en-gb"), "the site's default");
        assert_eq!(
            chosen(&all, "fr", "en-US").as_deref(),
            Some("en"),
            "the site's default without its region"
        );
        assert_eq!(chosen(&["de", "uk"], "fr", "en").as_deref(), Some("de"), "any");
        assert_eq!(chosen(&["uk"], "fr", "en").as_deref(), Some("uk"), "the only one");
        assert_eq!(chosen(&[], "fr", "en"), None);
    }

    #[test]
    fn prefix_of_a_tag_is_not_a_match() {
        assert_eq!(chosen(&["en", "fil"], "fi", "en").as_deref(), Some("en"));
    }
}
