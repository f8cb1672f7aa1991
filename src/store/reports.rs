//! Reports on messages, cancellation, and retention.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{
    MessageId, MessagePage, MessageQuery, MessageStats, SiteId, SiteStats, Timestamp,
};

/// Messages that are kept for a reader: of those that name them, of those to everyone, and of those
/// to each of their segments.
pub const RETENTION_CAP_MESSAGES: u32 = 1_000;

/// Outcome of cancelling a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Recalled before any reader saw it.
    Done,
    /// It is no longer scheduled.
    TooLate,
    /// The site has no such message.
    Unknown,
}

/// Reports for senders, and retention.
#[async_trait]
pub trait ReportStore: Send + Sync {
    /// A page of a site's messages, newest first. Scans up to [`MessageQuery::LOOKED_AT`] messages.
    async fn messages(
        &self,
        site: SiteId,
        query: &MessageQuery,
        now: Timestamp,
    ) -> Result<MessagePage>;
    /// The statistics of a message, computed now on a read connection; `None` when it does not
    /// exist. A watermark counts for the messages that it passed while they were shown.
    async fn message_stats(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<MessageStats>>;
    /// Like [`Self::message_stats`], with `segments`. More expensive: membership is evaluated for
    /// each segment.
    async fn message_stats_by_segment(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<Option<MessageStats>>;
    /// The statistics of a site, by day since `since`.
    async fn site_stats(&self, site: SiteId, since: Timestamp, now: Timestamp)
    -> Result<SiteStats>;
    /// Recalls a scheduled message.
    async fn cancel_message(
        &self,
        site: SiteId,
        message: MessageId,
        now: Timestamp,
    ) -> Result<CancelOutcome>;
    /// Deletes, in slices, messages older than their site's retention, and a reader's messages
    /// beyond the newest [`RETENTION_CAP_MESSAGES`] shown ones (pinned ones last), with all
    /// dependent rows. Publishes `MessageRemoved` for shown messages. Returns the number of deleted
    /// rows.
    async fn forget_messages(&self, now: Timestamp) -> Result<u64>;
}
