//! A connection to `PostgreSQL`. Must not depend on what it is used for.

use super::{
    pooled::{self, OwnTransaction, Pooled, Step},
    run,
    session::Session,
};
use crate::{Result, StoreError, db::Values};
use sqlx::{Connection as _, PgConnection, SqlSafeStr, postgres::PgRow};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// A connection that was not used for this long is tried before it is used: the server, or what is
/// between, may have ended it.
const MAX_IDLE: Duration = Duration::from_secs(1);

/// How long the server may take to answer then, with what it still runs.
const MAX_PING_TIME: Duration = Duration::from_secs(5);

/// A connection to `PostgreSQL`.
pub(crate) struct PostgresConnection {
    /// `None` when it was abandoned.
    driver: Option<PgConnection>,
    /// `None` when it leads to the server itself.
    pooled: Option<Pooled>,
    /// Whether a statement was started whose answer nobody has read.
    is_busy: bool,
    /// Whether it has failed, or its transaction was left open.
    is_lost: bool,
    used_at: Instant,
    written: u64,
    has_failed: bool,
    /// The database, for recording.
    #[cfg(test)]
    database: String,
}

impl PostgresConnection {
    pub(crate) async fn connect(session: &Session) -> Result<Self> {
        let mut driver = PgConnection::connect_with(&session.server).await?;
        let pooled = match &session.begin {
            Some(begin) => Some(Pooled::recognize(Arc::clone(begin), &mut driver).await?),
            None => None,
        };
        Ok(Self {
            driver: Some(driver),
            pooled,
            is_busy: false,
            is_lost: false,
            used_at: Instant::now(),
            written: 0,
            has_failed: false,
            #[cfg(test)]
            database: session.server.get_database().unwrap_or_default().to_owned(),
        })
    }

    pub(crate) async fn close(self) -> Result<()> {
        match self.driver {
            Some(driver) => Ok(driver.close().await?),
            None => Ok(()),
        }
    }

    /// Ends a connection whose transaction nobody has ended. The server rolls it back, and a pooler
    /// has its connection to the server back.
    pub(crate) fn abandon(&mut self) {
        (self.driver, self.is_lost) = (None, true);
    }

    /// Whether nobody has left a statement or a transaction on it.
    pub(crate) fn is_idle(&self) -> bool {
        !self.is_busy && !self.is_lost
    }

    /// Whether it works and is in no transaction. Waits for a statement that its caller has left.
    pub(crate) async fn is_usable(&mut self) -> bool {
        if !self.is_lost && (self.is_busy || self.used_at.elapsed() >= MAX_IDLE) {
            // Unless it answers.
            self.is_lost = true;
            let Some(driver) = &mut self.driver else { return false };
            let answered = timeout(MAX_PING_TIME, driver.ping()).await;
            self.is_lost = !matches!(answered, Ok(Ok(())));
            self.is_busy = self.is_lost;
        }
        !self.is_lost
    }

    /// The number of rows that were written on this connection.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Whether a statement has failed since the transaction began or went back to a savepoint. The
    /// server would answer `COMMIT` with a rollback, and without an error.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Runs the statements of a text. Returns the number of rows that they wrote.
    pub(crate) async fn execute(&mut self, text: &str, values: &Values) -> Result<u64> {
        #[cfg(test)]
        super::testing::record(&self.database, text, values);
        match self.step(text) {
            Step::Inside => self.execute_inside(text, values).await,
            Step::Control => self.run_control(text).await.map(|()| 0),
            Step::Alone => {
                let mut transaction = OwnTransaction::begin(self).await?;
                let result = transaction.connection().execute_inside(text, values).await;
                transaction.end(result).await
            }
        }
    }

    async fn execute_inside(&mut self, text: &str, values: &Values) -> Result<u64> {
        let persistent = self.keeps_statements();
        self.is_busy = true;
        let driver = self.driver.as_mut().ok_or_else(lost)?;
        let result = run::execute(driver, text, values, persistent, &mut self.written).await;
        self.finish(&result);
        if result.is_ok() {
            self.forget_failure(text);
        }
        result
    }

    /// Runs the statements of a text. Returns the rows of all of them, in order.
    pub(crate) async fn fetch_all(&mut self, text: &str, values: &Values) -> Result<Vec<PgRow>> {
        #[cfg(test)]
        super::testing::record(&self.database, text, values);
        match self.step(text) {
            Step::Inside => self.fetch_inside(text, values).await,
            Step::Control => self.run_control(text).await.map(|()| Vec::new()),
            Step::Alone => {
                let mut transaction = OwnTransaction::begin(self).await?;
                let result = transaction.connection().fetch_inside(text, values).await;
                transaction.end(result).await
            }
        }
    }

    async fn fetch_inside(&mut self, text: &str, values: &Values) -> Result<Vec<PgRow>> {
        let persistent = self.keeps_statements();
        self.is_busy = true;
        let driver = self.driver.as_mut().ok_or_else(lost)?;
        let result = run::fetch_all(driver, text, values, persistent, &mut self.written).await;
        self.finish(&result);
        result
    }

    /// Through a pooler: begins or ends a transaction or a part of one.
    pub(super) async fn run_control(&mut self, text: &str) -> Result<()> {
        let Some(pooled) = &mut self.pooled else { return Ok(()) };
        let control = pooled.control(text);
        self.is_busy = true;
        let result = pooled::run(self.driver.as_mut().ok_or_else(lost)?, control).await;
        self.finish(&result);
        if result.is_ok() {
            self.forget_failure(text);
        }
        result
    }

    fn step(&self, text: &str) -> Step {
        self.pooled.as_ref().map_or(Step::Inside, |pooled| pooled.step(text))
    }

    fn keeps_statements(&self) -> bool {
        self.pooled.as_ref().is_none_or(Pooled::keeps_statements)
    }

    fn forget_failure(&mut self, text: &str) {
        if text == "BEGIN" || text.starts_with("ROLLBACK") {
            self.has_failed = false;
        }
    }

    fn finish<T>(&mut self, result: &Result<T>) {
        (self.is_busy, self.used_at) = (false, Instant::now());
        // The connection may have failed, not only the statement.
        self.is_lost |= matches!(result, Err(StoreError::Unavailable(_)));
        self.has_failed |= result.is_err();
    }

    /// Runs statements without parameters in one round trip.
    pub(crate) async fn execute_together(&mut self, text: &'static str) -> Result<()> {
        self.is_busy = true;
        let result = self.run_script(text).await;
        self.finish(&result);
        result
    }

    /// Runs a text as it is.
    pub(crate) async fn run_script(&mut self, text: impl SqlSafeStr) -> Result<()> {
        sqlx::raw_sql(text).execute(self.driver()?).await?;
        Ok(())
    }

    pub(super) fn driver(&mut self) -> Result<&mut PgConnection> {
        self.driver.as_mut().ok_or_else(lost)
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable("the connection was ended".to_owned())
}
