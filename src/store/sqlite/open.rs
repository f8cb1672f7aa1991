//! Opens the database file: connection options, the connections, and migrations.

use super::{FileConnection, SqliteOptions, database_file::DatabaseFile, file_mode};
use crate::{
    Result, StoreError,
    db::{ConnectOptions, Connection, Pool},
    sql,
};
use sqlx::{
    ConnectOptions as _, Connection as _, SqlSafeStr as _, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous},
};
use std::{sync::LazyLock, time::Duration};
use tokio::time::{Instant, sleep};

/// Version, description and SQL of each migration. Listed by hand: the macro that embeds a folder
/// compiles `SQLite` a second time, for the build machine.
const MIGRATION_FILES: &[(i64, &str, &str)] =
    &[(1, "schema", include_str!("migrations/0001_schema.sql"))];

pub(crate) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |&(version, description, sql): &(i64, &'static str, &'static str)| {
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(MIGRATION_FILES.iter().map(migration).collect())
});

pub(crate) fn schema_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn connect_options(options: &SqliteOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&options.path)
        .foreign_keys(true)
        .busy_timeout(options.lock_timeout)
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

fn writer_options(options: &SqliteOptions) -> SqliteConnectOptions {
    connect_options(options)
        .journal_mode(SqliteJournalMode::Wal)
        // In WAL mode, FULL makes a commit survive power loss; NORMAL survives only a crash of the
        // process.
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-4000")
        .pragma("journal_size_limit", "67108864")
}

/// A new writer connection in place of a broken one. The file exists and its schema is up to date.
pub(crate) async fn reopen_writer(options: &SqliteOptions) -> Result<Connection> {
    ConnectOptions::Sqlite(Box::new(writer_options(options))).connect().await
}

/// A connection that reads everything. The file exists.
pub(crate) async fn copy_source(options: &SqliteOptions) -> Result<Connection> {
    let settings = connect_options(options).read_only(true).pragma("cache_size", "-16000");
    ConnectOptions::Sqlite(Box::new(settings)).connect().await
}

/// A connection that writes everything, and that nobody else has the file open with. What it commits
/// is on the disk when its last transaction is, which sets `synchronous`.
pub(crate) async fn copy_target(options: &SqliteOptions) -> Result<Connection> {
    check_path(options)?;
    let settings = writer_options(options)
        .create_if_missing(true)
        .foreign_keys(false)
        .synchronous(SqliteSynchronous::Normal)
        .locking_mode(SqliteLockingMode::Exclusive)
        .pragma("cache_size", "-64000");
    ConnectOptions::Sqlite(Box::new(settings)).connect().await
}

/// Runs pending migrations.
pub(crate) async fn migrate_target(connection: &mut FileConnection) -> Result<()> {
    migrate(connection, &MIGRATIONS).await
}

/// A connection as another program opens it.
#[cfg(test)]
pub(crate) async fn foreign(path: impl AsRef<std::path::Path>) -> Result<Connection> {
    ConnectOptions::Sqlite(Box::new(SqliteConnectOptions::new().filename(path))).connect().await
}

/// The pause between two attempts to open.
const OPEN_RETRY_EVERY: Duration = Duration::from_millis(20);

/// Opens the only connection that writes, and runs pending migrations.
pub(crate) async fn writer(options: &SqliteOptions) -> Result<Connection> {
    check_path(options)?;
    let settings = writer_options(options).create_if_missing(true);
    // Where waiting could be a deadlock, SQLite fails at once whatever its busy timeout: two
    // processes that switch a new file to WAL get that error. So the retry is done here.
    let begun = Instant::now();
    loop {
        let opened = async {
            let mut connection = SqliteConnection::connect_with(&settings).await?;
            migrate(&mut connection, &MIGRATIONS).await?;
            file_mode::warn_if_accessible(&options.path);
            Ok(Connection::Sqlite(FileConnection::new(connection)))
        };
        match opened.await {
            Err(StoreError::Unavailable(_)) if begun.elapsed() < options.lock_timeout => {
                sleep(OPEN_RETRY_EVERY).await;
            }
            other => return other,
        }
    }
}

