//! Contact tokens that replace each other.

use super::Result;
use crate::domain::{Family, Rotated, Rotation, ShownToken, SiteId, Timestamp};
use async_trait::async_trait;

/// The part of the seam that keeps rotating tokens. A token tells its site, so nothing here is asked with one; the digests are unique.
#[async_trait]
pub trait RotationStore: Send + Sync {
    /// The site and the family of a token, whether or not it is still accepted. `None` when nothing is known of it.
    async fn token_family(&self, shown: &ShownToken, now: Timestamp) -> Result<Option<(SiteId, Family)>>;
    /// Replaces a token, or ends its family with all tokens and sessions (and announces `Ended`) when it is one that was replaced
    /// before [`Rotation::overlap_since`]. Of many at once each gets a token of its own. That a token was replaced is known for as long
    /// as its family has one that has not expired.
    async fn rotate(&self, rotation: &Rotation) -> Result<Rotated>;
}
