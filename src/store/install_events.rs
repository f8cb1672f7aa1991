//! Install events: where a site's snippet was loaded, and which issues occurred.

use super::Result;
use crate::domain::{InstallEvent, Onboarding, SiteId};
use async_trait::async_trait;

/// Stores install events.
#[async_trait]
pub trait InstallEventStore: Send + Sync {
    /// Stores an install event; an existing one gets the later time. The newest fifty of a site are
    /// kept.
    async fn sight(&self, site: SiteId, sighting: &InstallEvent) -> Result<()>;
    /// The install events of a site, newest first.
    async fn sightings(&self, site: SiteId) -> Result<Vec<InstallEvent>>;
    /// The onboarding progress of a site. Meant for an owner's page: it may scan the site's
    /// contacts for one that has read something.
    async fn onboarding(&self, site: SiteId) -> Result<Onboarding>;
}
