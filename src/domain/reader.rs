//! What a reader sees and does: pages, counts, marks.

use super::{Invalid, Message, MessageId};
use std::{fmt, str::FromStr, sync::Arc};

/// A message as one reader has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The message.
    pub message: Arc<Message>,
    /// Whether this reader has read it.
    pub read: bool,
    /// Whether this reader has put it into the archive.
    pub archived: bool,
}

/// Which of a reader's messages are wanted. What the reader has deleted is in none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Filter {
    /// All that are not archived.
    #[default]
    All,
    /// Of these, the ones not read.
    Unread,
    /// The archived ones.
    Archived,
}

impl Filter {
    /// Every filter, in the order in which a reader finds them.
    pub const EACH: [Self; 3] = [Self::All, Self::Unread, Self::Archived];

    /// Its word in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unread => "unread",
            Self::Archived => "archived",
        }
    }
}

impl FromStr for Filter {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::EACH.into_iter().find(|filter| filter.as_str() == text);
        known.ok_or_else(|| Invalid::new("filter", "must be all, unread or archived"))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Which part of the list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Of which messages.
    pub filter: Filter,
    /// Where the former page ended ([`Page::next`]); `None` begins at the newest, with the pinned ones first.
    pub before: Option<i64>,
    /// At most so many messages (pinned ones included).
    pub limit: u32,
}

impl PageRequest {
    /// Messages on a page of the widget.
    pub const SIZE: u32 = 20;

    /// The first page of all.
    pub const fn first() -> Self {
        Self { filter: Filter::All, before: None, limit: Self::SIZE }
    }
}

/// A part of a reader's list, newest first, pinned ones before all others on the first page. The archive knows no pins: what
/// is there was put away, and is looked for by its time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The messages.
    pub items: Vec<Item>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
    /// The counts at the moment of this page.
    pub tally: Tally,
}

/// A reader's counts at one moment. Each is computed from receipts and capped at [`Tally::CAP`], so that it can't drift
/// and never costs more for a larger inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Messages that are not read; archived and deleted ones count for nothing.
    pub unread: u32,
    /// Of these, the ones that were never shown in an opened panel: the number on the bell.
    pub unseen: u32,
    /// Number of the last change that concerned this reader. A client drops what is older than what it has.
    pub version: i64,
}

impl Tally {
    /// One more than what is shown: 100 means "99+".
    pub const CAP: u32 = 100;
}

/// What a reader does. Where a position may be given, all that is placed up to and including it is meant; `None` means all
/// that is placed up to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Opened the panel: these have been on the screen.
    Seen(Option<i64>),
    /// Read these messages.
    Read(Vec<MessageId>),
    /// Wants to come back to these messages: they count as not read.
    Unread(Vec<MessageId>),
    /// Put these messages into the archive.
    Archive(Vec<MessageId>),
    /// Does not want to see these messages again.
    Delete(Vec<MessageId>),
    /// Takes these messages out of the archive.
    Restore(Vec<MessageId>),
    /// Takes back that these messages were deleted: they are where they were before.
    Undelete(Vec<MessageId>),
    /// Read all of these, archived ones included.
    AllRead(Option<i64>),
    /// Takes the last `AllRead` back, which had this number. What was marked since then stays as it was marked, and what was
    /// seen stays seen.
    UndoAllRead(i64),
    /// Followed a link of this message; it is read, too.
    Clicked(MessageId),
    /// Was answered with a list that goes up to this position. Nobody is told of it, and the counts are not looked up.
    Delivered(i64),
}

/// What was done to messages, as other tabs are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Up to some position they were on the screen.
    Seen,
    /// These are read.
    Read,
    /// These are not read.
    Unread,
    /// These are in the archive.
    Archive,
    /// These are gone.
    Delete,
    /// These are back in the inbox.
    Restore,
    /// These are back where they were deleted.
    Undelete,
    /// Up to some position they are read.
    AllRead,
    /// Up to some position they are as they were before.
    UndoAllRead,
}

impl Verb {
    /// Its word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Archive => "archive",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Undelete => "undelete",
            Self::AllRead => "allRead",
            Self::UndoAllRead => "undoAllRead",
        }
    }
}

/// What a mark came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// The counts after it.
    pub tally: Tally,
    /// Number of the last change that concerned this reader before it: whoever knew that knows all with this mark.
    pub since: i64,
    /// The number with which [`Mark::UndoAllRead`] takes it back, after an `AllRead` that changed something.
    pub undo: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_from_its_word_and_from_nothing_else() {
        for filter in Filter::EACH {
            assert_eq!(filter.to_string().parse(), Ok(filter));
        }
        for odd in ["", "ALL", "read", "unread "] {
            assert!(odd.parse::<Filter>().is_err(), "{odd}");
        }
    }
}
