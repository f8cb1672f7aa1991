//! Brings what the log holds into the database, on a connection of its own, so that no commit waits while a thousand pages are copied and
//! reach the disk. Must not know what was written.
//!
//! It blocks nobody: the writer goes on appending meanwhile, and therefore the log is seldom in the database as a whole, which is what
//! `SQLite` needs to use it from its beginning again. So once the log is long, little is left over more often; and from
//! [`LONGEST_LOG`] on the writer's own connection does the small rest, as it would do for all of it without this.

use super::{super::open, connection::Place};
use crate::store::Result;
use sqlx::{Connection as _, SqliteConnection};
use std::{sync::Arc, time::Duration};
use tokio::{
    select,
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::sleep,
};

/// Pages in the log from which on the writer's connection brings them into the database itself: 32 MB.
pub(in crate::store::sqlite) const LONGEST_LOG: i64 = 8_000;
/// Pages that are not in the database yet, from which on they are worth the trouble: many are written again and again.
const WORTH_IT: i64 = 1_000;
/// The same in a long log, which is to be used from its beginning soon.
const WORTH_IT_IN_LONG_LOG: i64 = 64;
/// Least time between two looks, while something is committed.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The same while the log is long, or much is written.
const LOOK_AGAIN_IN: Duration = Duration::from_millis(5);

/// The task. It ends by [`Checkpoints::stop`], or with the writer.
pub(super) struct Checkpoints {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Checkpoints {
    /// Starts it; it looks after each commit of which it is told.
    pub(super) fn start(place: Place, committed: Arc<Notify>) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = async move {
            let mut log = Log { place, connection: None };
            loop {
                select! {
                    biased;
                    _ = &mut stopped => break,
                    () = committed.notified() => {}
                }
                let pause = log.look().await.unwrap_or_else(|error| {
                    tracing::debug!(%error, "the log was not brought into the database; the writer does it when the log is long");
                    log.connection = None;
                    LOOK_EVERY
                });
                select! {
                    biased;
                    _ = &mut stopped => break,
                    () = sleep(pause) => {}
                }
            }
            if let Some(connection) = log.connection {
                let _ = connection.close().await;
            }
        };
        Self { stop, task: tokio::spawn(task) }
    }

    /// Closes its connection, so that the writer's is the last one.
    pub(super) async fn stop(self) {
        drop(self.stop);
        let _ = self.task.await;
    }
}

struct Log {
    place: Place,
    /// Opened when it is first needed.
    connection: Option<SqliteConnection>,
}

/// Pages of the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pages {
    pub(super) all: i64,
    pub(super) in_database: i64,
}

impl Log {
    /// Looks how long the log is, and brings it into the database where that is worth it. Gives the time after which to look again.
    async fn look(&mut self) -> Result<Duration> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(open::checkpointer(self.place.options()?).await?),
        };
        let pages = pages(connection, "PRAGMA wal_checkpoint(NOOP)").await?;
        let is_long = pages.all > LONGEST_LOG / 2;
        let is_worth_it = pages.all - pages.in_database >= if is_long { WORTH_IT_IN_LONG_LOG } else { WORTH_IT };
        if is_worth_it {
            self::pages(connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
        }
        Ok(if is_long || is_worth_it { LOOK_AGAIN_IN } else { LOOK_EVERY })
    }
}

/// What a checkpoint of this kind says of the log; `NOOP` only looks.
pub(super) async fn pages(connection: &mut SqliteConnection, checkpoint: &'static str) -> Result<Pages> {
    let (_, all, in_database): (i64, i64, i64) = sqlx::query_as(checkpoint).fetch_one(connection).await?;
    Ok(Pages { all, in_database })
}
