//! Settings of a site.

use super::{Inbox, InboxError};
use crate::domain::{
    Invalid, Site, SiteDraft, SiteId, SiteSettings,
    channel::{ConversationAccess, InboxId},
};

impl Inbox {
    /// The settings of a site.
    pub async fn settings(&self, site: SiteId) -> Result<SiteSettings, InboxError> {
        self.store.settings(site).await?.ok_or(InboxError::NotFound)
    }

    /// Replaces the settings.
    pub async fn update_settings(&self, site: SiteId, settings: &SiteSettings) -> Result<(), InboxError> {
        self.check_messages_inbox(site, settings.messages_inbox()).await?;
        if self.store.update_settings(site, settings).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }

    /// Changes the settings, computed from the stored ones, so that concurrent changes are not
    /// lost.
    pub async fn change_settings(
        &self,
        site: SiteId,
        change: impl FnOnce(&SiteSettings) -> Result<SiteSettings, Invalid> + Send + 'static,
    ) -> Result<SiteSettings, InboxError> {
        Ok(self.store.change_settings(site, Box::new(change)).await?.ok_or(InboxError::NotFound)??)
    }

    /// Rejects an inbox for the "Messages" tab that the site does not have.
    pub async fn check_messages_inbox(&self, site: SiteId, inbox: Option<InboxId>) -> Result<(), InboxError> {
        let Some(inbox) = inbox else { return Ok(()) };
        let found = self.store.channel_inbox(site, ConversationAccess::Site, inbox).await?;
        found.map(|_| ()).map_err(|_| Invalid::new("messagesInbox", "must be the number of an inbox of this site").into())
    }

    /// Changes a site and its settings together, computed from the stored ones, or neither.
    pub async fn change_site(
        &self,
        site: SiteId,
        change: impl FnOnce(&Site, &SiteSettings) -> Result<(SiteDraft, SiteSettings), Invalid> + Send + 'static,
    ) -> Result<(Site, SiteSettings), InboxError> {
        let change = |former: &(Site, SiteSettings)| {
            let (site, settings) = change(&former.0, &former.1)?;
            Ok((site.apply_to(&former.0), settings))
        };
        Ok(self.store.change_site(site, Box::new(change)).await?.ok_or(InboxError::NotFound)??)
    }
}
