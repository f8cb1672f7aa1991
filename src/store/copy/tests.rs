//! Copies between both databases, of data in every table. Without a server only between files.

use super::{CopyError, CopyProgress, CopyReport, copy_database, schema::Schema};
use crate::{
    DatabaseOptions, SegmentStore as _, SqlStore, SqliteOptions, Store as _, StoreError,
    contract::postgres::Database,
    db::{Connection, query, query_scalar},
    postgres::session,
    sql::cost_growth::dataset,
    sqlite::open,
};
use belfry_domain::{ContactId, EventSink, InboxEvent, ReaderPageRequest, Timestamp};
use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// What the data set of the costs has not, in the measured site. A NUL is what `PostgreSQL` stores
/// otherwise.
const MORE: &str = "
INSERT INTO channel_contact (site_id, contact_id, blocked) SELECT site_id, id, id % 2 FROM contact WHERE id < 5;
INSERT INTO clock (id, latest) VALUES (1, 1799999999999);
INSERT INTO conversation_watcher (site_id, agent_id, number) VALUES (x'80808080808080808080808080808080', 1, 1);
INSERT INTO deletion_queue (site_id, kind, number) VALUES (x'80808080808080808080808080808080', 1, 7);
INSERT INTO deletion_queue (site_id, kind, number) VALUES (x'80808080808080808080808080808080', 1, 8);
DELETE FROM deletion_queue WHERE number = 8;
INSERT INTO fan_out (site_id, message_id, priority, sequence) SELECT site_id, id, 1, row FROM message WHERE row < 5;
INSERT INTO fan_out_chunk (site_id, message_id, number, contacts) SELECT site_id, message_id, 1, '[1,2]' FROM fan_out;
INSERT INTO setup_token (digest, expires_at) VALUES (x'01', 1800000000001);
INSERT INTO audit_entry (site_id, actor_kind, actor, action, subject, at) VALUES (NULL, 'account', '1', 'signed-in', '', 5);
UPDATE message SET name = 'a' || char(0) || 'b' WHERE row = 3;
UPDATE attachment SET latitude = 48.25, longitude = -0.0 WHERE id = 1;
";

struct Nobody;

impl EventSink for Nobody {
    fn publish(&self, _: InboxEvent) {}
}

fn file(folder: &TempDir, name: &str) -> SqliteOptions {
    SqliteOptions::new(folder.path().join(name))
}

/// A database file with rows in each table.
async fn filled(folder: &TempDir, factor: i64) -> SqliteOptions {
    let options = file(folder, "source.db");
    open::writer(&options).await.unwrap().close().await.unwrap();
    dataset::fill(&options, factor).await;
    execute(&options, MORE).await;
    options
}

async fn execute(options: &SqliteOptions, script: &'static str) {
    let mut connection = open::foreign(&options.path).await.unwrap();
    query("PRAGMA foreign_keys = OFF").execute(&mut connection).await.unwrap();
    connection.run_script(script).await.unwrap();
    connection.close().await.unwrap();
}

async fn copy(
    from: impl Into<DatabaseOptions>,
    to: impl Into<DatabaseOptions>,
) -> Result<CopyReport, CopyError> {
    copy_database(&from.into(), &to.into(), &mut |_| {}).await
}

async fn refusal(from: impl Into<DatabaseOptions>, to: impl Into<DatabaseOptions>) -> String {
    let error = copy(from, to).await.unwrap_err();
    assert!(matches!(error, CopyError::Refused(_)), "{error}");
    error.to_string()
}

fn assert_same(report: &CopyReport) {
    assert_eq!(report.differing(), [""; 0]);
    assert_eq!(report.rows, report.tables.values().map(|table| table.rows).sum::<u64>());
    for (name, table) in &report.tables {
        assert_ne!(table.rows, 0, "the table {name} is empty: fill it in MORE");
    }
}

/// What a copy does without, and what it adds meanwhile.
async fn objects(connection: &mut Connection) -> Vec<String> {
    let text = if connection.is_postgres() {
        "SELECT CAST(conname AS TEXT) || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = to_regnamespace('belfry')
         UNION ALL SELECT CAST(tgname AS TEXT) || CAST(tgenabled AS TEXT) FROM pg_trigger WHERE NOT tgisinternal
         UNION ALL SELECT CAST(relname AS TEXT) FROM pg_class WHERE relnamespace = to_regnamespace('belfry') ORDER BY 1"
    } else {
        "SELECT name || coalesce(sql, '') FROM sqlite_schema ORDER BY name"
    };
    query_scalar(text).fetch_all(connection).await.unwrap()
}

