//! Webhook endpoints of a site: registering, changing, testing, and reading deliveries.
//!
//! Must not depend on how a delivery is sent; [`belfry_domain::HttpClient`] decides whether a URL
//! may be called.

use super::{App, AppError, draft::check_kind};
use belfry_domain::{
    Delivery, DeliveryState, Endpoint, EndpointAuth, EndpointChange, EndpointId, EndpointKind,
    EndpointUrl, EventType, SigningSecret, SiteId, Timestamp,
};
use belfry_locales::phrases::errors;
use belfry_store::MAX_ENDPOINTS;
use std::time::Duration;

/// How long the former secret also signs after a rotation.
pub const SECRET_OVERLAP: Duration = Duration::from_hours(24);

/// An endpoint that is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDraft {
    /// What is sent to it.
    pub kind: EndpointKind,
    /// The URL.
    pub url: EndpointUrl,
    /// The owner's description.
    pub description: String,
    /// The event types that it receives.
    pub events: Vec<EventType>,
    /// Whether deliveries are sent.
    pub enabled: bool,
    /// How a message webhook authenticates us.
    pub auth: Option<EndpointAuth>,
}

impl App {
    /// Adds an endpoint. The signing secret of a standard endpoint is returned only here.
    pub async fn create_webhook(
        &self,
        site: SiteId,
        draft: WebhookDraft,
    ) -> Result<(Endpoint, Option<SigningSecret>), AppError> {
        self.site(site).await?;
        self.http_client.check(&draft.url).await?;
        let (auth, secret) = match draft.kind {
            EndpointKind::Standard => {
                let secret = SigningSecret::generate(&*self.rng);
                (EndpointAuth::Signed { secret: secret.clone(), previous: None }, Some(secret))
            }
            EndpointKind::Message | EndpointKind::Callback | EndpointKind::Account => {
                (draft.auth.unwrap_or(EndpointAuth::None), None)
            }
        };
        let username = if let EndpointAuth::Basic { username, .. } = &auth {
            Some(username.clone())
        } else {
            None
        };
        let endpoint = Endpoint {
            site,
            id: EndpointId::generate(&*self.clock, &*self.rng),
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
            const _: () = assert!(MAX_ENDPOINTS == 10, "the sentence below names it");
            let is_full = self.store.webhooks(endpoint.site).await?.len() >= MAX_ENDPOINTS as usize;
            Err(AppError::Conflict(if is_full {
                errors::TOO_MANY_WEBHOOKS
            } else {
                errors::MANY_WEBHOOKS_DELETED
            }))
        }
    }

    /// The endpoints of a site, oldest first.
    pub async fn webhooks(&self, site: SiteId) -> Result<Vec<Endpoint>, AppError> {
        Ok(self.store.webhooks(site).await?)
    }

    /// One endpoint.
    pub async fn webhook(&self, site: SiteId, id: EndpointId) -> Result<Endpoint, AppError> {
        self.store.webhook(site, id).await?.ok_or(AppError::NotFound)
    }

    /// Changes an endpoint. Credentials were given for one receiver: a URL of another origin drops
    /// them, unless new ones are given.
    pub async fn update_webhook(
        &self,
        site: SiteId,
        id: EndpointId,
        change: &EndpointChange,
    ) -> Result<Endpoint, AppError> {
        let endpoint = self.webhook(site, id).await?;
        check_kind(endpoint.kind, change.events.as_deref(), change.auth.as_ref())?;
        if let Some(url) = &change.url {
            self.http_client.check(url).await?;
        }
        self.store.update_webhook(site, id, change).await?.ok_or(AppError::NotFound)
    }

    /// Deletes an endpoint with its pending deliveries.
    pub async fn delete_webhook(&self, site: SiteId, id: EndpointId) -> Result<(), AppError> {
        if self.store.delete_webhook(site, id).await? { Ok(()) } else { Err(AppError::NotFound) }
    }

    /// Rotates the signing secret of a standard endpoint. Returns the new secret (only here), and
    /// until when the former one also signs.
    pub async fn rotate_webhook_secret(
        &self,
        site: SiteId,
        id: EndpointId,
    ) -> Result<(SigningSecret, Timestamp), AppError> {
        if self.webhook(site, id).await?.kind == EndpointKind::Message {
            return Err(AppError::Conflict(errors::MESSAGE_WEBHOOK_UNSIGNED));
        }
        let (secret, until) =
            (SigningSecret::generate(&*self.rng), self.now().plus(SECRET_OVERLAP));
        if self.store.rotate_webhook_secret(site, id, &secret, until).await? {
            Ok((secret, until))
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Queues a test delivery.
    pub async fn test_webhook(&self, site: SiteId, id: EndpointId) -> Result<Delivery, AppError> {
        if !self.webhook(site, id).await?.enabled {
            return Err(AppError::Conflict(errors::WEBHOOK_DISABLED));
        }
        self.store.test_webhook(site, id, self.now()).await?.ok_or(AppError::NotFound)
    }

    /// The deliveries of an endpoint with a number below `before`, newest first.
    pub async fn deliveries(
        &self,
        site: SiteId,
        id: EndpointId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Delivery>, AppError> {
        self.store.deliveries(site, id, state, before, limit).await?.ok_or(AppError::NotFound)
    }

    /// One delivery.
    pub async fn delivery(
        &self,
        site: SiteId,
        id: EndpointId,
        number: i64,
    ) -> Result<Delivery, AppError> {
        self.store.delivery(site, id, number).await?.ok_or(AppError::NotFound)
    }

    /// Queues a delivery again, with the same id.
    pub async fn replay_delivery(
        &self,
        site: SiteId,
        id: EndpointId,
        number: i64,
    ) -> Result<Delivery, AppError> {
        self.store.replay_delivery(site, id, number, self.now()).await?.ok_or(AppError::NotFound)
    }

    /// Queues the deliveries given up since then again; returns how many.
    pub async fn replay_webhook(
        &self,
        site: SiteId,
        id: EndpointId,
        since: Timestamp,
    ) -> Result<u64, AppError> {
        self.store.replay_failed(site, id, since, self.now()).await?.ok_or(AppError::NotFound)
    }
}
