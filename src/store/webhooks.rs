//! Where sites hear of what happens, and what is still to be sent to them.
//!
//! What happens is written down in the transaction of the act itself, so that it is sent at least once, whatever becomes of this process.
//! Deliveries about one contact leave an endpoint's queue one after the other; all others are independent of each other.

use super::Result;
use crate::domain::{
    Delivery, DeliveryOutcome, DeliveryState, DueDelivery, Endpoint, EndpointAuth, EndpointChange, EndpointId, SigningSecret, SiteId, Timestamp,
};
use async_trait::async_trait;

/// Endpoints that a site may have.
pub const ENDPOINTS: u32 = 10;
/// Endpoints of a site with those that were deleted and are not swept yet: what is due is looked for at each of them.
pub const STORED_ENDPOINTS: u32 = 50;
/// Deliveries that may wait at one endpoint; of more, the oldest of the contact with the most is given up. With ten endpoints a site has a hundred thousand at most.
pub const WAITING: u32 = 10_000;
/// Those of one contact among them; of more, its oldest is given up. What is about the same message takes the place of what waits already.
pub const WAITING_OF_CONTACT: u32 = 100;

/// How much may be taken at once.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// In all.
    pub total: usize,
    /// Under way at one endpoint.
    pub endpoint: usize,
    /// Under way for one site.
    pub site: usize,
    /// The endpoint that was served last: those after it come first now.
    pub after: i64,
}

/// What is to be sent now, and when there is more.
#[derive(Debug, Default)]
pub struct Due {
    /// To be sent now.
    pub deliveries: Vec<DueDelivery>,
    /// When the next one of those becomes due that are not due yet.
    pub next: Option<Timestamp>,
}

/// The part of the seam that keeps webhooks.
#[async_trait]
pub trait WebhookStore: Send + Sync {
    /// Adds an endpoint. `false` when the site has [`ENDPOINTS`] of them, or [`STORED_ENDPOINTS`] before a sweep, or is none.
    async fn add_webhook(&self, endpoint: &Endpoint, auth: &EndpointAuth) -> Result<bool>;
    /// The endpoints of a site, oldest first.
    async fn webhooks(&self, site: SiteId) -> Result<Vec<Endpoint>>;
    /// One endpoint.
    async fn webhook(&self, site: SiteId, endpoint: EndpointId) -> Result<Option<Endpoint>>;
    /// Changes an endpoint and gives it as it is now. To enable it forgives what failed before.
    async fn update_webhook(&self, site: SiteId, endpoint: EndpointId, change: &EndpointChange) -> Result<Option<Endpoint>>;
    /// Deletes an endpoint with all of its deliveries.
    async fn delete_webhook(&self, site: SiteId, endpoint: EndpointId) -> Result<bool>;
    /// Gives a signed endpoint a new secret; the present one signs until then, too. `false` when there is no such endpoint, or it is not signed.
    async fn rotate_webhook_secret(&self, site: SiteId, endpoint: EndpointId, secret: &SigningSecret, former_until: Timestamp) -> Result<bool>;
    /// Queues a test for an endpoint. `None` when there is none, or nothing is sent to it.
    async fn test_webhook(&self, site: SiteId, endpoint: EndpointId, now: Timestamp) -> Result<Option<Delivery>>;

    /// The deliveries of an endpoint with a number below `before`, newest first. `None` when there is no such endpoint.
    async fn deliveries(
        &self,
        site: SiteId,
        endpoint: EndpointId,
        state: Option<DeliveryState>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Option<Vec<Delivery>>>;
    /// One delivery.
    async fn delivery(&self, site: SiteId, endpoint: EndpointId, number: i64) -> Result<Option<Delivery>>;
    /// Sends a delivery once more, as if it had not been tried. One that is pending stays as it is.
    async fn replay_delivery(&self, site: SiteId, endpoint: EndpointId, number: i64, now: Timestamp) -> Result<Option<Delivery>>;
    /// Sends what was given up and happened since then once more, the oldest first, as far as there is room. Gives how many.
    async fn replay_dead(&self, site: SiteId, endpoint: EndpointId, since: Timestamp, now: Timestamp) -> Result<Option<u64>>;

    /// What is to be sent now, except for what is under way (endpoint and number of each).
    async fn due_deliveries(&self, now: Timestamp, under_way: &[(i64, i64)], room: Room) -> Result<Due>;
    /// Keeps what came of attempts. What is no longer pending is passed over.
    async fn finish_deliveries(&self, outcomes: &[DeliveryOutcome]) -> Result<()>;
    /// Gives up what waited too long, and forgets what was over long ago. Gives how many rows that concerned.
    async fn sweep_deliveries(&self, now: Timestamp) -> Result<u64>;
    /// Waits until this process has queued something since the last call.
    async fn delivery_queued(&self);
}
