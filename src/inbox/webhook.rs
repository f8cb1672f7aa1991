//! Where a site wants to hear of what happens: registered, changed, tried, and looked through.
//!
//! Must not know how anything is sent; whether an address may be called is asked of [`crate::domain::Outbound`].

use super::{Inbox, InboxError, draft::suits};
use crate::{
    domain::{
        Delivery, DeliveryState, Endpoint, EndpointAuth, EndpointChange, EndpointId, EndpointKind, EndpointUrl, EventType, SigningSecret, SiteId,
        Timestamp,
    },
    store::ENDPOINTS,
};
use std::time::Duration;

/// For so long after a change the former secret signs, too.
pub const SECRET_OVERLAP: Duration = Duration::from_hours(24);

/// An endpoint that is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDraft {
    /// What it is sent.
    pub kind: EndpointKind,
    /// Where it is.
    pub url: EndpointUrl,
    /// The owner's own words for it.
    pub description: String,
    /// Of what it hears.
    pub events: Vec<EventType>,
    /// Whether anything is sent to it.
    pub enabled: bool,
    /// How a message webhook knows that it was us.
    pub auth: Option<EndpointAuth>,
}

impl Inbox {
    /// Adds an endpoint. The secret that signs what a standard one is sent is given here, and never again.
    pub async fn create_webhook(&self, site: SiteId, draft: WebhookDraft) -> Result<(Endpoint, Option<SigningSecret>), InboxError> {
        self.site(site).await?;
        self.outbound.check(&draft.url).await?;
        let (auth, secret) = match draft.kind {
            EndpointKind::Standard => {
                let secret = SigningSecret::generate(&*self.entropy);
                (EndpointAuth::Signed { secret: secret.clone(), former: None }, Some(secret))
            }
            EndpointKind::Message | EndpointKind::Callback | EndpointKind::Account => (draft.auth.unwrap_or(EndpointAuth::None), None),
        };
        let username = if let EndpointAuth::Basic { username, .. } = &auth { Some(username.clone()) } else { None };
        let endpoint = Endpoint {
            site,
            id: EndpointId::generate(&*self.clock, &*self.entropy),
            kind: draft.kind,
            url: draft.url.as_str().to_owned(),
            description: draft.description,
            events: draft.events,
            enabled: draft.enabled,
            reason: None,
            username,
            created_at: self.now(),
            failing_since: None,
            pending: 0,
        };
        if self.store.add_webhook(&endpoint, &auth).await? {
            Ok((endpoint, secret))
        } else {
            const _: () = assert!(ENDPOINTS == 10, "the sentence below names it");
            let is_full = self.store.webhooks(endpoint.site).await?.len() >= ENDPOINTS as usize;
            Err(InboxError::Conflict(if is_full {
                "a site has at most 10 webhooks; delete one first"
            } else {
                "many webhooks of this site were deleted a moment ago; try again in a minute"
            }))
        }
    }

    /// The endpoints of a site, oldest first.
    pub async fn webhooks(&self, site: SiteId) -> Result<Vec<Endpoint>, InboxError> {
        Ok(self.store.webhooks(site).await?)
    }

    /// One endpoint.
    pub async fn webhook(&self, site: SiteId, id: EndpointId) -> Result<Endpoint, InboxError> {
        self.store.webhook(site, id).await?.ok_or(InboxError::NotFound)
    }

    /// Changes an endpoint. A password was given for one receiver: at an address of another origin it is dropped, unless it is given anew.
    pub async fn update_webhook(&self, site: SiteId, id: EndpointId, change: &EndpointChange) -> Result<Endpoint, InboxError> {
        let endpoint = self.webhook(site, id).await?;
        suits(endpoint.kind, change.events.as_deref(), change.auth.as_ref())?;
        if let Some(url) = &change.url {
            self.outbound.check(url).await?;
        }
        self.store.update_webhook(site, id, change).await?.ok_or(InboxError::NotFound)
    }

    /// Deletes an endpoint with all that is still to be sent to it.
    pub async fn delete_webhook(&self, site: SiteId, id: EndpointId) -> Result<(), InboxError> {
        if self.store.delete_webhook(site, id).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }

    /// Gives a standard endpoint a new secret, which is given here and never again, and the moment until which the former one signs, too.
    pub async fn rotate_webhook_secret(&self, site: SiteId, id: EndpointId) -> Result<(SigningSecret, Timestamp), InboxError> {
        if self.webhook(site, id).await?.kind == EndpointKind::Message {
            return Err(InboxError::Conflict("a message webhook is not signed; change its auth instead"));
        }
        let (secret, until) = (SigningSecret::generate(&*self.entropy), self.now().plus(SECRET_OVERLAP));
        if self.store.rotate_webhook_secret(site, id, &secret, until).await? { Ok((secret, until)) } else { Err(InboxError::NotFound) }
    }

    /// Sends an endpoint something to see whether it works.
    pub async fn test_webhook(&self, site: SiteId, id: EndpointId) -> Result<Delivery, InboxError> {
        if !self.webhook(site, id).await?.enabled {
            return Err(InboxError::Conflict("the webhook is disabled; enable it first"));
        }
        self.store.test_webhook(site, id, self.now()).await?.ok_or(InboxError::NotFound)
    }

    /// The deliveries of an endpoint with a number below `before`, newest first.
    pub async fn deliveries(
        &self,
        site: SiteId,
        id: EndpointId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Delivery>, InboxError> {
        self.store.deliveries(site, id, state, before, limit).await?.ok_or(InboxError::NotFound)
    }

    /// One delivery.
    pub async fn delivery(&self, site: SiteId, id: EndpointId, number: i64) -> Result<Delivery, InboxError> {
        self.store.delivery(site, id, number).await?.ok_or(InboxError::NotFound)
    }

    /// Sends a delivery once more, with the same id.
    pub async fn replay_delivery(&self, site: SiteId, id: EndpointId, number: i64) -> Result<Delivery, InboxError> {
        self.store.replay_delivery(site, id, number, self.now()).await?.ok_or(InboxError::NotFound)
    }

    /// Sends what was given up since then once more; gives how many.
    pub async fn replay_webhook(&self, site: SiteId, id: EndpointId, since: Timestamp) -> Result<u64, InboxError> {
        self.store.replay_dead(site, id, since, self.now()).await?.ok_or(InboxError::NotFound)
    }
}
