//! Idempotency keys: of several requests with one key, the first is processed and the others get
//! its response. Must not depend on what the requests do.
//!
//! A reservation of this process is in [`RequestsInProgress`] while its request is being processed
//! or its response is still to be stored. A stored reservation of this process that is not in it was
//! left by a failed request and does not block a new one. Those of other processes on the same
//! database block as long as their process is alive.

use super::{App, AppError};
use belfry_domain::{
    Digest, IdempotencyReservation, IdempotentRequest, ServerRun, SiteId, StoredResponse,
};
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
        request: &IdempotentRequest,
        run: ServerRun,
    ) -> Result<ReservationGuard, IdempotencyReservation> {
        let key = (site, request.key.clone());
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()) {
            Entry::Occupied(other) if *other.get() == request.fingerprint => {
                Err(IdempotencyReservation::InProgress)
            }
            Entry::Occupied(_) => Err(IdempotencyReservation::KeyReused),
            Entry::Vacant(free) => {
                free.insert(request.fingerprint);
                Ok(ReservationGuard {
                    in_progress: self.clone(),
                    key,
                    request: request.clone(),
                    run,
                })
            }
        }
    }
}

/// The right to process a request; others with its key get "under way".
#[derive(Debug)]
pub struct ReservationGuard {
    in_progress: RequestsInProgress,
    key: Key,
    request: IdempotentRequest,
    run: ServerRun,
}

impl Drop for ReservationGuard {
    fn drop(&mut self) {
        self.in_progress.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl App {
    /// Reserves the key of a request, or returns the state of an earlier one. `retry`: an
    /// unfinished request may be repeated safely. Call it in the task that also finishes the
    /// request.
    pub async fn reserve_idempotency_key(
        &self,
        site: SiteId,
        request: &IdempotentRequest,
        run: ServerRun,
        retry: bool,
    ) -> Result<Result<ReservationGuard, IdempotencyReservation>, AppError> {
        let reserved = match self.requests_in_progress.begin(site, request, run) {
            Ok(reserved) => reserved,
            Err(begun) => return Ok(Err(begun)),
        };
        let mut begun = self.store.begin(site, request, run, retry, self.now()).await?;
        if begun == IdempotencyReservation::InProgress {
            // Reserved by this process and not being processed: its progress is unknown, as after a
            // restart.
            begun = if retry {
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
    pub async fn store_response(&self, reserved: ReservationGuard, answer: Option<StoredResponse>) {
        if let Err(error) = self
            .store
            .finish(reserved.key.0, &reserved.request, reserved.run, answer.as_ref())
            .await
        {
            tracing::error!(%error, "failed to store the response for an idempotency key; retrying");
            let pending = Arc::new((reserved, answer));
            self.retry_in_background("the answer to a request", move |inbox| {
                let pending = Arc::clone(&pending);
                async move {
                    let (reserved, answer) = &*pending;
                    inbox
                        .store
                        .finish(reserved.key.0, &reserved.request, reserved.run, answer.as_ref())
                        .await
                }
            });
        }
    }
}
