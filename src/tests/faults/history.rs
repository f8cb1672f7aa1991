//! The history of clients' requests and responses, in order. Must not depend on how requests are
//! sent.

use std::{
    sync::{
        Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Far longer than any wait; reaching it fails the test.
pub const WAIT_TIMEOUT: Duration = Duration::from_mins(1);

/// A client's request. Titles, URLs, style sheets and names are each unique to one request, however
/// often it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A message to this reader, or to everyone.
    Publish {
        title: String,
        to: Option<usize>,
    },
    Mark {
        reader: usize,
        mark: ReaderAction,
    },
    Token {
        reader: usize,
    },
    UploadTheme {
        css: String,
    },
    PublishTheme,
    CreateWebhook {
        url: String,
    },
    DeleteWebhook {
        id: String,
    },
    Import {
        contacts: Vec<String>,
    },
}

/// A reader's action on messages, by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderAction {
    Read(String),
    Unread(String),
    Archive(String),
    AllRead,
}

/// The client's knowledge of the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged, with the id or the secret of the created object.
    Done(String),
    /// Rejected: it must have had no effect.
    Rejected(u16),
    /// No response: it may or may not have had an effect.
    Unknown,
}

/// One request, from its first byte to its response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub started_at: usize,
    pub ended_at: usize,
    pub action: Action,
    pub outcome: Outcome,
}

impl Operation {
    /// The created object, if acknowledged.
    pub fn done(&self) -> Option<&str> {
        if let Outcome::Done(made) = &self.outcome { Some(made) } else { None }
    }

    pub fn is_rejected(&self) -> bool {
        matches!(self.outcome, Outcome::Rejected(_))
    }

    pub fn is_unknown(&self) -> bool {
        self.outcome == Outcome::Unknown
    }
}

/// The operations of concurrent clients.
#[derive(Default)]
pub struct History {
    clock: AtomicUsize,
    operations: Mutex<Vec<Operation>>,
    changed: Condvar,
}

impl History {
    /// Returns the start time of a request.
    pub fn begin(&self) -> usize {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    /// Records the end of a request.
    pub fn end(&self, started_at: usize, action: Action, outcome: Outcome) {
        let ended_at = self.clock.fetch_add(1, Ordering::SeqCst);
        self.operations.lock().unwrap().push(Operation { started_at, ended_at, action, outcome });
        self.changed.notify_all();
    }

    /// All completed operations, by their start time.
    pub fn operations(&self) -> Vec<Operation> {
        let mut operations = self.operations.lock().unwrap().clone();
        operations.sort_by_key(|operation| operation.started_at);
        operations
    }

    pub fn len(&self) -> usize {
        self.operations.lock().unwrap().len()
    }

    /// Waits until `count` operations of this kind have completed since `since`.
    pub fn wait(&self, since: usize, count: usize, kind: impl Fn(&Operation) -> bool) {
        let operations = self.operations.lock().unwrap();
        let enough = |operations: &mut Vec<Operation>| {
            operations.iter().skip(since).filter(|operation| kind(operation)).count() < count
        };
        let (operations, waited) =
            self.changed.wait_timeout_while(operations, WAIT_TIMEOUT, enough).unwrap();
        let last: Vec<_> =
            operations.iter().rev().take(20).map(|operation| &operation.outcome).collect();
        assert!(!waited.timed_out(), "waited in vain for {count}; the last were {last:?}");
    }
}
