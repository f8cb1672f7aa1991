//! Rotating contact tokens.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{
    PresentedToken, RotationOutcome, SiteId, Timestamp, TokenFamily, TokenRotation,
};

/// Stores rotating tokens. A token implies its site, so these queries are not bounded by one; the
/// digests are unique.
#[async_trait]
pub trait TokenRotationStore: Send + Sync {
    /// The site and the family of a token, whether or not it is still valid. `None` when it is
    /// unknown.
    async fn token_family(
        &self,
        shown: &PresentedToken,
        now: Timestamp,
    ) -> Result<Option<(SiteId, TokenFamily)>>;
    /// Replaces a token. If it was replaced before [`TokenRotation::overlap_since`], ends its
    /// family with all tokens and sessions and publishes `SessionsRevoked`. Of concurrent calls
    /// each gets its own token. Replaced tokens are remembered while the family has an unexpired
    /// one.
    async fn rotate(&self, rotation: &TokenRotation) -> Result<RotationOutcome>;
}
