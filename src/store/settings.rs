//! Settings of a site.

use super::{Result, UpdateFn, UpdateResult};
use async_trait::async_trait;
use belfry_domain::{Site, SiteId, SiteSettings};

/// Stores settings.
#[async_trait]
pub trait SettingsStore: Send + Sync {
    /// The settings of a site; the defaults if none were stored. `None` when the site does not
    /// exist.
    async fn settings(&self, site: SiteId) -> Result<Option<SiteSettings>>;
    /// Replaces them. `false` when the site does not exist.
    async fn update_settings(&self, site: SiteId, settings: &SiteSettings) -> Result<bool>;
    /// Changes them, computed from the stored ones. An unchanged value is not written.
    async fn change_settings(
        &self,
        site: SiteId,
        change: UpdateFn<SiteSettings>,
    ) -> Result<UpdateResult<SiteSettings>>;
    /// Changes a site and its settings together, computed from the stored ones, or neither.
    async fn change_site(
        &self,
        site: SiteId,
        change: UpdateFn<(Site, SiteSettings)>,
    ) -> Result<UpdateResult<(Site, SiteSettings)>>;
}
