//! Webhook endpoints and the outbox of their deliveries.
//!
//! A delivery is written in the transaction of the change itself, so it is sent at least once even
//! if the process crashes. Deliveries about one contact leave an endpoint's queue in order; all
//! others are independent.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{
    Delivery, DeliveryOutcome, DeliveryState, DueDelivery, Endpoint, EndpointAuth, EndpointChange,
    EndpointId, SigningSecret, SiteId, Timestamp,
};

/// Endpoints of a site.
pub const MAX_ENDPOINTS: u32 = 10;
/// Endpoints of a site including deleted ones that are not swept yet: the query for due deliveries
/// visits each of them.
pub const MAX_STORED_ENDPOINTS: u32 = 50;
/// Pending deliveries of one endpoint; beyond it the oldest one of the contact with the most is
/// given up. With ten endpoints a site has at most a hundred thousand.
pub const MAX_PENDING_DELIVERIES: u32 = 10_000;
/// Pending deliveries of one contact at one endpoint; beyond it its oldest is given up. A newer
/// event about the same message replaces a pending one.
pub const MAX_PENDING_DELIVERIES_OF_CONTACT: u32 = 100;

/// How many deliveries may be in flight.
#[derive(Debug, Clone, Copy)]
pub struct Concurrency {
    /// In total.
    pub total: usize,
    /// At one endpoint.
    pub endpoint: usize,
    /// For one site.
    pub site: usize,
    /// Id of the endpoint that was served last: the next ones come first now.
    pub after: i64,
}

/// Deliveries to send now, and when the next one is due.
#[derive(Debug, Default)]
pub struct DueBatch {
    /// To be sent now.
    pub deliveries: Vec<DueDelivery>,
    /// When the next delivery becomes due.
    pub next: Option<Timestamp>,
}

/// Stores webhook endpoints and their deliveries.
#[async_trait]
pub trait WebhookStore: Send + Sync {
    /// Adds an endpoint. `false` when the site has [`MAX_ENDPOINTS`] of them, or
    /// [`MAX_STORED_ENDPOINTS`] before a sweep, or does not exist.
    async fn add_webhook(&self, endpoint: &Endpoint, auth: &EndpointAuth) -> Result<bool>;
    /// The endpoints of a site, oldest first.
    async fn webhooks(&self, site: SiteId) -> Result<Vec<Endpoint>>;
    /// One endpoint.
    async fn webhook(&self, site: SiteId, endpoint: EndpointId) -> Result<Option<Endpoint>>;
    /// Changes an endpoint and returns it. Enabling it resets its failures.
    async fn update_webhook(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        change: &EndpointChange,
    ) -> Result<Option<Endpoint>>;
    /// Deletes an endpoint with all its deliveries.
    async fn delete_webhook(&self, site: SiteId, endpoint: EndpointId) -> Result<bool>;
    /// Sets a new signing secret; the former one also signs until `former_until`. `false` when the
    /// endpoint does not exist or is not signed.
    async fn rotate_webhook_secret(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        secret: &SigningSecret,
        former_until: Timestamp,
    ) -> Result<bool>;
    /// Queues a test delivery. `None` when the endpoint does not exist or is disabled.
    async fn test_webhook(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        now: Timestamp,
    ) -> Result<Option<Delivery>>;

    /// The deliveries of an endpoint with a number below `before`, newest first. `None` when the
    /// endpoint does not exist.
    async fn deliveries(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<Delivery>>>;
    /// One delivery.
    async fn delivery(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        number: i64,
    ) -> Result<Option<Delivery>>;
    /// Queues a delivery again with its attempts reset. A pending one is unchanged.
    async fn replay_delivery(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        number: i64,
        now: Timestamp,
    ) -> Result<Option<Delivery>>;
    /// Queues the deliveries again that were given up and whose event is not older than `since`,
    /// oldest first, within the queue limits. Returns how many.
    async fn replay_failed(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>>;

    /// The deliveries that are due, except those in flight (`under_way`: endpoint and number of
    /// each).
    async fn due_deliveries(
        &self,
        now: Timestamp,
        under_way: &[(i64, i64)],
        room: Concurrency,
    ) -> Result<DueBatch>;
    /// Stores the outcomes of attempts. Deliveries that are no longer pending are skipped.
    async fn finish_deliveries(&self, outcomes: &[DeliveryOutcome]) -> Result<()>;
    /// Gives up deliveries that waited too long and deletes old finished ones. Returns the number
    /// of affected rows.
    async fn sweep_deliveries(&self, now: Timestamp) -> Result<u64>;
    /// Waits until this process has queued a delivery since the last call.
    async fn wait_for_delivery(&self);
}
