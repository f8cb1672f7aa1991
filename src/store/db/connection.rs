//! A connection to one of the databases. Must not depend on what it is used for.

use super::Transaction;
use crate::Result;
use sqlx::{
    Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

/// How a connection is opened.
pub(crate) enum ConnectOptions {
    Sqlite(SqliteConnectOptions),
}

impl ConnectOptions {
    pub(crate) async fn connect(&self) -> Result<Connection> {
        match self {
            Self::Sqlite(options) => {
                Ok(Connection::Sqlite(SqliteConnection::connect_with(options).await?))
            }
        }
    }
}

/// An open connection.
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
}

impl Connection {
    /// Starts a transaction that is rolled back unless it is committed. On `SQLite` it takes the
    /// lock of the file at its first write.
    pub(crate) async fn begin(&mut self) -> Result<Transaction<'_>> {
        Transaction::begin(self, "BEGIN").await
    }

    /// The same for a transaction that will write. On `SQLite` it takes the lock of the file now.
    pub(crate) async fn begin_write(&mut self) -> Result<Transaction<'_>> {
        Transaction::begin(self, "BEGIN IMMEDIATE").await
    }

    /// Closes the connection. A connection that is dropped instead closes later.
    pub(crate) async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.close().await?),
        }
    }

    /// Runs a text with several statements and no parameters.
    #[cfg(test)]
    pub(crate) async fn run_script(&mut self, text: impl sqlx::SqlSafeStr) -> Result<()> {
        match self {
            Self::Sqlite(connection) => {
                sqlx::raw_sql(text).execute(connection).await?;
            }
        }
        Ok(())
    }
}
