//! Opening the file: the connections, what they are set to, and the schema.

use super::SqliteOptions;
use crate::store::{Result, StoreError};
use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::time::Duration;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("src/store/sqlite/migrations");

/// The schema that an opened database has.
pub(super) fn schema_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// How long to wait for a lock that another process holds.
const PATIENCE: Duration = Duration::from_secs(5);

fn settings(options: &SqliteOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&options.path)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// The one connection that writes, with the schema brought up to date.
pub(super) async fn writer(options: &SqliteOptions) -> Result<SqliteConnection> {
    check_place(options)?;
    let settings = settings(options)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With WAL, FULL is what makes a commit survive power loss; NORMAL only survives a crash of this process.
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-4000")
        .pragma("journal_size_limit", "67108864");
    let mut connection = SqliteConnection::connect_with(&settings).await?;
    migrate(&mut connection).await?;
    Ok(connection)
}

/// The connections that read. They can't write, whatever a query says.
pub(super) async fn readers(options: &SqliteOptions) -> Result<SqlitePool> {
    let settings = settings(options).read_only(true).pragma("cache_size", "-2000");
    Ok(SqlitePoolOptions::new()
        .max_connections(options.readers.max(1))
        .acquire_timeout(PATIENCE)
        // A reader holds no lock and no network: there is nothing that could have died in the pool.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(settings)
        .await?)
}

/// `SQLite` says "unable to open database file" for each of these; a person wants to know which.
fn check_place(options: &SqliteOptions) -> Result<()> {
    let path = options.path.display();
    if options.path.is_dir() {
        return Err(StoreError::NotWritable(format!("{path} is a folder, not a file")));
    }
    if let Some(folder) = options.path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        return Err(StoreError::NotWritable(format!("the folder {} does not exist; create it first", folder.display())));
    }
    let writable = match std::fs::metadata(&options.path) {
        Ok(_) => std::fs::OpenOptions::new().write(true).open(&options.path).err(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(error),
    };
    writable.map_or(Ok(()), |error| Err(StoreError::NotWritable(format!("{path}: {error}"))))
}

async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    // One transaction around all of them: of two processes that start at once, the second waits and then finds nothing to do.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    match MIGRATIONS.run_direct(None, &mut *transaction, false).await {
        Err(MigrateError::VersionMissing(_)) => {
            let found = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut *transaction).await?;
            Err(StoreError::Newer { found, known: schema_version() })
        }
        other => Ok(other?),
    }?;
    Ok(transaction.commit().await?)
}
