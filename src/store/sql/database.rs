//! The opened database: how the writer and the pools get their connections. Must not depend on what
//! is stored.

use crate::{
    DatabaseOptions, PostgresOptions, Result, copy,
    db::{Connection, Pool, query},
    postgres::{self, Candidate, session},
    sqlite::{database_file::DatabaseFile, open},
};
use std::time::Duration;

/// The number of connections for reports.
pub(crate) const REPORT_CONNECTIONS: u32 = 2;

/// A database whose schema is up to date.
#[derive(Clone)]
pub(super) enum Database {
    Sqlite(DatabaseFile),
    Postgres(PostgresOptions),
}

impl Database {
    /// Opens the first connection that writes, creates the database file if it is missing, and runs
    /// pending migrations.
    pub(super) async fn open(options: DatabaseOptions) -> Result<(Self, Connection)> {
        match options {
            DatabaseOptions::Sqlite(options) => {
                let mut connection = open::writer(&options).await?;
                copy::check_use(&mut connection).await?;
                Ok((Self::Sqlite(DatabaseFile::new(options)), connection))
            }
            DatabaseOptions::Postgres(options) => {
                let mut connection = session::direct(&options).connect().await?;
                if let Connection::Postgres(connection) = &mut connection {
                    postgres::migrate(connection).await?;
                }
                copy::check_use(&mut connection).await?;
                if options.is_pooled() {
                    connection.close().await?;
                    connection = session::writer(&options).connect().await?;
                }
                Ok((Self::Postgres(options), connection))
            }
        }
    }

    /// Another connection that writes.
    pub(super) async fn connect_writer(&self) -> Result<Connection> {
        match self {
            Self::Sqlite(file) => file.reopen().await,
            Self::Postgres(options) => session::writer(options).connect().await,
        }
    }

    /// The number of connections that write at the same time.
    pub(super) fn writers(&self) -> usize {
        match self {
            Self::Sqlite(_) => 1,
            Self::Postgres(options) => options.writers.max(1),
        }
    }

    /// The candidacy of this process, where several share a database.
    pub(super) fn candidate(&self) -> Option<Candidate> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(options) => Some(Candidate::new(options.clone())),
        }
    }

    /// Fails if what is written now would be lost.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Sqlite(file) => file.check(),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// The connections for readers' requests.
    pub(super) async fn readers(&self) -> Result<Pool> {
        let pool = match self {
            Self::Sqlite(file) => return open::readers(file).await,
            Self::Postgres(options) => {
                Pool::new(session::reader(options), options.readers, options.max_wait)
            }
        };
        drop(pool.acquire().await?);
        Ok(pool)
    }

    /// The connections for reports. Each is opened on first use.
    pub(super) fn reports(&self) -> Pool {
        match self {
            Self::Sqlite(file) => open::reports(file),
            Self::Postgres(options) => {
                Pool::new(session::report(options), REPORT_CONNECTIONS, options.max_wait)
            }
        }
    }

    /// The number of connections for readers' requests.
    pub(super) fn reader_count(&self) -> u32 {
        match self {
            Self::Sqlite(file) => file.options().readers,
            Self::Postgres(options) => options.readers,
        }
    }

    /// How long a request waits for a connection.
    pub(super) fn max_wait(&self) -> Duration {
        match self {
            Self::Sqlite(file) => file.options().lock_timeout,
            Self::Postgres(options) => options.max_wait,
        }
    }
}

/// Whether a connection still reads and is in no transaction. It takes no lock, so other processes
/// don't affect the result.
pub(super) async fn works(connection: &mut Connection) -> bool {
    for statement in ["BEGIN", "SELECT 1 FROM site LIMIT 1", "ROLLBACK"] {
        if query(statement).execute(&mut *connection).await.is_err() {
            return false;
        }
    }
    true
}