/// What a caller gets from verbs of several kinds.
async fn answers(options: impl Into<DatabaseOptions>) -> String {
    let store = SqlStore::open(options, Arc::new(Nobody)).await.unwrap();
    let site = dataset::site();
    let mut answers = format!("{:?}", store.sites().await.unwrap());
    write!(answers, "{:?}", store.keys(site).await.unwrap()).unwrap();
    write!(answers, "{:?}", store.themes(site).await.unwrap()).unwrap();
    write!(answers, "{:?}", store.segments(site, None, 50).await.unwrap()).unwrap();
    for contact in 1..20 {
        let contact = ContactId(contact);
        let page = store.page(site, contact, ReaderPageRequest::first(), NOW).await.unwrap();
        write!(answers, "{page:?}").unwrap();
        write!(answers, "{:?}", store.counts(site, contact, NOW).await.unwrap()).unwrap();
    }
    store.close().await;
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn round_trip_has_the_same_rows_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&folder, 2).await;
    let Some(database) = Database::new().await else { return };
    let report = copy(source.clone(), database.options()).await.unwrap();
    assert_same(&report);
    assert_eq!(report.written(), report.rows);
    let mut server = session::writer(&database.options()).connect().await.unwrap();
    let Some(other) = Database::new().await else { return };
    let mut fresh = session::writer(&other.options()).connect().await.unwrap();
    let state = "database_copy".to_owned();
    let mut held = objects(&mut server).await;
    held.retain(|object| *object != state);
    assert_eq!(held, objects(&mut fresh).await);

    let back = file(&folder, "back.db");
    let second = copy(database.options(), back.clone()).await.unwrap();
    assert_same(&second);
    for (name, table) in &report.tables {
        assert_eq!(table.checksum, second.tables[name].checksum, "{name}");
    }
    // From one server to another, and from one file to another.
    let copied = copy(database.options(), other.options()).await.unwrap();
    assert_same(&copied);
    let third = copy(source.clone(), file(&folder, "third.db")).await.unwrap();
    assert_same(&third);
    assert_ne!(third.tables["message"].checksum, second.tables["message"].checksum, "NUL");

    std::fs::copy(source.secret_key_path(), back.secret_key_path()).unwrap();
    let mut of_server = database.options();
    of_server.secret_key_file = Some(source.secret_key_path());
    let expected = answers(source.clone()).await.replace("\\0", "\u{fffd}");
    assert_eq!(answers(of_server).await, expected);
    assert_eq!(answers(back.clone()).await, expected);
    // The number of a deleted row is not given again.
    for connection in [&mut server, &mut open::foreign(&back.path).await.unwrap()] {
        let number: i64 = query_scalar(
            "INSERT INTO deletion_queue (site_id, kind) VALUES (x'80', 1) RETURNING row",
        )
        .fetch_one(connection)
        .await
        .unwrap();
        assert_eq!(number, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted_copy_goes_on_and_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&folder, 20).await;
    let mut targets = vec![DatabaseOptions::from(file(&folder, "target.db"))];
    let server = Database::new().await;
    targets.extend(server.as_ref().map(|server| server.options().into()));
    for target in targets {
        let total = Arc::new(AtomicU64::new(0));
        let (from, to, seen) = (source.clone().into(), target.clone(), total.clone());
        let first = tokio::spawn(async move {
            let mut progress = |progress: &CopyProgress| {
                seen.store(progress.total, Ordering::Relaxed);
                assert!(progress.done < progress.total / 2, "interrupted");
            };
            copy_database(&from, &to, &mut progress).await.map(drop)
        });
        assert!(first.await.unwrap_err().is_panic());
        let opened = SqlStore::open(target.clone(), Arc::new(Nobody)).await;
        let refused = opened.err().unwrap();
        assert!(matches!(refused, StoreError::UnfinishedCopy(_)), "{refused}");
        assert!(refusal(target.clone(), file(&folder, "x.db")).await.contains("unfinished copy"));

        let second = copy(source.clone(), target.clone()).await.unwrap();
        assert_same(&second);
        let total = total.load(Ordering::Relaxed);
        assert_eq!(second.rows, total);
        assert!(second.written() < total * 2 / 3, "{} of {total}", second.written());
        let third = copy(source.clone(), target.clone()).await.unwrap();
        assert_same(&third);
        assert_eq!(third.written(), 0);
    }
}

/// Unique values change hands, rows come and go, at the end, at the beginning and between.
const CHANGES: &str = "
CREATE TEMP TABLE former AS SELECT id, email, external_id FROM contact WHERE site_id = x'80808080808080808080808080808080';
UPDATE contact SET email = NULL, external_id = NULL WHERE site_id = x'80808080808080808080808080808080';
UPDATE contact SET (email, external_id) = (SELECT email, external_id FROM former WHERE former.id = contact.id + 1)
    WHERE site_id = x'80808080808080808080808080808080';
