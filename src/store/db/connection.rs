//! A connection to one of the databases. Must not depend on what it is used for.

use super::{Transaction, query_scalar};
use crate::{
    Result, StoreError,
    postgres::{PostgresConnection, session::Session},
    sqlite::{FileConnection, database_file::DatabaseFile},
};
use sqlx::{
    Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use std::time::Duration;
use tokio::time::timeout;

/// How long a server may take to accept a connection.
const MAX_CONNECT_TIME: Duration = Duration::from_secs(5);

/// How a connection is opened.
pub(crate) enum ConnectOptions {
    Sqlite(Box<SqliteConnectOptions>),
    /// Fails if the file was deleted or replaced since.
    SameFile(Box<SqliteConnectOptions>, DatabaseFile),
    Postgres(Box<Session>),
}

impl ConnectOptions {
    pub(crate) async fn connect(&self) -> Result<Connection> {
        match self {
            Self::Sqlite(options) => open_file(options).await,
            Self::SameFile(options, file) => {
                file.check_read()?;
                open_file(options).await
            }
            Self::Postgres(options) => {
                let connecting = PostgresConnection::connect(options);
                let connection =
                    timeout(MAX_CONNECT_TIME, connecting).await.unwrap_or_else(|_| {
                        Err(StoreError::Unavailable("the database does not answer".to_owned()))
                    })?;
                Ok(Connection::Postgres(connection))
            }
        }
    }
}

async fn open_file(options: &SqliteConnectOptions) -> Result<Connection> {
    let driver = SqliteConnection::connect_with(options).await?;
    Ok(Connection::Sqlite(FileConnection::new(driver)))
}

/// An open connection.
pub(crate) enum Connection {
    Sqlite(FileConnection),
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

    /// Whether nobody has left a statement or a transaction on it.
    pub(super) fn is_idle(&self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.is_idle(),
            Self::Postgres(connection) => connection.is_idle(),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Whether it can be used for something else. Waits for a statement that its caller has left.
    pub(super) async fn is_usable(&mut self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.settle().await,
            Self::Postgres(connection) => connection.is_usable().await,
        }
    }

    /// Closes the connection. A connection that is dropped instead closes later.
    pub(crate) async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
    }

    /// Runs a text with several statements and no parameters.
    #[cfg(test)]
    pub(crate) async fn run_script(&mut self, text: impl sqlx::SqlSafeStr) -> Result<()> {
        match self {
            Self::Sqlite(connection) => {
                sqlx::raw_sql(text).execute(&mut **connection).await?;
            }
            Self::Postgres(connection) => connection.run_script(text).await?,
        }
        Ok(())
    }
}
