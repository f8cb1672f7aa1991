//! What callers of the writer rely on: independence within a batch, a full disk, a killed process.

use super::*;
use crate::{
    Conflict, SqliteOptions,
    db::{query, query_scalar},
    sqlite::open,
};
use belfry_domain::{Actor, AuditEntry, InboxEvent, SiteId, Timestamp};
use futures_util::{FutureExt as _, future::join_all};
use std::{path::Path, sync::Mutex};

#[derive(Default)]
struct RecordingSink(Mutex<Vec<SiteId>>);

impl EventSink for RecordingSink {
    fn publish(&self, change: InboxEvent) {
        self.0.lock().unwrap().push(change.site());
    }
}

async fn start(path: &Path) -> Writer {
    start_with(path, Arc::default()).await
}

async fn start_with(path: &Path, sink: Arc<RecordingSink>) -> Writer {
    start_on(SqliteOptions::new(path), sink).await
}

async fn start_on(options: SqliteOptions, sink: Arc<RecordingSink>) -> Writer {
    let vault = Vault::create(&options.secret_key_path()).unwrap();
    let (database, connection) = Database::open(options.into()).await.unwrap();
    Writer::start(connection, database, &vault, sink, |_, _, _| async { Ok(()) }.boxed())
        .await
        .unwrap()
}

async fn add(tx: &mut WriteTx, number: u8, size: usize) -> Result<()> {
    query("INSERT INTO site (id, name, origins, selector, insert_position, language, created_at) VALUES (?1, ?2, '[]', '', '', '', 0)")
        .bind([number; 16].as_slice())
        .bind("x".repeat(size))
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn pages(writer: &Writer, statement: String) -> i64 {
    writer
        .run(move |tx| {
            async move {
                query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&mut tx.connection).await
            }
            .boxed()
        })
        .await
        .unwrap()
}

async fn names(path: &Path) -> Vec<u8> {
    let connection = &mut open::writer(&SqliteOptions::new(path)).await.unwrap();
    let ids: Vec<Vec<u8>> =
        query_scalar("SELECT id FROM site ORDER BY id").fetch_all(connection).await.unwrap();
    ids.into_iter().map(|id| id[0]).collect()
}

#[tokio::test]
async fn full_disk_rejects_writes_until_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let writer = start(&path).await;
    let used = pages(&writer, "PRAGMA page_count".to_owned()).await;
    pages(&writer, format!("PRAGMA max_page_count = {}", used + 4)).await;
    // Two fit, one is too large, two fit again. Whatever shares a commit, what is acknowledged is
    // stored.
    let sizes = [(1, 10), (2, 10), (3, 1_000_000), (4, 10), (5, 10)];
    let answers =
        join_all(sizes.map(|(number, size)| writer.run(move |tx| add(tx, number, size).boxed())))
            .await;
    assert!(matches!(answers[2], Err(StoreError::NotWritable(_))), "{:?}", answers[2]);
    let acknowledged = |answers: &[Result<()>]| -> Vec<u8> {
        (1..).zip(answers).filter(|(_, answer)| answer.is_ok()).map(|(number, _)| number).collect()
    };
    assert_eq!(names(&path).await, acknowledged(&answers));
    pages(&writer, "PRAGMA max_page_count = 1000000".to_owned()).await;
    writer.run(|tx| add(tx, 9, 1_000_000).boxed()).await.unwrap();
    assert_eq!(names(&path).await.last(), Some(&9));
}

#[tokio::test]
async fn failed_command_emits_nothing_and_spares_its_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let sink = Arc::new(RecordingSink::default());
    let writer = start_with(&path, sink.clone()).await;
    let site = |number| SiteId::from_bytes([number; 16]);
    let commands = (1..=40).map(|number| {
        writer.run(move |tx| {
            async move {
                add(tx, number, 10).await?;
                tx.publish(InboxEvent::ExternalWrite { site: site(number) });
                if number % 2 == 0 {
                    Err(Conflict::Constraint("on purpose".to_owned()).into())
                } else {
                    Ok(())
                }
            }
            .boxed()
        })
    });
    let answers = join_all(commands).await;
    assert!((1..).zip(&answers).all(|(number, answer)| answer.is_ok() == (number % 2 == 1)));
    let odd: Vec<u8> = (1..=40).step_by(2).collect();
    assert_eq!(names(&path).await, odd);
    assert_eq!(*sink.0.lock().unwrap(), odd.into_iter().map(site).collect::<Vec<_>>());
}

