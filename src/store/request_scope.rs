//! State that travels with a request's task to the writer: cancellation by the caller, and the
//! audit entry to write.
//!
//! A request runs through many functions that need neither, so both are task-locals. Must not
//! depend on HTTP or on what a command does. Set by the HTTP surfaces and the use cases, read by
//! the writer.

use belfry_domain::{Actor, AuditEntry};
use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

tokio::task_local! {
    static CALL: RequestCancellation;
    static ACT: Option<AuditScope>;
}

const PENDING: u8 = 0;
const STARTED: u8 = 1;
const CANCELLED: u8 = 2;

/// Cancellation of one request, decided once: if the caller leaves before the first write started,
/// nothing is written; afterwards the request runs to its end.
#[derive(Debug, Clone, Default)]
pub struct RequestCancellation(Arc<AtomicU8>);

impl RequestCancellation {
    /// The request of the current task.
    pub fn current() -> Option<Self> {
        CALL.try_with(Self::clone).ok()
    }

    /// Runs `work` as part of this request.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        CALL.scope(self.clone(), work).await
    }

    /// Runs `work` whose writes are not what the caller requested (the use of a key, a browser's
    /// session), so they neither start nor cancel with the request.
    pub async fn unscoped<F: Future>(work: F) -> F::Output {
        Self::default().scope(work).await
    }

    /// The caller has left. `true` when nothing had started, so that nothing will be written.
    pub fn cancel(&self) -> bool {
        self.0.compare_exchange(PENDING, CANCELLED, Ordering::AcqRel, Ordering::Acquire)
            != Err(STARTED)
    }

    /// `false` when the caller has left.
    pub(super) fn start(&self) -> bool {
        match self.0.compare_exchange(PENDING, STARTED, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(state) => state == STARTED,
        }
    }

    /// Cancels when the guard is dropped.
    pub fn cancel_on_drop(&self) -> CancelOnDrop {
        CancelOnDrop(Some(self.clone()))
    }
}

/// Held while a request's response is awaited.
#[derive(Debug)]
pub struct CancelOnDrop(Option<RequestCancellation>);

impl CancelOnDrop {
    /// The response is ready; dropping the guard no longer cancels.
    pub fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(call) = &self.0 {
            call.cancel();
        }
    }
}

/// An audit entry that is written by the first command of its scope that changes something, in the
/// same transaction.
#[derive(Debug, Clone)]
pub struct AuditScope(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    entry: AuditEntry,
    /// Written in a transaction that has not ended yet.
    is_written: bool,
    is_recorded: bool,
}

impl AuditScope {
    /// If the entry names no subject, it is what the command created. If the command creates an
    /// account, that account is the actor.
    pub fn new(entry: AuditEntry) -> Self {
        Self(Arc::new(Mutex::new(Inner { entry, is_written: false, is_recorded: false })))
    }

    /// Runs `work`, whose first change writes the entry.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        ACT.scope(Some(self.clone()), work).await
    }

    /// Runs `work` that only prepares the action and must not write the entry.
    pub async fn unscoped<F: Future>(work: F) -> F::Output {
        ACT.scope(None, work).await
    }

    /// Whether the entry was committed.
    pub fn is_recorded(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_recorded
    }

    /// The scope of the current task, unless its entry was written.
    pub(super) fn current() -> Option<Self> {
        ACT.try_with(Option::clone).ok().flatten().filter(|act| !act.is_recorded())
    }

    /// The entry to write with the command.
    pub(super) fn write(&self, created_id: Option<String>, actor: Option<Actor>) -> AuditEntry {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.is_written = true;
        let mut entry = inner.entry.clone();
        if entry.subject.is_empty() {
            entry.subject = created_id.unwrap_or_default();
        }
        AuditEntry { actor: actor.unwrap_or(entry.actor), ..entry }
    }

    /// The command's transaction has ended.
    pub(super) fn end_transaction(&self, committed: bool) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.is_recorded |= inner.is_written && committed;
        inner.is_written = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_cancelled_before_start_never_starts() {
        let call = RequestCancellation::default();
        assert!(call.cancel() && call.cancel() && !call.start());
        let call = RequestCancellation::default();
        assert!(call.start() && call.start() && !call.cancel() && call.start());
        let call = RequestCancellation::default();
        drop(call.cancel_on_drop());
        assert!(!call.start());
        let call = RequestCancellation::default();
        call.cancel_on_drop().disarm();
        assert!(call.start());
    }
}
