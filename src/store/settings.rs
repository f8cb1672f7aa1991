//! What an owner set of a site.

use super::{Result, Update, Updated};
use crate::domain::{Site, SiteId, SiteSettings};
use async_trait::async_trait;

/// The part of the seam that keeps the settings of sites.
#[async_trait]
pub trait SettingsStore: Send + Sync {
    /// The settings of a site; those of a new one where none were made. `None` when there is no such site.
    async fn settings(&self, site: SiteId) -> Result<Option<SiteSettings>>;
    /// Replaces them. `false` when there is no such site.
    async fn update_settings(&self, site: SiteId, settings: &SiteSettings) -> Result<bool>;
    /// Changes them by what they are in that moment. What is the same after it is not written.
    async fn change_settings(&self, site: SiteId, change: Update<SiteSettings>) -> Result<Updated<SiteSettings>>;
    /// Changes a site and its settings at once by what they are in that moment, or neither.
    async fn change_site(&self, site: SiteId, change: Update<(Site, SiteSettings)>) -> Result<Updated<(Site, SiteSettings)>>;
}
