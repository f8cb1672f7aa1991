//! What a sender sees of messages: lists to look through, and what became of each. Must not know how any of it is counted.

use super::{Invalid, Language, Message, MessageId, SegmentId, Timestamp};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Where a message is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// Waits for its time.
    Scheduled,
    /// Readers see it.
    Live,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Recalled,
}

impl MessageState {
    /// Each of them.
    pub const EACH: [Self; 4] = [Self::Scheduled, Self::Live, Self::Expired, Self::Recalled];

    /// That of a message at this moment.
    pub fn of(message: &Message, now: Timestamp) -> Self {
        if message.recalled_at.is_some() {
            Self::Recalled
        } else if message.expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else if message.position == 0 {
            // Not by `publish_at`: until it has its place in the order, no reader sees it.
            Self::Scheduled
        } else {
            Self::Live
        }
    }

    /// Its word.
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
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::EACH.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Invalid::new("state", "must be scheduled, live, expired or recalled"))
    }
}

/// A place in a list of messages: below the one that was made at this moment and has this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageCursor {
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Its id.
    pub id: MessageId,
}

impl fmt::Display for MessageCursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.created_at.millis(), self.id)
    }
}

impl FromStr for MessageCursor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = || {
            let (at, id) = text.split_once('.')?;
            Some(Self { created_at: Timestamp::from_millis(at.parse().ok()?), id: id.parse().ok()? })
        };
        read().ok_or_else(|| Invalid::new("cursor", "must be the `next` value of the previous page"))
    }
}

/// Which messages of a site are wanted, newest first. What was sent to try it is never among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageQuery {
    /// Only those in this state.
    pub state: Option<MessageState>,
    /// Only those of this category.
    pub category: Option<String>,
    /// Only those with this text, as it stands, in their name or in a title or body of any language; capitals don't matter.
    pub text: Option<String>,
    /// Only those accepted at this moment or later.
    pub from: Option<Timestamp>,
    /// Only those accepted before this moment.
    pub to: Option<Timestamp>,
    /// Where the former page ended.
    pub before: Option<MessageCursor>,
    /// At most so many.
    pub limit: u32,
}

impl MessageQuery {
    /// Messages that are looked at for one page; when there are more, the page says where to go on, be it with nothing on it.
    pub const LOOKED_AT: usize = 5_000;

    /// The newest of all.
    pub const fn newest(limit: u32) -> Self {
        Self { state: None, category: None, text: None, from: None, to: None, before: None, limit }
    }
}

/// A message in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSummary {
    /// The message; where it goes to named contacts, their list is left empty. The segment is there where it goes to one.
    pub message: Message,
    /// To how many named contacts it goes.
    pub recipients: Option<u64>,
    /// Where it is in its life.
    pub state: MessageState,
}

/// A part of a list of messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessagePage {
    /// The messages, newest first.
    pub items: Vec<MessageSummary>,
    /// Where the next part begins, if there is one.
    pub next: Option<MessageCursor>,
}

/// How far a message came, in contacts. Each number holds those after it, up to `clicked`; what its reader erased is in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Funnel {
    /// To whom it goes.
    pub audience: u64,
    /// Whose list with it was answered to them.
    pub reached: u64,
    /// Who had it on the screen.
    pub seen: u64,
    /// Who has read it, and did not mark it unread again.
    pub read: u64,
    /// Who followed a link of it.
    pub clicked: u64,
    /// Who has it in the archive.
    pub archived: u64,
}

/// What happened to a message within an hour or a day, in contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatsStep {
    /// Whom it reached.
    pub reached: u64,
    /// Who saw it.
    pub seen: u64,
    /// Who read it.
    pub read: u64,
    /// Who followed a link.
    pub clicked: u64,
}

/// How far a message came with those who are in a segment, whichever audience it was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentSteps {
    /// The segment.
    pub id: SegmentId,
    /// Its name.
    pub name: String,
    /// Whom it reached.
    pub reached: u64,
    /// Who saw it.
    pub seen: u64,
    /// Who has read it.
    pub read: u64,
    /// Who followed a link.
    pub clicked: u64,
    /// Who has it in the archive.
    pub archived: u64,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageStats {
    /// In all.
    pub total: Funnel,
    /// Of how many of the audience that is: at most [`MessageStats::COUNTED`].
    pub counted: u64,
    /// By the beginning of an hour (for the first two days) or day (after that), counted from its publication; only those in which
    /// something happened. What came after a year is with the last day of it, and what came before times were kept is in none.
    pub series: BTreeMap<Timestamp, StatsStep>,
    /// By the language of the contact, where it is known.
    pub languages: BTreeMap<Option<Language>, Funnel>,
    /// By the named segments that contacts are in at the moment of counting, newest first, at most [`MessageStats::SEGMENTS`]. A contact
    /// may be in several, or in none. `None` when that was not asked.
    pub segments: Option<Vec<SegmentSteps>>,
}

impl MessageStats {
    /// Segments that are asked of each contact, so that counting ends.
    pub const SEGMENTS: u32 = 100;
    /// Contacts that are looked at for one answer, so that it ends.
    pub const COUNTED: u64 = 250_000;
}

/// What happened on a day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SiteDay {
    /// Messages that were published.
    pub sent: u64,
    /// Contacts to whom something new was answered.
    pub delivered: u64,
    /// Contacts who had something new on the screen.
    pub seen: u64,
    /// Contacts who read something.
    pub read: u64,
}

/// How a site does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteStats {
    /// By the beginning of each day on which something happened.
    pub days: BTreeMap<Timestamp, SiteDay>,
    /// All contacts.
    pub contacts: u64,
    /// Contacts to whom something new came in the last day.
    pub active_day: u64,
    /// In the last seven days.
    pub active_week: u64,
    /// In the last thirty days.
    pub active_month: u64,
    /// Whether all that happened was counted: at most [`SiteStats::COUNTED`] acts of each sort are, from the newest back.
    pub complete: bool,
}

impl SiteStats {
    /// Acts of each sort that are looked at for one answer.
    pub const COUNTED: u64 = 200_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_from_nothing_else() {
        let id: MessageId = "01941f29-7c00-7000-8000-000000000000".parse().unwrap();
        let cursor = MessageCursor { created_at: Timestamp::from_millis(17), id };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for odd in ["", "17", "17.", ".01941f29-7c00-7000-8000-000000000000", "x.y"] {
            assert_eq!(odd.parse::<MessageCursor>().unwrap_err().field, "cursor");
        }
    }

    #[test]
    fn a_state_is_read_from_its_word() {
        for state in MessageState::EACH {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("Live".parse::<MessageState>().is_err());
    }
}
