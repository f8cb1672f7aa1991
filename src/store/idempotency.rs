//! Idempotency keys: stored responses to requests, and publications of messages, that may be
//! repeated. Both kinds are stored for two days; their keys are separate.

use super::{PublishOutcome, Result};
use async_trait::async_trait;
use belfry_domain::{
    IdempotencyReservation, IdempotentRequest, ServerRun, SiteId, StoredResponse, Timestamp,
};

/// Total bytes of the responses stored for a site's idempotency keys.
pub const MAX_IDEMPOTENCY_BYTES: u32 = 64 * 1_024 * 1_024;

/// Stores the outcome of requests with a key. Of concurrent requests with one key, exactly one gets
/// the reservation. The key of a message is reserved by [`Store::publish`](super::Store::publish),
/// in one transaction with the message.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Reserves the key for this request, or returns the state of an earlier one. With `retry`, a
    /// request that a process left unfinished is started again instead of being reported as
    /// interrupted. A process that is alive on the same database has left nothing.
    async fn begin(
        &self,
        site: SiteId,
        request: &IdempotentRequest,
        run: ServerRun,
        retry: bool,
        now: Timestamp,
    ) -> Result<IdempotencyReservation>;
    /// Stores the response to a request that this process reserved; without one, releases the key.
    async fn finish(
        &self,
        site: SiteId,
        request: &IdempotentRequest,
        run: ServerRun,
        response: Option<&StoredResponse>,
    ) -> Result<()>;
    /// Outcome of an earlier publish with this key; `None` when there was none.
    async fn earlier_publish(
        &self,
        site: SiteId,
        request: &IdempotentRequest,
    ) -> Result<Option<PublishOutcome>>;
}
