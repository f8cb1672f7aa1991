//! Elects one of the processes on the same database. The leader holds a lock of its session, which
//! ends with its connection: another process can take over at once when it stops or dies. Must not
//! depend on what the leader does.

use super::{PostgresOptions, session};
use crate::{
    Result, StoreError,
    db::{Connection, query_scalar},
};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Identifies the lock in `pg_locks`.
const LOCK: i64 = 0x6c65_6164_6572;
/// How long an answer is remembered. After the connection of the leader was lost, two processes may
/// both lead for this long; what the former one has begun to send goes on.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// How long the server may take to answer.
const MAX_TIME: Duration = Duration::from_secs(5);

/// The candidacy of this process.
pub(crate) struct Candidate {
    options: PostgresOptions,
    /// The session that holds the lock, or asks for it.
    session: Option<Connection>,
    leads: bool,
    checked_at: Option<Instant>,
}

impl Candidate {
    pub(crate) fn new(options: PostgresOptions) -> Self {
        Self { options, session: None, leads: false, checked_at: None }
    }

    /// Whether this process leads. Takes the lead if nobody has it.
    pub(crate) async fn leads(&mut self) -> Result<bool> {
        if self.checked_at.is_none_or(|checked| checked.elapsed() >= CHECK_EVERY) {
            // In this order: if it fails, or its caller is dropped, the lead is given up.
            let (session, led) = (self.session.take(), std::mem::take(&mut self.leads));
            let checked = timeout(MAX_TIME, check(&self.options, session, led)).await;
            let too_long = |_| StoreError::Unavailable("the database does not answer".to_owned());
            let (session, leads) = checked.map_err(too_long)??;
            (self.session, self.leads) = (Some(session), leads);
            self.checked_at = Some(Instant::now());
        }
        Ok(self.leads)
    }

    /// Gives up the lead.
    pub(crate) async fn resign(&mut self) {
        self.leads = false;
        if let Some(session) = self.session.take() {
            let _ = session.close().await;
        }
    }
}

/// Whether a session that held the lock still works, or another one gets it.
async fn check(
    options: &PostgresOptions,
    session: Option<Connection>,
    led: bool,
) -> Result<(Connection, bool)> {
    if let Some(mut session) = session {
        let answer: Result<bool> = if led {
            query_scalar("SELECT true").fetch_one(&mut session).await
        } else {
            try_lock(&mut session).await
        };
        if let Ok(leads) = answer {
            return Ok((session, leads));
        }
    }
    let mut session = session::direct(options).connect().await?;
    let leads = try_lock(&mut session).await?;
    Ok((session, leads))
}

async fn try_lock(session: &mut Connection) -> Result<bool> {
    query_scalar("SELECT pg_try_advisory_lock(?1)").bind(LOCK).fetch_one(session).await
}
