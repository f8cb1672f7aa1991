//! Clients that disconnect: at each poll of their handler, and after some turns of the scheduler.
//! The database is then compared with its contents after the same request was answered.

use crate::{
    database::TestConnection,
    support::{Answer, Call, TestApp},
};
use axum::{
    Router,
    http::{HeaderMap, Method},
    routing::post,
};
use belfry_store::Store as _;
use futures_util::poll;
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// When a client disconnects.
#[derive(Debug, Clone, Copy)]
enum Disconnect {
    /// Instead of the next poll after this many, each of which was woken.
    AfterPolls(usize),
    /// After this many turns of all other tasks.
    AfterTurns(usize),
}

/// More polls than any handler needs.
const MAX_POLLS: usize = 200;
/// From before the first write until after most of them.
const YIELD_COUNTS: [usize; 6] = [1, 20, 100, 300, 1_000, 4_000];
/// The most runs until a faulty handler is reported.
const RUNS: usize = 5;

impl Disconnect {
    /// Sends the request; returns the response if it came before the disconnect.
    async fn send(self, call: Call) -> Option<Answer> {
        let mut sent = pin!(call.send());
        match self {
            Self::AfterPolls(polls) => {
                let mut left = polls;
                std::future::poll_fn(|context: &mut Context<'_>| {
                    if left == 0 {
                        return Poll::Ready(None);
                    }
                    left -= 1;
                    match sent.as_mut().poll(context) {
                        Poll::Pending if left == 0 => Poll::Ready(None),
                        other => other.map(Some),
                    }
                })
                .await
            }
            Self::AfterTurns(turns) => {
                let mut answer = sent.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                for _ in 0..turns {
                    if answer.is_ready() {
                        break;
                    }
                    tokio::task::yield_now().await;
                    answer = poll!(sent.as_mut());
                }
                if let Poll::Ready(answer) = answer { Some(answer) } else { None }
            }
        }
    }
}

/// Sends requests while another program holds the database lock, and disconnects before it is
/// released.
pub async fn disconnect_while_locked(app: &TestApp, calls: impl IntoIterator<Item = Call>) {
    let mut other = app.database().await;
    other.lock().await;
    for call in calls {
        assert_eq!(Disconnect::AfterTurns(2_000).send(call).await, None);
    }
    other.unlock().await;
    app.app.wait_for_detached().await;
}

/// Tables that requests also write independently. A key's last use is a column, excluded when rows
/// are read.
const UNRELATED_TABLES: [&str; 2] = ["clock", "install_event"];
/// Of these rows only deletions belong to an action: a page view also updates the browser's
/// session. Sessions with a form's token are not compared at all.
const SESSION_TABLE: &str = "console_session";

/// All rows of all tables.
type Contents = BTreeMap<String, BTreeSet<String>>;

async fn contents(database: &mut TestConnection) -> Contents {
    let mut contents = Contents::new();
    for table in database.tables().await {
        if UNRELATED_TABLES.contains(&table.as_str()) {
            continue;
        }
        let some = if table == SESSION_TABLE { "data NOT LIKE '%\"form\"%'" } else { "1 = 1" };
        let rows = database.row_texts(&table, some, "last_used_at").await;
        contents.insert(table, rows.into_iter().collect());
    }
    contents
}

/// Inserted and deleted rows of each changed table.
type Change = BTreeMap<String, (usize, usize)>;

fn change(before: &Contents, after: &Contents) -> Change {
    let counted = after.iter().map(|(table, rows)| {
        let former = &before[table];
        let came = if table == SESSION_TABLE { 0 } else { rows.difference(former).count() };
        (table.clone(), (came, former.difference(rows).count()))
    });
    counted.filter(|(_, change)| *change != (0, 0)).collect()
}

/// What a client does that disconnected before the response.
#[derive(Clone, Copy)]
pub enum Retry {
    Never,
    /// Retries with its idempotency key, and gets the response of the first attempt.
    ByKey,
    /// Retries with the same token. The effects of the token's use, in these tables, may occur
    /// separately and once more.
    ByToken(&'static [&'static str]),
}

impl Retry {
    /// The change without the effects of the token's use.
    fn act(self, mut change: Change) -> Change {
        if let Self::ByToken(tables) = self {
            change.retain(|table, _| !tables.contains(&table.as_str()));
        }
        change
    }

