//! Categories that a contact mutes. Must not depend on the site's categories.

use super::{
    json,
    object::{Object, as_text, index_path},
};
use belfry_domain::ValidationError;
use belfry_locales::phrases::errors;

/// Parses the body of `PUT /v1/contact/{id}/mutes`.
pub fn parse_mutes(json: &[u8]) -> Result<Vec<String>, ValidationError> {
    let mut body = Object::from_value(json::read(json)?, "")?;
    body.reject_unknown(&["muted"])?;
    let muted = body
        .list("muted")?
        .ok_or_else(|| ValidationError::new("muted", errors::CATEGORIES_REQUIRED))?;
    muted
        .into_iter()
        .enumerate()
        .map(|(index, name)| as_text(name, &index_path("muted", index)))
        .collect()
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
