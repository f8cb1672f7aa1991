//! Segments: contacts described by what is true of them, so that who belongs is decided when a reader looks and no row per
//! contact is ever written. Must not know how a description is written down by a sender, or where it is kept.

use super::{Contact, ContactId, ContactLookup, Digest, Invalid, Language, Timestamp, kinship, revision};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use std::{fmt, str::FromStr, time::Duration};

/// The number of a segment within its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentId(pub i64);

impl SegmentId {
    /// Where its messages are placed: contacts have numbers above 0, everyone is 0, segments are below.
    pub const fn lane(self) -> ContactId {
        ContactId(self.0.saturating_neg())
    }

    /// The segment whose lane this is.
    pub fn of_lane(lane: ContactId) -> Option<Self> {
        (lane.0 < 0).then(|| Self(lane.0.saturating_neg()))
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for SegmentId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().ok().filter(|number| *number > 0).map(Self).ok_or_else(|| Invalid::new("id", "must be a whole number above 0"))
    }
}

/// What is asked of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Test {
    /// It is exactly this.
    Equals(Value),
    /// It is something else than this, or not there.
    NotEquals(Value),
    /// It is a text with this inside, or a list with this in it.
    Contains(Value),
    /// It is there, or it is not.
    Exists(bool),
    /// It is a number above this one.
    Greater(Number),
    /// It is a number below this one.
    Less(Number),
    /// It is one of these.
    In(Vec<Value>),
}

/// What is asked of a moment. A moment that never was answers none of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// It was before this one.
    Before(Timestamp),
    /// It was after this one.
    After(Timestamp),
    /// It was at most so many days ago.
    WithinDays(u32),
}

/// What must be true of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// All of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// Something about one of the contact's attributes.
    Attribute {
        /// Its name; the name of a member inside it comes after a dot.
        path: String,
        /// What is asked.
        test: Test,
    },
    /// The contact's language is one of these, or a regional form of one.
    Language(Vec<Language>),
    /// When the contact was first told of.
    CreatedAt(When),
    /// When the contact last looked.
    LastSeenAt(When),
    /// The contact is in this list of the rule.
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

    /// Refuses one that is too large to be asked of every reader who looks.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.depth() > Rule::DEPTH {
            return Err(Invalid::new("", format!("must be nested at most {} levels deep", Rule::DEPTH)));
        }
        if self.size() > Rule::CONDITIONS {
            return Err(Invalid::new("", format!("must have at most {} conditions; this has {}", Rule::CONDITIONS, self.size())));
        }
        Ok(())
    }

    /// Refuses one that costs too much. Not part of [`Self::check`], which stored rules have to pass as well.
    pub fn check_cost(&self) -> Result<(), Invalid> {
        if self.cost() > Rule::MAX_COST {
            let most = Rule::MAX_COST / Contact::MAX_ATTRIBUTES_BYTES;
            return Err(Invalid::new(
                "",
                format!("is too expensive to evaluate for every reader: use at most {most} `contains`, and shorter values"),
            ));
        }
        Ok(())
    }

    /// Bytes that are looked at, at most, to ask this of one contact.
    pub fn cost(&self) -> usize {
        Rule::STEP_COST
            + match self {
                Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).sum(),
                Self::Not(part) => part.cost(),
                Self::Attribute { path, test } => path.len() + test.cost(),
                Self::Language(wanted) => wanted.iter().map(|language| language.as_str().len()).sum(),
                Self::CreatedAt(_) | Self::LastSeenAt(_) | Self::Contacts(_) => 0,
            }
    }

    /// The next moment at which it may come to hold, or to hold no more, by the time alone.
    fn next_change(&self, contact: &Contact, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().filter_map(|part| part.next_change(contact, now)).min(),
            Self::Not(part) => part.next_change(contact, now),
            Self::CreatedAt(when) => when.next_change(Some(contact.created_at), now),
            Self::LastSeenAt(when) => when.next_change(contact.last_seen_at, now),
            Self::Attribute { .. } | Self::Language(_) | Self::Contacts(_) => None,
        }
    }

    fn holds(&self, contact: &Contact, lists: &[Vec<ContactId>], now: Timestamp) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(contact, lists, now)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(contact, lists, now)),
            Self::Not(part) => !part.holds(contact, lists, now),
            Self::Attribute { path, test } => test.holds(contact.attribute(path)),
            Self::Language(wanted) => contact.language.as_ref().is_some_and(|known| wanted.iter().any(|one| spoken(known, one))),
            Self::CreatedAt(when) => when.holds(Some(contact.created_at), now),
            Self::LastSeenAt(when) => when.holds(contact.last_seen_at, now),
            Self::Contacts(list) => lists.get(*list).is_some_and(|list| list.binary_search(&contact.id).is_ok()),
        }
    }
}

/// A list that names `pt` means `pt-br` as well, and one that names `he` the older `iw`; one that names `pt-br` does not mean `pt`.
fn spoken(known: &Language, wanted: &Language) -> bool {
    known == wanted || (wanted.as_str() == wanted.base() && kinship::is_same_language(known, wanted))
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        // 1 and 1.0 are one number, however a backend writes it.
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one.total_cmp(&other).is_eq())
        }
        _ => one == other,
    }
}

impl Test {
    fn cost(&self) -> usize {
        let bytes = |value: &Value| value.as_str().map_or(8, str::len);
        match self {
            // Whatever is there is gone through.
            Self::Contains(part) => Contact::MAX_ATTRIBUTES_BYTES + bytes(part),
            Self::Equals(value) | Self::NotEquals(value) => bytes(value),
            Self::In(values) => values.iter().map(bytes).sum(),
            Self::Exists(_) | Self::Greater(_) | Self::Less(_) => 8,
        }
    }

