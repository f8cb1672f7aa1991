//! Segments: rules over contact data. Membership is evaluated when a reader's list is loaded, so no
//! row per member is stored.
//!
//! Doesn't know the JSON form of rules in the API or where they are stored.
//!
//! To add a condition:
//! - a variant of [`Condition`] or [`AttributeTest`] with its `matches` and `cost`,
//! - its JSON form in the use case that parses drafts (`app::draft::segment`),
//! - its row in the console's segment editor (`console::pages::segments`).

use super::{
    Contact, ContactId, ContactLookup, Digest, Language, Timestamp, ValidationError,
    language_matching, revision,
};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use std::{fmt, str::FromStr, time::Duration};

/// A segment's number, unique in its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentId(pub i64);

impl fmt::Display for SegmentId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for SegmentId {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        text.parse()
            .ok()
            .filter(|number| *number > 0)
            .map(Self)
            .ok_or_else(|| ValidationError::new("id", errors::POSITIVE_WHOLE_NUMBER))
    }
}

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
    fn next_change(&self, contact: &Contact, now: Timestamp) -> Option<Timestamp> {
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

    fn matches(&self, contact: &Contact, lists: &[Vec<ContactId>], now: Timestamp) -> bool {
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

/// A validated condition with the contact lists that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    condition: Condition,
    lists: Vec<Vec<ContactId>>,
}

impl Rule {
    /// Maximum nesting depth.
    pub const DEPTH: usize = 8;
    /// Maximum number of conditions.
    pub const CONDITIONS: usize = 100;
    /// Maximum number of contacts in all lists together.
    pub const CONTACTS: usize = 10_000;

    /// Maximum cost of a rule: bytes read for one contact.
    pub const MAX_COST: usize = 32 * (Contact::MAX_ATTRIBUTES_BYTES + 1_024);
    /// Cost of a condition without the values that it compares.
    const STEP_COST: usize = 32;

    /// Checks the limits, and sorts the lists.
    pub fn new(
        condition: Condition,
        mut lists: Vec<Vec<ContactId>>,
    ) -> Result<Self, ValidationError> {
        condition.check()?;
        for list in &mut lists {
            list.sort();
            list.dedup();
        }
        if lists.iter().map(Vec::len).sum::<usize>() > Self::CONTACTS {
            return Err(ValidationError::new("", errors::TOO_MANY_NAMED_CONTACTS));
        }
        Ok(Self { condition, lists })
    }

    /// The condition.
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// The lists; the condition refers to them by index.
    pub fn lists(&self) -> &[Vec<ContactId>] {
        &self.lists
    }

    /// Maximum number of bytes that are read to evaluate the rule for one contact.
    pub fn cost(&self) -> usize {
        self.condition.cost()
    }

    /// The next time at which the result can change by the passage of time alone.
    pub fn next_change(&self, contact: &Contact, now: Timestamp) -> Option<Timestamp> {
        self.condition.next_change(contact, now)
    }

    /// Whether the contact matches at this time.
    pub fn matches(&self, contact: &Contact, now: Timestamp) -> bool {
        self.condition.matches(contact, &self.lists, now)
    }
}

/// A rule whose contacts are still to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDraft {
    /// The condition.
    pub condition: Condition,
    /// The lists, with contacts as the sender named them.
    pub lists: Vec<Vec<ContactLookup>>,
}

/// The segment that a message is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SegmentTarget {
    /// By name; if no segment has this name, by number.
    Named(String),
    /// By number.
    Number(SegmentId),
    /// Inline: a rule in the message itself.
    Rule(RuleDraft),
}

/// A segment that is checked and not yet stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentDraft {
    /// Name; `None` for a rule that was given inline in a message.
    pub name: Option<String>,
    /// Who belongs to it.
    pub rule: Rule,
    /// Digest of the rule: inline segments with the same rule are stored once.
    pub hash: Digest,
}

/// A segment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Number, unique in the site.
    pub id: SegmentId,
    /// Name; `None` for an inline segment.
    pub name: Option<String>,
    /// Who belongs to it.
    pub rule: Rule,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last change of its rule or name.
    pub updated_at: Timestamp,
}

impl Segment {
    /// Changes with its name and its rule.
    pub fn revision(&self) -> String {
        revision(&(&self.name, &self.rule))
    }
}

impl Segment {
    /// Maximum number of segments of a site that visible or scheduled messages go to at a time:
    /// each is evaluated for every reader.
    pub const IN_USE: usize = 100;
    /// Maximum total cost of these segments' rules, in bytes read for one reader.
    pub const IN_USE_COST: usize = 2 * 1_024 * 1_024;
    /// Maximum number of named segments of a site.
    pub const NAMED: usize = 1_000;
    /// Maximum total cost of the named segments' rules, in bytes read for one contact: reports
    /// evaluate all of them.
    pub const NAMED_COST: usize = 4 * 1_024 * 1_024;
}

#[cfg(test)]
mod tests;
