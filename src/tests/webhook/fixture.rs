//! A store, its use cases, and a webhook dispatcher, with a clock that starts at the real time and
//! is moved by hand.

use super::receiver::Receiver;
use belfry::{
    app::{Inbox, parse_contact, parse_message, parse_webhook},
    content::wire::NobodyOnline,
    domain::{
        Announcer, Change, Clock, ContactId, Delivery, DeliveryState, EndpointId, Language, Mark, Outbound, Placement, SigningSecret, SiteDraft,
        SiteId, SystemClock, SystemEntropy, Timestamp,
    },
    server::{OutboundOptions, outbound},
    store::{SqliteOptions, SqliteStore, Store},
    webhook::Courier,
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

struct Nobody;

impl Announcer for Nobody {
    fn announce(&self, _: Change) {}
}

pub struct Hands(AtomicI64);

impl Hands {
    pub fn advance(&self, by: Duration) {
        self.0.store(self.now().plus(by).millis(), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Waits for a condition, with a timeout for slow machines.
pub async fn until(condition: impl AsyncFn() -> bool) {
    for _ in 0..3_000 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("timed out after half a minute");
}

pub struct World {
    pub inbox: Inbox,
    pub store: Arc<dyn Store>,
    pub clock: Arc<Hands>,
    pub site: SiteId,
    folder: TempDir,
}

pub fn caller(allow_private: bool) -> Arc<dyn Outbound> {
    outbound(OutboundOptions { allow_private, deadline: Duration::from_millis(700), connect: Duration::from_millis(500) })
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(SystemClock.now().millis())));
        let (store, inbox) = open(&folder, &clock).await;
        let origins = vec!["https://shop.example".parse().unwrap()];
        let draft = SiteDraft::new("Shop", origins, "#bell", Placement::BeforeEnd, Language::english()).unwrap();
        let site = inbox.create_site(draft).await.unwrap().0.id;
        Self { inbox, store, clock, site, folder }
    }

    /// Reopens the store, as the next process does.
    pub async fn reopened(self) -> Self {
        let Self { clock, site, folder, .. } = self;
        let (store, inbox) = open(&folder, &clock).await;
        Self { inbox, store, clock, site, folder }
    }

    pub fn courier(&self) -> Running {
        self.courier_with(caller(true))
    }

    pub fn courier_with(&self, outbound: Arc<dyn Outbound>) -> Running {
        let courier = Courier::new(Arc::clone(&self.store), outbound, Arc::clone(&self.clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))
            .telling_of_conversations("https://belfry.example".parse().unwrap(), Arc::new(NobodyOnline))
            .looking_every(Duration::from_millis(20));
        let stop = CancellationToken::new();
        Running { task: tokio::spawn(courier.run(stop.clone())), stop }
    }

    pub async fn endpoint(&self, receiver: &Receiver, events: &[&str]) -> (EndpointId, SigningSecret) {
        let (endpoint, secret) = self.register(json!({"url": receiver.url, "events": events})).await;
        (endpoint, secret.unwrap())
    }

    pub async fn register(&self, json: Value) -> (EndpointId, Option<SigningSecret>) {
        let (endpoint, secret) = self.inbox.create_webhook(self.site, parse_webhook(json.to_string().as_bytes()).unwrap()).await.unwrap();
        (endpoint.id, secret)
    }

    pub async fn contact(&self, external: &str) -> ContactId {
        let json = json!({"externalCustomerId": external}).to_string();
        self.inbox.upsert_contact(self.site, &parse_contact(json.as_bytes()).unwrap()).await.unwrap()
    }

    pub async fn publish(&self, mut message: Value) -> String {
        message["content"] = json!({"en": {"title": "Hello", "body": "There", "link": "https://shop.example/7"}});
        let draft = parse_message(message.to_string().as_bytes(), self.clock.now()).unwrap();
        self.inbox.publish(self.site, draft, None).await.unwrap().id.to_string()
    }

    pub async fn mark(&self, contact: ContactId, mark: Mark) {
        self.store.mark(self.site, contact, &mark, self.clock.now()).await.unwrap();
    }

    /// The deliveries of an endpoint, oldest first.
    pub async fn deliveries(&self, endpoint: EndpointId) -> Vec<Delivery> {
        let mut all = self.inbox.deliveries(self.site, endpoint, None, None, 100).await.unwrap();
        all.reverse();
        all
    }

    /// Waits until the first delivery matches.
    pub async fn first(&self, endpoint: EndpointId, wanted: impl Fn(&Delivery) -> bool) -> Delivery {
        until(async || self.deliveries(endpoint).await.first().is_some_and(&wanted)).await;
        self.deliveries(endpoint).await.remove(0)
    }

    pub async fn done(&self, endpoint: EndpointId) -> Delivery {
        self.first(endpoint, |delivery| delivery.state == DeliveryState::Done).await
    }
}

async fn open(folder: &TempDir, clock: &Arc<Hands>) -> (Arc<dyn Store>, Inbox) {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(SqliteOptions::new(folder.path().join("belfry.db")), Arc::new(Nobody)).await.unwrap());
    let inbox = Inbox::new(Arc::clone(&store), Arc::clone(clock) as Arc<dyn Clock>, Arc::new(SystemEntropy)).with_outbound(caller(true));
    (store, inbox)
}

/// A running dispatcher.
pub struct Running {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Running {
    /// Shuts it down gracefully.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// Stops it as a killed process stops.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}
