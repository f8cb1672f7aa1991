//! Where a site's snippet was seen at work.

use super::Result;
use crate::domain::{Onboarding, Sighting, SiteId};
use async_trait::async_trait;

/// The part of the seam that keeps what was seen of a site's snippet.
#[async_trait]
pub trait SightingStore: Send + Sync {
    /// Keeps a sighting; one that was there before only gets the later time. A site keeps its newest fifty.
    async fn sight(&self, site: SiteId, sighting: &Sighting) -> Result<()>;
    /// What was seen of a site, newest first.
    async fn sightings(&self, site: SiteId) -> Result<Vec<Sighting>>;
    /// How far a site has come. For an owner's page: it may look through the site's contacts for one that has read something.
    async fn onboarding(&self, site: SiteId) -> Result<Onboarding>;
}
