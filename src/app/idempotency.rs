//! Idempotency keys: of several requests with one key, the first is processed and the others get
//! its response. Must not depend on what the requests do.
//!
//! A reservation of this process is in [`RequestsInProgress`] while its request is being processed
//! or its response is still to be stored. A stored reservation that is not in it was left by a
//! failed request and does not block a new one.

use super::{App, AppError};
use crate::domain::{Digest, IdempotencyReservation, IdempotentRequest, SiteId, StoredResponse};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

type Key = (SiteId, String);

/// Requests being processed, with the fingerprint of their content.
#[derive(Debug, Clone, Default)]
pub(super) struct RequestsInProgress(Arc<Mutex<HashMap<Key, Digest>>>);

impl RequestsInProgress {
    /// Fails when a request with this key is being processed.
    fn begin(
        &self,
        site: SiteId,
        attempt: &IdempotentRequest,
    ) -> Result<ReservationGuard, IdempotencyReservation> {
        let key = (site, attempt.key.clone());
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()) {
            Entry::Occupied(other) if *other.get() == attempt.fingerprint => {
                Err(IdempotencyReservation::UnderWay)
            }
            Entry::Occupied(_) => Err(IdempotencyReservation::KeyReused),
            Entry::Vacant(free) => {
                free.insert(attempt.fingerprint);
                Ok(ReservationGuard { live: self.clone(), key, attempt: attempt.clone() })
            }
        }
    }
}

/// The right to process a request; others with its key get "under way".
#[derive(Debug)]
pub struct ReservationGuard {
    live: RequestsInProgress,
    key: Key,
    attempt: IdempotentRequest,
}

impl Drop for ReservationGuard {
    fn drop(&mut self) {
        self.live.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl App {
    /// Reserves the key of a request, or returns the state of an earlier one. `again`: an
    /// unfinished request may be repeated safely. Call it in the task that also finishes the
    /// request.
    pub async fn begin_attempt(
        &self,
        site: SiteId,
        attempt: &IdempotentRequest,
        again: bool,
    ) -> Result<Result<ReservationGuard, IdempotencyReservation>, AppError> {
        let reserved = match self.live.begin(site, attempt) {
            Ok(reserved) => reserved,
            Err(begun) => return Ok(Err(begun)),
        };
        let mut begun = self.store.begin(site, attempt, again, self.now()).await?;
        if begun == IdempotencyReservation::UnderWay {
            // Reserved by this process and not being processed: its progress is unknown, as after a
            // restart.
            begun = if again {
                IdempotencyReservation::New
            } else {
                IdempotencyReservation::Interrupted
            };
        }
        Ok(if begun == IdempotencyReservation::New { Ok(reserved) } else { Err(begun) })
    }

    /// Stores the response of a request; without one, the key is released. If it cannot be stored
    /// now, it is retried in the background, and repetitions get "under way" until then: the caller
    /// already has its response.
    pub async fn finish_attempt(&self, reserved: ReservationGuard, answer: Option<StoredResponse>) {
        if let Err(error) =
            self.store.finish(reserved.key.0, &reserved.attempt, answer.as_ref()).await
        {
            tracing::error!(%error, "failed to store the response for an idempotency key; retrying");
            let pending = Arc::new((reserved, answer));
            self.keep_trying("the answer to a request", move |inbox| {
                let pending = Arc::clone(&pending);
                async move {
                    inbox
                        .store
                        .finish(pending.0.key.0, &pending.0.attempt, pending.1.as_ref())
                        .await
                }
            });
        }
    }
}