/// Opens the read pool. Its connections can't write, whatever the statement.
pub(crate) async fn readers(file: &DatabaseFile) -> Result<Pool> {
    let pool = read_pool(file, file.options().readers);
    drop(pool.acquire().await?);
    Ok(pool)
}

/// Opens the pool for reports. Each connection is opened on first use.
pub(crate) fn reports(file: &DatabaseFile) -> Pool {
    read_pool(file, sql::REPORT_CONNECTIONS)
}

fn read_pool(file: &DatabaseFile, connections: u32) -> Pool {
    let options = file.options();
    let settings = connect_options(options).read_only(true).pragma("cache_size", "-2000");
    let connecting = ConnectOptions::SameFile(Box::new(settings), file.clone());
    Pool::new(connecting, connections, options.lock_timeout)
}

/// `SQLite` reports "unable to open database file" for each of these; this names the cause.
fn check_path(options: &SqliteOptions) -> Result<()> {
    let path = options.path.display();
    if options.path.is_dir() {
        return Err(StoreError::NotWritable(format!("{path} is a folder, not a file")));
    }
    if let Some(folder) = options.path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        return Err(StoreError::NotWritable(format!(
            "the folder {} does not exist; create it first",
            folder.display()
        )));
    }
    file_mode::create(&options.path)
        .map_err(|error| StoreError::NotWritable(format!("{path}: {error}")))
}

