//! A new API key: its name and scopes. Must not depend on who creates it.

use super::{
    member::{as_line, index_path},
    reader,
};
use crate::body::KeyBody;
use belfry_domain::{Scope, Scopes, ValidationError};
use belfry_locales::phrases::errors;

const MAX_NAME_CHARS: usize = 200;

/// Parses and validates the body of `POST /v1/keys`. Without `scopes`, the caller decides.
pub fn parse_key(json: &[u8]) -> Result<(String, Option<Scopes>), ValidationError> {
    let key: KeyBody = reader::parse(json)?;
    let name = key.name.ok_or_else(|| ValidationError::new("name", errors::REQUIRED))?;
    let name = as_line(&name, "name", MAX_NAME_CHARS)?;
    let Some(scopes) = key.scopes else { return Ok((name, None)) };
    if scopes.is_empty() {
        return Err(ValidationError::new("scopes", errors::NO_SCOPE));
    }
    let scope = |(index, scope): (usize, String)| {
        scope
            .parse::<Scope>()
            .map_err(|invalid| ValidationError::new(index_path("scopes", index), invalid.reason))
    };
    Ok((name, Some(scopes.into_iter().enumerate().map(scope).collect::<Result<_, _>>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_has_a_name_and_optional_scopes() {
        let read = |value: serde_json::Value| parse_key(value.to_string().as_bytes());
        assert_eq!(read(json!({"name": " Shop "})).unwrap(), ("Shop".to_owned(), None));
        assert_eq!(
            read(json!({"name": "Shop", "scopes": ["send", "read"]}))
                .unwrap()
                .1
                .unwrap()
                .to_string(),
            "read send"
        );
        for (body, field) in [
            (json!({}), "name"),
            (json!({"name": ""}), "name"),
            (json!({"name": "x".repeat(201)}), "name"),
            (json!({"name": "x", "scopes": []}), "scopes"),
            (json!({"name": "x", "scopes": "read"}), "scopes"),
            (json!({"name": "x", "scopes": ["read", "write"]}), "scopes[1]"),
            (json!({"name": "x", "scope": []}), "scope"),
        ] {
            assert_eq!(read(body).unwrap_err().field, field);
        }
    }
}
