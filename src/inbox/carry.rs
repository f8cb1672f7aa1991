//! Requests that are carried through: once something of one has begun, it is done to its end, whether or not its caller waits for it.
//!
//! Used where a request is more than one write: an act with its answer's record, a form that changes two things. What is one command of
//! the store needs none of it, since the writer does not stop halfway.

use super::Inbox;
use crate::{store::Call, turns};
use std::{future::Future, time::Duration};
use tokio_util::task::TaskTracker;

/// Between two attempts at what must be kept.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// What is being carried through.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried(TaskTracker);

impl Inbox {
    /// Runs a request in a task of its own. A caller that goes away before anything began takes its request along; later it does not.
    /// `None` when it panicked.
    pub async fn carry<F>(&self, request: F) -> Option<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let call = Call::current().unwrap_or_default();
        let caller = call.leave_on_drop();
        let output = self.carried.0.spawn(turns::same(async move { call.scope(request).await })).await.ok();
        caller.answered();
        output
    }

    /// Waits for all that is being carried through; called when no new requests come.
    pub async fn carried_through(&self) {
        self.carried.0.close();
        self.carried.0.wait().await;
    }

    /// Tries something again and again in the background while the process lives.
    pub(super) fn keep_trying<F, T, E>(&self, what: &'static str, attempt: impl Fn(Self) -> F + Send + 'static)
    where
        F: Future<Output = Result<T, E>> + Send,
        E: std::fmt::Display,
    {
        let inbox = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(RETRY_EVERY).await;
                match attempt(inbox.clone()).await {
                    Ok(_) => return tracing::info!(what, "kept after all"),
                    Err(error) => tracing::debug!(%error, what, "still not kept; trying again"),
                }
            }
        });
    }
}
