//! Builds an example value of a schema, from its `example`s if present.

use super::schema_table::resolve;
use serde_json::{Map, Value, json};

/// Maximum nesting; a schema may refer to itself.
const MAX_DEPTH: usize = 8;

pub(super) fn build(described: &Value, schema: &Value) -> Value {
    build_at_depth(described, schema, 0)
}

fn build_at_depth(described: &Value, schema: &Value, depth: usize) -> Value {
    let given = |schema: &Value| {
        let first = schema.get("examples").and_then(|examples| examples.as_array()?.first());
        schema.get("example").or(first).cloned()
    };
    if let Some(example) = given(schema) {
        return example;
    }
    let schema = resolve(described, schema);
    if let Some(example) = given(schema) {
        return example;
    }
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(Value::Array(forms)) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        let telling = forms
            .iter()
            .find(|form| form.get("type") != Some(&json!("null")) && form.get("enum").is_none());
        return telling
            .or(forms.last())
            .map_or(Value::Null, |form| build_at_depth(described, form, depth + 1));
    }
    if let Some(Value::Array(parts)) = schema.get("allOf") {
        let mut object = Map::new();
        for part in parts {
            if let Value::Object(members) = build_at_depth(described, part, depth + 1) {
                object.extend(members);
            }
        }
        return Value::Object(object);
    }
    if let Some(first) = schema.get("enum").and_then(|values| values.as_array()?.first()) {
        return first.clone();
    }
    match kind(schema) {
        "object" => object(described, schema, depth),
        "array" => json!([schema.get("items").map_or(Value::Null, |items| build_at_depth(
            described,
            items,
            depth + 1
        ))]),
        "string" => json!(text(schema)),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        _ => json!("…"),
    }
}

fn object(described: &Value, schema: &Value, depth: usize) -> Value {
    let mut object = Map::new();
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten()
    {
        object.insert(name.clone(), build_at_depth(described, member, depth + 1));
    }
    if let Some(other @ Value::Object(_)) = schema.get("additionalProperties") {
        object.insert("en".to_owned(), build_at_depth(described, other, depth + 1));
    }
    Value::Object(object)
}

fn text(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-12-01T08:00:00Z",
        Some("uuid") => "019b1c05-3c00-7000-8000-5f2a64d1c0de",
        _ => "…",
    }
}

/// The first type that is not null.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        _ => "",
    }
}
