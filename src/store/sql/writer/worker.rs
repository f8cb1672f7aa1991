//! The task that owns the writer's connection: runs batches and recovers from failures.
//!
//! It ends only when it is stopped. A command that panics, or a connection that breaks, fails its
//! whole batch. Then the task opens another connection; until that succeeds every command is
//! rejected at once with the reason, which `/readyz` shows.

mod recovery;
mod transaction;

use super::{
    super::write_tx::WriteTx,
    MAX_BACKGROUND_TURN, MAX_BUSY_TURN, Shared, WriterMessage,
    command::{Command, caller_gone_error},
    queue,
    relay::Leftover,
};
use crate::{Result, StoreError, db::query, sqlite::DataVersion};
use belfry_domain::SiteId;
use futures_util::FutureExt as _;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval, timeout},
};

/// The most commands that share a commit, so that the first of them does not wait too long.
const MAX_BATCH_COMMANDS: usize = 256;
/// The time after which a batch takes no further command if it has those of several sites or, on a
/// server, where it has those of one, if another site waits.
const MAX_SHARED_BATCH_TIME: Duration = Duration::from_millis(4);
/// The most commands that share a commit on a server, which keeps up to 64 savepoints of a transaction
/// at hand.
const MAX_SERVER_BATCH_COMMANDS: usize = 64;
/// The time after which a batch on a server takes no further command: other processes wait for the
/// site.
const MAX_SERVER_BATCH_TIME: Duration = Duration::from_millis(50);
/// The longest batch on a server: then the connection to it is given up. It may have been cut
/// without a word.
const MAX_BATCH_TIME: Duration = Duration::from_secs(30);
/// The number of foreground batches after which background work gets a turn even if more commands
/// wait, so that it can't starve.
const BATCHES_PER_BACKGROUND_TURN: u32 = 8;
/// How long after a foreground command more of them are expected.
const BUSY_WINDOW: Duration = Duration::from_millis(100);
/// How often to check whether another process wrote to the file.
const EXTERNAL_WRITE_POLL_INTERVAL: Duration = Duration::from_millis(500);

pub(super) struct Worker {
    tx: WriteTx,
    shared: Arc<Shared>,
    data_version: DataVersion,
    /// Why nothing can be written until another connection is opened.
    failure: Option<StoreError>,
    /// Whether the savepoint of a command is still set, on a server.
    has_savepoint: bool,
    /// The failure of a command of the current batch that may be caused by the connection.
    suspected_failure: Option<StoreError>,
    /// The number of consecutive write failures.
    failures: u32,
    queue: queue::Receiver<WriterMessage>,
    background_queue: mpsc::Receiver<Box<dyn Command>>,
    /// Foreground batches since the last background turn.
    batches: u32,
    /// When the last foreground command started.
    last_foreground_at: Option<Instant>,
    stopping: Vec<oneshot::Sender<()>>,
}

impl Worker {
    pub(super) fn new(
        tx: WriteTx,
        data_version: DataVersion,
        shared: Arc<Shared>,
        queue: queue::Receiver<WriterMessage>,
        background_queue: mpsc::Receiver<Box<dyn Command>>,
    ) -> Self {
        Self {
            tx,
            shared,
            data_version,
            failure: None,
            has_savepoint: false,
            suspected_failure: None,
            failures: 0,
            queue,
            background_queue,
            batches: 0,
            last_foreground_at: None,
            stopping: Vec::new(),
        }
    }

    pub(super) async fn serve(mut self) {
        let mut tick = interval(EXTERNAL_WRITE_POLL_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.batches >= BATCHES_PER_BACKGROUND_TURN {
                self.batches = 0;
                if let Ok(job) = self.background_queue.try_recv() {
                    self.background(job).await;
                }
            }
            tokio::select! {
                biased;
                _ = tick.tick() => self.check().await,
                order = self.queue.recv() => match order {
                    Some((site, WriterMessage::Run(job))) => {
                        self.batches += 1;
                        self.last_foreground_at = Some(Instant::now());
                        self.run_guarded(site, job).await;
                    }
                    Some((_, WriterMessage::Stop(caller))) => self.stop(caller),
                    None => break,
                },
                Some(job) = self.background_queue.recv() => {
                    self.batches = 0;
                    self.background(job).await;
                }
            }
        }
        let Self { tx, stopping, .. } = self;
        // The last connection to close checkpoints the WAL.
        if let Err(error) = tx.connection.close().await {
            tracing::warn!(%error, "the database did not close cleanly; its log is replayed at the next start");
        }
        for caller in stopping {
            let _ = caller.send(());
        }
    }

