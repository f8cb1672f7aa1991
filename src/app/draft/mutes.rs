//! Categories that a contact mutes. Must not depend on the site's categories.

use super::reader;
use crate::body::MutesBody;
use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;

/// Parses and validates the body of `PUT /v1/contact/{id}/mutes`.
pub fn parse_mutes(json: &[u8]) -> Result<Vec<String>, ValidationError> {
    reader::parse::<MutesBody>(json)?
        .muted
        .ok_or_else(|| ValidationError::new("muted", errors::CATEGORIES_REQUIRED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_list_of_names_is_accepted() {
        assert_eq!(parse_mutes(br#"{"muted": ["news", "offers"]}"#).unwrap(), ["news", "offers"]);
        assert!(parse_mutes(br#"{"muted": []}"#).unwrap().is_empty());
        for (body, field) in [
            ("{}", "muted"),
            (r#"{"muted": "news"}"#, "muted"),
            (r#"{"muted": ["news", 1]}"#, "muted[1]"),
            (r#"{"muted": [], "more": 1}"#, "more"),
        ] {
            assert_eq!(parse_mutes(body.as_bytes()).unwrap_err().field, field);
        }
    }
}
