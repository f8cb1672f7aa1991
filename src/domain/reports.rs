//! Reports for senders: lists of messages, and message and site statistics. How they are computed
//! is the store's.

use super::{Language, Message, MessageId, Position, SegmentId, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use std::{collections::BTreeMap, fmt, str::FromStr};

/// State of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// Waits for its publication.
    Scheduled,
    /// Visible to readers.
    Live,
    /// Its expiry has passed.
    Expired,
    /// Recalled by the sender.
    Recalled,
}

impl MessageState {
    /// All states.
    pub const EACH: [Self; 4] = [Self::Scheduled, Self::Live, Self::Expired, Self::Recalled];

    /// The state of a message at this time.
    pub fn of(message: &Message, now: Timestamp) -> Self {
        if message.recalled_at.is_some() {
            Self::Recalled
        } else if message.expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else if message.position == Position::UNPUBLISHED {
            // Not by `publish_at`: readers see it only once it has a position.
            Self::Scheduled
        } else {
            Self::Live
        }
    }

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Live => "live",
            Self::Expired => "expired",
            Self::Recalled => "recalled",
        }
    }
}

impl FromStr for MessageState {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let parsed = Self::EACH.into_iter().find(|state| state.as_str() == text);
        parsed.ok_or_else(|| ValidationError::new("state", errors::MESSAGE_STATES))
    }
}

/// A cursor in a list of messages: after the message with this time and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageCursor {
    /// When the message was accepted.
    pub created_at: Timestamp,
    /// The message's id.
    pub id: MessageId,
}

impl fmt::Display for MessageCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.created_at.millis(), self.id)
    }
}

impl FromStr for MessageCursor {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let read = || {
            let (at, id) = text.split_once('.')?;
            Some(Self {
                created_at: Timestamp::from_millis(at.parse().ok()?),
                id: id.parse().ok()?,
            })
        };
        read().ok_or_else(|| ValidationError::new("cursor", errors::CURSOR))
    }
}

/// A query of a site's messages, newest first. Test messages are never included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageQuery {
    /// Only messages in this state.
    pub state: Option<MessageState>,
    /// Only messages of this category.
    pub category: Option<String>,
    /// Only messages with this literal text in their name, or in a title or body of any language;
    /// ignores case.
    pub text: Option<String>,
    /// Only messages accepted at this time or later.
    pub from: Option<Timestamp>,
    /// Only messages accepted before this time.
    pub to: Option<Timestamp>,
    /// Cursor: [`MessagePage::next`] of the previous page.
    pub before: Option<MessageCursor>,
    /// Maximum number of messages.
    pub limit: u32,
}

impl MessageQuery {
    /// Maximum number of messages that are scanned for one page. If there are more, the page has a
    /// cursor, even if it is empty.
    pub const LOOKED_AT: usize = 5_000;

    /// The newest messages, unfiltered.
    pub const fn newest(limit: u32) -> Self {
        Self { state: None, category: None, text: None, from: None, to: None, before: None, limit }
    }
}

/// A message in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSummary {
    /// The message. Its list of named contacts is left empty; its segment is included.
    pub message: Message,
    /// Number of named contacts.
    pub recipients: Option<u64>,
    /// Its state.
    pub state: MessageState,
}

/// A page of messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessagePage {
    /// The messages, newest first.
    pub items: Vec<MessageSummary>,
    /// Cursor of the next page, if there is one.
    pub next: Option<MessageCursor>,
}

/// A message's funnel, in contacts. Each number up to `clicked` includes the ones after it. Deleted
/// receipts aren't counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Funnel {
    /// Size of the audience.
    pub audience: u64,
    /// Contacts to whom a list with the message was returned.
    pub reached: u64,
    /// Contacts who had it on screen.
    pub seen: u64,
    /// Contacts who have read it, without those who marked it unread again.
    pub read: u64,
    /// Contacts who followed its link.
    pub clicked: u64,
    /// Contacts who have it in the archive.
    pub archived: u64,
}

/// A bucket of a message's time series (an hour or a day), in contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatsBucket {
    /// Contacts reached.
    pub reached: u64,
    /// Contacts who saw it.
    pub seen: u64,
    /// Contacts who read it.
    pub read: u64,
    /// Contacts who followed a link.
    pub clicked: u64,
}

/// A message's funnel within one segment, whatever its audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFunnel {
    /// The segment.
    pub id: SegmentId,
    /// Its name.
    pub name: String,
    /// Contacts reached.
    pub reached: u64,
    /// Contacts who saw it.
    pub seen: u64,
    /// Contacts who have read it.
    pub read: u64,
    /// Contacts who followed a link.
    pub clicked: u64,
    /// Contacts who have it in the archive.
    pub archived: u64,
}

/// Statistics of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageStats {
    /// The whole funnel.
    pub total: Funnel,
    /// How much of the audience was counted: at most [`MessageStats::COUNTED`] contacts.
    pub counted: u64,
    /// By the start of an hour (first two days) or of a day (after that), counted from publication.
    /// Empty buckets are left out. Events after a year are in the last bucket; events from before
    /// times were recorded are in none.
    pub series: BTreeMap<Timestamp, StatsBucket>,
    /// By the contact's language; `None` if it is unknown.
    pub languages: BTreeMap<Option<Language>, Funnel>,
    /// By the named segments that contacts are in at the time of counting, newest first, at most
    /// [`MessageStats::SEGMENTS`]. A contact can be in several or in none. `None` if not requested.
    pub segments: Option<Vec<SegmentFunnel>>,
}

impl MessageStats {
    /// Maximum number of segments that are evaluated for each contact.
    pub const SEGMENTS: u32 = 100;
    /// Maximum number of contacts that are counted for one report.
    pub const COUNTED: u64 = 250_000;
}

/// A site's activity on one day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DailyStats {
    /// Published messages.
    pub sent: u64,
    /// Contacts to whom a new message was returned.
    pub delivered: u64,
    /// Contacts who had a new message on screen.
    pub seen: u64,
    /// Contacts who read a message.
    pub read: u64,
}

/// Statistics of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteStats {
    /// By the start of each day with activity.
    pub days: BTreeMap<Timestamp, DailyStats>,
    /// All contacts.
    pub contacts: u64,
    /// Contacts to whom a new message was returned in the last day.
    pub active_day: u64,
    /// The same for the last seven days.
    pub active_week: u64,
    /// The same for the last thirty days.
    pub active_month: u64,
    /// Whether everything was counted: at most [`SiteStats::COUNTED`] events of each kind are,
    /// newest first.
    pub complete: bool,
}

impl SiteStats {
    /// Maximum number of events of each kind that are counted for one report.
    pub const COUNTED: u64 = 200_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_round_trips() {
        let id: MessageId = "01941f29-7c00-7000-8000-000000000000".parse().unwrap();
        let cursor = MessageCursor { created_at: Timestamp::from_millis(17), id };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for invalid in ["", "17", "17.", ".01941f29-7c00-7000-8000-000000000000", "x.y"] {
            assert_eq!(invalid.parse::<MessageCursor>().unwrap_err().field, "cursor");
        }
    }

    #[test]
    fn state_round_trips() {
        for state in MessageState::EACH {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("Live".parse::<MessageState>().is_err());
    }
}
