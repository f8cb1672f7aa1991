//! For whom a command is done: whether anybody still waits for it, and which act goes on record with it.
//!
//! Both belong to a request, and a request runs through many functions that have no business with either, so they travel with its task.
//! Must not know of HTTP, or of what a command does. The surfaces and the use cases set them; the writer asks.

use crate::domain::{Actor, AuditEntry};
use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

tokio::task_local! {
    static CALL: Call;
    static ACT: Option<Act>;
}

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const GONE: u8 = 2;

/// One request. What its caller asked for is begun or not, once and for all: whoever leaves before learns that nothing was done, and
/// nothing is; after that it is carried through.
#[derive(Debug, Clone, Default)]
pub struct Call(Arc<AtomicU8>);

impl Call {
    /// The call that the current task works for.
    pub fn current() -> Option<Self> {
        CALL.try_with(Self::clone).ok()
    }

    /// Runs `work` for this call.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        CALL.scope(self.clone(), work).await
    }

    /// Runs `work`, which is written for its own sake and not as what the caller asked for: the use of a key, a browser's session.
    pub async fn apart<F: Future>(work: F) -> F::Output {
        Self::default().scope(work).await
    }

    /// The caller has gone. Whether nothing had begun, so that nothing will.
    pub fn leave(&self) -> bool {
        self.0.compare_exchange(WAITING, GONE, Ordering::AcqRel, Ordering::Acquire) != Err(BEGUN)
    }

    /// Begins, unless the caller has gone.
    pub(super) fn begin(&self) -> bool {
        match self.0.compare_exchange(WAITING, BEGUN, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(state) => state == BEGUN,
        }
    }

    /// Leaves when the guard is dropped.
    pub fn leave_on_drop(&self) -> LeaveOnDrop {
        LeaveOnDrop(Some(self.clone()))
    }
}

/// Held by whoever waits for a call's answer.
#[derive(Debug)]
pub struct LeaveOnDrop(Option<Call>);

impl LeaveOnDrop {
    /// The answer is there.
    pub fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for LeaveOnDrop {
    fn drop(&mut self) {
        if let Some(call) = &self.0 {
            call.leave();
        }
    }
}

/// An act that goes on record: with the first command of its scope that changes something, in the same transaction.
#[derive(Debug, Clone)]
pub struct Act(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    entry: AuditEntry,
    /// Written in a transaction whose end is not known yet.
    written: bool,
    recorded: bool,
}

impl Act {
    /// An act about to be done. Where its entry names no subject, it is what the command says it made; an account that is made by the act is
    /// its actor.
    pub fn new(entry: AuditEntry) -> Self {
        Self(Arc::new(Mutex::new(Inner { entry, written: false, recorded: false })))
    }

    /// Runs `work`, which does the act.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        ACT.scope(Some(self.clone()), work).await
    }

    /// Runs `work`, which is done for an act beforehand and is not what goes on record.
    pub async fn apart<F: Future>(work: F) -> F::Output {
        ACT.scope(None, work).await
    }

    /// Whether it is on record.
    pub fn is_recorded(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).recorded
    }

    /// The act that the current task is doing, unless it is on record.
    pub(super) fn current() -> Option<Self> {
        ACT.try_with(Option::clone).ok().flatten().filter(|act| !act.is_recorded())
    }

    /// What the command that does it puts on record.
    pub(super) fn write(&self, made: Option<String>, actor: Option<Actor>) -> AuditEntry {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.written = true;
        let mut entry = inner.entry.clone();
        if entry.subject.is_empty() {
            entry.subject = made.unwrap_or_default();
        }
        AuditEntry { actor: actor.unwrap_or(entry.actor), ..entry }
    }

    /// The transaction of a command has ended.
    pub(super) fn settle(&self, committed: bool) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.recorded |= inner.written && committed;
        inner.written = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_before_it_began_never_begins() {
        let call = Call::default();
        assert!(call.leave() && call.leave() && !call.begin());
        let call = Call::default();
        assert!(call.begin() && call.begin() && !call.leave() && call.begin());
        let call = Call::default();
        drop(call.leave_on_drop());
        assert!(!call.begin());
        let call = Call::default();
        call.leave_on_drop().answered();
        assert!(call.begin());
    }
}