async fn migrate(connection: &mut SqliteConnection, migrations: &Migrator) -> Result<()> {
    // One transaction for all migrations: if two processes start at once, the second one waits and
    // then has nothing to do.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    match migrations.run_direct(None, &mut *transaction, false).await {
        Err(MigrateError::VersionMissing(_)) => {
            let found = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
                .fetch_one(&mut *transaction)
                .await?;
            Err(StoreError::Newer { found, supported: schema_version() })
        }
        other => Ok(other?),
    }?;
    Ok(transaction.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        SqlStore, Store as _,
        db::{query, query_scalar},
    };
    use belfry_domain::{EventSink, InboxEvent};
    use std::{path::Path, sync::Arc};

    struct Nobody;

    impl EventSink for Nobody {
        fn publish(&self, _: InboxEvent) {}
    }

    async fn open(path: impl AsRef<Path>) -> Result<SqlStore> {
        SqlStore::open(SqliteOptions::new(path.as_ref()), Arc::new(Nobody)).await
    }

    async fn refused(path: impl AsRef<Path>) -> StoreError {
        open(path).await.err().unwrap()
    }

    #[test]
    fn every_migration_file_is_listed() {
        let mut files: Vec<String> =
            std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("sqlite/migrations"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
        files.sort();
        let listed: Vec<String> = MIGRATIONS
            .iter()
            .map(|migration| {
                format!("{:04}_{}.sql", migration.version, migration.description.replace(' ', "_"))
            })
            .collect();
        assert_eq!(listed, files);
    }

    #[tokio::test]
    async fn newer_schema_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.db");
        open(&path).await.unwrap().close().await;
        let mut connection =
            SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path))
                .await
                .unwrap();
        sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9001, 'later', true, x'00', 0)")
            .execute(&mut connection)
            .await
            .unwrap();
        let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap();
        let error = refused(&path).await;
        assert!(
            matches!(error, StoreError::Newer { found: 9001, supported: ours } if ours == known),
            "{error}"
        );
    }

    /// The migration after the newest one, as a later version has it.
    #[tokio::test]
    async fn older_schema_is_migrated_with_its_data() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.db");
        open(&path).await.unwrap().close().await;
        let options = SqliteConnectOptions::new().filename(&path);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("INSERT INTO setup_token (digest, expires_at) VALUES (x'01', 7)")
            .execute(&mut connection)
            .await
            .unwrap();
        let version = schema_version() + 1;
        let sql = "ALTER TABLE setup_token ADD COLUMN note TEXT NOT NULL DEFAULT 'old'";
        let next = Migration::new(
            version,
            "notes".into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        );
        let later = Migrator::with_migrations(MIGRATIONS.iter().cloned().chain([next]).collect());
        for _ in 0..2 {
            migrate(&mut connection, &later).await.unwrap();
        }
        let (expires_at, note): (i64, String) =
            sqlx::query_as("SELECT expires_at, note FROM setup_token")
                .fetch_one(&mut connection)
                .await
                .unwrap();
        assert_eq!((expires_at, note.as_str()), (7, "old"));
        connection.close().await.unwrap();
        let error = refused(&path).await;
        assert!(
            matches!(error, StoreError::Newer { found, supported } if (found, supported) == (version, version - 1)),
            "{error}"
        );
    }

    #[tokio::test]
    async fn open_errors_name_the_cause() {
        let folder = tempfile::tempdir().unwrap();
        let missing = refused(folder.path().join("missing/belfry.db")).await;
        assert!(
            matches!(&missing, StoreError::NotWritable(text) if text.contains("does not exist")),
            "{missing}"
        );
        let itself = refused(folder.path()).await;
        assert!(
            matches!(&itself, StoreError::NotWritable(text) if text.contains("is a folder")),
            "{itself}"
        );
        let letter = folder.path().join("letter.txt");
        std::fs::write(&letter, "Dear reader, this is not a database. ".repeat(100)).unwrap();
        let letter = refused(letter).await;
        assert!(
            matches!(&letter, StoreError::Inconsistent(text) if text.contains("not a SQLite database")),
            "{letter}"
        );
    }

    #[tokio::test]
    async fn held_lock_fails_after_the_timeout() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.db");
        let mut other = SqliteConnection::connect_with(
            &SqliteConnectOptions::new().filename(&path).create_if_missing(true),
        )
        .await
        .unwrap();
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
        let mut options = SqliteOptions::new(&path);
        options.lock_timeout = Duration::from_millis(100);
        let locked = SqlStore::open(options, Arc::new(Nobody)).await.err().unwrap();
        assert!(
            matches!(&locked, StoreError::Unavailable(text) if text.contains("lock")),
            "{locked}"
        );
        sqlx::query("COMMIT").execute(&mut other).await.unwrap();
        other.close().await.unwrap();
        open(&path).await.unwrap().ping().await.unwrap();
    }

    #[tokio::test]
    async fn two_processes_can_open_a_new_file_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.db");
        let (one, two) = futures_util::future::join(open(&path), open(&path)).await;
        for store in [one.unwrap(), two.unwrap()] {
            store.ping().await.unwrap();
            store.close().await;
        }
        assert!(!path.with_extension("db-wal").exists(), "the WAL was not checkpointed");
    }

    #[tokio::test]
    async fn database_files_have_mode_0600() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.db");
        let store = open(&path).await.unwrap();
        store.ping().await.unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        assert_eq!(
            names,
            ["belfry.db", "belfry.db-shm", "belfry.db-wal", "belfry.db.secret-key"]
                .map(|name| folder.path().join(name))
        );
        for name in names {
            assert_eq!(
                std::fs::metadata(&name).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                name.display()
            );
        }
        store.close().await;
    }

    #[tokio::test]
    async fn commits_are_synced_and_readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::new(folder.path().join("belfry.db"));
        let mut connection = writer(&options).await.unwrap();
        let pragma = async |name: &'static str, connection: &mut Connection| -> String {
            query_scalar(sqlx::AssertSqlSafe(format!(
                "SELECT CAST({name} AS TEXT) FROM pragma_{name}"
            )))
            .fetch_one(connection)
            .await
            .unwrap()
        };
        // 2 is FULL.
        assert_eq!(pragma("synchronous", &mut connection).await, "2");
        assert_eq!(pragma("journal_mode", &mut connection).await, "wal");
        assert_eq!(pragma("foreign_keys", &mut connection).await, "1");
        let readers = readers(&DatabaseFile::new(options)).await.unwrap();
        let written =
            query("DELETE FROM site").execute(&mut readers.acquire().await.unwrap()).await;
        assert!(matches!(written, Err(StoreError::NotWritable(_))), "{written:?}");
    }
}
