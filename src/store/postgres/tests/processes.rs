//! Several processes on one database: each sees what the others have written, their writes don't get
//! in each other's way, and one of them does the background work.

use crate::{
    Store,
    contract::{
        postgres::Database,
        test_store::{NOW, RecordingSink, TestStore},
    },
    db::query_scalar,
    postgres::session,
};
use belfry_domain::{ContactId, InboxEvent};
use futures_util::future::join_all;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a test waits for what happens soon.
const SOON: Duration = Duration::from_secs(20);

/// Waits until a condition holds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < SOON, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A store of a test, and another process on its database.
pub(super) async fn two_processes(
    database: Database,
) -> (TestStore, Arc<dyn Store>, Arc<RecordingSink>) {
    let world = TestStore::new(database).await;
    let sink = Arc::new(RecordingSink::default());
    let other = world.backend.open(sink.clone()).await.unwrap();
    (world, other, sink)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_of_two_processes_are_ordered_and_none_is_lost() {
    let Some(database) = Database::new().await else { return };
    let (world, other, _) = two_processes(database).await;
    let (site, _) = world.site("A").await;
    let contact = world.contact(site, "ann").await;
    let before = world.counts(site, contact).await.version;
    let messages: Vec<_> = (0..60).map(|_| world.message(site, Some(&[contact]))).collect();
    let published = messages.iter().enumerate().map(|(number, message)| {
        let store = if number % 2 == 0 { &world.store } else { &other };
        store.publish(message, None, NOW)
    });
    let outcomes = join_all(published).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let counts = world.counts(site, contact).await;
    assert_eq!((counts.unread, counts.version.0 - before.0), (60, 60));
    let page = world.page(site, contact, None, 100).await;
    let positions: BTreeSet<_> = page.items.iter().map(|item| item.message.position).collect();
    assert_eq!(positions.len(), 60, "two messages have the same position");
}

/// What one process upserts at the same time as another is one contact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_upserts_of_two_processes_create_one_contact() {
    let Some(database) = Database::new().await else { return };
    let (world, other, _) = two_processes(database).await;
    let (site, _) = world.site("A").await;
    let draft =
        crate::contract::test_store::contact_draft(Some("ann"), Some("ann@x.example"), None);
    let upserts = (0..20).map(|number| {
        let store = if number % 2 == 0 { &world.store } else { &other };
        store.upsert_contact(site, &draft, NOW)
    });
    let ids: BTreeSet<ContactId> =
        join_all(upserts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_leads_until_it_stops() {
    let Some(database) = Database::new().await else { return };
    let (world, other, _) = two_processes(database).await;
    assert!(world.store.leads().await.unwrap());
    assert!(!other.leads().await.unwrap());
    assert!(world.store.leads().await.unwrap());
    world.store.close().await;
    eventually("nobody took over", async || other.leads().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_are_opened_again() {
    let Some(database) = Database::new().await else { return };
    let options = database.options();
    let world = TestStore::new(database).await;
    let (site, _) = world.site("A").await;
    let contact = world.contact(site, "ann").await;
    assert!(world.store.leads().await.unwrap());
    let mut admin = session::direct(&options).connect().await.unwrap();
    let ended: i64 = query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert!(ended >= 3, "{ended} connections");
    eventually("nothing can be read", async || {
        world.store.counts(site, contact, NOW).await.is_ok()
    })
    .await;
    eventually("nothing can be written", async || {
        let message = world.message(site, Some(&[contact]));
        world.store.publish(&message, None, NOW).await.is_ok()
    })
    .await;
    assert_eq!(world.counts(site, contact).await.unread, 1);
    eventually("nobody leads", async || world.store.leads().await.unwrap_or(false)).await;
    // It listens again.
    let other = world.backend.open(Arc::new(RecordingSink::default())).await.unwrap();
    eventually("what another process writes is not noticed", async || {
        world.events.take();
        let message = world.message(site, Some(&[contact]));
        other.publish(&message, None, NOW).await.unwrap();
        sleep(Duration::from_millis(50)).await;
        world.events.take().iter().any(|event| {
            matches!(event, InboxEvent::MessagePublished { message: received, .. } if received.id == message.id)
        })
    })
    .await;
}
