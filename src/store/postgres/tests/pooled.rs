//! Behind `PgBouncer` in transaction mode, with fewer connections to the server than stores have to it.

use crate::{
    DatabaseOptions, SqlStore,
    contract::{
        postgres::Database,
        test_store::{NOW, RecordingSink, TestStore},
    },
    db::{Connection, query, query_scalar},
    postgres::{PostgresOptions, session, testing::TestDatabase},
};
use belfry_domain::{InboxEvent, ReaderAction, ReaderFilter, ReaderPageRequest};
use futures_util::future::{join_all, try_join_all};
use sqlx::{Connection as _, PgConnection, Row as _};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// How long a test waits for what happens soon.
const SOON: Duration = Duration::from_secs(20);

/// What differs from a connection to the server itself: the defaults of transactions, which a
/// transaction begins with, and what belongs to the network.
const SETTINGS: &str = "SELECT name || ' = ' || setting FROM pg_settings
    WHERE name NOT LIKE 'default\\_transaction\\_%' AND name NOT LIKE 'tcp\\_%' AND name <> 'extra_float_digits'";

async fn settings(connection: &mut Connection) -> BTreeSet<String> {
    let mut transaction = connection.begin().await.unwrap();
    query_scalar(SETTINGS).fetch_all(&mut transaction).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn transactions_have_the_settings_of_their_connection() {
    let Some(database) = TestDatabase::pooled(1).await else { return };
    let pooled = database.options();
    let direct = PostgresOptions::new(*pooled.direct.clone().unwrap());
    for kind in [session::writer, session::reader, session::report] {
        let mut through = kind(&pooled).connect().await.unwrap();
        let mut itself = kind(&direct).connect().await.unwrap();
        let (through, itself) = (settings(&mut through).await, settings(&mut itself).await);
        let different: Vec<_> = through.symmetric_difference(&itself).collect();
        assert!(different.is_empty(), "{different:#?}");
    }
}

async fn settings_of(connection: &mut PgConnection) -> BTreeSet<String> {
    let rows = sqlx::raw_sql(SETTINGS).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn settings_do_not_reach_the_next_client() {
    let Some(database) = TestDatabase::pooled(1).await else { return };
    let options = database.options();
    let mut other = PgConnection::connect_with(&options.server).await.unwrap();
    let before = settings_of(&mut other).await;
    let mut reader = session::reader(&options).connect().await.unwrap();
    for statement in ["SELECT 1", "UPDATE site SET version = 0"] {
        let done = query(statement).execute(&mut reader).await;
        assert_eq!(done.is_ok(), statement == "SELECT 1", "{done:?}");
    }
    assert_eq!(settings_of(&mut other).await, before);
}

/// Whether a transaction of this database is open on the server and waits for its client.
async fn open_transactions(direct: &mut Connection) -> i64 {
    query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'")
        .fetch_one(direct)
        .await
        .unwrap()
}

/// A caller may be gone at any time. Nobody else waits for its transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_callers_leave_no_transaction() {
    let Some(database) = Database::pooled().await else { return };
    let options = database.options();
    let world = TestStore::new(database).await;
    let (site, _) = world.site("A").await;
    let contact = world.contact(site, "ann").await;
    world.publish(site, Some(&[contact])).await;
    let page = || world.page(site, contact, None, 10);
    for step in 0..40 {
        let _ = timeout(Duration::from_micros(150) * step, page()).await;
        let _ = timeout(Duration::from_micros(100) * step, world.counts(site, contact)).await;
    }
    let mut direct = session::direct(&options).connect().await.unwrap();
    let began = Instant::now();
    while open_transactions(&mut direct).await > 0 {
        assert!(began.elapsed() < SOON, "a transaction is open");
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(page().await.items.len(), 1);
    world.publish(site, Some(&[contact])).await;
    assert_eq!(world.counts(site, contact).await.unread, 2);
}

/// Two processes with eight connections use the two of a pooler. Each hears of the other, and one leads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_a_small_pooler() {
    let Some(database) = Database::pooled().await else { return };
    let world = TestStore::new(database).await;
    let sink = Arc::new(RecordingSink::default());
    let other = world.backend.open(sink.clone()).await.unwrap();
    let (first, _) = world.site("A").await;
    let (second, _) = world.site("B").await;
    let mut readers = Vec::new();
    for site in [first, second] {
        for name in ["ann", "bob"] {
            readers.push((site, world.contact(site, name).await));
        }
    }
    sink.take();
    let turns = (0..60).map(|turn| {
        let (site, contact) = readers[turn % readers.len()];
        let message = world.message(site, Some(&[contact]));
        let store = if turn % 3 == 0 { &other } else { &world.store };
        async move {
            store.publish(&message, None, NOW).await?;
            let request = ReaderPageRequest { filter: ReaderFilter::All, before: None, limit: 20 };
            store.page(site, contact, request, NOW).await?;
            store.apply_reader_action(site, contact, &ReaderAction::Seen(None), NOW).await
        }
    });
    try_join_all(turns).await.unwrap();
    for store in [&world.store, &other] {
        let counts = readers.iter().map(|(site, contact)| store.counts(*site, *contact, NOW));
        let unread: Vec<_> =
            join_all(counts).await.into_iter().map(|counts| counts.unwrap().unread).collect();
        assert_eq!(unread, [15; 4]);
    }
    let leads = [world.store.leads().await.unwrap(), other.leads().await.unwrap()];
    assert_eq!(leads, [true, false]);
    let published = world.publish(first, None).await;
    let began = Instant::now();
    let tells = |event: &InboxEvent| matches!(event, InboxEvent::MessagePublished { message, .. } if message.id == published);
    while !sink.take().iter().any(tells) {
        assert!(began.elapsed() < SOON, "the other process was not told");
        sleep(Duration::from_millis(10)).await;
    }
}

/// The error of a program that takes the pooler for the server names the option.
#[tokio::test]
async fn pooler_without_a_direct_url_is_refused() {
    let Some(database) = TestDatabase::pooled(1).await else { return };
    let options = PostgresOptions { direct: None, ..database.options() };
    let opened =
        SqlStore::open(DatabaseOptions::Postgres(options), Arc::new(RecordingSink::default()))
            .await;
    let error = opened.err().unwrap().to_string();
    assert!(error.contains("--database-direct-url"), "{error}");
}
