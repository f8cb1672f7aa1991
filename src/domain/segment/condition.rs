//! Conditions on contact data, and their evaluation for one contact.
//!
//! Must not depend on how rules are stored or on their JSON form in the API. Called by [`Rule`].

use super::Rule;
use crate::{Contact, ContactId, Language, Timestamp, ValidationError, language_matching};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use std::time::Duration;

/// A test of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeTest {
    /// Equals the value.
    Equals(Value),
    /// Differs from the value, or is absent.
    NotEquals(Value),
    /// A string that contains the value, or an array that contains it as an item.
    Contains(Value),
    /// Is present, or is absent.
    Exists(bool),
    /// A number greater than this.
    Greater(Number),
    /// A number less than this.
    Less(Number),
    /// Equals one of the values.
    In(Vec<Value>),
}

/// A test of a time. A time that is absent passes none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TimeTest {
    /// Before the time.
    Before(Timestamp),
    /// After the time.
    After(Timestamp),
    /// At most this number of days ago.
    WithinDays(u32),
}

/// A condition on a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// This doesn't hold.
    Not(Box<Condition>),
    /// An attribute passes a test.
    Attribute {
        /// Its name; a dot leads into nested objects.
        path: String,
        /// The test.
        test: AttributeTest,
    },
    /// The contact's language is one of these, or a regional form of one.
    Language(Vec<Language>),
    /// The contact's creation time passes the test.
    CreatedAt(TimeTest),
    /// The contact's last visit passes the test.
    LastSeenAt(TimeTest),
    /// The contact is in the rule's list with this index.
    Contacts(usize),
}

impl Condition {
    fn size(&self) -> usize {
        1 + match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::size).sum(),
            Self::Not(part) => part.size(),
            _ => 0,
        }
    }

    fn depth(&self) -> usize {
        1 + match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(part) => part.depth(),
            _ => 0,
        }
    }

    /// Checks depth and number of conditions.
    pub fn check(&self) -> Result<(), ValidationError> {
        if self.depth() > Rule::DEPTH {
            return Err(ValidationError::new("", errors::nesting(Rule::DEPTH)));
        }
        if self.size() > Rule::CONDITIONS {
            return Err(ValidationError::new(
                "",
                errors::condition_count(Rule::CONDITIONS, self.size()),
            ));
        }
        Ok(())
    }

    /// Checks the cost. Not part of [`Self::check`], which stored rules must pass as well.
    pub fn check_cost(&self) -> Result<(), ValidationError> {
        if self.cost() > Rule::MAX_COST {
            let most = Rule::MAX_COST / Contact::MAX_ATTRIBUTES_BYTES;
            return Err(ValidationError::new("", errors::condition_cost(most)));
        }
        Ok(())
    }

    /// Maximum number of bytes that are read to evaluate the condition for one contact.
    pub fn cost(&self) -> usize {
        Rule::STEP_COST
            + match self {
                Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).sum(),
                Self::Not(part) => part.cost(),
                Self::Attribute { path, test } => path.len() + test.cost(),
                Self::Language(wanted) => {
                    wanted.iter().map(|language| language.as_str().len()).sum()
                }
                Self::CreatedAt(_) | Self::LastSeenAt(_) | Self::Contacts(_) => 0,
            }
    }

    /// The next time at which the result can change by the passage of time alone.
    pub(super) fn next_change(&self, contact: &Contact, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().filter_map(|part| part.next_change(contact, now)).min()
            }
            Self::Not(part) => part.next_change(contact, now),
            Self::CreatedAt(when) => when.next_change(Some(contact.created_at), now),
            Self::LastSeenAt(when) => when.next_change(contact.last_seen_at, now),
            Self::Attribute { .. } | Self::Language(_) | Self::Contacts(_) => None,
        }
    }

    pub(super) fn matches(
        &self,
        contact: &Contact,
        lists: &[Vec<ContactId>],
        now: Timestamp,
    ) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(contact, lists, now)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(contact, lists, now)),
            Self::Not(part) => !part.matches(contact, lists, now),
            Self::Attribute { path, test } => test.matches(contact.attribute(path)),
            Self::Language(wanted) => contact
                .language
                .as_ref()
                .is_some_and(|known| wanted.iter().any(|one| language_matches(known, one))),
            Self::CreatedAt(when) => when.matches(Some(contact.created_at), now),
            Self::LastSeenAt(when) => when.matches(contact.last_seen_at, now),
            Self::Contacts(list) => {
                lists.get(*list).is_some_and(|list| list.binary_search(&contact.id).is_ok())
            }
        }
    }
}

/// A list with `pt` also matches `pt-br`, and one with `he` the deprecated code `iw`. A list with
/// `pt-br` doesn't match `pt`.
fn language_matches(known: &Language, wanted: &Language) -> bool {
    known == wanted
        || (wanted.as_str() == wanted.base() && language_matching::is_same_language(known, wanted))
}

fn json_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        // 1 and 1.0 are the same number, whichever form a backend uses.
        (Value::Number(one), Value::Number(other)) => {
            one == other
                || one
                    .as_f64()
                    .zip(other.as_f64())
                    .is_some_and(|(one, other)| one.total_cmp(&other).is_eq())
        }
        _ => one == other,
    }
}

impl AttributeTest {
    fn cost(&self) -> usize {
        let bytes = |value: &Value| value.as_str().map_or(8, str::len);
        match self {
            // Searches the whole value.
            Self::Contains(part) => Contact::MAX_ATTRIBUTES_BYTES + bytes(part),
            Self::Equals(value) | Self::NotEquals(value) => bytes(value),
            Self::In(values) => values.iter().map(bytes).sum(),
            Self::Exists(_) | Self::Greater(_) | Self::Less(_) => 8,
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        let number = || value.and_then(Value::as_f64);
        match self {
            Self::Equals(wanted) => value.is_some_and(|value| json_equal(value, wanted)),
            Self::NotEquals(other) => !value.is_some_and(|value| json_equal(value, other)),
            Self::Contains(part) => match (value, part) {
                (Some(Value::String(text)), Value::String(part)) => text.contains(part.as_str()),
                (Some(Value::Array(items)), part) => {
                    items.iter().any(|item| json_equal(item, part))
                }
                _ => false,
            },
            Self::Exists(wanted) => value.is_some() == *wanted,
            Self::Greater(bound) => {
                number().zip(bound.as_f64()).is_some_and(|(value, bound)| value > bound)
            }
            Self::Less(bound) => {
                number().zip(bound.as_f64()).is_some_and(|(value, bound)| value < bound)
            }
            Self::In(wanted) => {
                value.is_some_and(|value| wanted.iter().any(|one| json_equal(value, one)))
            }
        }
    }
}

impl TimeTest {
    fn next_change(&self, moment: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        match self {
            // The period includes its last moment; the condition changes one millisecond later.
            Self::WithinDays(days) => {
                let end = moment?
                    .plus(Duration::from_hours(u64::from(*days) * 24))
                    .plus(Duration::from_millis(1));
                (end > now).then_some(end)
            }
            Self::Before(_) | Self::After(_) => None,
        }
    }

    fn matches(&self, moment: Option<Timestamp>, now: Timestamp) -> bool {
        let Some(moment) = moment else { return false };
        match self {
            Self::Before(bound) => moment < *bound,
            Self::After(bound) => moment > *bound,
            Self::WithinDays(days) => {
                moment >= now.minus(Duration::from_hours(u64::from(*days) * 24))
            }
        }
    }
}
