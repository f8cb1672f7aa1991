//! The one writer: it takes what is waiting, runs it in one transaction, and answers all of them after one commit.
//!
//! Batches form by themselves: what arrives while a commit waits for the disk is the next batch. Nothing is delayed on
//! purpose, so one lonely write costs one commit and a thousand at once cost a few.
//!
//! Sites take turns within a batch ([`queue`]), and a batch with commands of several sites ends after [`SHARED_BATCH`], so that none of them
//! waits long for what another asks.
//!
//! Background work (retention, imports, schedules) has a queue of its own. It runs in turns of [`BACKGROUND_TURN`] at most, when nothing else
//! waits, and ends its turn as soon as something does; what then waits shares its commit.

mod queue;

use super::{error::repeat, watch::Watch, work::Work};
use crate::{
    domain::{Announcer, Change, SiteId},
    store::{Result, StoreError},
};
use futures_util::future::BoxFuture;
use sqlx::{Connection as _, SqliteConnection};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval},
};

/// At most so many commands share a commit, so that the first of them does not wait for ever.
const BATCH: usize = 256;
/// Time after which a batch with commands of more than one site takes no further command.
const SHARED_BATCH: Duration = Duration::from_millis(4);
/// Longest time for which background work keeps the writer to itself. In tests of the store a turn is one step, so that steps can be counted.
const BACKGROUND_TURN: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_millis(5) };
/// Background turns that may wait. Each job has one at a time.
const BACKGROUND_QUEUE: usize = 16;
/// Foreground batches after which background work gets a turn even if more of them wait, so that it can't be held up indefinitely.
const BATCHES_PER_TURN: u32 = 8;
/// How often to look whether another process wrote to the file.
const WATCH: Duration = Duration::from_millis(500);

/// A command with its caller, whatever it answers.
trait Job: Send {
    /// Whether nothing of the command is left where it fails, so that it needs no savepoint.
    fn is_single(&self) -> bool;
    fn run<'w>(&'w mut self, work: &'w mut Work) -> BoxFuture<'w, Result<()>>;
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

struct Pending<F, T> {
    single: bool,
    command: Option<F>,
    output: Option<T>,
    caller: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Pending<F, T>
where
    F: for<'w> FnOnce(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send,
    T: Send,
{
    fn is_single(&self) -> bool {
        self.single
    }

    fn run<'w>(&'w mut self, work: &'w mut Work) -> BoxFuture<'w, Result<()>> {
        Box::pin(async move {
            if let Some(command) = self.command.take() {
                self.output = Some(command(work).await?);
            }
            Ok(())
        })
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let answer = match (failure, self.output) {
            (Some(failure), _) => Err(failure),
            (None, Some(output)) => Ok(output),
            (None, None) => Err(closed()),
        };
        // A caller that went away does not take its write back.
        let _ = self.caller.send(answer);
    }
}

/// A job of a command. Its bound is what makes the closure general over the lifetime of the writer's loan.
fn pending<F, T>(single: bool, command: F, caller: oneshot::Sender<Result<T>>) -> Box<dyn Job>
where
    F: for<'w> FnOnce(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send + 'static,
    T: Send + 'static,
{
    Box::new(Pending { single, command: Some(command), output: None, caller })
}

enum Order {
    Run(Box<dyn Job>),
    Stop(oneshot::Sender<()>),
}

fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
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
    queued: Arc<Notify>,
}

impl Writer {
    /// Starts the writer on this connection.
    pub(super) async fn start(mut connection: SqliteConnection, announcer: Arc<dyn Announcer>) -> Result<Self> {
        let watch = Watch::begin(&mut connection).await?;
        let (orders, queue) = queue::new();
        let (background, turns) = mpsc::channel(BACKGROUND_QUEUE);
        let work = Work::new(connection, Box::new(orders.probe()));
        let queued = Arc::new(Notify::new());
        let task = Task { work, watch, queue, turns, batches: 0, announcer, queued: Arc::clone(&queued), stopping: Vec::new() };
        tokio::spawn(task.serve());
        Ok(Self { orders, background, queued })
    }

    /// Waits until something to be sent was committed since the last call.
    pub(super) async fn queued(&self) {
        self.queued.notified().await;
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
        self.orders.send(site, Order::Run(pending(single, command, caller))).await.ok_or_else(closed)?;
        answer.await.map_err(|_| closed())?
    }

    /// Runs one turn of background work: `step` again and again until it writes no row, the turn is over, or somebody waits. A step is
    /// bounded and takes well below a millisecond. The turn is one transaction: what it did is durable and announced when this returns.
    pub(super) async fn background<F>(&self, step: F) -> Result<Turn>
    where
        F: for<'w> FnMut(&'w mut Work) -> BoxFuture<'w, Result<u64>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let job = pending(false, move |work| Box::pin(turn(work, step)), caller);
        self.background.send(job).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
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
        if turn.finished || began.elapsed() >= BACKGROUND_TURN || work.foreground_waits() {
            return Ok(turn);
        }
    }
}

struct Task {
    work: Work,
    watch: Watch,
    queue: queue::Receiver<Order>,
    turns: mpsc::Receiver<Box<dyn Job>>,
    /// Foreground batches since the last background turn.
    batches: u32,
    announcer: Arc<dyn Announcer>,
    queued: Arc<Notify>,
    stopping: Vec<oneshot::Sender<()>>,
}