/// The files as a killed process leaves them: nothing closed, nothing checkpointed.
#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let writer = start(&path).await;
    for number in 1..=5 {
        writer.run(move |tx| add(tx, number, 10).boxed()).await.unwrap();
        let crashed = tempfile::tempdir().unwrap();
        for name in ["belfry.db", "belfry.db-wal"] {
            std::fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
        }
        assert_eq!(
            names(&crashed.path().join("belfry.db")).await,
            (1..=number).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn waiting_commands_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let writer = start(&path).await;
    let mut watcher = open::writer(&SqliteOptions::new(&path)).await.unwrap();
    // While this connection holds the lock, all other commands have to queue.
    query("BEGIN IMMEDIATE").execute(&mut watcher).await.unwrap();
    let commands =
        join_all((1..=200).map(|number| writer.run(move |tx| add(tx, number, 10).boxed())));
    let release = async {
        while writer.queues[0].len() < 199 {
            tokio::task::yield_now().await;
        }
        query("ROLLBACK").execute(&mut watcher).await.unwrap();
    };
    let (answers, ()) = futures_util::future::join(commands, release).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(names(&path).await.len(), 200);
    // Every commit ends with one frame whose header contains the database size after it
    // (sqlite.org/walformat.html).
    let log = std::fs::read(path.with_extension("db-wal")).unwrap();
    let commits = log[32..].chunks(24 + 4_096).filter(|frame| frame[4..8] != [0; 4]).count();
    assert!(commits < 20, "{commits} commits");
}

/// Holds the file's lock, as another program may.
async fn locked(path: &Path) -> Connection {
    let mut other = open::writer(&SqliteOptions::new(path)).await.unwrap();
    query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    other
}

async fn unlock(mut other: Connection) {
    query("ROLLBACK").execute(&mut other).await.unwrap();
}

#[tokio::test]
async fn command_of_a_disconnected_caller_is_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let writer = start(&path).await;
    let other = locked(&path).await;
    for number in 1..=3 {
        // Queued by the first poll, and then dropped.
        assert!(writer.run(move |tx| add(tx, number, 10).boxed()).now_or_never().is_none());
    }
    let call = RequestCancellation::default();
    let left = tokio::spawn({
        let (call, writer) = (call.clone(), writer.clone());
        async move { call.scope(writer.run(|tx| add(tx, 4, 10).boxed())).await }
    });
    while writer.queues[0].len() < 3 {
        tokio::task::yield_now().await;
    }
    assert!(call.cancel(), "the command had not started");
    unlock(other).await;
    assert!(matches!(left.await.unwrap(), Err(StoreError::Unavailable(_))));
    let call = RequestCancellation::default();
    call.scope(writer.run(|tx| add(tx, 5, 10).boxed())).await.unwrap();
    assert!(!call.cancel(), "the command has run");
    call.scope(writer.run(|tx| add(tx, 6, 10).boxed())).await.unwrap();
    assert_eq!(names(&path).await, [5, 6]);
}

#[tokio::test]
async fn held_lock_rejects_all_waiting_commands_together() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        lock_timeout: Duration::from_millis(200),
        ..SqliteOptions::new(folder.path().join("belfry.db"))
    };
    let writer = start_on(options.clone(), Arc::default()).await;
    let other = locked(&options.path).await;
    let began = Instant::now();
    let answers =
        join_all((1..=100).map(|number| writer.run(move |tx| add(tx, number, 10).boxed()))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Unavailable(_)))));
    assert!(began.elapsed() < options.lock_timeout * 50, "{:?}", began.elapsed());
    unlock(other).await;
    writer.run(|tx| add(tx, 101, 10).boxed()).await.unwrap();
    assert_eq!(names(&options.path).await, [101]);
}

#[tokio::test]
async fn panic_fails_its_batch_and_the_writer_continues() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let sink = Arc::new(RecordingSink::default());
    let writer = start_with(&path, sink.clone()).await;
    let defect = writer.run::<(), _>(|tx| {
        async move {
            add(tx, 1, 10).await?;
            tx.publish(InboxEvent::ExternalWrite { site: SiteId::from_bytes([1; 16]) });
            panic!("a defect")
        }
        .boxed()
    });
    assert!(matches!(defect.await, Err(StoreError::Unavailable(_))));
    writer.run(|tx| add(tx, 2, 10).boxed()).await.unwrap();
    assert_eq!(names(&path).await, [2]);
    assert!(sink.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn broken_connection_is_reopened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let writer = start(&path).await;
    let breaks = writer.run::<(), _>(|tx| {
        async move {
            tx.connection = open::foreign(":memory:").await?;
            Err(StoreError::NotWritable("disk I/O error".to_owned()))
        }
        .boxed()
    });
    assert!(breaks.await.is_err());
    writer.run(|tx| add(tx, 1, 10).boxed()).await.unwrap();
    assert_eq!(names(&path).await, [1]);
}

