//! Detached requests: once a request has started to write, it runs to its end even if its caller
//! disconnects.
//!
//! Used for requests with more than one write: a change and the record of its response, a form that
//! changes two objects. A single command of the store does not need it, since the writer does not
//! stop halfway.

use super::App;
use belfry_runtime::fair_scheduler;
use belfry_store::RequestCancellation;
use std::{future::Future, time::Duration};
use tokio_util::task::TaskTracker;

/// Wait between two attempts.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// The running detached tasks.
#[derive(Debug, Clone, Default)]
pub(super) struct DetachedTasks(TaskTracker);

impl App {
    /// Runs a request in a task of its own. If the caller leaves before anything was written, the
    /// request is cancelled; later it continues. `None` when it panicked.
    pub async fn run_detached<F>(&self, request: F) -> Option<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let call = RequestCancellation::current().unwrap_or_default();
        let caller = call.cancel_on_drop();
        let output = self
            .detached_tasks
            .0
            .spawn(fair_scheduler::inherit_site(async move { call.scope(request).await }))
            .await
            .ok();
        caller.disarm();
        output
    }

    /// Waits for all detached requests; called at shutdown, when no new requests arrive.
    pub async fn wait_for_detached(&self) {
        self.detached_tasks.0.close();
        self.detached_tasks.0.wait().await;
    }

    /// Retries in the background until it succeeds or the process ends.
    pub(super) fn retry_in_background<F, T, E>(
        &self,
        what: &'static str,
        attempt: impl Fn(Self) -> F + Send + 'static,
    ) where
        F: Future<Output = Result<T, E>> + Send,
        E: std::fmt::Display,
    {
        let inbox = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(RETRY_EVERY).await;
                match attempt(inbox.clone()).await {
                    Ok(_) => return tracing::info!(what, "background retry succeeded"),
                    Err(error) => {
                        tracing::debug!(%error, what, "background retry failed; retrying");
                    }
                }
            }
        });
    }
}