DELETE FROM receipt WHERE contact_id < 5;
DELETE FROM message_word;
INSERT INTO message_word (site, word, message) VALUES (1, 'word', 1);
INSERT INTO audit_entry (actor_kind, actor, action, subject, at) VALUES ('account', '1', 'signed-out', '', 6);
DELETE FROM audit_entry WHERE number < 3;
UPDATE message SET content = '{}' WHERE row = 9;
DELETE FROM device;
INSERT INTO device (site_id, digest, contact_id, key_id, bound_at) SELECT site_id, x'ff', id, 'key', 3 FROM contact WHERE site_id = x'80808080808080808080808080808080' AND id = 1;
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_copy_takes_over_only_what_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&folder, 20).await;
    let mut targets = vec![DatabaseOptions::from(file(&folder, "target.db"))];
    let server = Database::new().await;
    targets.extend(server.as_ref().map(|server| server.options().into()));
    for target in &targets {
        assert_same(&copy(source.clone(), target.clone()).await.unwrap());
    }
    execute(&source, CHANGES).await;
    for target in &targets {
        let report = copy(source.clone(), target.clone()).await.unwrap();
        assert_same(&report);
        let (written, rows) = (report.written(), report.rows);
        assert!(written > 500 && written < rows, "{written} of {rows}");
        assert_eq!(report.tables["recipient"].written, 0);
    }
    let Some(server) = server else { return };
    // What a server has opened takes over nothing more.
    let mut served = server.options();
    served.secret_key_file = Some(source.secret_key_path());
    SqlStore::open(served, Arc::new(Nobody)).await.unwrap().close().await;
    assert!(refusal(source, server.options()).await.contains("is in use"));
}

#[tokio::test]
async fn targets_and_sources_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&folder, 1).await;
    let target = file(&folder, "target.db");
    let missing = copy(file(&folder, "missing.db"), target.clone()).await.unwrap_err();
    assert!(missing.to_string().contains("no such file"), "{missing}");
    assert!(!target.path.exists(), "made before the source was found");

    let used = file(&folder, "used.db");
    SqlStore::open(used.clone(), Arc::new(Nobody)).await.unwrap().close().await;
    assert!(refusal(source.clone(), used.clone()).await.contains("encryption_key_check has rows"));
    assert!(refusal(source.clone(), source.clone()).await.contains("the same database"));

    copy(source.clone(), target.clone()).await.unwrap();
    assert!(refusal(used.clone(), target.clone()).await.contains("holds a copy of"));
    execute(&source, "CREATE TABLE odd (id INTEGER PRIMARY KEY) STRICT").await;
    assert!(
        refusal(source.clone(), target.clone()).await.contains("only the source has a table odd")
    );
    execute(&source, "DROP TABLE odd; ALTER TABLE clock ADD COLUMN odd TEXT").await;
    assert!(refusal(source.clone(), target.clone()).await.contains("clock.odd"));
    execute(&source, "ALTER TABLE clock DROP COLUMN odd; UPDATE _sqlx_migrations SET version = 0")
        .await;
    assert!(refusal(source.clone(), target.clone()).await.contains("belfry migrate"));
}

#[tokio::test]
async fn rows_that_refer_to_nothing_fail_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&folder, 1).await;
    execute(&source, "DELETE FROM api_key").await;
    let mut targets = vec![DatabaseOptions::from(file(&folder, "target.db"))];
    let server = Database::new().await;
    targets.extend(server.as_ref().map(|server| server.options().into()));
    for target in targets {
        let error = copy(source.clone(), target).await.unwrap_err().to_string();
        assert!(error.contains("references"), "{error}");
    }
}

#[tokio::test]
async fn nul_in_a_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let source = filled(&folder, 1).await;
    execute(&source, "UPDATE mute SET category = 'a' || char(0)").await;
    let Some(server) = Database::new().await else { return };
    let error = copy(source, server.options()).await.unwrap_err().to_string();
    assert!(error.contains("mute") && error.contains("category of a row has a NUL"), "{error}");
}

#[tokio::test]
async fn schema_has_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let options = file(&folder, "belfry.db");
    let mut connection = open::writer(&options).await.unwrap();
    let schema = Schema::read(&mut connection).await.unwrap();
    let of_migration = include_str!("../sqlite/migrations/0001_schema.sql");
    assert_eq!(schema.tables.len(), of_migration.matches("\nCREATE TABLE ").count());
    connection.close().await.unwrap();
}
