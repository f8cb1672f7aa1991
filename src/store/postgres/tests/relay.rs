//! Events between processes: each process publishes those of all, once, in the order of their versions,
//! with the same content; what is lost on the way is noticed.

use super::processes::{eventually, two_processes};
use crate::{
    PostgresOptions, Store,
    contract::{
        channel::{ConversationFixture, agent_secrets},
        postgres::Database,
        test_store::{NOW, RecordingSink, TestStore, after, session, theme, versions},
    },
    db::{Connection, query, query_scalar},
    postgres::session as sessions,
};
use belfry_domain::{
    ContactId, InboxEvent, MessageEdit, MessageId, PresentSubscriber, ReaderAction, Site, SiteId,
    channel::{AgentId, Availability},
};
use belfry_testing::NatsServer;
use futures_util::future::join_all;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// The site of events that only show that processes are connected.
fn nowhere() -> SiteId {
    SiteId::from_bytes([9; 16])
}

fn present(number: i64) -> InboxEvent {
    let subscriber = PresentSubscriber::Contact(ContactId(number));
    InboxEvent::Present { site: nowhere(), subscriber }
}

/// Waits until what one process sends arrives at the other.
async fn connected(from: &Arc<dyn Store>, to: &RecordingSink) {
    eventually("the processes do not find each other", async || arrives(from, to).await).await;
}

/// Whether an event that one process sends now arrives at the other at once.
async fn arrives(from: &Arc<dyn Store>, to: &RecordingSink) -> bool {
    from.relay(present(1));
    sleep(Duration::from_millis(20)).await;
    to.take().iter().any(|event| event.site() == nowhere())
}

/// Two processes that know of each other, with what each has published.
pub(crate) struct Pair {
    pub(crate) options: PostgresOptions,
    pub(crate) world: TestStore,
    pub(crate) other: Arc<dyn Store>,
    pub(crate) elsewhere: Arc<RecordingSink>,
}

impl Pair {
    /// Two processes that send events through the database, or over this NATS server.
    pub(crate) async fn new(bus: Option<&NatsServer>) -> Option<Self> {
        let pair = Self::start(bus).await?;
        if bus.is_some() {
            pair.use_nats().await;
        }
        Some(pair)
    }

    /// The same where the NATS server does not carry events yet.
    pub(crate) async fn start(bus: Option<&NatsServer>) -> Option<Self> {
        let mut database = Database::new().await?;
        if let Some(bus) = bus {
            database = database.with_bus(&bus.url());
        }
        let options = database.options();
        let (world, other, elsewhere) = two_processes(database).await;
        connected(&world.store, &elsewhere).await;
        connected(&other, &world.events).await;
        Some(Self { options, world, other, elsewhere })
    }

    /// Waits until both send events over NATS. Takes the events that they have published.
    pub(crate) async fn use_nats(&self) {
        let mut connection = self.connection().await;
        let Self { world, other, elsewhere, .. } = self;
        for (from, to) in [(&world.store, &**elsewhere), (other, &*world.events)] {
            eventually("events do not go over NATS", async || {
                let before = stored_packets(&mut connection).await;
                arrives(from, to).await && stored_packets(&mut connection).await == before
            })
            .await;
        }
    }

    pub(crate) async fn connection(&self) -> Connection {
        sessions::writer(&self.options).connect().await.unwrap()
    }
}

/// The number of packets that went through the database in the last minute.
pub(crate) async fn stored_packets(connection: &mut Connection) -> i64 {
    query_scalar("SELECT count(*) FROM relayed").fetch_one(connection).await.unwrap()
}

/// Runs tests with events that go through the database, and with events that go over NATS.
macro_rules! over_both {
    ($($test:ident)*) => {
        mod over_the_database {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let Some(pair) = super::Pair::new(None).await else { return };
                    super::$test(pair).await;
                }
            )*
        }

        mod over_nats {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let Some(server) = super::NatsServer::start() else { return };
                    let Some(pair) = super::Pair::new(Some(&server)).await else { return };
                    super::$test(pair).await;
                }
            )*
        }
    };
}

over_both! {
    every_kind_of_event_arrives_as_it_was_published
    events_of_two_processes_are_in_order_everywhere
    site_changed_without_an_event_is_forgotten_elsewhere
    version_that_nobody_sent_has_clients_reload
    killed_connections_lose_nothing
    newcomer_misses_nothing
    stopping_process_sends_its_last_events
}

