//! A connection to `PostgreSQL`. Must not depend on what it is used for.

use super::run;
use crate::{Result, StoreError, db::Values};
use sqlx::{
    Connection as _, PgConnection, SqlSafeStr,
    postgres::{PgConnectOptions, PgRow},
};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A connection that was not used for this long is tried before it is used: the server, or what is
/// between, may have ended it.
const MAX_IDLE: Duration = Duration::from_secs(1);

/// How long the server may take to answer then, with what it still runs.
const MAX_PING_TIME: Duration = Duration::from_secs(5);

/// A connection to `PostgreSQL`.
pub(crate) struct PostgresConnection {
    driver: PgConnection,
    /// Whether a statement was started whose answer nobody has read.
    is_busy: bool,
    /// Whether it has failed, or its transaction was left open.
    is_lost: bool,
    used_at: Instant,
    written: u64,
    has_failed: bool,
}

impl PostgresConnection {
    pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Self> {
        let driver = PgConnection::connect_with(options).await?;
        Ok(Self {
            driver,
            is_busy: false,
            is_lost: false,
            used_at: Instant::now(),
            written: 0,
            has_failed: false,
        })
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.driver.close().await?)
    }

    /// Marks a connection whose transaction nobody has ended: it must not be used for anything else.
    pub(crate) fn abandon(&mut self) {
        self.is_lost = true;
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
            let answered = timeout(MAX_PING_TIME, self.driver.ping()).await;
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
        self.is_busy = true;
        let result = run::execute(&mut self.driver, text, values, &mut self.written).await;
        self.finish(&result);
        if result.is_ok() && (text == "BEGIN" || text.starts_with("ROLLBACK")) {
            self.has_failed = false;
        }
        result
    }

    /// Runs the statements of a text. Returns the rows of all of them, in order.
    pub(crate) async fn fetch_all(&mut self, text: &str, values: &Values) -> Result<Vec<PgRow>> {
        self.is_busy = true;
        let result = run::fetch_all(&mut self.driver, text, values, &mut self.written).await;
        self.finish(&result);
        result
    }

    fn finish<T>(&mut self, result: &Result<T>) {
        (self.is_busy, self.used_at) = (false, Instant::now());
        // The connection may have failed, not only the statement.
        self.is_lost |= matches!(result, Err(StoreError::Unavailable(_)));
        self.has_failed |= result.is_err();
    }

    /// Runs a text as it is.
    pub(crate) async fn run_script(&mut self, text: impl SqlSafeStr) -> Result<()> {
        sqlx::raw_sql(text).execute(&mut self.driver).await?;
        Ok(())
    }

    pub(super) fn driver(&mut self) -> &mut PgConnection {
        &mut self.driver
    }
}