    fn is_nothing(self, change: &Change) -> bool {
        self.act(change.clone()).is_empty()
    }
}

/// The database, observed from outside.
pub struct AtomicityChecker<'a> {
    app: &'a TestApp,
    database: TestConnection,
}

impl<'a> AtomicityChecker<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        Self { app, database: app.database().await }
    }

    /// Waits until all started work has finished.
    async fn settle(&self) {
        self.app.app.wait_for_detached().await;
        self.app.store.ping().await.unwrap();
    }

    async fn contents(&mut self) -> Contents {
        contents(&mut self.database).await
    }

    /// Sends requests of one kind, each with objects of its own, from clients that disconnect at
    /// every point. `prepare` creates the objects and the request. Returns an error if a write was
    /// partial.
    pub async fn check_atomic(
        &mut self,
        name: &str,
        again: Retry,
        prepare: impl AsyncFn(usize) -> Call,
    ) -> Result<(), String> {
        let call = prepare(0).await;
        let before = self.contents().await;
        let answer = call.send().await;
        ensure(answer.status.is_success() || answer.status.is_redirection(), || {
            format!("{name}: {} {}", answer.status, answer.text())
        })?;
        self.settle().await;
        let whole = change(&before, &self.contents().await);
        ensure(!whole.is_empty(), || format!("{name}: nothing was done"))?;
        let moments = (0..MAX_POLLS)
            .map(Disconnect::AfterPolls)
            .chain(YIELD_COUNTS.map(Disconnect::AfterTurns));
        let (mut number, mut done) = (0, false);
        for moment in moments {
            if done && matches!(moment, Disconnect::AfterPolls(_)) {
                continue;
            }
            number += 1;
            let call = prepare(number).await;
            let before = self.contents().await;
            let answered = moment.send(call.clone()).await;
            self.settle().await;
            let after = change(&before, &self.contents().await);
            done |= answered.is_some();
            match &answered {
                Some(other) => ensure((other.status, &after) == (answer.status, &whole), || {
                    format!(
                        "{name}: another answer, {moment:?}: {} and {after:?} instead of {} and {whole:?}",
                        other.status, answer.status
                    )
                })?,
                None => {
                    ensure(again.is_nothing(&after) || after == whole, || {
                        format!("{name}: half done, {moment:?}: {after:?} instead of {whole:?}")
                    })?;
                }
            }
            if answered.is_none() && !matches!(again, Retry::Never) {
                let repeated = call.send().await;
                let secret = repeated.status == 409
                    && repeated.header("retry-after").is_none()
                    && !after.is_empty();
                ensure(repeated.status == answer.status || secret, || {
                    format!(
                        "{name}: refused once more, {moment:?}: {} {}",
                        repeated.status,
                        repeated.text()
                    )
                })?;
                self.settle().await;
                let after = again.act(change(&before, &self.contents().await));
                let whole = again.act(whole.clone());
                ensure(after == whole, || {
                    format!(
                        "{name}: done otherwise once more, {moment:?}: {after:?} instead of {whole:?}"
                    )
                })?;
            }
        }
        ensure(done, || format!("{name}: never answered"))
    }

    /// Asserts that a faulty handler is reported with these words, and that its correct counterpart
    /// is not.
    pub async fn query(
        &mut self,
        words: &str,
        again: Retry,
        faulty: impl AsyncFn(usize) -> Call,
        sound: impl AsyncFn(usize) -> Call,
    ) {
        let mut found = Ok(());
        // On a busy machine, all disconnects of a run may miss the moment between two writes.
        for _ in 0..RUNS {
            found = self.check_atomic("planted", again, &faulty).await;
            if found.is_err() {
                break;
            }
        }
        assert!(
            found.as_ref().is_err_and(|fault| fault.contains(words)),
            "{words} was not found: {found:?}"
        );
        assert_eq!(self.check_atomic("sound", again, sound).await, Ok(()));
    }
}

/// The time between two steps of a faulty handler: enough for a client to disconnect in, however
/// busy the machine is.
pub async fn between_steps() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// A request that this handler answers.
pub fn answered_by<F>(handler: impl FnOnce(HeaderMap) -> F + Clone + Send + Sync + 'static) -> Call
where
    F: Future<Output = ()> + Send,
{
    Call::new(Router::new().route("/planted", post(handler)), Method::POST, "/planted")
}

fn ensure(holds: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault()) }
}
