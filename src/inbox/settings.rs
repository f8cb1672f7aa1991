//! What an owner sets of a site.

use super::{Inbox, InboxError};
use crate::domain::{SiteId, SiteSettings};

impl Inbox {
    /// The settings of a site.
    pub async fn settings(&self, site: SiteId) -> Result<SiteSettings, InboxError> {
        self.store.settings(site).await?.ok_or(InboxError::NotFound)
    }

    /// Replaces them.
    pub async fn update_settings(&self, site: SiteId, settings: &SiteSettings) -> Result<(), InboxError> {
        if self.store.update_settings(site, settings).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }
}
