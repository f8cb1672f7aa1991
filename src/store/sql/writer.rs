//! The only writer of this process, with group commit: queued commands run in one transaction, and
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
//! early, so that none of them waits long for another. On a server, a batch has those of one site, and
//! ends early if another one waits.
//!
//! Background work (retention, imports, schedules) has its own queue. It runs in turns of at most
//! [`MAX_BACKGROUND_TURN`] when no other command waits, and ends its turn as soon as one does; that
//! command shares its commit. What a turn wrote has to reach the disk before anything else runs, so
//! turns are shorter while other commands are frequent.

mod command;
mod queue;
mod relay;
mod site_versions;
mod turns;
mod worker;

use super::{
    database::Database,
    write_tx::{DroppedDeliveryHandler, QueueProbe, WriteTx},
};
use crate::{
    AuditScope, RequestCancellation, Result, StoreError,
    bus::Bus,
    db::Connection,
    postgres::{ProcessNumber, Processes},
    sqlite::DataVersion,
    vault::Vault,
};
use belfry_domain::{EventSink, InboxEvent, SiteId};
use command::{Command, pending, recorded};
use futures_util::{future::BoxFuture, future::join_all};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};
use tokio_util::task::AbortOnDropHandle;
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
    /// One for each connection that writes. The first one also gets what concerns no single site.
    queues: Arc<[queue::Sender<WriterMessage>]>,
    background: mpsc::Sender<Box<dyn Command>>,
    shared: Arc<Shared>,
    /// Tasks that end with the last handle.
    _tasks: Arc<[AbortOnDropHandle<()>]>,
}

/// What the workers share.
struct Shared {
    database: Database,
    /// On a server, where other processes can write: the way to them.
    relay: Option<Arc<relay::Relay>>,
    /// Of a database file.
    site_versions: site_versions::SiteVersions,
    turns: turns::Turns,
    event_sink: Arc<dyn EventSink>,
    commit_signals: CommitSignals,
}

/// Signals for the tasks that continue what a commit started.
#[derive(Clone, Default)]
struct CommitSignals {
    delivery: Arc<Notify>,
    fan_out: Arc<Notify>,
}

impl Shared {
    /// Tells the event sink of sites that other processes have changed, and the leader to look for
    /// what they may have queued.
    fn publish_external_writes(&self, changed: Vec<SiteId>) {
        if !changed.is_empty() {
            self.commit_signals.delivery.notify_one();
            self.commit_signals.fan_out.notify_one();
        }
        for site in changed {
            self.event_sink.publish(InboxEvent::ExternalWrite { site });
        }
    }

    /// Reads the versions of all sites on a new connection to a file. Returns what tells whether they
    /// change, and the sites that other processes have changed since they were known.
    async fn read_versions(
        &self,
        connection: &mut Connection,
    ) -> Result<(DataVersion, Vec<SiteId>)> {
        if let Some(relay) = &self.relay {
            relay.compare_versions();
            return Ok((DataVersion::default(), Vec::new()));
        }
        // In this order: a write in between is looked for again.
        let data_version = DataVersion::read(connection).await?;
        Ok((data_version, self.site_versions.refresh(connection).await?))
    }
}

