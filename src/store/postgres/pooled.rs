//! What differs where each transaction may run on another connection to the server, as through
//! `PgBouncer` in transaction mode. Must not depend on what is stored.
//!
//! - Nothing stays on the connection: the settings are those of a transaction, and are made by the
//!   statements that begin it.
//! - So each statement is part of a transaction. One that stands alone gets its own.
//! - A transaction whose caller is gone keeps a connection of the pooler: it is ended at once.
//! - Statements are prepared for one use, and in a transaction, since the driver sends a statement and
//!   its values apart. A pooler that keeps track of prepared statements is recognized, and keeps them.

use super::PostgresConnection;
use crate::Result;
use sqlx::PgConnection;
use std::sync::Arc;

/// Whether the name of this statement, which the driver has prepared, is one that a pooler has given.
/// One that knows nothing of it passes the driver's name on.
const KEEPS_STATEMENTS: &str = "SELECT bool_or(name LIKE 'PGBOUNCER\\_%') AND NOT bool_or(name LIKE 'sqlx\\_%') FROM pg_prepared_statements";

/// The first statement that the driver prepares. A pooler that does not know of it would leave it to
/// the next client.
const FORGET: &str = "DEALLOCATE sqlx_s_1";

/// What is known of a pooler and of the transaction through it.
pub(super) struct Pooled {
    /// The statements that begin a transaction.
    begin: Arc<str>,
    is_in_transaction: bool,
    keeps_statements: bool,
}

/// What a statement means here.
pub(super) enum Step {
    /// It begins or ends a transaction or a part of one.
    Control,
    /// It is part of a transaction, or needs none.
    Inside,
    /// It needs a transaction of its own.
    Alone,
}

impl Pooled {
    /// Asks the pooler what it can do.
    pub(super) async fn recognize(begin: Arc<str>, driver: &mut PgConnection) -> Result<Self> {
        run(driver, Arc::clone(&begin)).await?;
        // It fails if another client has left a statement of the same name.
        let keeps: sqlx::Result<Option<bool>> =
            sqlx::query_scalar(KEEPS_STATEMENTS).fetch_one(&mut *driver).await;
        let keeps_statements = matches!(keeps, Ok(Some(true)));
        if keeps.is_ok() && !keeps_statements {
            // Another pooler may have given it a name of its own.
            let _ = run(driver, FORGET).await;
        }
        run(driver, "ROLLBACK").await?;
        Ok(Self { begin, is_in_transaction: false, keeps_statements })
    }

    pub(super) fn keeps_statements(&self) -> bool {
        self.keeps_statements
    }

    pub(super) fn step(&self, text: &str) -> Step {
        let parts = ["SAVEPOINT ", "RELEASE ", "ROLLBACK TO "];
        if matches!(text, "BEGIN" | "COMMIT" | "ROLLBACK")
            || parts.iter().any(|part| text.starts_with(part))
        {
            Step::Control
        } else if self.is_in_transaction {
            Step::Inside
        } else {
            Step::Alone
        }
    }

    /// The text of a statement that controls transactions, which is run next.
    pub(super) fn control(&mut self, text: &str) -> Arc<str> {
        match text {
            "BEGIN" => {
                self.is_in_transaction = true;
                Arc::clone(&self.begin)
            }
            "COMMIT" | "ROLLBACK" => {
                // It ends even if that fails.
                self.is_in_transaction = false;
                text.into()
            }
            _ => text.into(),
        }
    }
}

/// Runs statements without values in one round trip.
pub(super) async fn run(driver: &mut PgConnection, text: impl Into<Arc<str>>) -> Result<()> {
    let text: Arc<str> = text.into();
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(driver).await?;
    Ok(())
}

/// The transaction of one statement. Dropping it ends the connection.
pub(super) struct OwnTransaction<'c> {
    connection: &'c mut PostgresConnection,
    is_open: bool,
}

impl<'c> OwnTransaction<'c> {
    pub(super) async fn begin(connection: &'c mut PostgresConnection) -> Result<Self> {
        // Guarded before it starts: a caller may be dropped while it waits for the answer.
        let transaction = Self { connection, is_open: true };
        transaction.connection.run_control("BEGIN").await?;
        Ok(transaction)
    }

    pub(super) fn connection(&mut self) -> &mut PostgresConnection {
        self.connection
    }

    /// Ends it as the result of its statement says.
    pub(super) async fn end<T>(mut self, result: Result<T>) -> Result<T> {
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.connection.run_control(end).await;
        self.is_open = ended.is_err();
        result.and_then(|value| ended.map(|()| value))
    }
}

impl Drop for OwnTransaction<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.connection.abandon();
        }
    }
}