    /// One turn of background work.
    async fn background(&mut self, job: Box<dyn Command>) {
        let is_busy = self.last_foreground_at.is_some_and(|busy| busy.elapsed() < BUSY_WINDOW);
        self.tx.background_turn = if is_busy { MAX_BUSY_TURN } else { MAX_BACKGROUND_TURN };
        self.run_guarded(None, job).await;
    }

    /// Rejects new commands; queued ones are still run.
    fn stop(&mut self, caller: oneshot::Sender<()>) {
        self.queue.close();
        self.background_queue.close();
        self.stopping.push(caller);
    }

    /// Runs a batch that may panic, after which the state of its connection is unknown.
    async fn run_guarded(&mut self, site: Option<SiteId>, first: Box<dyn Command>) {
        if self.failure.is_some() {
            self.reopen_connection().await;
        }
        if let Some(reason) = &self.failure {
            let reason = reason.clone();
            first.complete(Some(reason.clone()));
            return self.fail_queued(&reason);
        }
        let is_sqlite = self.is_sqlite();
        let batch = AssertUnwindSafe(self.batch(site, first)).catch_unwind();
        let ran = if is_sqlite { Ok(batch.await) } else { timeout(MAX_BATCH_TIME, batch).await };
        let reason = match ran {
            Ok(Ok(())) => return,
            Ok(Err(_)) => "a command panicked",
            Err(_) => "the database did not answer in time",
        };
        self.tx.reset();
        self.mark_broken(StoreError::Unavailable(reason.to_owned()));
        self.reopen_connection().await;
    }

    async fn batch(&mut self, site: Option<SiteId>, first: Box<dyn Command>) {
        if first.is_single() && self.is_sqlite() && self.queue.is_empty() {
            let began = Instant::now();
            self.run_single(first).await;
            self.queue.charge(site, began.elapsed());
        } else {
            self.run_batch(site, first).await;
        }
        if let Some(failure) = self.suspected_failure.take() {
            self.check_connection(&failure).await;
        }
    }

    /// Runs a command, and what is queued behind it, in one transaction.
    async fn run_batch(&mut self, first_site: Option<SiteId>, first: Box<dyn Command>) {
        let mut done = Vec::new();
        let mut next = Some((first_site, first));
        // Until its events are published.
        let _turn = self.turn(first_site).await;
        let (began, mut is_shared) = (Instant::now(), false);
        let mut result = self.begin_reconnecting(first_site).await;
        if let Err(failure) = &result {
            // They have waited for the same lock.
            let failure = failure.clone();
            self.fail_queued(&failure);
        }
        while result.is_ok()
            && let Some((site, job)) = next.take()
        {
            let job_began = Instant::now();
            result = self.attempt(first_site, job, &mut done).await;
            self.queue.charge(site, job_began.elapsed());
            if result.is_ok() && self.takes_more(done.len(), began.elapsed(), is_shared) {
                next = self.next_queued_behind(first_site);
                is_shared |= next.as_ref().is_some_and(|(site, _)| *site != first_site)
                    || (!self.is_sqlite() && self.queue.has_others(first_site));
            }
        }
        if result.is_ok() {
            result = self.commit().await;
        }
        done.extend(next.map(|(_, job)| job));
        self.finish_batch(done, result).await;
    }

    /// Whether a batch with this many commands, running for this long, takes another one.
    fn takes_more(&self, commands: usize, ran: Duration, is_shared: bool) -> bool {
        if is_shared && ran >= MAX_SHARED_BATCH_TIME {
            return false;
        }
        if self.is_sqlite() {
            commands < MAX_BATCH_COMMANDS
        } else {
            commands < MAX_SERVER_BATCH_COMMANDS && ran < MAX_SERVER_BATCH_TIME
        }
    }

    /// Runs a command of one writing statement with nothing queued behind it: the statement is its
    /// own transaction, which saves two round trips to the connection.
    async fn run_single(&mut self, mut job: Box<dyn Command>) {
        if !job.start() {
            return job.complete(Some(caller_gone_error()));
        }
        match job.run(&mut self.tx).await {
            Ok(()) => self.finish_batch(vec![job], Ok(())).await,
            Err(failure) => {
                self.tx.roll_back_to((0, 0));
                if !matches!(failure, StoreError::Conflict(_)) {
                    self.fail_queued(&failure);
                    self.suspected_failure = Some(failure.clone());
                }
                job.complete(Some(failure));
            }
        }
    }