impl Writer {
    /// Starts the writer's tasks. The first one uses this connection.
    pub(super) async fn start(
        mut connection: Connection,
        database: Database,
        vault: &Vault,
        event_sink: Arc<dyn EventSink>,
        on_dropped_delivery: DroppedDeliveryHandler,
    ) -> Result<Self> {
        let commit_signals = CommitSignals::default();
        let mut tasks = Vec::new();
        let relay = match &database {
            Database::Sqlite(_) => None,
            Database::Postgres(options) => {
                let processes = Arc::new(Processes::new(ProcessNumber::generate()));
                let bus = Bus::new(options.clone(), Arc::clone(&processes), vault.clone());
                let (sink, signals) = (Arc::clone(&event_sink), commit_signals.clone());
                let versions = site_versions::read(&mut connection).await?;
                let relay = relay::Relay::new(processes, sink, signals, versions);
                tasks = relay.start(bus);
                Some(relay)
            }
        };
        let shared = Arc::new(Shared {
            database,
            relay,
            site_versions: site_versions::SiteVersions::default(),
            turns: turns::Turns::default(),
            event_sink,
            commit_signals,
        });
        let data_version = shared.read_versions(&mut connection).await?.0;
        let (queues, mut receivers): (Vec<_>, Vec<_>) =
            (0..shared.database.writers()).map(|_| queue::new()).unzip();
        let queues: Arc<[_]> = queues.into();
        let (background, turns) = mpsc::channel(BACKGROUND_QUEUE_CAPACITY);
        let worker = |connection, data_version, commands, turns| {
            let tx = WriteTx::new(connection, probe(&queues), on_dropped_delivery);
            Worker::new(tx, data_version, Arc::clone(&shared), commands, turns)
        };
        for commands in receivers.drain(1..) {
            let connection = shared.database.connect_writer().await?;
            let no_turns = mpsc::channel(1).1;
            tokio::spawn(worker(connection, DataVersion::default(), commands, no_turns).serve());
        }
        if let Some(commands) = receivers.pop() {
            tokio::spawn(worker(connection, data_version, commands, turns).serve());
        }
        Ok(Self { queues, background, shared, _tasks: tasks.into() })
    }

    /// Fails unless each worker can write. Waits for the transactions under way at most.
    pub(super) async fn ping(&self) -> Result<()> {
        for queue in 0..u8::try_from(self.queues.len()).unwrap_or(u8::MAX) {
            // An empty transaction of a site that does not exist, whose commands this worker runs.
            let mut site = [0; 16];
            site[15] = queue;
            let site = SiteId::from_bytes(site);
            self.send(Some(site), false, |_| Box::pin(async { Ok(()) })).await?;
        }
        Ok(())
    }

    /// The processes that share the database. `None` where this one is alone.
    pub(super) fn processes(&self) -> Option<&Processes> {
        self.shared.relay.as_deref().map(relay::Relay::processes)
    }

    /// Publishes an event on other processes only.
    pub(super) fn relay(&self, event: InboxEvent) {
        if let Some(relay) = &self.shared.relay {
            relay.send(event);
        }
    }

    /// Waits until a commit since the last call has queued a delivery.
    pub(super) async fn wait_for_delivery(&self) {
        self.shared.commit_signals.delivery.notified().await;
    }

    /// Waits until a commit since the last call has left contacts pending in a fan-out.
    pub(super) async fn wait_for_fan_out(&self) {
        self.shared.commit_signals.fan_out.notified().await;
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
        let queue = self.queue(site).ok_or_else(closed_error)?;
        let Some(act) = AuditScope::current() else {
            queue
                .send(site, WriterMessage::Run(pending(single, call, command, caller)))
                .await
                .ok_or_else(closed_error)?;
            return answer.await.map_err(|_| interrupted_error())?;
        };
        queue
            .send(site, WriterMessage::Run(recorded(act.clone(), call, command, caller)))
            .await
            .ok_or_else(closed_error)?;
        let answer = answer.await.map_err(|_| interrupted_error()).flatten();
        act.end_transaction(answer.is_ok());
        answer
    }

    /// The queue of a site: always the same one, so that its commands keep their order.
    fn queue(&self, site: Option<SiteId>) -> Option<&queue::Sender<WriterMessage>> {
        // Ids begin with a time, and end with random bytes.
        let number = site.map_or(0, |site| site.as_bytes().last().copied().unwrap_or(0));
        self.queues.get(usize::from(number) % self.queues.len().max(1))
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

    /// Finishes queued commands, sends their events to other processes, and closes the connections.
    pub(super) async fn stop(&self) {
        join_all(self.queues.iter().map(async |queue| {
            let (caller, answer) = oneshot::channel();
            if queue.send(None, WriterMessage::Stop(caller)).await.is_some() {
                let _ = answer.await;
            }
        }))
        .await;
        if let Some(relay) = &self.shared.relay
            && self.processes().is_some_and(Processes::has_others)
        {
            relay.flush().await;
        }
    }
}

/// Whether a command waits in one of the queues.
fn probe(queues: &[queue::Sender<WriterMessage>]) -> QueueProbe {
    let probes: Vec<_> = queues.iter().map(queue::Sender::probe).collect();
    Box::new(move || probes.iter().any(|is_waiting| is_waiting()))
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
