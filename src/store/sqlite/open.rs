//! Opens the database file: connection options, the connections, and migrations.

use super::{SqliteOptions, file_mode, report_pool};
use crate::store::{Result, StoreError};
use sqlx::{
    ConnectOptions as _, Connection as _, SqlSafeStr as _, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{sync::LazyLock, time::Duration};
use tokio::time::{Instant, sleep};

/// Version, description and SQL of each migration. Listed by hand: the macro that embeds a folder
/// compiles `SQLite` a second time, for the build machine.
const MIGRATION_FILES: &[(i64, &str, &str)] = &[
    (1, "foundation", include_str!("migrations/0001_foundation.sql")),
    (2, "reader actions", include_str!("migrations/0002_reader_actions.sql")),
    (3, "themes", include_str!("migrations/0003_themes.sql")),
    (4, "audit and settings", include_str!("migrations/0004_audit_and_settings.sql")),
    (5, "contacts", include_str!("migrations/0005_contacts.sql")),
    (6, "segments", include_str!("migrations/0006_segments.sql")),
    (7, "what senders see", include_str!("migrations/0007_what_senders_see.sql")),
    (8, "reader api", include_str!("migrations/0008_reader_api.sql")),
    (9, "webhooks", include_str!("migrations/0009_webhooks.sql")),
    (10, "accounts", include_str!("migrations/0010_accounts.sql")),
    (11, "scopes and repeats", include_str!("migrations/0011_scopes_and_repeats.sql")),
    (12, "sightings", include_str!("migrations/0012_sightings.sql")),
    (13, "pictures", include_str!("migrations/0013_pictures.sql")),
    (14, "mutes", include_str!("migrations/0014_mutes.sql")),
    (15, "newest messages", include_str!("migrations/0015_newest_messages.sql")),
    (16, "bounds", include_str!("migrations/0016_bounds.sql")),
    (
        17,
        "background and statistics",
        include_str!("migrations/0017_background_and_statistics.sql"),
    ),
    (18, "clock", include_str!("migrations/0018_clock.sql")),
    (19, "quotas", include_str!("migrations/0019_quotas.sql")),
    (20, "identity and secrets", include_str!("migrations/0020_identity_and_secrets.sql")),
    (21, "fan out", include_str!("migrations/0021_fan_out.sql")),
    (22, "conversations", include_str!("migrations/0022_conversations.sql")),
    (23, "words and waiting", include_str!("migrations/0023_words_and_waiting.sql")),
    (24, "canned responses", include_str!("migrations/0024_canned_responses.sql")),
    (25, "said to contacts", include_str!("migrations/0025_said_to_contacts.sql")),
    (26, "segment lists", include_str!("migrations/0026_segment_lists.sql")),
    (27, "sdk keys", include_str!("migrations/0027_sdk_keys.sql")),
    (28, "agent lists", include_str!("migrations/0028_agent_lists.sql")),
    (29, "messages tab", include_str!("migrations/0029_messages_tab.sql")),
    (30, "member time zone", include_str!("migrations/0030_member_time_zone.sql")),
];

pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
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

pub(super) fn schema_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn connect_options(options: &SqliteOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&options.path)
        .foreign_keys(true)
        .busy_timeout(options.patience)
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
pub(super) async fn reopen_writer(options: &SqliteOptions) -> Result<SqliteConnection> {
    Ok(SqliteConnection::connect_with(&writer_options(options)).await?)
}

/// The pause between two attempts to open.
const OPEN_RETRY_EVERY: Duration = Duration::from_millis(20);

/// Opens the only connection that writes, and runs pending migrations.
pub(super) async fn writer(options: &SqliteOptions) -> Result<SqliteConnection> {
    check_path(options)?;
    let settings = writer_options(options).create_if_missing(true);
    // Where waiting could be a deadlock, SQLite fails at once whatever its busy timeout: two
    // processes that switch a new file to WAL get that error. So the retry is done here.
    let begun = Instant::now();
    loop {
        let opened = async {
            let mut connection = SqliteConnection::connect_with(&settings).await?;
            migrate(&mut connection).await?;
            file_mode::warn_if_accessible(&options.path);
            Ok(connection)
        };
        match opened.await {
            Err(StoreError::Unavailable(_)) if begun.elapsed() < options.patience => {
                sleep(OPEN_RETRY_EVERY).await;
            }
            other => return other,
        }
    }
}

/// Opens the read pool. Its connections can't write, whatever the statement.
pub(super) async fn readers(options: &SqliteOptions) -> Result<SqlitePool> {
    let settings = connect_options(options).read_only(true).pragma("cache_size", "-2000");
    Ok(SqlitePoolOptions::new()
        .max_connections(options.readers.max(1))
        .acquire_timeout(options.patience)
        // A read connection holds no lock and no network socket, so it can't break while it is
        // idle.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(settings)
        .await?)
}

/// Opens the pool for reports. Each connection is opened on first use.
pub(super) fn reports(options: &SqliteOptions) -> SqlitePool {
    let settings = connect_options(options).read_only(true).pragma("cache_size", "-2000");
    SqlitePoolOptions::new()
        .max_connections(report_pool::CONNECTIONS)
        .acquire_timeout(options.patience)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(settings)
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

async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    // One transaction for all migrations: if two processes start at once, the second one waits and
    // then has nothing to do.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    match MIGRATIONS.run_direct(None, &mut *transaction, false).await {
        Err(MigrateError::VersionMissing(_)) => {
            let found = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
                .fetch_one(&mut *transaction)
                .await?;
            Err(StoreError::Newer { found, known: schema_version() })
        }
        other => Ok(other?),
    }?;
    Ok(transaction.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ContactId, EventSink, InboxEvent, ReaderAction, ReaderPageRequest, SiteId, Timestamp,
        },
        store::{SqliteStore, Store as _},
    };
    use std::{path::Path, sync::Arc};

    struct Nobody;

    impl EventSink for Nobody {
        fn announce(&self, _: InboxEvent) {}
    }

    async fn open(path: impl AsRef<Path>) -> Result<SqliteStore> {
        SqliteStore::open(SqliteOptions::new(path.as_ref()), Arc::new(Nobody)).await
    }

    async fn refused(path: impl AsRef<Path>) -> StoreError {
        open(path).await.err().unwrap()
    }

    #[test]
    fn every_migration_file_is_listed() {
        let mut files: Vec<String> = std::fs::read_dir(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sqlite/migrations"),
        )
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
            matches!(error, StoreError::Newer { found: 9001, known: ours } if ours == known),
            "{error}"
        );
    }

    #[tokio::test]
    async fn read_messages_stay_read_after_migration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.db");
        let mut connection = SqliteConnection::connect_with(
            &SqliteConnectOptions::new().filename(&path).create_if_missing(true),
        )
        .await
        .unwrap();
        let mut first = Migrator::DEFAULT;
        first.migrations = MIGRATIONS.iter().take(1).cloned().collect();
        first.run_direct(None, &mut connection, false).await.unwrap();
        sqlx::raw_sql(
            "INSERT INTO site VALUES (zeroblob(16), 'Shop', '[]', '#bell', 'beforeend', 'en', 0, 9, 9, 70, 2);
             INSERT INTO contact (site_id, id, created_at, updated_at, read_position) VALUES (zeroblob(16), 1, 0, 0, 50);
             INSERT INTO message (site_id, id, everyone, state, content, pinned, created_at, publish_at, position) VALUES
                (zeroblob(16), CAST('message no. 0060' AS BLOB), 1, 1, '{}', 0, 0, 0, 60), (zeroblob(16), CAST('message no. 0070' AS BLOB), 1, 1, '{}', 0, 0, 0, 70);
             INSERT INTO placement SELECT site_id, 0, position, id, 0, NULL FROM message;
             INSERT INTO receipt VALUES (zeroblob(16), 1, CAST('message no. 0070' AS BLOB), 5, NULL), (zeroblob(16), 1, CAST('gone since then.' AS BLOB), 5, NULL);",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
        let store = open(&path).await.unwrap();
        let (site, reader, now) =
            (SiteId::from_bytes([0; 16]), ContactId(1), Timestamp::from_millis(9));
        let page = store.page(site, reader, ReaderPageRequest::first(), now).await.unwrap();
        assert_eq!(
            page.items
                .iter()
                .map(|item| (item.message.position, item.read, item.archived))
                .collect::<Vec<_>>(),
            [(70, true, false), (60, false, false)]
        );
        assert_eq!(store.site(site).await.unwrap().unwrap().theme, None);
        assert_eq!(page.tally.unread, 1);
        assert_eq!(
            store
                .mark(site, reader, &ReaderAction::AllRead(None), now)
                .await
                .unwrap()
                .unwrap()
                .tally
                .unread,
            0
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
        options.patience = Duration::from_millis(100);
        let locked = SqliteStore::open(options, Arc::new(Nobody)).await.err().unwrap();
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
        let pragma = async |name: &'static str, connection: &mut SqliteConnection| -> String {
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
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
        let readers = readers(&options).await.unwrap();
        let written: Result<_> =
            sqlx::query("DELETE FROM site").execute(&readers).await.map_err(StoreError::from);
        assert!(matches!(written, Err(StoreError::NotWritable(_))), "{written:?}");
    }
}
