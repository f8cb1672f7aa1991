//! What a reader sees and does: pages, counts, marks.

use super::{Message, MessageId};
use std::sync::Arc;

/// A message as one reader has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The message.
    pub message: Arc<Message>,
    /// Whether this reader has read it.
    pub read: bool,
}

/// Which part of the list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Only messages placed before this position; `None` begins at the newest, with the pinned ones first.
    pub before: Option<i64>,
    /// At most so many messages (pinned ones included).
    pub limit: u32,
}

impl PageRequest {
    /// Messages on a page of the widget.
    pub const SIZE: u32 = 20;

    /// The first page.
    pub const fn first() -> Self {
        Self { before: None, limit: Self::SIZE }
    }
}

/// A part of a reader's list, newest first, pinned ones before all others on the first page.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Messages without a read receipt.
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

/// What a reader did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Opened the panel: all that is placed up to now has been seen.
    Seen,
    /// Read these messages.
    Read(Vec<MessageId>),
    /// Read all that is placed up to now.
    AllRead,
    /// Followed a link of this message; it is read, too.
    Clicked(MessageId),
}
