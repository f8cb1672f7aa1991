//! A connection to `PostgreSQL`, and the settings of its session. Must not depend on what it is used
//! for.

use super::run;
use crate::{Result, db::Values};
use sqlx::{
    Connection as _, PgConnection, SqlSafeStr,
    postgres::{PgConnectOptions, PgRow},
};

/// Settings of each session. Statements are written so that an index gives the rows in order, up to
/// their limit: the planner, which knows nothing of the values, would rather read a whole feed and
/// sort it. `off` makes such a plan expensive; what has no index still runs.
const SETTINGS: [(&str, &str); 9] = [
    ("search_path", "belfry"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_seqscan", "off"),
    ("enable_sort", "off"),
    ("jit", "off"),
    // Planning a page takes longer than reading it.
    ("plan_cache_mode", "force_generic_plan"),
    // A commit that is reported is on the disk.
    ("synchronous_commit", "on"),
];

/// A connection to `PostgreSQL`.
pub(crate) struct PostgresConnection {
    driver: PgConnection,
    is_usable: bool,
}

impl PostgresConnection {
    pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Self> {
        let options = options.clone().options(SETTINGS);
        Ok(Self { driver: PgConnection::connect_with(&options).await?, is_usable: true })
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.driver.close().await?)
    }

    /// Marks a connection whose transaction nobody has ended: it must not be used for anything else.
    pub(crate) fn abandon(&mut self) {
        self.is_usable = false;
    }

    /// Whether it is in no transaction that nobody has ended.
    pub(crate) fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// Runs the statements of a text. Returns the number of rows that they wrote.
    pub(crate) async fn execute(&mut self, text: &str, values: &Values) -> Result<u64> {
        run::execute(&mut self.driver, text, values).await
    }

    /// Runs the statements of a text. Returns the rows of all of them, in order.
    pub(crate) async fn fetch_all(&mut self, text: &str, values: &Values) -> Result<Vec<PgRow>> {
        run::fetch_all(&mut self.driver, text, values).await
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
