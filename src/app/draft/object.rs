//! A JSON object that is consumed member by member, with errors that name the member. Must not
//! depend on the members of any request.

use belfry_content::text::{clean_line, truncate_graphemes};
use belfry_domain::{Timestamp, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use serde_json::{Map, Value};

/// An object and its path.
pub(super) struct Object {
    path_prefix: String,
    members: Map<String, Value>,
}

impl Object {
    /// Fails when `value` is not an object.
    pub(super) fn from_value(value: Value, at: &str) -> Result<Self, ValidationError> {
        match value {
            Value::Object(members) => Ok(Self { path_prefix: at.to_owned(), members }),
            other if at.is_empty() => {
                Err(ValidationError::new("", errors::request_no_object(kind(&other))))
            }
            other => Err(type_error(at, errors::KIND_OBJECT, &other)),
        }
    }

    /// Rejects members that are not in the list.
    pub(super) fn reject_unknown(&self, allowed: &[&str]) -> Result<(), ValidationError> {
        match self.members.keys().find(|name| !allowed.contains(&name.as_str())) {
            Some(name) => Err(ValidationError::new(
                self.path(name),
                errors::unknown_field(allowed.join(", ")),
            )),
            None => Ok(()),
        }
    }

    /// The path of the object; empty at the top level.
    pub(super) fn prefix(&self) -> &str {
        &self.path_prefix
    }

    /// The path of a member.
    pub(super) fn path(&self, name: &str) -> String {
        member_path(&self.path_prefix, name)
    }

    /// Whether no members are left.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// All members that have not been taken.
    pub(super) fn into_rest(self) -> Map<String, Value> {
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
            Some(other) => Err(type_error(&self.path(name), errors::KIND_ARRAY, &other)),
        }
    }

    /// Takes an object.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, ValidationError> {
        self.take(name).map(|value| Self::from_value(value, &self.path(name))).transpose()
    }
}

/// Fails when `value` is not a string.
pub(super) fn as_text(value: Value, at: &str) -> Result<String, ValidationError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(type_error(at, errors::KIND_STRING, &other)),
    }
}

/// Fails when `value` is not a boolean.
pub(super) fn as_bool(value: &Value, at: &str) -> Result<bool, ValidationError> {
    value.as_bool().ok_or_else(|| type_error(at, errors::KIND_BOOLEAN, value))
}

/// A time between 1970 and 2100 (RFC 3339).
pub(super) fn as_timestamp(value: Value, at: &str) -> Result<Timestamp, ValidationError> {
    let text = as_text(value, at)?;
    let moment = Timestamp::parse_rfc3339(&text, at)?;
    // The last millisecond of 2100.
    if !(0..4_133_980_800_000).contains(&moment.millis()) {
        return Err(ValidationError::new(at, errors::YEARS));
    }
    Ok(moment)
}

/// A single line with visible text, of at most `limit` characters.
pub(super) fn as_line(value: Value, at: &str, limit: usize) -> Result<String, ValidationError> {
    let line = clean_line(&as_text(value, at)?);
    if line.is_empty() {
        return Err(ValidationError::new(at, errors::NO_VISIBLE_CHARACTER));
    }
    let length = line.chars().count();
    if length > limit {
        return Err(ValidationError::new(at, errors::at_most_characters_has(limit, length)));
    }
    Ok(line)
}

/// Error for a value of the wrong type.
pub(super) fn type_error(at: &str, expected: LocalizedText, found: &Value) -> ValidationError {
    ValidationError::new(at, errors::wrong_type(expected, kind(found)))
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

fn kind(value: &Value) -> LocalizedText {
    match value {
        Value::Null => errors::KIND_NULL,
        Value::Bool(_) => errors::KIND_BOOLEAN,
        Value::Number(_) => errors::KIND_NUMBER,
        Value::String(_) => errors::KIND_STRING,
        Value::Array(_) => errors::KIND_ARRAY,
        Value::Object(_) => errors::KIND_OBJECT,
    }
}