/// Collects events until one meets the condition.
pub(crate) async fn until(
    sink: &RecordingSink,
    last: impl Fn(&InboxEvent) -> bool,
) -> Vec<InboxEvent> {
    let mut events = Vec::new();
    eventually("an event did not arrive", async || {
        let mut taken = sink.take();
        // Of the connection, repeated.
        taken.retain(|event| event.site() != nowhere());
        let is_last = taken.iter().any(&last);
        events.append(&mut taken);
        is_last
    })
    .await;
    events
}

pub(crate) fn publishes(event: &InboxEvent, id: MessageId) -> bool {
    matches!(event, InboxEvent::MessagePublished { message, .. } if message.id == id)
}

pub(crate) fn is_reload(event: &InboxEvent) -> bool {
    matches!(event, InboxEvent::ExternalWrite { .. } | InboxEvent::EventsMissed { .. })
}

async fn every_kind_of_event_arrives_as_it_was_published(pair: Pair) {
    let Pair { world, elsewhere, other: _other, .. } = pair;
    let (site, key) = world.site("A").await;
    let (ann, bob) = (world.contact(site, "ann").await, world.contact(site, "bob").await);
    let token = world.token(&key, ann);
    world.add_token(&token).await.unwrap();
    world.add_sessions(&[session(&token, "cookie", after(60))]).await.unwrap();
    world.publish(site, None).await;
    let message = world.publish(site, Some(&[ann, bob])).await;
    let edit = MessageEdit { pinned: Some(true), ..MessageEdit::default() };
    world.store.edit_message(site, message, &edit, NOW).await.unwrap();
    for action in [
        ReaderAction::Seen(None),
        ReaderAction::Read(vec![message]),
        ReaderAction::Archive(vec![message]),
        ReaderAction::AllRead(None),
    ] {
        world.act(site, ann, action).await;
    }
    world.store.recall_message(site, message, NOW).await.unwrap();
    world.store.store_draft(site, &theme(1), NOW).await.unwrap();
    world.store.publish_theme(site, NOW).await.unwrap();
    world.store.revoke_family(site, token.family).await.unwrap();
    world.store.delete_contact(site, bob, NOW).await.unwrap();
    world.store.revoke_key(site, &key.id, NOW).await.unwrap();
    let here = world.events.take();
    let fixture = ConversationFixture::new(&world, "b").await;
    let conversation = fixture.begin(&world).await.conversation.number;
    fixture.post_incoming(&world, conversation, "Hello").await;
    fixture.reply(&world, conversation, "Hello").await;
    world
        .store
        .publish_typing(
            fixture.site,
            fixture.access(),
            conversation,
            (true, false),
            &fixture.performer(),
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    let secrets = agent_secrets(&world);
    assert!(world.store.set_agent_tokens(fixture.site, fixture.agent.id, &secrets).await.unwrap());
    let in_conversations = world.events.take();
    world.store.relay(InboxEvent::Present {
        site,
        subscriber: PresentSubscriber::Agent(AgentId(1), Availability::Busy),
    });
    let events = until(&elsewhere, |event| matches!(event, InboxEvent::Present { .. })).await;
    let text = |event: &InboxEvent| format!("{event:?}");
    let texts = |events: &[InboxEvent], of: SiteId| -> Vec<String> {
        events.iter().filter(|event| event.site() == of).map(text).collect()
    };
    let mut expected = texts(&here, site);
    let presence = format!(
        "Present {{ site: {site:?}, subscriber: Agent({:?}, {:?}) }}",
        AgentId(1),
        Availability::Busy
    );
    expected.push(presence);
    assert_eq!(texts(&events, site), expected);
    // The fixture has taken those before.
    let arrived = texts(&events, fixture.site);
    let expected = texts(&in_conversations, fixture.site);
    assert!(expected.len() >= 5, "{expected:?}");
    assert_eq!(arrived[arrived.len() - expected.len()..], expected);
    assert!(!events.iter().any(is_reload));
}

async fn events_of_two_processes_are_in_order_everywhere(pair: Pair) {
    let Pair { world, other, elsewhere, .. } = pair;
    let (site, _) = world.site("A").await;
    let contact = world.contact(site, "ann").await;
    let messages: Vec<_> = (0..60).map(|_| world.message(site, Some(&[contact]))).collect();
    let published = messages.iter().enumerate().map(|(number, message)| {
        let store = if number % 2 == 0 { &world.store } else { &other };
        store.publish(message, None, NOW)
    });
    for outcome in join_all(published).await {
        outcome.unwrap();
    }
    let last = world.counts(site, contact).await.version;
    for sink in [&world.events, &elsewhere] {
        let events = until(sink, |event| event.version() == Some(last)).await;
        let published = versions(&events);
        assert_eq!(published.len(), 60, "{published:?}");
        assert!(published.is_sorted(), "{published:?}");
        assert!(!events.iter().any(is_reload), "{events:?}");
    }
}

async fn site_changed_without_an_event_is_forgotten_elsewhere(pair: Pair) {
    let Pair { world, elsewhere, other: _other, .. } = pair;
    let (site, _) = world.site("A").await;
    let rename = |site: &Site| Ok(Site { name: "Renamed".to_owned(), ..site.clone() });
    world.store.update_site(site, Box::new(rename)).await.unwrap();
    let events = until(&elsewhere, is_reload).await;
    assert!(matches!(events[..], [InboxEvent::ExternalWrite { .. }]), "{events:?}");
    assert!(!world.events.take().iter().any(is_reload), "not in the process that changed it");
}

/// Another program, or an older version of this one, sends no events.
async fn version_that_nobody_sent_has_clients_reload(pair: Pair) {
    let mut connection = pair.connection().await;
    let Pair { world, elsewhere, .. } = &pair;
    let (site, _) = world.site("A").await;
    query("UPDATE site SET version = version + 1 WHERE id = ?1")
        .bind(site.as_bytes())
        .execute(&mut connection)
        .await
        .unwrap();
    let began = Instant::now();
    let message = world.publish(site, None).await;
    assert!(began.elapsed() < Duration::from_secs(2), "the caller waited");
    for sink in [&world.events, elsewhere] {
        let events = until(sink, |event| publishes(event, message)).await;
        let kinds: Vec<_> = events.iter().map(|event| (is_reload(event), event.site())).collect();
        assert_eq!(kinds, [(true, site), (true, site), (false, site)], "{events:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_packets_have_clients_reload() {
    let Some(pair) = Pair::new(None).await else { return };
    let mut connection = pair.connection().await;
    let Pair { world, elsewhere, .. } = &pair;
    let (site, _) = world.site("A").await;
    connection
        .run_script(
            "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER lose BEFORE INSERT ON relayed FOR EACH ROW EXECUTE FUNCTION lose()",
        )
        .await
        .unwrap();
    world.publish(site, None).await;
    let events = until(elsewhere, is_reload).await;
    assert!(events.iter().all(is_reload), "{events:?}");
    connection.run_script("DROP TRIGGER lose ON relayed").await.unwrap();
    let message = world.publish(site, None).await;
    let events = until(elsewhere, |event| publishes(event, message)).await;
    assert!(!events.iter().any(|event| event.version().is_none() && !is_reload(event)));
}

async fn killed_connections_lose_nothing(pair: Pair) {
    let mut connection = pair.connection().await;
    let Pair { world, elsewhere, .. } = &pair;
    let (site, _) = world.site("A").await;
    world.publish(site, None).await;
    for _ in 0..3 {
        let killed: i64 = query_scalar(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1650814054
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!(killed, 2);
        let message = world.publish(site, None).await;
        until(elsewhere, |event| publishes(event, message)).await;
        eventually("a process does not connect again", async || {
            let there: i64 = query_scalar(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1650814054
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            )
            .fetch_one(&mut connection)
            .await
            .unwrap();
            there == 2
        })
        .await;
    }
}

async fn newcomer_misses_nothing(pair: Pair) {
    let world = &pair.world;
    let (site, _) = world.site("A").await;
    for _ in 0..3 {
        let sink = Arc::new(RecordingSink::default());
        let newcomer = world.backend.open(sink.clone()).await.unwrap();
        let message = world.publish(site, None).await;
        until(&sink, |event| publishes(event, message) || is_reload(event)).await;
        newcomer.close().await;
    }
}

/// A process that has stopped leaves nothing behind that it did not send.
async fn stopping_process_sends_its_last_events(pair: Pair) {
    let Pair { world, other, elsewhere, .. } = pair;
    let (site, _) = world.site("A").await;
    for _ in 0..10 {
        world.publish(site, None).await;
    }
    let message = world.publish(site, None).await;
    world.store.close().await;
    let events = until(&elsewhere, |event| publishes(event, message)).await;
    assert_eq!(events.len(), 11);
    drop(other);
}
