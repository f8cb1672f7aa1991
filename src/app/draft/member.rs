//! Paths of members, errors of their types, and the validation of common values. Must not depend on
//! the members of any request.

use belfry_content::text::{clean_line, truncate_graphemes};
use belfry_domain::{Timestamp, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use serde_json::Value;
use std::borrow::Cow;

/// A time between 1970 and 2100 (RFC 3339).
pub(super) fn as_timestamp(text: &str, at: &str) -> Result<Timestamp, ValidationError> {
    let moment = Timestamp::parse_rfc3339(text, at)?;
    // The last millisecond of 2100.
    if !(0..4_133_980_800_000).contains(&moment.millis()) {
        return Err(ValidationError::new(at, errors::YEARS));
    }
    Ok(moment)
}

/// A single line with visible text, of at most `limit` characters.
pub(super) fn as_line(text: &str, at: &str, limit: usize) -> Result<String, ValidationError> {
    let line = clean_line(text);
    if line.is_empty() {
        return Err(ValidationError::new(at, errors::NO_VISIBLE_CHARACTER));
    }
    let length = line.chars().count();
    if length > limit {
        return Err(ValidationError::new(at, errors::at_most_characters_has(limit, length)));
    }
    Ok(line)
}

/// Rejects NUL in text, for values that were not read from JSON: not every database can store it.
pub(super) fn reject_nul(value: &Value, at: &str) -> Result<(), ValidationError> {
    match value {
        Value::String(text) if text.contains('\0') => Err(ValidationError::new(at, errors::NUL)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| reject_nul(item, &index_path(at, index))),
        Value::Object(members) => {
            members.iter().try_for_each(|(name, member)| reject_nul(member, &member_path(at, name)))
        }
        _ => Ok(()),
    }
}

/// Error for a value of the wrong type.
pub(super) fn type_error(at: &str, expected: LocalizedText, found: &Value) -> ValidationError {
    ValidationError::new(at, errors::wrong_type(expected, kind(found)))
}

/// Where a value is, below the values that contain it. Its text is only made for an error.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'at> {
    /// The value that is read, with its own path; empty for a whole request.
    Start(&'at str),
    Member(&'at Path<'at>, &'at str),
    Item(&'at Path<'at>, usize),
}

impl Path<'_> {
    pub(super) fn is_request(self) -> bool {
        matches!(self, Path::Start(""))
    }

    pub(super) fn text(self) -> String {
        match self {
            Path::Start(at) => at.to_owned(),
            Path::Member(at, name) => member_path(&at.text(), name),
            Path::Item(at, index) => index_path(&at.text(), index),
        }
    }
}

/// The path of a member. Its name comes from the sender and ends up in responses and logs, so it is
/// truncated.
pub(super) fn member_path(at: &str, name: &str) -> String {
    const LIMIT: usize = 40;
    let mut name = Cow::Borrowed(name);
    // Most names need no look at their graphemes, which is slow.
    if name.len() > LIMIT || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        name = Cow::Owned(truncate_graphemes(&clean_line(&name), LIMIT).into_owned());
    }
    if at.is_empty() { name.into_owned() } else { [at, ".", &*name].concat() }
}

/// The path of a list item.
pub(super) fn index_path(at: &str, index: usize) -> String {
    format!("{at}[{index}]")
}

/// The type of a value.
pub(super) fn kind(value: &Value) -> LocalizedText {
    match value {
        Value::Null => errors::KIND_NULL,
        Value::Bool(_) => errors::KIND_BOOLEAN,
        Value::Number(_) => errors::KIND_NUMBER,
        Value::String(_) => errors::KIND_STRING,
        Value::Array(_) => errors::KIND_ARRAY,
        Value::Object(_) => errors::KIND_OBJECT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_names_each_member_and_item() {
        let request = Path::Start("");
        let contacts = Path::Member(&request, "contacts");
        let second = Path::Item(&contacts, 1);
        assert_eq!(Path::Member(&second, "email").text(), "contacts[1].email");
        assert_eq!(Path::Item(&Path::Start("rows"), 0).text(), "rows[0]");
        assert!(request.is_request() && !contacts.is_request());
    }

    #[test]
    fn member_names_of_senders_are_bounded() {
        assert_eq!(member_path("", &"n".repeat(41)), format!("{}…", "n".repeat(39)));
        assert_eq!(member_path("", &"n".repeat(40)), "n".repeat(40));
        assert_eq!(member_path("a", "b\u{7}\n c"), "a.b c");
    }
}
