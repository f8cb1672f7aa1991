//! Strict JSON: rejects lists at the top level, duplicate members, NUL and deep nesting.
//!
//! `serde_json` keeps the last of two members with one name, so that a check before it and the
//! parser could see different values; and not every database can store NUL in text.

use super::member::Path;
use belfry_domain::ValidationError;
use belfry_locales::{LocalizedText, phrases::errors};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{cell::RefCell, fmt};

/// Nesting depth of objects and lists.
const MAX_DEPTH: usize = 32;

/// Parses one JSON value.
pub(super) fn read(json: &[u8]) -> Result<Value, ValidationError> {
    let fault = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = StrictVisitor { path: Path::Start(""), depth: 0, error: &fault }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        fault
            .take()
            .unwrap_or_else(|| ValidationError::new("", errors::request_no_json(error.to_string())))
    })
}

/// Checks a value that was parsed by other rules like the value of a member at `at`.
pub(super) fn check(value: Value, at: &str) -> Result<Value, ValidationError> {
    let fault = RefCell::new(None);
    let visitor = StrictVisitor { path: Path::Start(at), depth: 1, error: &fault };
    visitor.deserialize(value).map_err(|error: serde_json::Error| {
        fault
            .take()
            .unwrap_or_else(|| ValidationError::new(at, errors::request_no_json(error.to_string())))
    })
}

/// The canonical form: members sorted by name, no whitespace.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members = members.into_iter().map(|(name, value)| {
                format!("{}:{}", Value::from(name.as_str()), canonical(value))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        scalar => scalar.to_string(),
    }
}

#[derive(Clone, Copy)]
struct StrictVisitor<'at> {
    path: Path<'at>,
    depth: usize,
    /// The validation error with its field; the deserializer's own error can only carry text.
    error: &'at RefCell<Option<ValidationError>>,
}

impl<'at> StrictVisitor<'at> {
    /// Rejects the member `at`, or the request as a whole.
    fn reject<E: Error>(self, at: &str, reason: LocalizedText, request: LocalizedText) -> E {
        let custom = E::custom(&reason);
        let reason = if at.is_empty() { request } else { reason };
        *self.error.borrow_mut() = Some(ValidationError::new(at, reason));
        custom
    }

    fn text<E: Error>(self, text: String) -> Result<Value, E> {
        if text.contains('\0') {
            Err(self.reject(&self.path.text(), errors::NUL, errors::REQUEST_NUL))
        } else {
            Ok(Value::String(text))
        }
    }

    fn enter<'below, E: Error>(self, path: Path<'below>) -> Result<StrictVisitor<'below>, E>
    where
        'at: 'below,
    {
        if self.depth >= MAX_DEPTH {
            let path = self.path.text();
            let top = path.split(['.', '[']).next().unwrap_or_default();
            return Err(self.reject(top, errors::TOO_DEEP, errors::REQUEST_TOO_DEEP));
        }
        Ok(StrictVisitor { path, depth: self.depth + 1, error: self.error })
    }
}

impl<'de> DeserializeSeed<'de> for StrictVisitor<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictVisitor<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.text(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.text(value)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut reader: A) -> Result<Value, A::Error> {
        // A request is an object; a list is rejected before its items are parsed.
        if self.depth == 0 {
            return Err(self.reject(
                "",
                errors::wrong_type(errors::KIND_OBJECT, errors::KIND_ARRAY),
                errors::request_no_object(errors::KIND_ARRAY),
            ));
        }
        let mut items = Vec::new();
        while let Some(item) =
            reader.next_element_seed(self.enter(Path::Item(&self.path, items.len()))?)?
        {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut reader: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = reader.next_key::<String>()? {
            let at = Path::Member(&self.path, &name);
            if name.contains('\0') {
                return Err(self.reject(
                    &at.text(),
                    errors::NUL_IN_NAME,
                    errors::REQUEST_NUL_IN_NAME,
                ));
            }
            if members.contains_key(&name) {
                return Err(self.reject(&at.text(), errors::REPEATED, errors::REQUEST_REPEATED));
            }
            let value = reader.next_value_seed(self.enter(at)?)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> (String, String) {
        let ValidationError { field, reason } = read(json.as_bytes()).unwrap_err();
        (field, reason.to_string())
    }

    #[test]
    fn valid_json_is_unchanged() {
        let json = r#" {"a":[1,-2,0.5,true,null,"é\n"],"b":{"c":{}}} "#;
        assert_eq!(read(json.as_bytes()).unwrap(), serde_json::from_str::<Value>(json).unwrap());
    }

    #[test]
    fn duplicate_member_is_rejected_with_its_path() {
        assert_eq!(
            refusal(r#"{"a":1,"a":1}"#),
            ("a".to_owned(), "must not be repeated".to_owned())
        );
        assert_eq!(
            refusal(r#"{"content":{"en":{"title":"x","\u0074itle":"y"}}}"#).0,
            "content.en.title"
        );
        assert_eq!(refusal(r#"{"l":[{},{"a":1,"a":2}]}"#).0, "l[1].a");
    }

    #[test]
    fn nul_is_rejected_anywhere() {
        assert_eq!(
            refusal(r#"{"a":{"b":["x\u0000"]}}"#),
            ("a.b[0]".to_owned(), "must not contain the character U+0000".to_owned())
        );
        assert!(refusal(r#"{"a\u0000":1}"#).1.contains("name"));
        assert!(refusal("\"\\u0000\"").1.starts_with("the request must not"));
        assert_eq!(
            refusal("[{\"a\\u0000\":1}]"),
            (String::new(), "the request must be a JSON object, not an array".to_owned())
        );
        assert!(read(b"{\"a\":\"\0\"}").is_err());
    }

    #[test]
    fn depth_is_limited_to_32() {
        let nested = |levels: usize| {
            format!("{{\"data\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
        };
        assert!(read(nested(32).as_bytes()).is_ok());
        assert_eq!(
            refusal(&nested(33)),
            ("data".to_owned(), "is nested too deeply; 32 levels are allowed".to_owned())
        );
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn invalid_json_is_reported_with_its_position() {
        assert_eq!(
            refusal("{\"a\":1,}").1,
            "the request must be valid JSON: trailing comma at line 1 column 8"
        );
        for odd in ["", "{", "{} {}", "\u{feff}{}", "nope", "{\"a\":NaN}", "1e999"] {
            assert_eq!(refusal(odd).0, "", "{odd}");
        }
        assert!(read(b"\"\xff\"").is_err());
    }
}
