//! Two processes with a NATS server between them: what happens when it is not there, stops, or carries
//! what somebody else sends.

use crate::{
    Store,
    contract::test_store::{NOW, RecordingSink, TestStore},
    postgres::tests::{
        processes::eventually,
        relay::{Pair, is_reload, publishes, stored_packets, until},
    },
};
use belfry_domain::{InboxEvent, MessageId, SiteId, Version};
use belfry_testing::NatsServer;
use futures_util::StreamExt as _;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a packet that was published may take to a client of the server.
const MOMENT: Duration = Duration::from_millis(200);
const DOCUMENT: &str = include_str!("../../../docs/operating.md");

async fn publish(world: &TestStore, store: &Arc<dyn Store>, site: SiteId) -> MessageId {
    let message = world.message(site, None);
    store.publish(&message, None, NOW).await.unwrap();
    message.id
}

/// Waits for a message that a process publishes now.
async fn expect_from(world: &TestStore, from: &Arc<dyn Store>, to: &RecordingSink, site: SiteId) {
    let message = publish(world, from, site).await;
    until(to, |event| publishes(event, message)).await;
}

/// The events of one process while the server comes and goes.
struct Client<'s> {
    sink: &'s RecordingSink,
    events: Vec<InboxEvent>,
}

impl Client<'_> {
    async fn expect(&mut self, message: MessageId) {
        let events = until(self.sink, |event| publishes(event, message)).await;
        self.events.extend(events);
    }

    /// Fails unless each version was followed by the next one, or by a reload.
    fn assert_nothing_missed(&self) {
        let (mut reached, mut has_reloaded) = (None::<Version>, false);
        for event in &self.events {
            has_reloaded |= is_reload(event);
            let Some(version) = event.version() else { continue };
            let follows = reached.is_none_or(|reached| version.0 <= reached.0 + 1);
            assert!(follows || has_reloaded, "{reached:?} {version:?} {:?}", self.events);
            reached = reached.max(Some(version));
            has_reloaded = false;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_and_restarted_server_costs_nobody_an_event() {
    let Some(mut server) = NatsServer::start() else { return };
    let Some(pair) = Pair::new(Some(&server)).await else { return };
    let mut connection = pair.connection().await;
    let Pair { world, other, elsewhere, .. } = &pair;
    let (site, _) = world.site("A").await;
    let mut clients = [&world.events, elsewhere].map(|sink| Client { sink, events: Vec::new() });
    let load = async || {
        let mut last = None;
        for number in 0..20 {
            let store = if number % 2 == 0 { &world.store } else { other };
            last = Some(publish(world, store, site).await);
        }
        last.unwrap()
    };
    let mut last = load().await;
    server.kill();
    for _ in 0..2 {
        last = load().await;
    }
    for client in &mut clients {
        client.expect(last).await;
    }
    server.go_on();
    // Under load, until it goes over NATS again.
    eventually("events do not go over NATS again", async || {
        let before = stored_packets(&mut connection).await;
        last = load().await;
        for client in &mut clients {
            client.expect(last).await;
        }
        stored_packets(&mut connection).await == before
    })
    .await;
    server.signal("STOP");
    last = load().await;
    for client in &mut clients {
        client.expect(last).await;
    }
    server.signal("CONT");
    last = load().await;
    for client in &mut clients {
        client.expect(last).await;
        client.assert_nothing_missed();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_is_used_as_soon_as_it_is_there() {
    let Some(mut server) = NatsServer::prepare("", "") else { return };
    let Some(pair) = Pair::start(Some(&server)).await else { return };
    let Pair { world, other, elsewhere, .. } = &pair;
    let (site, _) = world.site("A").await;
    expect_from(world, &world.store, elsewhere, site).await;
    expect_from(world, other, &world.events, site).await;
    server.go_on();
    pair.use_nats().await;
    expect_from(world, &world.store, elsewhere, site).await;
}

/// What a client of the server has recorded, changed or repeated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_of_strangers_are_ignored() {
    let Some(server) = NatsServer::start() else { return };
    let Some(pair) = Pair::new(Some(&server)).await else { return };
    let Pair { world, elsewhere, .. } = &pair;
    let (site, _) = world.site("A").await;
    let stranger = async_nats::connect(server.url()).await.unwrap();
    let mut recorded = stranger.subscribe("belfry.>").await.unwrap();
    stranger.flush().await.unwrap();
    let mut first = None;
    let mut packets = Vec::new();
    eventually("no message went over NATS", async || {
        let message = publish(world, &world.store, site).await;
        until(elsewhere, |event| publishes(event, message)).await;
        first = Some(message);
        while let Ok(Some(packet)) = timeout(MOMENT, recorded.next()).await {
            packets.push(packet);
        }
        // Signs of life are short.
        packets.retain(|packet| packet.payload.len() > 200);
        !packets.is_empty()
    })
    .await;
    let (first, packet) = (first.unwrap(), packets.pop().unwrap());
    let text = String::from_utf8_lossy(&packet.payload).into_owned();
    assert!(!text.contains("MessagePublished") && !text.contains(&site.to_string()), "{text}");
    let mut changed = packet.payload.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    for payload in [packet.payload.to_vec(), changed, b"PING".to_vec(), vec![0; 500_000]] {
        stranger.publish(packet.subject.clone(), payload.into()).await.unwrap();
    }
    stranger.flush().await.unwrap();
    let second = publish(world, &world.store, site).await;
    let events = until(elsewhere, |event| publishes(event, second)).await;
    let repeated = events.iter().any(|event| publishes(event, first));
    assert!(!repeated && !events.iter().any(is_reload), "{events:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packet_beyond_the_servers_limit_goes_through_the_database() {
    // Presence fits, a message does not.
    let Some(server) = NatsServer::start_with("max_payload: 400", "") else { return };
    let Some(pair) = Pair::new(Some(&server)).await else { return };
    let mut connection = pair.connection().await;
    let Pair { world, other: _other, elsewhere, .. } = &pair;
    let (site, _) = world.site("A").await;
    let before = stored_packets(&mut connection).await;
    let message = world.publish(site, None).await;
    let events = until(elsewhere, |event| publishes(event, message)).await;
    assert!(!events.iter().any(is_reload), "{events:?}");
    assert!(stored_packets(&mut connection).await > before);
}

/// The configuration of `docs/operating.md`, with its credentials.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documented_configuration_lets_processes_in() {
    let blocks = DOCUMENT.split("```conf\n").skip(1);
    let mut texts = blocks.filter_map(|block| block.split("```").next());
    let text = texts.find(|text| text.contains("belfry.>")).unwrap();
    let Some(server) = NatsServer::start_with(text, "belfry:choose-one") else { return };
    let Some(pair) = Pair::new(Some(&server)).await else { return };
    let Pair { world, elsewhere, other: _other, .. } = &pair;
    let (site, _) = world.site("A").await;
    expect_from(world, &world.store, elsewhere, site).await;
    assert!(async_nats::connect(server.url().replace("choose-one", "wrong")).await.is_err());
}
