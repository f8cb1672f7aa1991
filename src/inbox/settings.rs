//! What an owner sets of a site.

use super::{Inbox, InboxError};
use crate::domain::{Invalid, SiteId, SiteSettings};

impl Inbox {
    /// The settings of a site.
    pub async fn settings(&self, site: SiteId) -> Result<SiteSettings, InboxError> {
        self.store.settings(site).await?.ok_or(InboxError::NotFound)
    }

    /// Replaces them.
    pub async fn update_settings(&self, site: SiteId, settings: &SiteSettings) -> Result<(), InboxError> {
        if self.store.update_settings(site, settings).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }

    /// Changes them by what they are in that moment: what somebody else changed a moment ago stays.
    pub async fn change_settings(
        &self,
        site: SiteId,
        change: impl FnOnce(&SiteSettings) -> Result<SiteSettings, Invalid> + Send + 'static,
    ) -> Result<SiteSettings, InboxError> {
        Ok(self.store.change_settings(site, Box::new(change)).await?.ok_or(InboxError::NotFound)??)
    }
}