#[tokio::test]
async fn deleted_file_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let writer = start(&path).await;
    std::fs::rename(&path, folder.path().join("elsewhere.db")).unwrap();
    let refused = loop {
        if let Err(refused) = writer.run(|_| async { Ok(()) }.boxed()).await {
            break refused;
        }
        tokio::task::yield_now().await;
    };
    assert!(
        matches!(&refused, StoreError::NotWritable(text) if text.contains("deleted or replaced")),
        "{refused}"
    );
    assert!(!path.exists(), "no empty file is created");
    std::fs::rename(folder.path().join("elsewhere.db"), &path).unwrap();
    writer.run(|tx| add(tx, 1, 10).boxed()).await.unwrap();
    assert_eq!(names(&path).await, [1]);
}

fn act(subject: &str) -> AuditScope {
    let at = Timestamp::from_millis(1);
    AuditScope::new(AuditEntry {
        site: None,
        actor: Actor::System,
        action: "thing.done".to_owned(),
        subject: subject.to_owned(),
        detail: None,
        at,
    })
}

async fn subjects(writer: &Writer) -> Vec<String> {
    writer
        .run(|tx| {
            async {
                query_scalar("SELECT subject FROM audit_entry ORDER BY number")
                    .fetch_all(&mut tx.connection)
                    .await
            }
            .boxed()
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn act_is_recorded_in_the_transaction_of_its_command() {
    let folder = tempfile::tempdir().unwrap();
    let writer = start(&folder.path().join("belfry.db")).await;
    let refused = act("refused");
    let fails = writer.run::<(), _>(|tx| {
        async move {
            add(tx, 1, 10).await?;
            Err(Conflict::Constraint("on purpose".to_owned()).into())
        }
        .boxed()
    });
    assert!(refused.scope(fails).await.is_err());
    let looks = act("looks");
    looks.scope(writer.run(|_| async { Ok(()) }.boxed())).await.unwrap();
    assert!(!refused.is_recorded() && !looks.is_recorded());
    let twice = act("");
    let named = |number: u8| {
        writer.run(move |tx| {
            async move {
                tx.set_subject(number);
                add(tx, number, 10).await
            }
            .boxed()
        })
    };
    twice.scope(named(2)).await.unwrap();
    assert!(twice.is_recorded());
    twice.scope(named(3)).await.unwrap();
    let single = act("single");
    single
        .scope(writer.for_site(SiteId::from_bytes([1; 16])).run_single(|tx| add(tx, 4, 10).boxed()))
        .await
        .unwrap();
    assert_eq!(subjects(&writer).await, ["2", "single"]);
}

/// Counted in commands, not in time: a command of another site runs after one turn of this site,
/// not after everything that this site has queued.
#[tokio::test]
async fn quiet_site_waits_for_one_turn_of_a_busy_site() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("belfry.db");
    let writer = start(&path).await;
    let mut blocker = open::writer(&SqliteOptions::new(&path)).await.unwrap();
    query("BEGIN IMMEDIATE").execute(&mut blocker).await.unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let command = |site: u8| {
        let order = Arc::clone(&order);
        let site_writer = writer.for_site(SiteId::from_bytes([site; 16]));
        async move {
            let done = site_writer.run(move |_| {
                order.lock().unwrap().push(site);
                async { Ok(()) }.boxed()
            });
            done.await
        }
    };
    let loud = join_all((0..600).map(|_| command(1)));
    let quiet = async {
        while writer.queues[0].len() < 599 {
            tokio::task::yield_now().await;
        }
        let quiet = command(2);
        let release = async {
            while writer.queues[0].len() < 600 {
                tokio::task::yield_now().await;
            }
            query("ROLLBACK").execute(&mut blocker).await.unwrap();
        };
        futures_util::future::join(quiet, release).await.0
    };
    let (loud, quiet) = futures_util::future::join(loud, quiet).await;
    assert!(quiet.is_ok() && loud.iter().all(Result::is_ok));
    let place = order.lock().unwrap().iter().position(|site| *site == 2).unwrap();
    assert!(place <= 2, "{place}");
}
