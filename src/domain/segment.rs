//! Segments: rules over contact data. Membership is evaluated when a reader's list is loaded, so no
//! row per member is stored.
//!
//! Doesn't know the JSON form of rules in the API or where they are stored.
//!
//! To add a condition:
//! - a variant of [`Condition`] or [`AttributeTest`] with its `matches` and `cost`,
//! - its JSON form in the use case that parses drafts (`app::draft::segment`),
//! - its row in the console's segment editor (`console::pages::segments`).

mod condition;
#[cfg(test)]
mod tests;

pub use condition::{AttributeTest, Condition, TimeTest};

use super::{Contact, ContactId, ContactLookup, Digest, Timestamp, ValidationError, revision};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

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

/// A validated condition with the contact lists that it refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