    fn holds(&self, value: Option<&Value>) -> bool {
        let number = || value.and_then(Value::as_f64);
        match self {
            Self::Equals(wanted) => value.is_some_and(|value| same(value, wanted)),
            Self::NotEquals(other) => !value.is_some_and(|value| same(value, other)),
            Self::Contains(part) => match (value, part) {
                (Some(Value::String(text)), Value::String(part)) => text.contains(part.as_str()),
                (Some(Value::Array(items)), part) => items.iter().any(|item| same(item, part)),
                _ => false,
            },
            Self::Exists(wanted) => value.is_some() == *wanted,
            Self::Greater(bound) => number().zip(bound.as_f64()).is_some_and(|(value, bound)| value > bound),
            Self::Less(bound) => number().zip(bound.as_f64()).is_some_and(|(value, bound)| value < bound),
            Self::In(wanted) => value.is_some_and(|value| wanted.iter().any(|one| same(value, one))),
        }
    }
}

impl When {
    fn next_change(&self, moment: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        match self {
            // The moment itself is within the days still; the millisecond after it is not.
            Self::WithinDays(days) => {
                let end = moment?.plus(Duration::from_hours(u64::from(*days) * 24)).plus(Duration::from_millis(1));
                (end > now).then_some(end)
            }
            Self::Before(_) | Self::After(_) => None,
        }
    }

    fn holds(&self, moment: Option<Timestamp>, now: Timestamp) -> bool {
        let Some(moment) = moment else { return false };
        match self {
            Self::Before(bound) => moment < *bound,
            Self::After(bound) => moment > *bound,
            Self::WithinDays(days) => moment >= now.minus(Duration::from_hours(u64::from(*days) * 24)),
        }
    }
}

/// A condition with the lists it speaks of; valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    condition: Condition,
    lists: Vec<Vec<ContactId>>,
}

impl Rule {
    /// Most levels of conditions inside each other.
    pub const DEPTH: usize = 8;
    /// Most conditions in all.
    pub const CONDITIONS: usize = 100;
    /// Most contacts in all lists together.
    pub const CONTACTS: usize = 10_000;

    /// Most bytes that may be looked at to ask a rule of one contact.
    pub const MAX_COST: usize = 32 * (Contact::MAX_ATTRIBUTES_BYTES + 1_024);
    /// What a condition costs besides what it compares.
    const STEP_COST: usize = 32;

    /// Checks the limits and brings the lists into order.
    pub fn new(condition: Condition, mut lists: Vec<Vec<ContactId>>) -> Result<Self, Invalid> {
        condition.check()?;
        for list in &mut lists {
            list.sort();
            list.dedup();
        }
        if lists.iter().map(Vec::len).sum::<usize>() > Self::CONTACTS {
            return Err(Invalid::new("", "must name at most 10,000 contacts"));
        }
        Ok(Self { condition, lists })
    }

    /// What must be true.
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// The lists, in the order in which the condition numbers them.
    pub fn lists(&self) -> &[Vec<ContactId>] {
        &self.lists
    }

    /// Bytes that are looked at, at most, to ask it of one contact.
    pub fn cost(&self) -> usize {
        self.condition.cost()
    }

    /// The next moment at which it may come to be true of a contact, or to be no more, though nothing changes but the time.
    pub fn next_change(&self, contact: &Contact, now: Timestamp) -> Option<Timestamp> {
        self.condition.next_change(contact, now)
    }

    /// Whether it is true of this contact at this moment.
    pub fn matches(&self, contact: &Contact, now: Timestamp) -> bool {
        self.condition.holds(contact, &self.lists, now)
    }
}

/// A rule whose contacts are still to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDraft {
    /// What must be true.
    pub condition: Condition,
    /// The lists, as the sender named their contacts.
    pub lists: Vec<Vec<ContactLookup>>,
}

/// A segment that a message is to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SegmentTarget {
    /// The named one, or the one with this number where no name is so.
    Named(String),
    /// The one with this number.
    Number(SegmentId),
    /// Whoever this is true of.
    Rule(RuleDraft),
}

/// A segment that is checked and not yet stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentDraft {
    /// Its name; one without is kept for messages that described it on the spot.
    pub name: Option<String>,
    /// Who belongs.
    pub rule: Rule,
    /// Digest of the rule: two that say the same are one.
    pub hash: Digest,
}

/// A segment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number.
    pub id: SegmentId,
    /// Its name.
    pub name: Option<String>,
    /// Who belongs.
    pub rule: Rule,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its rule or name last changed.
    pub updated_at: Timestamp,
}

impl Segment {
    /// Changes with what may be changed of it.
    pub fn revision(&self) -> String {
        revision(&(&self.name, &self.rule))
    }
}

impl Segment {
    /// Most segments of one site that messages shown or waiting may go to at a time: each is asked of every reader who looks.
    pub const IN_USE: usize = 100;
    /// Most bytes that the rules of all of them may look at, together, for one reader.
    pub const IN_USE_COST: usize = 2 * 1_024 * 1_024;
    /// Most named segments of one site.
    pub const NAMED: usize = 1_000;
    /// Most bytes that the rules of all of these may look at, together, for one contact: a report asks each of them.
    pub const NAMED_COST: usize = 4 * 1_024 * 1_024;
}

#[cfg(test)]
mod tests;
