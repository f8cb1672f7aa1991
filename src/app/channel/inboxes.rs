//! Inboxes of a site and their members.

use super::ChannelError;
use crate::App;
use belfry_domain::{
    EndpointUrl, SigningSecret, SiteId, ValidationError,
    channel::{
        Agent, ChannelInbox, ChannelToken, ConversationAccess, InboxId, InboxIdentifier,
        InboxSecrets, InboxSettings, InboxUuid, MembersChange, NewInbox, Rejection, SignedInAgent,
    },
};

/// A new inbox with its secrets.
#[derive(Debug)]
pub struct CreatedInbox {
    /// The inbox.
    pub inbox: ChannelInbox,
    /// Its secrets.
    pub secrets: InboxSecrets,
}

impl App {
    /// Adds an inbox to a site.
    pub async fn create_inbox(
        &self,
        site: SiteId,
        settings: InboxSettings,
    ) -> Result<CreatedInbox, ChannelError> {
        self.site(site).await?;
        let settings = settings.validate()?;
        self.check_callback(settings.callback_url.as_deref(), "webhook_url").await?;
        let secrets = InboxSecrets {
            hmac_token: ChannelToken::generate(&*self.rng),
            callback_secret: SigningSecret::generate(&*self.rng),
        };
        let (uuid, identifier) =
            (InboxUuid::generate(&*self.rng), InboxIdentifier::generate(&*self.rng));
        let new = NewInbox { site, uuid, identifier, settings, secrets: secrets.clone() };
        let inbox = self.store.create_inbox(&new, self.now()).await??;
        Ok(CreatedInbox { inbox, secrets })
    }

    /// The inboxes that an agent sees.
    pub async fn channel_inboxes(
        &self,
        caller: &SignedInAgent,
    ) -> Result<Vec<ChannelInbox>, ChannelError> {
        Ok(self.store.channel_inboxes(caller.site, caller.access).await?)
    }

    /// One inbox. `NotFound` for an agent without access.
    pub async fn channel_inbox(
        &self,
        caller: &SignedInAgent,
        inbox: InboxId,
    ) -> Result<ChannelInbox, ChannelError> {
        let inbox_result = self.store.channel_inbox(caller.site, caller.access, inbox).await?;
        Ok(inbox_result.map_err(|rejection| {
            if rejection == Rejection::Forbidden { Rejection::NotFound("inbox") } else { rejection }
        })?)
    }

    /// Changes an inbox, computed from the stored settings.
    pub async fn update_inbox(
        &self,
        site: SiteId,
        inbox: InboxId,
        change: impl FnOnce(&InboxSettings) -> InboxSettings + Clone + Send + 'static,
    ) -> Result<ChannelInbox, ChannelError> {
        let present =
            self.store.channel_inbox(site, ConversationAccess::Site, inbox).await??.settings;
        let wanted = change.clone()(&present).validate()?;
        if wanted.callback_url != present.callback_url {
            self.check_callback(wanted.callback_url.as_deref(), "webhook_url").await?;
        }
        let change = move |settings: &InboxSettings| change(settings).validate();
        Ok(self.store.update_inbox(site, inbox, Box::new(change), self.now()).await??)
    }

    /// Deletes an inbox with its conversations.
    pub async fn delete_inbox(&self, site: SiteId, inbox: InboxId) -> Result<(), ChannelError> {
        if self.store.delete_inbox(site, inbox, self.now()).await? {
            Ok(())
        } else {
            Err(ChannelError::not_found("inbox"))
        }
    }

    /// The members of an inbox that the caller sees.
    pub async fn inbox_members(
        &self,
        caller: &SignedInAgent,
        inbox: InboxId,
    ) -> Result<Vec<Agent>, ChannelError> {
        self.channel_inbox(caller, inbox).await?;
        Ok(self.store.inbox_members(caller.site, inbox).await??)
    }

    /// Changes the members of an inbox and returns them.
    pub async fn change_inbox_members(
        &self,
        site: SiteId,
        inbox: InboxId,
        change: &MembersChange,
    ) -> Result<Vec<Agent>, ChannelError> {
        Ok(self.store.change_inbox_members(site, inbox, change).await??)
    }

    /// Rejects a URL that must not be called. A host name that cannot be resolved now is accepted,
    /// as existing clients expect.
    pub(super) async fn check_callback(
        &self,
        url: Option<&str>,
        field: &str,
    ) -> Result<(), ChannelError> {
        let Some(url) = url else { return Ok(()) };
        let invalid = |invalid: ValidationError| ValidationError::new(field, invalid.reason);
        let url = EndpointUrl::parse(url).map_err(invalid)?;
        Ok(self.http_client.check_lenient(&url).await.map_err(invalid)?)
    }
}
