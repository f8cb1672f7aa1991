//! Lenient access to the parameters of a request. Existing clients expect a server that accepts
//! numbers and booleans as text, ignores unknown members, and ignores values of the wrong type.
//!
//! Must not depend on the meaning of any parameter, nor on how the request was parsed (`body`).

use serde_json::{Map, Value};

/// The parameters of a request, by the names of the contract.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// The members of an object; empty for any other value.
    pub(super) fn from_value(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            _ => Self::default(),
        }
    }

    /// Whether the parameter is present, even as `null`.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A string, number or boolean as text. `Some(None)` is `null`; any other type counts as
    /// absent.
    #[expect(
        clippy::option_option,
        reason = "said, said to be nothing, and not said are three things"
    )]
    pub(super) fn text(&self, name: &str) -> Option<Option<String>> {
        match self.0.get(name)? {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text.clone())),
            Value::Number(number) => Some(Some(number.to_string())),
            Value::Bool(value) => Some(Some(value.to_string())),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A text that is present and not blank.
    pub(super) fn present(&self, name: &str) -> Option<String> {
        self.text(name).flatten().filter(|text| !text.trim().is_empty())
    }

    /// A boolean, a number, or a text such as `false`, `0` and `off`; blank counts as absent, any
    /// other text is true.
    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        let text = self.present(name)?;
        Some(!matches!(
            text.trim().to_ascii_lowercase().as_str(),
            "false" | "0" | "f" | "off" | "no"
        ))
    }

    /// An integer, also as text.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.present(name)?.trim().parse().ok()
    }

    /// The requested page, from 1; 1 if it can't be parsed.
    pub(super) fn page(&self) -> u32 {
        self.integer("page").and_then(|page| u32::try_from(page).ok()).map_or(1, |page| page.max(1))
    }

    /// An object, also as JSON text.
    pub(super) fn object(&self, name: &str) -> Option<Map<String, Value>> {
        match self.0.get(name)? {
            Value::Object(members) => Some(members.clone()),
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// The object as parameters of its own.
    pub(super) fn nested(&self, name: &str) -> Option<Self> {
        self.object(name).map(Self)
    }

    /// The strings and numbers of a list; a single value counts as a list of one.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let scalar = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match self.0.get(name)? {
            Value::Array(items) => Some(items.iter().filter_map(scalar).collect()),
            // Forms may write a list with explicit indices.
            Value::Object(items) => Some(items.values().filter_map(scalar).collect()),
            one => Some(scalar(one).into_iter().collect()),
        }
    }

    /// The objects of a list, also as JSON text; a single object counts as a list of one.
    pub(super) fn items(&self, name: &str) -> Option<Vec<Self>> {
        let of = |items: Vec<Value>| {
            items.into_iter().filter(Value::is_object).map(Self::from_value).collect()
        };
        match self.0.get(name)? {
            Value::Array(items) => Some(of(items.clone())),
            // Forms may write a list with explicit indices.
            Value::Object(items) if items.values().all(Value::is_object) => {
                Some(of(items.values().cloned().collect()))
            }
            one @ Value::Object(_) => Some(vec![Self::from_value(one.clone())]),
            Value::String(text) => serde_json::from_str(text).ok().map(of),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_parsed_from_every_accepted_type() {
        let params = Params::from_value(json!({
            "number": 7, "text": "7", "null": null, "yes": true, "no": "false", "zero": 0, "list": [1, "2", {}], "one": "x",
            "object": {"a": 1}, "json": "{\"a\":1}", "blank": " ", "places": {"0": "a", "1": "b"},
        }));
        assert_eq!(
            (params.integer("number"), params.integer("text"), params.integer("object")),
            (Some(7), Some(7), None)
        );
        assert_eq!(params.text("number"), Some(Some("7".to_owned())));
        assert_eq!(
            (params.text("null"), params.text("object"), params.text("absent")),
            (Some(None), None, None)
        );
        assert_eq!(
            (
                params.boolean("yes"),
                params.boolean("no"),
                params.boolean("zero"),
                params.boolean("text")
            ),
            (Some(true), Some(false), Some(false), Some(true))
        );
        assert_eq!((params.boolean("blank"), params.boolean("null")), (None, None));
        assert_eq!(params.list("list"), Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(params.list("one"), Some(vec!["x".to_owned()]));
        assert_eq!(params.list("places"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(params.object("object"), params.object("json"));
        let items = Params::from_value(
            json!({"list": [{"a": 1}, 2], "json": "[{\"a\":1}]", "one": {"a": 1}, "places": {"0": {"a": 1}}, "text": "a", "null": null}),
        );
        for name in ["list", "json", "one", "places"] {
            assert_eq!(
                items.items(name),
                Some(vec![Params::from_value(json!({"a": 1}))]),
                "{name}"
            );
        }
        assert_eq!(
            (items.items("text"), items.items("null"), items.items("absent")),
            (None, None, None)
        );
        assert_eq!(params.nested("object").and_then(|nested| nested.integer("a")), Some(1));
        assert!(params.contains("null") && !params.contains("absent"));
    }
}
