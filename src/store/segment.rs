//! Segments: who is meant by a description.

use super::Result;
use crate::domain::{Contact, ContactId, Segment, SegmentDraft, SegmentId, SiteId, Timestamp};
use async_trait::async_trait;

/// In the `Conflict` of a publish to one more segment than may be in use at a time.
pub const TOO_MANY_SEGMENTS: &str = "too many segments are in use";

/// What became of the wish to delete a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedSegment {
    /// It is gone.
    Done,
    /// A message that was not recalled goes to it, so it stays.
    InUse,
    /// The site has no such segment.
    Unknown,
}

/// The part of the seam that keeps segments. A message to one is placed once; whoever matches when they look sees it. A rule that is
/// changed counts at once for what was sent before, and `Reconsidered` is announced for everyone when something was.
#[async_trait]
pub trait SegmentStore: Send + Sync {
    /// Adds a segment. One with a name that the site has already is a `Conflict`; one without a name is the same as an earlier one
    /// with the same hash. One without a name that no message goes to is forgotten by `forget_messages` a day after it was last added.
    async fn add_segment(&self, site: SiteId, draft: &SegmentDraft, now: Timestamp) -> Result<Segment>;
    /// Replaces name and rule. `None` when there is none.
    async fn update_segment(
        &self,
        site: SiteId,
        segment: SegmentId,
        draft: &SegmentDraft,
        former: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Segment>>;
    /// Deletes a segment to which no message goes.
    async fn delete_segment(&self, site: SiteId, segment: SegmentId) -> Result<DeletedSegment>;
    /// One segment.
    async fn segment(&self, site: SiteId, segment: SegmentId) -> Result<Option<Segment>>;
    /// The segment with this name.
    async fn segment_named(&self, site: SiteId, name: &str) -> Result<Option<Segment>>;
    /// The named segments with a number below `before`, newest first, at most `limit`.
    async fn segments(&self, site: SiteId, before: Option<SegmentId>, limit: u32) -> Result<Vec<Segment>>;
    /// The contacts with a number above `after`, in their order, at most `limit`.
    async fn contacts_after(&self, site: SiteId, after: ContactId, limit: u32) -> Result<Vec<Contact>>;
}
