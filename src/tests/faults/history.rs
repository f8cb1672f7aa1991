//! What clients asked for and what they were told, in the order in which it happened. Must not know how anything is asked.

use std::{
    sync::{
        Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Far more than any wait takes; a test that reaches it fails.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What a client wants. Titles, addresses, style sheets and names are each used for one wish only, however often it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A message to this reader, or to everyone.
    Publish {
        title: String,
        to: Option<usize>,
    },
    Mark {
        reader: usize,
        mark: Mark,
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

/// What a reader does; the messages by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    Read(String),
    Unread(String),
    Archive(String),
    AllRead,
}

/// What a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged, with the id or the secret of what was made.
    Done(String),
    /// Refused, so that nothing may have happened.
    Refused(u16),
    /// Nothing: it may have happened or not.
    Unknown,
}

/// One request, from its first byte to its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub begun: usize,
    pub ended: usize,
    pub what: What,
    pub outcome: Outcome,
}

impl Operation {
    /// What was made, where that was acknowledged.
    pub fn done(&self) -> Option<&str> {
        if let Outcome::Done(made) = &self.outcome { Some(made) } else { None }
    }

    pub fn is_refused(&self) -> bool {
        matches!(self.outcome, Outcome::Refused(_))
    }

    pub fn is_unknown(&self) -> bool {
        self.outcome == Outcome::Unknown
    }
}

/// What several clients do at once.
#[derive(Default)]
pub struct History {
    moments: AtomicUsize,
    operations: Mutex<Vec<Operation>>,
    grown: Condvar,
}

impl History {
    /// The moment at which a request begins.
    pub fn begin(&self) -> usize {
        self.moments.fetch_add(1, Ordering::SeqCst)
    }

    /// A request has ended.
    pub fn end(&self, begun: usize, what: What, outcome: Outcome) {
        let ended = self.moments.fetch_add(1, Ordering::SeqCst);
        self.operations.lock().unwrap().push(Operation { begun, ended, what, outcome });
        self.grown.notify_all();
    }

    /// All that has ended, in the order in which it began.
    pub fn operations(&self) -> Vec<Operation> {
        let mut operations = self.operations.lock().unwrap().clone();
        operations.sort_by_key(|operation| operation.begun);
        operations
    }

    pub fn len(&self) -> usize {
        self.operations.lock().unwrap().len()
    }

    /// Waits until so many of what has ended since then are of this kind.
    pub fn wait(&self, since: usize, count: usize, kind: impl Fn(&Operation) -> bool) {
        let operations = self.operations.lock().unwrap();
        let enough = |operations: &mut Vec<Operation>| operations.iter().skip(since).filter(|operation| kind(operation)).count() < count;
        let (operations, waited) = self.grown.wait_timeout_while(operations, PATIENCE, enough).unwrap();
        let last: Vec<_> = operations.iter().rev().take(20).map(|operation| &operation.outcome).collect();
        assert!(!waited.timed_out(), "waited in vain for {count}; the last were {last:?}");
    }
}
