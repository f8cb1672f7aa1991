//! The only writer of the database, with group commit: queued commands run in one transaction, and
//! all of their callers are answered after one commit.
//!
//! Batches form by themselves: what arrives while a commit waits for the disk is the next batch.
//! Nothing is delayed on purpose, so a single write costs one commit, and a thousand concurrent
//! ones cost a few.
//!
//! A command is not started if its caller has disconnected before ([`RequestCancellation`]). An act
//! that belongs into the audit log is recorded by the command itself ([`AuditScope`]).
//!
//! Sites take turns within a batch ([`queue`]), and a batch with commands of several sites ends
//! early, so that none of them waits long for another.
//!
//! Background work (retention, imports, schedules) has its own queue. It runs in turns of at most
//! [`MAX_BACKGROUND_TURN`] when no other command waits, and ends its turn as soon as one does; that
//! command shares its commit. What a turn wrote has to reach the disk before anything else runs, so
//! turns are shorter while other commands are frequent.

mod command;
mod queue;
mod worker;

use super::write_tx::{DroppedDeliveryHandler, WriteTx};
use crate::{
    AuditScope, RequestCancellation, Result, SqliteOptions, StoreError,
    db::Connection,
    sqlite::{database_file::DatabaseFile, external_writes::ExternalWriteDetector},
};
use belfry_domain::{EventSink, SiteId};
use command::{Command, pending, recorded};
use futures_util::future::BoxFuture;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};
use worker::Worker;

/// The longest turn of background work. In store tests a turn is one step, so that steps can be
/// counted.
const MAX_BACKGROUND_TURN: Duration =
    if cfg!(test) { Duration::ZERO } else { Duration::from_millis(5) };
/// The longest turn while foreground commands are frequent.
const MAX_BUSY_TURN: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_millis(1) };
/// The most background turns that may wait. Each job has one at a time.
const BACKGROUND_QUEUE_CAPACITY: usize = 16;

enum WriterMessage {
    Run(Box<dyn Command>),
    Stop(oneshot::Sender<()>),
}

fn closed_error() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

/// The error when a response was lost. The command may have been committed.
fn interrupted_error() -> StoreError {
    StoreError::Unavailable("the writer was interrupted".to_owned())
}

/// The result of one turn of background work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TurnOutcome {
    /// The number of rows that it wrote.
    pub(super) rows: u64,
    /// Whether nothing is left to do.
    pub(super) finished: bool,
}

/// The handle of the writer. Clones share it.
#[derive(Clone)]
pub(super) struct Writer {
    commands: queue::Sender<WriterMessage>,
    background: mpsc::Sender<Box<dyn Command>>,
    commit_signals: CommitSignals,
}

/// Signals for the tasks that continue what a commit started.
#[derive(Clone, Default)]
struct CommitSignals {
    delivery: Arc<Notify>,
    fan_out: Arc<Notify>,
}

impl Writer {
    /// Starts the writer task on this connection.
    pub(super) async fn start(
        mut connection: Connection,
        options: SqliteOptions,
        event_sink: Arc<dyn EventSink>,
        on_dropped_delivery: DroppedDeliveryHandler,
    ) -> Result<Self> {
        let place = DatabaseFile::new(options);
        let watch = ExternalWriteDetector::begin(&mut connection).await?;
        let (commands, queue) = queue::new();
        let (background, turns) = mpsc::channel(BACKGROUND_QUEUE_CAPACITY);
        let tx = WriteTx::new(connection, Box::new(commands.probe()), on_dropped_delivery);
        let commit_signals = CommitSignals::default();
        tokio::spawn(
            Worker::new(tx, watch, place, queue, turns, event_sink, commit_signals.clone()).serve(),
        );
        Ok(Self { commands, background, commit_signals })
    }

    /// Waits until a commit since the last call has queued a delivery.
    pub(super) async fn wait_for_delivery(&self) {
        self.commit_signals.delivery.notified().await;
    }

