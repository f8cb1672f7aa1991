//! Renders a schema as a table of its members and their members.

use super::html::Html;
use serde_json::Value;

/// Maximum nesting; a schema may refer to itself.
const MAX_DEPTH: usize = 6;

/// Resolves a `$ref`; returns any other schema as it is.
pub(super) fn resolve<'a>(described: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema.get("$ref").and_then(|reference| reference.as_str()?.strip_prefix('#'));
    pointer.and_then(|pointer| described.pointer(pointer)).unwrap_or(schema)
}

/// Writes the members of a schema; nothing if it has none.
pub(super) fn write(out: &mut Html, described: &Value, schema: &Value) {
    let mut rows = Vec::new();
    collect(described, schema, "", 0, &mut rows);
    if rows.is_empty() {
        return;
    }
    out.raw("<div class=\"scroll\"><table><thead><tr><th>Member</th><th>Type</th><th>What it says</th></tr></thead><tbody>\n");
    for row in rows {
        out.raw("<tr><td><code>").text(&row.path).raw("</code>");
        if row.required {
            out.raw(" <span class=\"needed\">needed</span>");
        }
        out.raw("</td><td>")
            .text(&row.kind)
            .raw("</td><td>")
            .prose(&row.description)
            .raw("</td></tr>\n");
    }
    out.raw("</tbody></table></div>\n");
}

struct Row {
    path: String,
    kind: String,
    required: bool,
    description: String,
}

fn collect(described: &Value, schema: &Value, at: &str, depth: usize, rows: &mut Vec<Row>) {
    let schema = resolve(described, schema);
    if depth > MAX_DEPTH {
        return;
    }
    for group in ["oneOf", "anyOf", "allOf"] {
        for form in schema.get(group).and_then(Value::as_array).into_iter().flatten() {
            collect(described, form, at, depth + 1, rows);
        }
    }
    if let Some(items) = schema.get("items") {
        collect(described, items, &format!("{at}[]"), depth + 1, rows);
    }
    if let Some(other @ Value::Object(_)) = schema.get("additionalProperties") {
        collect(described, other, &format!("{at}.*"), depth + 1, rows);
    }
    let required = |name: &str| {
        schema
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(|other| other == name))
    };
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten()
    {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        let path = path.trim_start_matches('.').to_owned();
        let own =
            |schema: &Value| schema.get("description").and_then(Value::as_str).map(str::to_owned);
        let description =
            own(member).or_else(|| own(resolve(described, member))).unwrap_or_default();
        if !rows.iter().any(|row| row.path == path) {
            rows.push(Row {
                kind: type_name(described, member),
                required: required(name),
                description,
                path: path.clone(),
            });
            collect(described, member, &path, depth + 1, rows);
        }
    }
}

/// The type of a schema in a few words.
pub(super) fn type_name(described: &Value, schema: &Value) -> String {
    let schema = resolve(described, schema);
    if let Some(Value::Array(values)) = schema.get("enum") {
        return values
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", ");
    }
    for group in ["oneOf", "anyOf"] {
        if let Some(Value::Array(forms)) = schema.get(group) {
            let mut kinds: Vec<String> =
                forms.iter().map(|form| type_name(described, form)).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
    }
    let word = |kind: &str| match (kind, schema.get("format").and_then(Value::as_str)) {
        ("string", Some("date-time")) => "time".to_owned(),
        ("string", Some("uuid")) => "UUID".to_owned(),
        ("string", Some("binary")) => "file".to_owned(),
        ("string", _) => "text".to_owned(),
        ("integer", _) => "whole number".to_owned(),
        ("boolean", _) => "true or false".to_owned(),
        ("array", _) => format!(
            "list of {}",
            schema
                .get("items")
                .map_or_else(|| "anything".to_owned(), |items| item_type_name(described, items))
        ),
        (other, _) => other.to_owned(),
    };
    match schema.get("type") {
        Some(Value::String(kind)) => word(kind),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).map(word).collect::<Vec<_>>().join(" or ")
        }
        _ => "anything".to_owned(),
    }
}

fn item_type_name(described: &Value, items: &Value) -> String {
    match type_name(described, items) {
        kind if kind == "object" => "objects".to_owned(),
        kind if kind == "text" => "texts".to_owned(),
        kind => kind,
    }
}
