//! A connection to one of the databases. Must not depend on what it is used for.

use super::{Transaction, query_scalar};
use crate::{Result, postgres::PostgresConnection};
use sqlx::{
    Connection as _,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

/// How a connection is opened.
pub(crate) enum ConnectOptions {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl ConnectOptions {
    pub(crate) async fn connect(&self) -> Result<Connection> {
        match self {
            Self::Sqlite(options) => {
                Ok(Connection::Sqlite(SqliteConnection::connect_with(options).await?))
            }
            Self::Postgres(options) => {
                Ok(Connection::Postgres(PostgresConnection::connect(options).await?))
            }
        }
    }
}

/// An open connection.
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PostgresConnection),
}

impl Connection {
    /// Starts a transaction that is rolled back unless it is committed. On `SQLite` it takes the
    /// lock of the file at its first write.
    pub(crate) async fn begin(&mut self) -> Result<Transaction<'_>> {
        Transaction::begin(self, "BEGIN").await
    }

    /// The same for a transaction that will write. On `SQLite` it takes the lock of the file now.
    pub(crate) async fn begin_write(&mut self) -> Result<Transaction<'_>> {
        let statement = match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
            Self::Postgres(_) => "BEGIN",
        };
        Transaction::begin(self, statement).await
    }

    /// The number of rows that were written on it so far.
    pub(crate) async fn written_rows(&mut self) -> Result<u64> {
        match self {
            Self::Sqlite(_) => {
                let rows: i64 = query_scalar("SELECT total_changes()").fetch_one(self).await?;
                Ok(rows.unsigned_abs())
            }
            Self::Postgres(connection) => Ok(connection.written()),
        }
    }

    /// Whether the open transaction can't be committed because a statement has failed.
    pub(crate) fn has_failed(&self) -> bool {
        match self {
            // There, a failed statement undoes itself only.
            Self::Sqlite(_) => false,
            Self::Postgres(connection) => connection.has_failed(),
        }
    }

    /// Whether it can be used for something else: nobody has left a transaction open.
    pub(super) async fn is_usable(&mut self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(connection) => connection.is_usable().await,
        }
    }

    /// Closes the connection. A connection that is dropped instead closes later.
    pub(crate) async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => Ok(connection.close().await?),
            Self::Postgres(connection) => connection.close().await,
        }
    }

    /// Runs a text with several statements and no parameters.
    #[cfg(test)]
    pub(crate) async fn run_script(&mut self, text: impl sqlx::SqlSafeStr) -> Result<()> {
        match self {
            Self::Sqlite(connection) => {
                sqlx::raw_sql(text).execute(connection).await?;
            }
            Self::Postgres(connection) => connection.run_script(text).await?,
        }
        Ok(())
    }
}
