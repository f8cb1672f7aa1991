//! The one writer: it takes what is waiting, runs it in one transaction, and answers all of them after one commit.
//!
//! Batches form by themselves: what arrives while a commit waits for the disk is the next batch. Nothing is delayed on
//! purpose, so one lonely write costs one commit and a thousand at once cost a few.
//!
//! A command whose caller has gone before it began is not begun ([`Call`]). An act that goes on record is recorded by the command
//! that does it ([`Act`]).
//!
//! Sites take turns within a batch ([`queue`]), and a batch with commands of several sites ends early, so that none of them waits long for
//! what another asks.
//!
//! Background work (retention, imports, schedules) has a queue of its own. It runs in turns of [`BACKGROUND_TURN`] at most, when nothing else
//! waits, and ends its turn as soon as something does; what then waits shares its commit. What a turn wrote has to reach the disk before
//! anything else is done, so turns are shorter while others come and go.

mod connection;
mod job;
mod queue;
mod task;

use super::{SqliteOptions, watch::Watch, work::Work};
use crate::{
    domain::{Announcer, SiteId},
    store::{Act, Call, Result, StoreError},
};
use connection::Place;
use futures_util::future::BoxFuture;
use job::{Job, pending, recorded};
use sqlx::SqliteConnection;
use std::{sync::Arc, time::Duration};
use task::Task;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};

/// Longest time for which background work keeps the writer to itself. In tests of the store a turn is one step, so that steps can be counted.
const BACKGROUND_TURN: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_millis(5) };
/// The same while foreground commands come and go.
const SHORT_TURN: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_millis(1) };
/// Background turns that may wait. Each job has one at a time.
const BACKGROUND_QUEUE: usize = 16;

enum Order {
    Run(Box<dyn Job>),
    Stop(oneshot::Sender<()>),
}

fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}

/// What a caller is told whose answer was lost. The command may be done.
fn interrupted() -> StoreError {
    StoreError::Unavailable("the writer was interrupted".to_owned())
}

/// What one turn of background work did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Turn {
    /// Rows that it wrote.
    pub(super) rows: u64,
    /// Whether nothing is left to do.
    pub(super) finished: bool,
}

/// The way to the writer.
#[derive(Clone)]
pub(super) struct Writer {
    orders: queue::Sender<Order>,
    background: mpsc::Sender<Box<dyn Job>>,
    wakers: Wakers,
}

/// Wakes what goes on with something that a commit began.
#[derive(Clone, Default)]
struct Wakers {
    queued: Arc<Notify>,
    fan_out: Arc<Notify>,
}

impl Writer {
    /// Starts the writer on this connection.
    pub(super) async fn start(mut connection: SqliteConnection, options: SqliteOptions, announcer: Arc<dyn Announcer>) -> Result<Self> {
        let place = Place::of(options);
        let watch = Watch::begin(&mut connection).await?;
        let (orders, queue) = queue::new();
        let (background, turns) = mpsc::channel(BACKGROUND_QUEUE);
        let work = Work::new(connection, Box::new(orders.probe()));
        let wakers = Wakers::default();
        tokio::spawn(Task::new(work, watch, place, queue, turns, announcer, wakers.clone()).serve());
        Ok(Self { orders, background, wakers })
    }

    /// Waits until something to be sent was committed since the last call.
    pub(super) async fn queued(&self) {
        self.wakers.queued.notified().await;
    }

    /// Waits until something was committed since the last call that leaves contacts to be reached.
    pub(super) async fn fan_out_begun(&self) {
        self.wakers.fan_out.notified().await;
    }

    /// Runs a command; what it wrote is durable and announced when this returns.
    pub(super) async fn run<T, F>(&self, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.send(None, false, command).await
    }

    /// The same for commands of this site, which take turns with those of others.
    pub(super) fn of(&self, site: SiteId) -> SiteWriter<'_> {
        SiteWriter { writer: self, site }
    }

    async fn send<T, F>(&self, site: Option<SiteId>, single: bool, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let call = Call::current();
        let Some(act) = Act::current() else {
            self.orders.send(site, Order::Run(pending(single, call, command, caller))).await.ok_or_else(closed)?;
            return answer.await.map_err(|_| interrupted())?;
        };
        self.orders.send(site, Order::Run(recorded(act.clone(), call, command, caller))).await.ok_or_else(closed)?;
        let answer = answer.await.map_err(|_| interrupted()).flatten();
        act.settle(answer.is_ok());
        answer
    }

    /// Runs one turn of background work: `step` again and again until it writes no row, the turn is over, or somebody waits. A step is
    /// bounded and takes well below a millisecond. The turn is one transaction: what it did is durable and announced when this returns.
    pub(super) async fn background<F>(&self, step: F) -> Result<Turn>
    where
        F: for<'w> FnMut(&'w mut Work) -> BoxFuture<'w, Result<u64>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let job = pending(false, None, move |work| Box::pin(turn(work, step)), caller);
        self.background.send(job).await.map_err(|_| closed())?;
        answer.await.map_err(|_| interrupted())?
    }

    /// Runs turns of background work until nothing is left; returns how many rows they wrote.
    pub(super) async fn background_to_end<F>(&self, step: F) -> Result<u64>
    where
        F: for<'w> FnMut(&'w mut Work) -> BoxFuture<'w, Result<u64>> + Clone + Send + 'static,
    {
        let mut total = 0;
        loop {
            let turn = self.background(step.clone()).await?;
            total += turn.rows;
            if turn.finished {
                return Ok(total);
            }
        }
    }

    /// Finishes what is waiting and closes the connection.
    pub(super) async fn stop(&self) {
        let (caller, answer) = oneshot::channel();
        if self.orders.send(None, Order::Stop(caller)).await.is_some() {
            let _ = answer.await;
        }
    }
}

/// The way to the writer for one site.
pub(super) struct SiteWriter<'w> {
    writer: &'w Writer,
    site: SiteId,
}

impl SiteWriter<'_> {
    /// See [`Writer::run`].
    pub(super) async fn run<T, F>(&self, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.send(Some(self.site), false, command).await
    }

    /// The same for a command of which nothing is left where it fails: it makes one writing statement, run to its end, or fails before that. It
    /// costs no savepoint, and no transaction around it where nothing else waits. If it fails for another reason than a conflict, its whole
    /// batch does.
    pub(super) async fn run_single<T, F>(&self, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.send(Some(self.site), true, command).await
    }
}

async fn turn<F>(work: &mut Work, mut step: F) -> Result<Turn>
where
    F: for<'s> FnMut(&'s mut Work) -> BoxFuture<'s, Result<u64>> + Send,
{
    let (began, mut turn) = (Instant::now(), Turn::default());
    loop {
        let rows = step(work).await?;
        turn.rows += rows;
        turn.finished = rows == 0;
        if turn.finished || began.elapsed() >= work.background_turn || work.foreground_waits() {
            return Ok(turn);
        }
    }
}

#[cfg(test)]
mod tests;
