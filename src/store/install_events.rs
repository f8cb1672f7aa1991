//! Install events: where a site's snippet was loaded, and which issues occurred.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{InstallEvent, Onboarding, SiteId};

/// Stores install events.
#[async_trait]
pub trait InstallEventStore: Send + Sync {
    /// Stores an install event; an existing one gets the later time. The newest fifty of a site are
    /// kept.
    async fn record_install_event(&self, site: SiteId, sighting: &InstallEvent) -> Result<()>;
    /// The install events of a site, newest first.
    async fn install_events(&self, site: SiteId) -> Result<Vec<InstallEvent>>;
    /// The onboarding progress of a site. Meant for an owner's page: it may scan the site's
    /// contacts for one that has read something.
    async fn onboarding(&self, site: SiteId) -> Result<Onboarding>;
}
