//! A connection to `PostgreSQL`. Must not depend on what it is used for.

use super::run;
use crate::{Result, StoreError, db::Values};
use sqlx::{
    Connection as _, PgConnection, SqlSafeStr,
    postgres::{PgConnectOptions, PgRow},
};
use std::time::Duration;
use tokio::time::Instant;

/// A connection that was not used for this long is tried before it is used: the server, or what is
/// between, may have ended it.
const MAX_IDLE: Duration = Duration::from_secs(1);

/// A connection to `PostgreSQL`.
pub(crate) struct PostgresConnection {
    driver: PgConnection,
    is_usable: bool,
    used_at: Instant,
    written: u64,
    has_failed: bool,
}

impl PostgresConnection {
    pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Self> {
        let driver = PgConnection::connect_with(options).await?;
        Ok(Self { driver, is_usable: true, used_at: Instant::now(), written: 0, has_failed: false })
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.driver.close().await?)
    }

    /// Marks a connection whose transaction nobody has ended: it must not be used for anything else.
    pub(crate) fn abandon(&mut self) {
        self.is_usable = false;
    }

    /// Whether it is in no transaction and no statement that nobody has ended, and has not failed.
    pub(crate) async fn is_usable(&mut self) -> bool {
        if self.is_usable && self.used_at.elapsed() >= MAX_IDLE {
            self.is_usable = false;
            self.is_usable = self.driver.ping().await.is_ok();
        }
        self.is_usable
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
        let was_usable = std::mem::replace(&mut self.is_usable, false);
        let result = run::execute(&mut self.driver, text, values, &mut self.written).await;
        self.finish(was_usable, &result);
        if result.is_ok() && (text == "BEGIN" || text.starts_with("ROLLBACK")) {
            self.has_failed = false;
        }
        result
    }

    /// Runs the statements of a text. Returns the rows of all of them, in order.
    pub(crate) async fn fetch_all(&mut self, text: &str, values: &Values) -> Result<Vec<PgRow>> {
        // While it runs, its caller may be dropped: the answer would be read by the next statement.
        let was_usable = std::mem::replace(&mut self.is_usable, false);
        let result = run::fetch_all(&mut self.driver, text, values, &mut self.written).await;
        self.finish(was_usable, &result);
        result
    }

    fn finish<T>(&mut self, was_usable: bool, result: &Result<T>) {
        // The connection may have failed, not only the statement.
        let is_lost = matches!(result, Err(StoreError::Unavailable(_)));
        (self.is_usable, self.used_at) = (was_usable && !is_lost, Instant::now());
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
