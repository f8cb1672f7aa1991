//! Elects one of the processes on the same database. The leader holds a lock of its session, which
//! ends with its connection: another process can take over at once when it stops or dies. Must not
//! depend on what the leader does.

use super::{PostgresOptions, session};
use crate::{
    Result,
    db::{Connection, query_scalar},
};
use std::time::Duration;
use tokio::time::Instant;

/// Identifies the lock in `pg_locks`.
const LOCK: i64 = 0x6c65_6164_6572;
/// How long an answer is remembered: the longest time in which two processes both lead, after the
/// connection of one was lost.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// The candidacy of this process.
pub(crate) struct Candidate {
    options: PostgresOptions,
    /// Open while this process leads.
    lock: Option<Connection>,
    checked_at: Option<Instant>,
}

impl Candidate {
    pub(crate) fn new(options: PostgresOptions) -> Self {
        Self { options, lock: None, checked_at: None }
    }

    /// Whether this process leads. Takes the lead if nobody has it.
    pub(crate) async fn leads(&mut self) -> Result<bool> {
        if self.checked_at.is_none_or(|checked| checked.elapsed() >= CHECK_EVERY) {
            // In this order: if it fails, or its caller is dropped, the lead is given up.
            let held = self.lock.take();
            self.lock = self.check(held).await?;
            self.checked_at = Some(Instant::now());
        }
        Ok(self.lock.is_some())
    }

    async fn check(&self, held: Option<Connection>) -> Result<Option<Connection>> {
        if let Some(mut connection) = held {
            let works: Result<i64> = query_scalar("SELECT 1").fetch_one(&mut connection).await;
            if works.is_ok() {
                return Ok(Some(connection));
            }
        }
        let mut connection = session::writer(&self.options).connect().await?;
        let taken: bool = query_scalar("SELECT pg_try_advisory_lock(?1)")
            .bind(LOCK)
            .fetch_one(&mut connection)
            .await?;
        if taken {
            return Ok(Some(connection));
        }
        connection.close().await?;
        Ok(None)
    }

    /// Gives up the lead.
    pub(crate) async fn resign(&mut self) {
        if let Some(connection) = self.lock.take() {
            let _ = connection.close().await;
        }
    }
}
