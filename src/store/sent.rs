//! What a sender sees of messages, and takes back before anyone saw it.

use super::Result;
use crate::domain::{MessageId, MessagePage, MessageQuery, MessageStats, SiteId, SiteStats, Timestamp};
use async_trait::async_trait;

/// Messages that a reader keeps of those that name them, of those to everyone, and of those to each of their segments.
pub const KEPT: u32 = 1_000;

/// What became of the wish to cancel a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It is recalled, and no reader ever saw it.
    Done,
    /// It does not wait for its time any more.
    TooLate,
    /// The site has no such message.
    Unknown,
}

/// The part of the seam that senders look through.
#[async_trait]
pub trait SentStore: Send + Sync {
    /// A part of a site's messages, newest first. At most [`MessageQuery::LOOKED_AT`] are looked at for it.
    async fn messages(&self, site: SiteId, query: &MessageQuery, now: Timestamp) -> Result<MessagePage>;
    /// What became of a message, counted at this moment beside the writer; `None` when there is none. A watermark counts for what
    /// it passed while the message was shown.
    async fn message_stats(&self, site: SiteId, message: MessageId, now: Timestamp) -> Result<Option<MessageStats>>;
    /// The same, with `segments`. Costs more: who was reached is asked of each segment.
    async fn message_stats_by_segment(&self, site: SiteId, message: MessageId, now: Timestamp) -> Result<Option<MessageStats>>;
    /// How a site does, with the days since then.
    async fn site_stats(&self, site: SiteId, since: Timestamp, now: Timestamp) -> Result<SiteStats>;
    /// Recalls a message that waits for its time.
    async fn cancel_message(&self, site: SiteId, message: MessageId, now: Timestamp) -> Result<Cancelled>;
    /// Forgets, in steps, what was published longer ago than its site keeps messages, with all that belongs to it, and what a reader has
    /// besides the newest [`KEPT`] that are shown, of which pinned ones go last; announces `Removed` for what was shown. Gives how many rows went.
    async fn forget_messages(&self, now: Timestamp) -> Result<u64>;
}
