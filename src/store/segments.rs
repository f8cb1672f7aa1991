//! Segments: contacts selected by a rule.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{Contact, ContactId, Segment, SegmentDraft, SegmentId, SiteId, Timestamp};

/// Outcome of deleting a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteSegmentOutcome {
    /// Deleted.
    Done,
    /// A message that was not recalled is addressed to it, so it is kept.
    InUse,
    /// The site has no such segment.
    Unknown,
}

/// Stores segments. A message to a segment is one row; membership is evaluated when a reader loads
/// the list. A changed rule applies at once to messages sent before, and `Invalidated` is
/// published for everyone if there are any.
#[async_trait]
pub trait SegmentStore: Send + Sync {
    /// Adds a segment. A name that the site has already is a `Conflict`; an unnamed segment with
    /// the hash of an existing one is that one. An unnamed segment without messages is deleted by
    /// `forget_messages` a day after it was last added.
    async fn add_segment(
        &self,
        site: SiteId,
        draft: &SegmentDraft,
        now: Timestamp,
    ) -> Result<Segment>;
    /// Replaces name and rule. `None` when it does not exist.
    async fn update_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
        draft: &SegmentDraft,
        expected_revision: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Segment>>;
    /// Deletes a segment without messages.
    async fn delete_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
    ) -> Result<DeleteSegmentOutcome>;
    /// One segment.
    async fn segment(&self, site: SiteId, segment: SegmentId) -> Result<Option<Segment>>;
    /// The segment with this name.
    async fn segment_by_name(&self, site: SiteId, name: &str) -> Result<Option<Segment>>;
    /// The named segments with an id below `before`, newest first, at most `limit`.
    async fn segments(
        &self,
        site: SiteId,
        before: Option<SegmentId>,
        limit: u32,
    ) -> Result<Vec<Segment>>;
    /// The contacts with an id above `after`, in order, at most `limit`.
    async fn contacts_after(
        &self,
        site: SiteId,
        after: ContactId,
        limit: u32,
    ) -> Result<Vec<Contact>>;
}