    /// Waits until a commit since the last call has left contacts pending in a fan-out.
    pub(super) async fn wait_for_fan_out(&self) {
        self.commit_signals.fan_out.notified().await;
    }

    /// Runs a command. What it wrote is durable, and its events are published, when this returns.
    pub(super) async fn run<T, F>(&self, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut WriteTx) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.send(None, false, command).await
    }

    /// The handle for commands of this site, which take turns with those of others.
    pub(super) fn for_site(&self, site: SiteId) -> SiteWriter<'_> {
        SiteWriter { writer: self, site }
    }

    async fn send<T, F>(&self, site: Option<SiteId>, single: bool, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut WriteTx) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let call = RequestCancellation::current();
        let Some(act) = AuditScope::current() else {
            self.commands
                .send(site, WriterMessage::Run(pending(single, call, command, caller)))
                .await
                .ok_or_else(closed_error)?;
            return answer.await.map_err(|_| interrupted_error())?;
        };
        self.commands
            .send(site, WriterMessage::Run(recorded(act.clone(), call, command, caller)))
            .await
            .ok_or_else(closed_error)?;
        let answer = answer.await.map_err(|_| interrupted_error()).flatten();
        act.end_transaction(answer.is_ok());
        answer
    }

    /// Runs one turn of background work: repeats `step` until it writes no row, the turn has ended,
    /// or a command waits. A step must be bounded and take well below a millisecond. The turn is
    /// one transaction: durable, with its events published, when this returns.
    pub(super) async fn background<F>(&self, step: F) -> Result<TurnOutcome>
    where
        F: for<'w> FnMut(&'w mut WriteTx) -> BoxFuture<'w, Result<u64>> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let job = pending(false, None, move |tx| Box::pin(turn(tx, step)), caller);
        self.background.send(job).await.map_err(|_| closed_error())?;
        answer.await.map_err(|_| interrupted_error())?
    }

    /// Runs turns of background work until nothing is left. Returns the number of rows they wrote.
    pub(super) async fn background_to_end<F>(&self, step: F) -> Result<u64>
    where
        F: for<'w> FnMut(&'w mut WriteTx) -> BoxFuture<'w, Result<u64>> + Clone + Send + 'static,
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

    /// Finishes queued commands and closes the connection.
    pub(super) async fn stop(&self) {
        let (caller, answer) = oneshot::channel();
        if self.commands.send(None, WriterMessage::Stop(caller)).await.is_some() {
            let _ = answer.await;
        }
    }
}

/// The handle of the writer for one site.
pub(super) struct SiteWriter<'w> {
    writer: &'w Writer,
    site: SiteId,
}

impl SiteWriter<'_> {
    /// See [`Writer::run`].
    pub(super) async fn run<T, F>(&self, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut WriteTx) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.send(Some(self.site), false, command).await
    }

    /// Runs a command that leaves nothing behind if it fails: it makes one writing statement, run
    /// to its end, or fails before it. It costs no savepoint, and no explicit transaction if no
    /// other command waits. If it fails for another reason than a conflict, its whole batch fails.
    pub(super) async fn run_single<T, F>(&self, command: F) -> Result<T>
    where
        F: for<'w> FnOnce(&'w mut WriteTx) -> BoxFuture<'w, Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.send(Some(self.site), true, command).await
    }
}

async fn turn<F>(tx: &mut WriteTx, mut step: F) -> Result<TurnOutcome>
where
    F: for<'s> FnMut(&'s mut WriteTx) -> BoxFuture<'s, Result<u64>> + Send,
{
    let (began, mut turn) = (Instant::now(), TurnOutcome::default());
    loop {
        let rows = step(tx).await?;
        turn.rows += rows;
        turn.finished = rows == 0;
        if turn.finished || began.elapsed() >= tx.background_turn || tx.has_foreground_work() {
            return Ok(turn);
        }
    }
}

#[cfg(test)]
mod tests;
