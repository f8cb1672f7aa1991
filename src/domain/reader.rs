//! A reader's view of messages: filters, pages, unread counts, and the reader's actions.
//!
//! Used by the store, the widget and the APIs. To add an action: a variant of [`ReaderAction`] and
//! of [`ReaderActionKind`], its SQL in the store, and the widget's and the islands' handling.

use super::{ContactId, Cursor, Message, MessageId, Position, SiteId, ValidationError, Version};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// A reader: a contact of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderKey {
    /// The site.
    pub site: SiteId,
    /// The contact.
    pub contact: ContactId,
}

/// A message with one reader's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderMessage {
    /// The message.
    pub message: Arc<Message>,
    /// Whether the reader has read it.
    pub is_read: bool,
    /// Whether the reader has archived it.
    pub is_archived: bool,
}

/// Filters of a reader's list. Deleted messages are in none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ReaderFilter {
    /// All messages that are not archived.
    #[default]
    All,
    /// Unread messages that are not archived.
    Unread,
    /// Archived messages.
    Archived,
}

impl ReaderFilter {
    /// All filters, in the order of the tabs.
    pub const EACH: [Self; 3] = [Self::All, Self::Unread, Self::Archived];

    /// The name in URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unread => "unread",
            Self::Archived => "archived",
        }
    }
}

impl FromStr for ReaderFilter {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let parsed = Self::EACH.into_iter().find(|filter| filter.as_str() == text);
        parsed.ok_or_else(|| ValidationError::new("filter", errors::ALL_UNREAD_ARCHIVED))
    }
}

impl fmt::Display for ReaderFilter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A request for one page of a reader's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderPageRequest {
    /// Which messages.
    pub filter: ReaderFilter,
    /// Cursor: [`ReaderPage::next`] of the previous page. `None` starts at the newest, with pinned
    /// messages first.
    pub before: Option<Cursor>,
    /// Maximum number of messages, pinned ones included.
    pub limit: u32,
}

impl ReaderPageRequest {
    /// Page size of the widget.
    pub const SIZE: u32 = 20;

    /// The first page of all messages.
    pub const fn first() -> Self {
        Self { filter: ReaderFilter::All, before: None, limit: Self::SIZE }
    }
}

/// A page of a reader's list, newest first. On the first page pinned messages come first, except in
/// the archive, which is ordered by time alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReaderPage {
    /// The messages.
    pub items: Vec<ReaderMessage>,
    /// Cursor of the next page, if there is one.
    pub next: Option<Cursor>,
    /// The counts at the same moment.
    pub counts: UnreadCounts,
}

/// A reader's unread counts at one moment. They are computed from receipts and capped at
/// [`UnreadCounts::CAP`], so they can't drift and cost the same for a large inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnreadCounts {
    /// Unread messages; archived and deleted ones don't count.
    pub unread: u32,
    /// Unread messages that the reader hasn't seen in the open panel: the number on the bell.
    pub unseen: u32,
    /// Sequence number of the last change that concerned this reader. Clients ignore counts that
    /// are older than theirs.
    pub version: Version,
}

impl UnreadCounts {
    /// The largest count. One more than can be shown: 100 means "99+".
    pub const CAP: u32 = 100;
}

/// An action of a reader. A position stands for all messages up to and including it; `None` stands
/// for all messages published so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderAction {
    /// Opened the panel: the messages were on screen.
    Seen(Option<Position>),
    /// Read the messages.
    Read(Vec<MessageId>),
    /// Marked the messages as unread.
    Unread(Vec<MessageId>),
    /// Archived the messages.
    Archive(Vec<MessageId>),
    /// Deleted the messages from the list.
    Delete(Vec<MessageId>),
    /// Moved the messages out of the archive.
    Restore(Vec<MessageId>),
    /// Undid the deletion of the messages; they are back where they were.
    Undelete(Vec<MessageId>),
    /// Marked all messages as read, archived ones included.
    AllRead(Option<Position>),
    /// Undoes the `AllRead` with this id, if it is the last one. Later actions on single messages
    /// stay, and seen messages stay seen.
    UndoAllRead(i64),
    /// Followed a link of the message, which also reads it.
    Clicked(MessageId),
    /// Received a list up to this position. Publishes no event and doesn't look up the counts.
    Delivered(Position),
}

/// The kind of an action, as it is sent to other tabs of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReaderActionKind {
    /// Seen up to some position.
    Seen,
    /// Marked as read.
    Read,
    /// Marked as unread.
    Unread,
    /// Archived.
    Archive,
    /// Deleted.
    Delete,
    /// Moved back to the inbox.
    Restore,
    /// Deletion undone.
    Undelete,
    /// Read up to some position.
    AllRead,
    /// Back to the state before "mark all read", up to some position.
    UndoAllRead,
}

impl ReaderActionKind {
    /// The name on the wire.
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

/// The result of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionOutcome {
    /// The counts after it.
    pub counts: UnreadCounts,
    /// Sequence number of the last change that concerned this reader before the action. A client
    /// that knows this version is up to date after applying the action.
    pub since: Version,
    /// The id for [`ReaderAction::UndoAllRead`], after an `AllRead` that changed something.
    pub undo: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_round_trips() {
        for filter in ReaderFilter::EACH {
            assert_eq!(filter.to_string().parse(), Ok(filter));
        }
        for invalid in ["", "ALL", "read", "unread "] {
            assert!(invalid.parse::<ReaderFilter>().is_err(), "{invalid}");
        }
    }
}
