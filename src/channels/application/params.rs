//! What a request says, however it says it: query, JSON, form, or parts. Clients of the existing products are used to a server that takes numbers
//! and booleans as text, passes over what it does not know, and drops what has another shape than the one that is read.
//!
//! Must not know what any parameter means.

use crate::domain::Invalid;
use serde_json::{Map, Value};

/// Levels of names such as `a[b][c]`.
const MAX_LEVELS: usize = 8;
/// Values of one form.
const MAX_VALUES: usize = 2_000;

/// What a request says. The names are those of the contract.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// The members of an object; nothing for any other value.
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            _ => Self::default(),
        }
    }

    /// Adds what a query or a form says: `name=value&list[]=value&object[name]=value`.
    pub(super) fn add_form(&mut self, form: &[u8]) -> Result<(), Invalid> {
        for (index, (name, value)) in url::form_urlencoded::parse(form).enumerate() {
            if index >= MAX_VALUES {
                return Err(Invalid::new("", format!("the form must have at most {MAX_VALUES} values")));
            }
            self.add(&name, Value::String(value.into_owned()));
        }
        Ok(())
    }

    /// Adds one value under a name with brackets. A name that can't be read is passed over.
    pub(super) fn add(&mut self, name: &str, value: Value) {
        let (first, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
        let Some(steps) = steps(rest) else { return };
        if !first.is_empty() && steps.len() < MAX_LEVELS {
            place(self.0.entry(first).or_insert(Value::Null), &steps, value);
        }
    }

    /// Adds what stands in another, over what is here.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether something is said under this name, be it `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether anything is said.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text, number or boolean as text. `Some(None)` is `null`; any other shape is as if it were absent.
    pub(super) fn text(&self, name: &str) -> Option<Option<String>> {
        match self.0.get(name)? {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(text.clone())),
            Value::Number(number) => Some(Some(number.to_string())),
            Value::Bool(value) => Some(Some(value.to_string())),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A text that is there and not blank.
    pub(super) fn present(&self, name: &str) -> Option<String> {
        self.text(name).flatten().filter(|text| !text.trim().is_empty())
    }

    /// A boolean, a number, or a text such as `false`, `0` and `off`; blank is absent, and any other text is true.
    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        let text = self.present(name)?;
        Some(!matches!(text.trim().to_ascii_lowercase().as_str(), "false" | "0" | "f" | "off" | "no"))
    }

    /// A whole number, be it as text.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.present(name)?.trim().parse().ok()
    }

    /// Which page is asked for, from 1; the first, where that can't be read.
    pub(super) fn page(&self) -> u32 {
        self.integer("page").and_then(|page| u32::try_from(page).ok()).map_or(1, |page| page.max(1))
    }

    /// An object, be it as JSON text.
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

    /// The texts and numbers of a list; one alone is a list of one.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let scalar = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match self.0.get(name)? {
            Value::Array(items) => Some(items.iter().filter_map(scalar).collect()),
            // How forms write a list with its places.
            Value::Object(items) => Some(items.values().filter_map(scalar).collect()),
            one => Some(scalar(one).into_iter().collect()),
        }
    }
}

/// `[a][][b]` as `a`, nothing, `b`.
fn steps(mut brackets: &str) -> Option<Vec<&str>> {
    let mut steps = Vec::new();
    while !brackets.is_empty() {
        let (step, rest) = brackets.strip_prefix('[')?.split_once(']')?;
        steps.push(step);
        brackets = rest;
    }
    Some(steps)
}

fn place(target: &mut Value, steps: &[&str], value: Value) {
    match steps {
        [] => *target = value,
        ["", rest @ ..] => {
            if !target.is_array() {
                *target = Value::Array(Vec::new());
            }
            let Some(items) = target.as_array_mut() else { return };
            // `list[][a]=1&list[][b]=2&list[][a]=3` is two objects: a name that is there already begins the next one.
            let begins = match (items.last(), rest.first()) {
                (Some(Value::Object(last)), Some(name)) => last.contains_key(*name),
                _ => true,
            };
            if begins {
                items.push(Value::Null);
            }
            if let Some(last) = items.last_mut() {
                place(last, rest, value);
            }
        }
        [name, rest @ ..] => {
            if !target.is_object() {
                *target = Value::Object(Map::new());
            }
            if let Some(members) = target.as_object_mut() {
                place(members.entry(*name).or_insert(Value::Null), rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(text: &str) -> Value {
        let mut params = Params::default();
        params.add_form(text.as_bytes()).unwrap();
        Value::Object(params.0)
    }

    #[test]
    fn brackets_make_objects_and_lists() {
        assert_eq!(form("name=a+b&channel[type]=api"), json!({"name": "a b", "channel": {"type": "api"}}));
        assert_eq!(form("user_ids[]=1&user_ids[]=2"), json!({"user_ids": ["1", "2"]}));
        assert_eq!(form("a[b][c][]=x"), json!({"a": {"b": {"c": ["x"]}}}));
        let items = json!({"items": [{"title": "A", "value": "1"}, {"title": "B"}]});
        assert_eq!(form("items[][title]=A&items[][value]=1&items[][title]=B"), items);
        assert_eq!(form("a=1&a=2"), json!({"a": "2"}));
        for odd in ["[a]=1", "a[=1", "a[b=1", "a]x[=1", "=1"] {
            let read = form(odd);
            assert!(read == json!({}) || read == json!({"a]x": null}) || read.get("a").is_none(), "{odd}: {read}");
        }
        assert_eq!(form(&format!("a{}=1", "[b]".repeat(MAX_LEVELS))), json!({}));
    }

    #[test]
    fn many_values_are_refused() {
        assert!(Params::default().add_form("a[]=1&".repeat(MAX_VALUES + 1).as_bytes()).is_err());
        assert!(Params::default().add_form("a[]=1&".repeat(MAX_VALUES).as_bytes()).is_ok());
    }

    #[test]
    fn values_are_read_from_any_shape_that_means_them() {
        let params = Params::of(json!({
            "number": 7, "text": "7", "null": null, "yes": true, "no": "false", "zero": 0, "list": [1, "2", {}], "one": "x",
            "object": {"a": 1}, "json": "{\"a\":1}", "blank": " ", "places": {"0": "a", "1": "b"},
        }));
        assert_eq!((params.integer("number"), params.integer("text"), params.integer("object")), (Some(7), Some(7), None));
        assert_eq!(params.text("number"), Some(Some("7".to_owned())));
        assert_eq!((params.text("null"), params.text("object"), params.text("absent")), (Some(None), None, None));
        assert_eq!((params.boolean("yes"), params.boolean("no"), params.boolean("zero"), params.boolean("text")), (Some(true), Some(false), Some(false), Some(true)));
        assert_eq!((params.boolean("blank"), params.boolean("null")), (None, None));
        assert_eq!(params.list("list"), Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(params.list("one"), Some(vec!["x".to_owned()]));
        assert_eq!(params.list("places"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(params.object("object"), params.object("json"));
        assert_eq!(params.nested("object").and_then(|nested| nested.integer("a")), Some(1));
        assert!(params.has("null") && !params.has("absent"));
    }
}
