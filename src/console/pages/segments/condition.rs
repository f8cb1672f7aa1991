//! Converts conditions to rows of a form and back. Each row is one condition, written like a
//! backend would; what rows can't express is edited as JSON. Must not depend on how conditions are evaluated.

use super::phrases;
use crate::{form::Form, pages::messages::contact, view::field_moment};
use belfry_app::body::{ConditionBody, Languages, TimeBody};
use belfry_domain::{TimeZone, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use serde_json::Value;

/// Rows of an empty form.
pub(super) const EMPTY_ROWS: usize = 3;
/// Maximum number of rows.
pub(super) const MAX_ROWS: usize = 30;

/// The number of rows of a form.
pub(super) fn rows(form: &Form) -> usize {
    form.get("rows").parse().unwrap_or(EMPTY_ROWS).clamp(1, MAX_ROWS)
}

/// A field of a row.
pub(super) fn at(row: usize, part: &str) -> String {
    format!("row{row}.{part}")
}

/// Parses a typed value: numbers, `true` and `false`; everything else is text, and so is anything
/// in quotation marks.
fn scalar(text: &str) -> Value {
    match serde_json::from_str::<Value>(text.trim()) {
        Ok(value @ (Value::Bool(_) | Value::Number(_) | Value::String(_))) => value,
        _ => Value::from(text.trim()),
    }
}

/// Formats a value for a field.
pub(super) fn typed(value: &Value) -> String {
    match value {
        Value::String(text)
            if scalar(text) == *value && !text.contains(',') && text.trim() == text =>
        {
            text.clone()
        }
        other => other.to_string(),
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// A day or a local time of the zone as RFC 3339; what is neither is edited to the rules to reject.
fn moment(zone: &TimeZone, field: &str, text: &str) -> Result<String, ValidationError> {
    let local = if text.len() == 10 { format!("{text}T00:00") } else { text.replacen(' ', "T", 1) };
    let at = field_moment(field, &local, zone)?;
    Ok(at
        .and_then(|at| Timestamp::from_millis(at.millis() / 1_000 * 1_000).rfc3339())
        .unwrap_or_else(|| text.to_owned()))
}

/// An RFC 3339 time as a day if it is midnight in the zone, or as a local time if it is a full
/// minute.
pub(super) fn local(zone: &TimeZone, written: &str) -> Option<String> {
    let at = Timestamp::parse_rfc3339(written, "").ok()?;
    let text = zone.format_local(at);
    // Only if parsing it returns the same time: not with seconds, and not in a repeated hour.
    (zone.parse_local(&text) == Ok(at))
        .then(|| text.strip_suffix("T00:00").map_or(text.clone(), ToOwned::to_owned))
}

/// The condition of a row; `None` if the row is empty.
fn one(zone: &TimeZone, form: &Form, row: usize) -> Result<Option<ConditionBody>, ValidationError> {
    let part = |name: &str| form.trimmed(&at(row, name)).map(ToOwned::to_owned);
    let (path, value) = (part("path"), part("value"));
    let (kind, operator) = (part("kind").unwrap_or_default(), part("operator").unwrap_or_default());
    if path.is_none() && value.is_none() {
        return Ok(None);
    }
    let value = value.unwrap_or_default();
    let none = ConditionBody::default();
    let condition = match kind.as_str() {
        "language" => {
            let tags = parts(&value).map(str::to_owned).collect();
            ConditionBody { language: Some(Languages(tags)), ..none }
        }
        "contacts" => {
            ConditionBody { contacts: Some(parts(&value).map(contact).collect()), ..none }
        }
        "createdAt" => {
            ConditionBody { created_at: Some(time(zone, row, &operator, &value)?), ..none }
        }
        "lastSeenAt" => {
            ConditionBody { last_seen_at: Some(time(zone, row, &operator, &value)?), ..none }
        }
        _ => ConditionBody { attribute: path, ..comparison(row, &operator, &value)? },
    };
    Ok(Some(if form.contains(&at(row, "not")) {
        ConditionBody { not: Some(Box::new(condition)), ..ConditionBody::default() }
    } else {
        condition
    }))
}

fn time(
    zone: &TimeZone,
    row: usize,
    operator: &str,
    value: &str,
) -> Result<TimeBody, ValidationError> {
    let field = at(row, "value");
    let none = TimeBody::default();
    Ok(match operator {
        "withinDays" => TimeBody { within_days: Some(scalar(value)), ..none },
        "before" => TimeBody { before: Some(moment(zone, &field, value)?), ..none },
        "after" => TimeBody { after: Some(moment(zone, &field, value)?), ..none },
        _ => return Err(ValidationError::new(field, errors::TIME_OPERATORS)),
    })
}

/// A row's operator with its value.
fn comparison(row: usize, operator: &str, value: &str) -> Result<ConditionBody, ValidationError> {
    let none = ConditionBody::default();
    Ok(match operator {
        "exists" => ConditionBody { exists: Some(true), ..none },
        "missing" => ConditionBody { exists: Some(false), ..none },
        "in" => ConditionBody { r#in: Some(parts(value).map(scalar).collect()), ..none },
        "equals" => ConditionBody { equals: Some(scalar(value)), ..none },
        "notEquals" => ConditionBody { not_equals: Some(scalar(value)), ..none },
        "contains" => ConditionBody { contains: Some(scalar(value)), ..none },
        "greater" => ConditionBody { greater: Some(scalar(value)), ..none },
        "less" => ConditionBody { less: Some(scalar(value)), ..none },
        _ => {
            let reason = errors::no_operator(ConditionBody::OPERATORS);
            return Err(ValidationError::new(at(row, "value"), reason));
        }
    })
}

/// A parsed form, with the row of each condition; `None` if the condition was edited as JSON.
pub(super) struct ParsedCondition {
    pub(super) body: ConditionBody,
    rows: Option<Vec<usize>>,
}

/// Parses the form.
pub(super) fn parse(zone: &TimeZone, form: &Form) -> Result<ParsedCondition, ValidationError> {
    if let Some(text) = form.trimmed("json") {
        let json = serde_json::from_str(text)
            .map_err(|_| ValidationError::new("json", phrases::NO_JSON.into()))?;
        let body = ConditionBody::from_value(json, "condition").map_err(at_json)?;
        return Ok(ParsedCondition { body, rows: None });
    }
    let mut filled = Vec::new();
    for row in 0..rows(form) {
        filled.extend(one(zone, form, row)?.map(|condition| (row, condition)));
    }
    if filled.is_empty() {
        return Err(ValidationError::new(at(0, "value"), phrases::NOTHING.into()));
    }
    let (rows, conditions): (Vec<usize>, Vec<ConditionBody>) = filled.into_iter().unzip();
    let none = ConditionBody::default();
    let body = if form.get("match") == "any" {
        ConditionBody { any: Some(conditions), ..none }
    } else {
        ConditionBody { all: Some(conditions), ..none }
    };
    Ok(ParsedCondition { body, rows: Some(rows) })
}

/// Moves an error of the condition to the JSON field.
fn at_json(invalid: ValidationError) -> ValidationError {
    ValidationError::new("json", errors::at_field(invalid.field, invalid.reason))
}

impl ParsedCondition {
    /// Moves an error of the condition to its row.
    pub(super) fn locate_error(&self, invalid: ValidationError) -> ValidationError {
        let Some(rest) = invalid.field.strip_prefix("condition") else { return invalid };
        let Some(rows) = &self.rows else {
            return at_json(invalid);
        };
        let row = rest
            .split_once('[')
            .and_then(|(_, rest)| rest.split(']').next()?.parse::<usize>().ok())
            .and_then(|index| rows.get(index));
        let row = row.or_else(|| rows.first()).copied().unwrap_or_default();
        let part = if rest.ends_with(".attribute") { "path" } else { "value" };
        ValidationError::new(at(row, part), invalid.reason)
    }
}

/// A condition as rows, or as JSON if rows can't express it.
pub(super) fn fields(zone: &TimeZone, condition: &Value) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (word, parts) = match (condition.get("all"), condition.get("any")) {
        (Some(Value::Array(parts)), None) => ("all", parts.clone()),
        (None, Some(Value::Array(parts))) => ("any", parts.clone()),
        _ => ("all", vec![condition.clone()]),
    };
    let rows: Option<Vec<_>> =
        parts.iter().enumerate().map(|(row, part)| row_of(zone, part, row)).collect();
    match rows {
        Some(rows) if rows.len() <= MAX_ROWS => {
            let mut fields = vec![
                pair("match", word),
                pair("rows", &(rows.len() + 1).min(MAX_ROWS).to_string()),
            ];
            fields.extend(rows.into_iter().flatten());
            fields
        }
        _ => vec![
            pair("match", "all"),
            pair("json", &serde_json::to_string_pretty(condition).unwrap_or_default()),
        ],
    }
}

fn row_of(zone: &TimeZone, condition: &Value, row: usize) -> Option<Vec<(String, String)>> {
    let mut fields = Vec::new();
    let mut put = |part: &str, value: String| fields.push((at(row, part), value));
    let condition = match condition.get("not") {
        Some(inner) => {
            put("not", "on".to_owned());
            inner
        }
        None => condition,
    };
    let members = condition.as_object()?;
    let only = |name: &str| members.get(name).filter(|_| members.len() == 1);
    let joined =
        |values: &Value| Some(values.as_array()?.iter().map(typed).collect::<Vec<_>>().join(", "));
    if let Some(languages) = only("language") {
        put("kind", "language".to_owned());
        put("value", joined(languages)?);
    } else if let Some((kind, when)) =
        ["createdAt", "lastSeenAt"].into_iter().find_map(|kind| Some((kind, only(kind)?)))
    {
        let (operator, value) = when.as_object().filter(|when| when.len() == 1)?.iter().next()?;
        put("kind", kind.to_owned());
        put("operator", operator.clone());
        put(
            "value",
            value.as_str().and_then(|text| local(zone, text)).unwrap_or_else(|| typed(value)),
        );
    } else {
        let path = members.get("attribute")?.as_str()?;
        let (operator, value) =
            members.iter().find(|(name, _)| *name != "attribute").filter(|_| members.len() == 2)?;
        put("kind", "attribute".to_owned());
        put("path", path.to_owned());
        let (operator, value) = match (operator.as_str(), value) {
            ("exists", Value::Bool(true)) => ("exists", String::new()),
            ("exists", _) => ("missing", String::new()),
            // A list whose items contain commas can't be edited as one line.
            ("in", values) if values.as_array()?.iter().any(|value| typed(value).contains(',')) => {
                return None;
            }
            ("in", values) => ("in", joined(values)?),
            (other, value) => (other, typed(value)),
        };
        put("operator", operator.to_owned());
        put("value", value);
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::{super::summary::summary, *};
    use serde_json::json;

    fn json_of(written: &ParsedCondition) -> Value {
        serde_json::to_value(&written.body).unwrap()
    }

    fn written(zone: &TimeZone, form: &Form) -> Value {
        json_of(&parse(zone, form).unwrap())
    }

    #[test]
    fn what_rows_can_say_comes_back_as_it_was() {
        for zone in
            ["UTC", "Europe/Kyiv", "Asia/Kathmandu"].map(|name| TimeZone::from_name(name).unwrap())
        {
            for condition in [
                json!({ "all": [{ "attribute": "plan", "equals": "pro" }, { "not": { "language": ["uk", "pl"] } }] }),
                json!({ "any": [{ "attribute": "seats", "greater": 5 }, { "attribute": "a.b", "in": [1, "x", true] }, { "attribute": "x", "exists": false }] }),
                json!({ "all": [{ "lastSeenAt": { "withinDays": 30 } }, { "createdAt": { "before": "2026-12-01T00:00:00Z" } }] }),
                json!({ "all": [{ "lastSeenAt": { "after": "2026-10-25T01:30:00Z" } }, { "createdAt": { "before": "2026-12-01T10:30:15Z" } }] }),
                json!({ "all": [{ "attribute": "code", "equals": "007" }, { "attribute": "n", "equals": "5" }, { "attribute": "t", "equals": "true" }] }),
            ] {
                let form = Form::from_fields(fields(&zone, &condition));
                assert_eq!(form.trimmed("json"), None);
                assert_eq!(written(&zone, &form), condition);
            }
        }
    }

    #[test]
    fn what_rows_can_not_say_stays_json() {
        let zone = TimeZone::UTC;
        for condition in [
            json!({ "all": [{ "any": [{ "language": ["uk"] }] }] }),
            json!({ "all": [{ "attribute": "city", "in": ["Kyiv, Ukraine"] }] }),
            json!({ "all": [{ "contacts": [{ "id": 7 }] }] }),
            json!({ "not": { "all": [{ "language": ["uk"] }] } }),
        ] {
            let form = Form::from_fields(fields(&zone, &condition));
            assert_eq!(written(&zone, &form), condition);
            assert!(form.trimmed("json").is_some());
        }
    }

    #[test]
    fn a_refusal_is_at_its_row() {
        let zone = TimeZone::UTC;
        let form = Form::from_fields(vec![
            ("rows".to_owned(), "3".to_owned()),
            ("row2.kind".to_owned(), "attribute".to_owned()),
            ("row2.value".to_owned(), "x".to_owned()),
            ("row2.operator".to_owned(), "equals".to_owned()),
        ]);
        let written = parse(&zone, &form).unwrap();
        assert_eq!(
            written
                .locate_error(ValidationError::new(
                    "condition.all[0].equals",
                    errors::verbatim("no")
                ))
                .field,
            "row2.value"
        );
        assert_eq!(
            written
                .locate_error(ValidationError::new(
                    "condition.all[0].attribute",
                    errors::verbatim("no")
                ))
                .field,
            "row2.path"
        );
        assert_eq!(
            written.locate_error(ValidationError::new("name", errors::verbatim("no"))).field,
            "name"
        );
        assert_eq!(parse(&zone, &Form::default()).map(|_| ()).unwrap_err().field, "row0.value");
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let kyiv = TimeZone::from_name("Europe/Kyiv").unwrap();
        let form = |text: &str| {
            Form::new([
                ("rows", "1"),
                ("row0.kind", "createdAt"),
                ("row0.operator", "after"),
                ("row0.value", text),
            ])
        };
        let read = |text: &str| parse(&kyiv, &form(text)).map(|written| json_of(&written));
        for (text, utc) in [
            ("2026-12-01", "2026-11-30T22:00:00Z"),
            ("2026-12-01T08:00", "2026-12-01T06:00:00Z"),
            ("2026-12-01 08:00", "2026-12-01T06:00:00Z"),
        ] {
            assert_eq!(read(text).unwrap(), json!({ "all": [{ "createdAt": { "after": utc } }] }));
        }
        assert_eq!(
            read("yesterday").unwrap(),
            json!({ "all": [{ "createdAt": { "after": "yesterday" } }] })
        );
        assert_eq!(read("2026-03-29T03:30").unwrap_err().field, "row0.value");
        assert_eq!(
            summary(&kyiv, &json!({ "createdAt": { "before": "2026-11-30T22:00:00Z" } })),
            "createdAt: before:2026-12-01"
        );
    }
}
