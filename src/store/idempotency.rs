//! Idempotency keys: stored responses to requests that may be repeated.

use super::Result;
use crate::domain::{IdempotencyReservation, IdempotentRequest, SiteId, StoredResponse, Timestamp};
use async_trait::async_trait;

/// Stores responses for a day. Of concurrent requests with one key, exactly one gets the
/// reservation.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Reserves the key for this request, or returns the state of an earlier one. With `again`, a
    /// request that an earlier process left unfinished is started again instead of being reported
    /// as interrupted.
    async fn begin(
        &self,
        site: SiteId,
        attempt: &IdempotentRequest,
        again: bool,
        now: Timestamp,
    ) -> Result<IdempotencyReservation>;
    /// Stores the response to a reserved request; without one, releases the key.
    async fn finish(
        &self,
        site: SiteId,
        attempt: &IdempotentRequest,
        answer: Option<&StoredResponse>,
    ) -> Result<()>;
}