    /// Runs one command. A failure of the command affects only itself; an error returned here fails
    /// the whole batch.
    async fn attempt(
        &mut self,
        first_site: Option<SiteId>,
        mut job: Box<dyn Command>,
        done: &mut Vec<Box<dyn Command>>,
    ) -> Result<()> {
        if !job.start() {
            job.complete(Some(caller_gone_error()));
            return Ok(());
        }
        let kept = self.tx.savepoint();
        // On PostgreSQL, any failed statement fails the transaction.
        if job.is_single() && self.is_sqlite() {
            return self.attempt_single(job, done).await;
        }
        // The first one needs no savepoint: there is nothing before it to preserve.
        let alone = done.is_empty();
        if !alone {
            self.set_savepoint().await?;
        }
        let Err(failure) = job.run(&mut self.tx).await else {
            done.push(job);
            return if alone { Ok(()) } else { self.release_savepoint().await };
        };
        self.tx.roll_back_to(kept);
        if !matches!(failure, StoreError::Conflict(_)) {
            self.suspected_failure = Some(failure.clone());
        }
        let undone = self.roll_back_command(first_site, alone).await;
        // If the undo failed, SQLite has rolled back the whole transaction (it does so on a full
        // disk).
        let result = undone.map_err(|_| failure.clone());
        job.complete(Some(failure));
        result
    }

    async fn attempt_single(
        &mut self,
        mut job: Box<dyn Command>,
        done: &mut Vec<Box<dyn Command>>,
    ) -> Result<()> {
        let noted = self.tx.savepoint();
        match job.run(&mut self.tx).await {
            Ok(()) => {
                done.push(job);
                Ok(())
            }
            Err(conflict @ StoreError::Conflict(_)) => {
                self.tx.roll_back_to(noted);
                job.complete(Some(conflict));
                Ok(())
            }
            // SQLite may have rolled back the whole transaction (it does so on a full disk), which
            // can't be detected without a savepoint.
            Err(failure) => {
                let result = Err(failure.clone());
                job.complete(Some(failure));
                result
            }
        }
    }

    /// Rolls back a failed command, and keeps those before it in the batch.
    async fn roll_back_command(&mut self, site: Option<SiteId>, alone: bool) -> Result<()> {
        if alone {
            let _ = self.execute("ROLLBACK").await;
            return self.begin(site).await;
        }
        self.execute("ROLLBACK TO command").await?;
        self.release_savepoint().await
    }

    /// The next command that is already queued.
    fn next_queued(&mut self) -> Option<(Option<SiteId>, Box<dyn Command>)> {
        loop {
            match self.queue.try_recv()? {
                (site, WriterMessage::Run(job)) => return Some((site, job)),
                (_, WriterMessage::Stop(caller)) => self.stop(caller),
            }
        }
    }

    /// The next command that can share the transaction of one of this site.
    fn next_queued_behind(
        &mut self,
        site: Option<SiteId>,
    ) -> Option<(Option<SiteId>, Box<dyn Command>)> {
        if self.is_sqlite() {
            return self.next_queued();
        }
        loop {
            match self.queue.try_recv_of(site)? {
                WriterMessage::Run(job) => return Some((site, job)),
                WriterMessage::Stop(caller) => self.stop(caller),
            }
        }
    }

    /// Rejects all queued commands.
    fn fail_queued(&mut self, failure: &StoreError) {
        while let Some((_, job)) = self.next_queued() {
            job.complete(Some(failure.clone()));
        }
    }

    async fn finish_batch(&mut self, done: Vec<Box<dyn Command>>, result: Result<()>) {
        let (changes, versions) = self.tx.take();
        let leftover =
            Leftover { delivery: self.tx.take_queued(), fan_out: self.tx.take_fans_out() };
        let unseen = self.tx.take_unseen();
        if let Err(failure) = result {
            let _ = self.execute("ROLLBACK").await;
            tracing::error!(error = %failure, commands = done.len(), "a commit failed");
            for job in done {
                job.complete(Some(failure.clone()));
            }
            self.suspected_failure = Some(failure);
            return;
        }
        if self.suspected_failure.is_none() {
            self.failures = 0;
        }
        if let Some(relay) = &self.shared.relay {
            relay.commit(versions, changes, leftover, unseen);
        } else {
            self.shared.publish_external_writes(self.shared.site_versions.record_own(versions));
            self.shared.commit_signals.notify(leftover);
            for change in changes {
                self.shared.event_sink.publish(change);
            }
        }
        for job in done {
            job.complete(None);
        }
    }

    async fn execute(&mut self, statement: &'static str) -> Result<()> {
        query(statement).execute(&mut self.tx.connection).await?;
        Ok(())
    }
}