impl Task {
    async fn serve(mut self) {
        let mut tick = interval(WATCH);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.batches >= BATCHES_PER_TURN {
                self.batches = 0;
                if let Ok(job) = self.turns.try_recv() {
                    self.batch(None, job).await;
                }
            }
            tokio::select! {
                biased;
                _ = tick.tick() => self.look_around().await,
                order = self.queue.recv() => match order {
                    Some((site, Order::Run(job))) => {
                        self.batches += 1;
                        self.batch(site, job).await;
                    }
                    Some((_, Order::Stop(caller))) => self.stop(caller),
                    None => break,
                },
                Some(job) = self.turns.recv() => {
                    self.batches = 0;
                    self.batch(None, job).await;
                }
            }
        }
        let Self { work, stopping, .. } = self;
        // The last connection to close folds the log into the database.
        if let Err(error) = work.connection.close().await {
            tracing::warn!(%error, "the database did not close cleanly; its log is replayed at the next start");
        }
        for caller in stopping {
            let _ = caller.send(());
        }
    }

    /// From now on nothing is accepted; what is in the queue is still done.
    fn stop(&mut self, caller: oneshot::Sender<()>) {
        self.queue.close();
        self.turns.close();
        self.stopping.push(caller);
    }

    async fn look_around(&mut self) {
        match self.watch.look(&mut self.work.connection).await {
            Ok(moved) => moved.into_iter().for_each(|site| self.announcer.announce(Change::Unknown { site })),
            Err(error) => tracing::warn!(%error, "could not look for changes of other processes"),
        }
    }

    async fn batch(&mut self, first_site: Option<SiteId>, first: Box<dyn Job>) {
        if first.is_single() && self.queue.is_empty() {
            return self.alone(first).await;
        }
        let mut done = Vec::new();
        let mut next = Some(first);
        let (began, mut is_shared) = (Instant::now(), false);
        let mut result = self.execute("BEGIN IMMEDIATE").await;
        while result.is_ok()
            && let Some(job) = next.take()
        {
            result = self.attempt(job, &mut done).await;
            if result.is_ok() && done.len() < BATCH && !(is_shared && began.elapsed() >= SHARED_BATCH) {
                let waiting = self.waiting();
                is_shared |= waiting.as_ref().is_some_and(|(site, _)| *site != first_site);
                next = waiting.map(|(_, job)| job);
            }
        }
        if result.is_ok() {
            result = self.execute("COMMIT").await;
        }
        done.extend(next);
        self.conclude(done, result).await;
    }

    /// Runs a command of one writing statement that nothing waits behind: the statement is its own transaction, which saves two round trips to
    /// the connection.
    async fn alone(&mut self, mut job: Box<dyn Job>) {
        match job.run(&mut self.work).await {
            Ok(()) => self.conclude(vec![job], Ok(())).await,
            Err(failure) => {
                self.work.forget((0, 0));
                job.answer(Some(failure));
            }
        }
    }

    /// Runs one command. Its own failure is its own; an error here is the end of the whole batch.
    async fn attempt(&mut self, mut job: Box<dyn Job>, done: &mut Vec<Box<dyn Job>>) -> Result<()> {
        let kept = self.work.noted();
        if job.is_single() {
            return self.attempt_single(job, done).await;
        }
        // The first one needs no savepoint: nothing before it could be lost.
        let alone = done.is_empty();
        if !alone {
            self.execute("SAVEPOINT command").await?;
        }
        let Err(failure) = job.run(&mut self.work).await else {
            done.push(job);
            return if alone { Ok(()) } else { self.execute("RELEASE command").await };
        };
        self.work.forget(kept);
        let undone = self.take_back(alone).await;
        // Where nothing could be undone, SQLite has rolled back everything by itself (a full disk does that).
        let result = undone.map_err(|_| repeat(&failure));
        job.answer(Some(failure));
        result
    }

    async fn attempt_single(&mut self, mut job: Box<dyn Job>, done: &mut Vec<Box<dyn Job>>) -> Result<()> {
        let noted = self.work.noted();
        match job.run(&mut self.work).await {
            Ok(()) => {
                done.push(job);
                Ok(())
            }
            Err(conflict @ StoreError::Conflict(_)) => {
                self.work.forget(noted);
                job.answer(Some(conflict));
                Ok(())
            }
            // SQLite may have rolled back everything by itself (a full disk does that), and without a savepoint nobody could tell.
            Err(failure) => {
                let result = Err(repeat(&failure));
                job.answer(Some(failure));
                result
            }
        }
    }

    /// Undoes a failed command and leaves those before it in the batch as they are.
    async fn take_back(&mut self, alone: bool) -> Result<()> {
        if alone {
            let _ = self.execute("ROLLBACK").await;
            return self.execute("BEGIN IMMEDIATE").await;
        }
        self.execute("ROLLBACK TO command").await?;
        self.execute("RELEASE command").await
    }

    /// The next command that is waiting already.
    fn waiting(&mut self) -> Option<(Option<SiteId>, Box<dyn Job>)> {
        loop {
            match self.queue.try_recv()? {
                (site, Order::Run(job)) => return Some((site, job)),
                (_, Order::Stop(caller)) => self.stop(caller),
            }
        }
    }

    async fn conclude(&mut self, done: Vec<Box<dyn Job>>, result: Result<()>) {
        let (changes, versions) = self.work.take();
        let queued = self.work.take_queued();
        if let Err(failure) = result {
            let _ = self.execute("ROLLBACK").await;
            tracing::error!(error = %failure, commands = done.len(), "a commit failed");
            for job in done {
                job.answer(Some(repeat(&failure)));
            }
            return;
        }
        for site in self.watch.own(versions) {
            self.announcer.announce(Change::Unknown { site });
        }
        if queued {
            self.queued.notify_one();
        }
        for change in changes {
            self.announcer.announce(change);
        }
        for job in done {
            job.answer(None);
        }
    }

    async fn execute(&mut self, statement: &'static str) -> Result<()> {
        sqlx::query(statement).execute(&mut self.work.connection).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
