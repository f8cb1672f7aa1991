//! A short description of a condition in the API's JSON. Called by the list of segments.

use super::condition::{local, typed};
use belfry_domain::TimeZone;
use serde_json::Value;

/// A short description of a condition, for the list.
pub(super) fn summary(zone: &TimeZone, condition: &Value) -> String {
    let list = |parts: &Value, word: &str| {
        parts
            .as_array()
            .map(|parts| {
                parts.iter().map(|part| summary(zone, part)).collect::<Vec<_>>().join(word)
            })
            .unwrap_or_default()
    };
    let Some(members) = condition.as_object() else { return String::new() };
    let said = members.iter().filter(|(name, _)| *name != "attribute").map(|(name, value)| {
        match name.as_str() {
            "all" => list(value, " & "),
            "any" => format!("({})", list(value, " | ")),
            "not" => format!("¬ {}", summary(zone, value)),
            "language" => format!(
                "language: {}",
                value.as_array().into_iter().flatten().map(typed).collect::<Vec<_>>().join(", ")
            ),
            "contacts" => {
                format!("contacts: {}", value.as_array().map(Vec::len).unwrap_or_default())
            }
            "createdAt" | "lastSeenAt" => {
                let tests = value.as_object().into_iter().flatten();
                let tests = tests.map(|(word, value)| {
                    format!(
                        "{word}:{}",
                        value
                            .as_str()
                            .and_then(|text| local(zone, text))
                            .unwrap_or_else(|| typed(value))
                    )
                });
                format!("{name}: {}", tests.collect::<Vec<_>>().join(","))
            }
            _ => {
                let path = members.get("attribute").and_then(Value::as_str).unwrap_or_default();
                let sign = match name.as_str() {
                    "equals" => "=",
                    "notEquals" => "≠",
                    "greater" => ">",
                    "less" => "<",
                    "in" => "∈",
                    "contains" => "∋",
                    _ => {
                        return if value == &Value::Bool(true) {
                            path.to_owned()
                        } else {
                            format!("¬ {path}")
                        };
                    }
                };
                format!(
                    "{path} {sign} {}",
                    if value.is_array() { value.to_string() } else { typed(value) }
                )
            }
        }
    });
    said.collect::<Vec<_>>().join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_says_it_in_few_words() {
        let condition = json!({ "all": [{ "attribute": "plan", "equals": "pro" }, { "not": { "language": ["uk"] } }, { "lastSeenAt": { "withinDays": 30 } }] });
        assert_eq!(
            summary(&TimeZone::UTC, &condition),
            "plan = pro & ¬ language: uk & lastSeenAt: withinDays:30"
        );
    }
}
