//! A JSON object that is consumed member by member, with errors that name the member. Must not
//! depend on the members of any request.

use crate::{
    content::text::{clean_line, truncate_graphemes},
    domain::{Timestamp, ValidationError},
};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// An object and its path.
pub(super) struct Object {
    at: String,
    members: Map<String, Value>,
}

impl Object {
    /// Fails when `value` is not an object.
    pub(super) fn of(value: Value, at: &str) -> Result<Self, ValidationError> {
        match value {
            Value::Object(members) => Ok(Self { at: at.to_owned(), members }),
            other if at.is_empty() => Err(ValidationError::new(
                "",
                format!("the request must be a JSON object, not {}", kind(&other)),
            )),
            other => Err(type_error(at, "an object", &other)),
        }
    }

    /// Rejects members that are not in the list.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ValidationError> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(ValidationError::new(
                self.path(name),
                format!("unknown field; expected one of {}", known.join(", ")),
            )),
            None => Ok(()),
        }
    }

    /// The path of the object; empty at the top level.
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    /// The path of a member.
    pub(super) fn path(&self, name: &str) -> String {
        member_path(&self.at, name)
    }

    /// Whether no members are left.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// All members that have not been taken.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.members
    }

    /// Takes a member; `null` counts as absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a member unchanged, for members where `null` differs from absent.
    pub(super) fn take_raw(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    /// Takes a string.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ValidationError> {
        self.take(name).map(|value| as_text(value, &self.path(name))).transpose()
    }

    /// Takes a string or an integer, since backends write identifiers as both; blank counts as
    /// absent.
    pub(super) fn name(&mut self, name: &str) -> Result<Option<String>, ValidationError> {
        let text = match self.take(name) {
            None => return Ok(None),
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
            Some(value) => as_text(value, &self.path(name))?,
        };
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// Takes a list.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, ValidationError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(other) => Err(type_error(&self.path(name), "an array", &other)),
        }
    }

    /// Takes an object.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, ValidationError> {
        self.take(name).map(|value| Self::of(value, &self.path(name))).transpose()
    }
}

/// Fails when `value` is not a string.
pub(super) fn as_text(value: Value, at: &str) -> Result<String, ValidationError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(type_error(at, "a string", &other)),
    }
}

/// Fails when `value` is not a boolean.
pub(super) fn as_bool(value: &Value, at: &str) -> Result<bool, ValidationError> {
    value.as_bool().ok_or_else(|| type_error(at, "a boolean", value))
}

/// A time between 1970 and 2100 (RFC 3339).
pub(super) fn as_timestamp(value: Value, at: &str) -> Result<Timestamp, ValidationError> {
    let text = as_text(value, at)?;
    let moment = OffsetDateTime::parse(text.trim(), &Rfc3339).map_err(|_| {
        ValidationError::new(
            at,
            "must be a date and time with its time zone, such as 2026-12-01T08:00:00Z (RFC 3339)",
        )
    })?;
    let millis = i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(-1);
    // The last millisecond of 2100.
    if !(0..4_133_980_800_000).contains(&millis) {
        return Err(ValidationError::new(at, "must lie between the years 1970 and 2100"));
    }
    Ok(Timestamp::from_millis(millis))
}

/// A single line with visible text, of at most `limit` characters.
pub(super) fn as_line(value: Value, at: &str, limit: usize) -> Result<String, ValidationError> {
    let line = clean_line(&as_text(value, at)?);
    if line.is_empty() {
        return Err(ValidationError::new(at, "must contain a visible character"));
    }
    let length = line.chars().count();
    if length > limit {
        return Err(ValidationError::new(
            at,
            format!("must have at most {limit} characters; this has {length}"),
        ));
    }
    Ok(line)
}

/// Error for a value of the wrong type.
pub(super) fn type_error(at: &str, expected: &str, found: &Value) -> ValidationError {
    ValidationError::new(at, format!("must be {expected}, not {}", kind(found)))
}

/// The path of a member. Its name comes from the sender and ends up in responses and logs, so it is
/// truncated.
pub(super) fn member_path(at: &str, name: &str) -> String {
    let name = clean_line(name);
    let name = truncate_graphemes(&name, 40);
    if at.is_empty() { name.into_owned() } else { format!("{at}.{name}") }
}

/// The path of a list item.
pub(super) fn index_path(at: &str, index: usize) -> String {
    format!("{at}[{index}]")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
