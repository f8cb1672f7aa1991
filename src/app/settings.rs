//! Settings of a site.

use super::{App, AppError};
use belfry_domain::{
    Site, SiteDraft, SiteId, SiteSettings, ValidationError,
    channel::{ConversationAccess, InboxId},
};
use belfry_locales::phrases::errors;

impl App {
    /// The settings of a site.
    pub async fn settings(&self, site: SiteId) -> Result<SiteSettings, AppError> {
        self.store.settings(site).await?.ok_or(AppError::NotFound)
    }

    /// Replaces the settings.
    pub async fn update_settings(
        &self,
        site: SiteId,
        settings: &SiteSettings,
    ) -> Result<(), AppError> {
        self.check_messages_inbox(site, settings.messages_inbox()).await?;
        if self.store.update_settings(site, settings).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Changes the settings, computed from the stored ones, so that concurrent changes are not
    /// lost.
    pub async fn change_settings(
        &self,
        site: SiteId,
        change: impl FnOnce(&SiteSettings) -> Result<SiteSettings, ValidationError> + Send + 'static,
    ) -> Result<SiteSettings, AppError> {
        Ok(self
            .store
            .change_settings(site, Box::new(change))
            .await?
            .ok_or(AppError::NotFound)??)
    }

    /// Rejects an inbox for the "Messages" tab that the site does not have.
    pub async fn check_messages_inbox(
        &self,
        site: SiteId,
        inbox: Option<InboxId>,
    ) -> Result<(), AppError> {
        let Some(inbox) = inbox else { return Ok(()) };
        let channel_inbox = self.store.channel_inbox(site, ConversationAccess::Site, inbox).await?;
        channel_inbox
            .map(|_| ())
            .map_err(|_| ValidationError::new("messagesInbox", errors::UNKNOWN_INBOX).into())
    }

    /// Changes a site and its settings together, computed from the stored ones, or neither.
    pub async fn change_site(
        &self,
        site: SiteId,
        change: impl FnOnce(&Site, &SiteSettings) -> Result<(SiteDraft, SiteSettings), ValidationError>
        + Send
        + 'static,
    ) -> Result<(Site, SiteSettings), AppError> {
        let change = |former: &(Site, SiteSettings)| {
            let (site, settings) = change(&former.0, &former.1)?;
            Ok((site.apply_to(&former.0), settings))
        };
        Ok(self.store.change_site(site, Box::new(change)).await?.ok_or(AppError::NotFound)??)
    }
}
