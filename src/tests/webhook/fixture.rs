//! A store, its use cases, and a webhook dispatcher, with a clock that starts at the real time and
//! is moved by hand.

use super::receiver::Receiver;
use crate::database::{NoSink, TestDatabase};
use belfry::server::{OutboundOptions, http_client};
use belfry_app::{
    App, parse_contact, parse_message, parse_webhook, webhook_dispatcher::WebhookDispatcher,
};
use belfry_content::wire::NobodyOnline;
use belfry_domain::{
    Clock, ContactId, Delivery, DeliveryState, EndpointId, HttpClient, InsertPosition, Language,
    ReaderAction, SigningSecret, SiteDraft, SiteId, SystemClock, SystemRng, Timestamp,
};
use belfry_store::{SqlStore, Store};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn advance(&self, by: Duration) {
        self.0.store(self.now().plus(by).millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
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

pub struct WebhookFixture {
    pub app: App,
    pub store: Arc<dyn Store>,
    pub clock: Arc<ManualClock>,
    pub site: SiteId,
    database: TestDatabase,
}

/// Waits long enough for a receiver that answers, however busy the machine is.
pub fn test_http_client(allow_private: bool) -> Arc<dyn HttpClient> {
    let wait = Duration::from_secs(20);
    http_client(OutboundOptions { allow_private, timeout: wait, connect_timeout: wait })
}

/// For receivers that never finish: its time-out is what the test waits for.
pub fn impatient_http_client() -> Arc<dyn HttpClient> {
    let wait = Duration::from_millis(1_500);
    http_client(OutboundOptions { allow_private: true, timeout: wait, connect_timeout: wait })
}

impl WebhookFixture {
    pub async fn new() -> Self {
        let database = TestDatabase::new().await;
        let clock = Arc::new(ManualClock(AtomicI64::new(SystemClock.now().millis())));
        let (store, app) = open(&database, &clock).await;
        let origins = vec!["https://shop.example".parse().unwrap()];
        let draft = SiteDraft::new(
            "Shop",
            origins,
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )
        .unwrap();
        let site = app.create_site(draft).await.unwrap().0.id;
        Self { app, store, clock, site, database }
    }

    /// Reopens the store, as the next process does.
    pub async fn reopen(self) -> Self {
        let Self { clock, site, database, .. } = self;
        let (store, app) = open(&database, &clock).await;
        Self { app, store, clock, site, database }
    }

    pub fn dispatcher(&self) -> RunningDispatcher {
        self.dispatcher_with(test_http_client(true))
    }

    pub fn dispatcher_with(&self, http_client: Arc<dyn HttpClient>) -> RunningDispatcher {
        let dispatcher = WebhookDispatcher::new(
            Arc::clone(&self.store),
            http_client,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::new(SystemRng),
        )
        .with_conversation_events("https://belfry.example".parse().unwrap(), Arc::new(NobodyOnline))
        .with_poll_interval(Duration::from_millis(20));
        let stop = CancellationToken::new();
        RunningDispatcher { task: tokio::spawn(dispatcher.run(stop.clone())), stop }
    }

    pub async fn endpoint(
        &self,
        receiver: &Receiver,
        events: &[&str],
    ) -> (EndpointId, SigningSecret) {
        let (endpoint, secret) =
            self.register(json!({"url": receiver.url, "events": events})).await;
        (endpoint, secret.unwrap())
    }

    pub async fn register(&self, json: Value) -> (EndpointId, Option<SigningSecret>) {
        let (endpoint, secret) = self
            .app
            .create_webhook(self.site, parse_webhook(json.to_string().as_bytes()).unwrap())
            .await
            .unwrap();
        (endpoint.id, secret)
    }

    pub async fn contact(&self, external: &str) -> ContactId {
        let json = json!({"externalCustomerId": external}).to_string();
        self.app.upsert_contact(self.site, &parse_contact(json.as_bytes()).unwrap()).await.unwrap()
    }

    pub async fn publish(&self, mut message: Value) -> String {
        message["content"] =
            json!({"en": {"title": "Hello", "body": "There", "link": "https://shop.example/7"}});
        let draft = parse_message(message.to_string().as_bytes(), self.clock.now()).unwrap();
        self.app.publish(self.site, draft, None).await.unwrap().id.to_string()
    }

    pub async fn mark(&self, contact: ContactId, action: ReaderAction) {
        self.store
            .apply_reader_action(self.site, contact, &action, self.clock.now())
            .await
            .unwrap();
    }

    /// The deliveries of an endpoint, oldest first.
    pub async fn deliveries(&self, endpoint: EndpointId) -> Vec<Delivery> {
        let mut all = self.app.deliveries(self.site, endpoint, None, None, 100).await.unwrap();
        all.reverse();
        all
    }

    /// The most attempts that are recorded of a delivery, also of an inbox, that has not succeeded.
    pub async fn recorded_attempts(&self) -> i64 {
        let most = "SELECT coalesce(max(attempts), 0) FROM webhook_delivery WHERE state <> 1";
        let rows: Vec<(i64,)> = self.database.connect().await.rows(most).await;
        rows.first().map_or(0, |&(attempts,)| attempts)
    }

    /// Waits until the first delivery matches.
    pub async fn first(
        &self,
        endpoint: EndpointId,
        wanted: impl Fn(&Delivery) -> bool,
    ) -> Delivery {
        until(async || self.deliveries(endpoint).await.first().is_some_and(&wanted)).await;
        self.deliveries(endpoint).await.remove(0)
    }

    pub async fn done(&self, endpoint: EndpointId) -> Delivery {
        self.first(endpoint, |delivery| delivery.state == DeliveryState::Delivered).await
    }
}

async fn open(database: &TestDatabase, clock: &Arc<ManualClock>) -> (Arc<dyn Store>, App) {
    let store: Arc<dyn Store> =
        Arc::new(SqlStore::open(database.options(), Arc::new(NoSink)).await.unwrap());
    let inbox =
        App::new(Arc::clone(&store), Arc::clone(clock) as Arc<dyn Clock>, Arc::new(SystemRng))
            .with_http_client(test_http_client(true));
    (store, inbox)
}

/// A running dispatcher.
pub struct RunningDispatcher {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl RunningDispatcher {
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
