//! What a list for programs needs beyond a page of the widget.

use super::Result;
use crate::domain::{ContactId, Language, Message, MessageId, SiteId, Timestamp};
use async_trait::async_trait;

/// Where a message stands in a list, and what its reader did with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListEntry {
    /// Which message.
    pub message: MessageId,
    /// Whether it is read.
    pub read: bool,
    /// Whether it stands above the others.
    pub pinned: bool,
    /// Its position.
    pub position: i64,
}

/// The part of the seam behind lists that are read by number of page.
#[async_trait]
pub trait ReaderListStore: Send + Sync {
    /// Up to which position a reader has had messages on the screen; 0 for a stranger.
    async fn seen_position(&self, site: SiteId, contact: ContactId) -> Result<i64>;
    /// The newest `limit` messages of a list in the order of [`super::Store::page`], without what they say: all that are not archived, or of these
    /// the unread ones.
    async fn list_entries(&self, site: SiteId, contact: ContactId, unread: bool, limit: u32, now: Timestamp) -> Result<Vec<ListEntry>>;
    /// What messages of such a list say, each in the one language that a reader gets who wants `language`, where the site's is `usual`. In no
    /// order; those that were deleted in between are left out.
    async fn messages_in_language(
        &self,
        site: SiteId,
        contact: ContactId,
        messages: &[MessageId],
        language: &Language,
        usual: &Language,
    ) -> Result<Vec<Message>>;
}
