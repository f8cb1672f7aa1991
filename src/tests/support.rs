//! A complete Belfry in one process for a test: a real database in a folder of its own, a clock
//! that only the test moves, and deterministic random numbers.

use crate::database::{TestConnection, TestDatabase};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use belfry::server::{OutboundOptions, http_client};
use belfry_api::RateLimits;
use belfry_app::{
    App,
    events::{ConversationHub, EventBus, ReaderHub},
    parse_contact,
    rate_limit::RateLimit,
};
use belfry_content::wire::NobodyOnline;
use belfry_domain::{Clock, ContactId, InsertPosition, Language, Rng, Site, SiteDraft, Timestamp};
use belfry_store::SqlStore;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use tower::ServiceExt as _;

/// 2026-12-01T08:00:00Z: when every test starts.
pub const START: Timestamp = Timestamp::from_millis(1_796_112_000_000);

/// Belfry's public URL in the tests.
pub const PUBLIC_URL: &str = "https://belfry.example";

/// A clock that only a test moves: the uptime of the process, and the error of the wall clock.
#[derive(Default)]
pub struct TestClock {
    uptime: AtomicI64,
    offset: AtomicI64,
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        self.uptime.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the wall clock ahead of the correct time.
    pub fn jump(&self, ahead: Duration) {
        self.offset.store(i64::try_from(ahead.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the wall clock behind the correct time.
    pub fn jump_back(&self, behind: Duration) {
        self.offset.store(-i64::try_from(behind.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(
            START.millis()
                + self.uptime.load(Ordering::SeqCst)
                + self.offset.load(Ordering::SeqCst),
        )
    }

    fn uptime(&self) -> Duration {
        Duration::from_millis(self.uptime.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// A `SplitMix64` generator: the same numbers in each run.
pub struct FixedRng(AtomicU64);

impl Rng for FixedRng {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(word ^ (word >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

fn unlimited() -> RateLimits {
    let plenty = RateLimit::per_second(1_000_000);
    RateLimits { requests: plenty, tokens: plenty, uploads: plenty, failures: plenty }
}

/// A site with its plaintext key.
pub struct TestSite {
    pub site: Site,
    pub key: String,
}

/// A complete Belfry. `router` has the routes of all surfaces.
pub struct TestApp {
    pub app: App,
    pub hub: Arc<ReaderHub>,
    pub store: Arc<SqlStore>,
    pub clock: Arc<TestClock>,
    pub router: Router,
    database: TestDatabase,
}

impl TestApp {
    /// With rate limits that no test reaches by accident.
    pub async fn new() -> Self {
        Self::with_limits(unlimited()).await
    }

    pub async fn with_limits(limits: RateLimits) -> Self {
        Self::build(
            limits,
            belfry_widget::Limits::unlimited(),
            &belfry_channels::Limits::unlimited(),
            OutboundOptions::default(),
        )
        .await
    }

    /// With these rate limits of readers.
    pub async fn with_reader_limits(readers: belfry_widget::Limits) -> Self {
        Self::build(
            unlimited(),
            readers,
            &belfry_channels::Limits::unlimited(),
            OutboundOptions::default(),
        )
        .await
    }

    /// With these rate limits of the conversation surfaces.
    pub async fn with_channel_limits(conversations: &belfry_channels::Limits) -> Self {
        Self::build(
            unlimited(),
            belfry_widget::Limits::unlimited(),
            conversations,
            OutboundOptions::default(),
        )
        .await
    }

    /// With outbound requests to local addresses allowed.
    pub async fn with_local_webhooks(timeout: Duration) -> Self {
        Self::build(
            unlimited(),
            belfry_widget::Limits::unlimited(),
            &belfry_channels::Limits::unlimited(),
            OutboundOptions { allow_private: true, timeout, ..OutboundOptions::default() },
        )
        .await
    }

    async fn build(
        limits: RateLimits,
        readers: belfry_widget::Limits,
        conversations: &belfry_channels::Limits,
        calls: OutboundOptions,
    ) -> Self {
        let database = TestDatabase::new().await;
        let (hub, conversations_hub) =
            (Arc::new(ReaderHub::default()), ConversationHub::new(PUBLIC_URL.parse().unwrap()));
        let bus = EventBus { readers: hub.clone(), conversations: conversations_hub.clone() };
        let store = Arc::new(SqlStore::open(database.options(), Arc::new(bus)).await.unwrap());
        let clock = Arc::new(TestClock::default());
        let app = App::new(store.clone(), clock.clone(), Arc::new(FixedRng(AtomicU64::new(7))))
            .with_http_client(http_client(calls))
            .with_public_url(PUBLIC_URL.parse().unwrap());
        let widget = belfry_widget::routes(belfry_widget::Settings {
            app: app.clone(),
            hub: Arc::clone(&hub),
            public_url: PUBLIC_URL.parse().unwrap(),
            assets: belfry_widget::ClientAssets {
                panel: "/pkg/panel-1.js",
                style: "/pkg/panel-1.css",
                script: Some("/pkg/belfry-1.js"),
                wasm: Some("/pkg/belfry-1.wasm"),
                frame: "/pkg/frame-1.js",
                critical_style: "/pkg/widget-1.css",
                messages: "/pkg/messages-1.js",
                messages_style: "/pkg/messages-1.css",
                page: Some("/pkg/page-1.js"),
            },
            limits: readers,
        });
        let router =
            belfry_api::router(app.clone(), Arc::clone(&hub), PUBLIC_URL.parse().unwrap(), limits)
                .merge(belfry_api::documentation(belfry_channels::descriptions))
                .merge(belfry_channels::application::router(
                    app.clone(),
                    PUBLIC_URL.parse().unwrap(),
                    Arc::new(NobodyOnline),
                    conversations.application,
                ))
                .merge(belfry_channels::public::routes(belfry_channels::public::Settings {
                    app: app.clone(),
                    public_url: PUBLIC_URL.parse().unwrap(),
                    limits: conversations.public,
                    presence: Arc::new(NobodyOnline),
                }))
                .merge(belfry_channels::sdk::bot::routes(belfry_channels::sdk::bot::Settings {
                    app: app.clone(),
                    customers: belfry_channels::sdk::CustomerState::new(conversations.public),
                }))
                .merge(belfry_channels::attachments::routes(app.clone()))
                .merge(belfry_channels::sdk::window::routes(
                    belfry_channels::sdk::window::Settings {
                        app: app.clone(),
                        public_url: PUBLIC_URL.parse().unwrap(),
                        assets: belfry_channels::sdk::window::Assets {
                            style: "/pkg/window-1.css",
                            script: "/pkg/window-1.js",
                        },
                    },
                ))
                .merge(belfry_appinbox_api::routes(
                    app.clone(),
                    belfry_appinbox_api::RateLimits::unlimited(),
                ))
                .merge(widget.plain)
                .merge(widget.streams)
                .merge(belfry_console::router(belfry_console::Settings {
                    app: app.clone(),
                    hub: Arc::clone(&hub),
                    conversations: conversations_hub,
                    public_url: PUBLIC_URL.parse().unwrap(),
                    assets: belfry_console::ConsoleAssets {
                        style: "/pkg/console-1.css",
                        script: "/pkg/console-1.js",
                    },
                }));
        Self { app, hub, store, clock, router, database }
    }

    /// The console, with browsers to open it in.
    pub fn console(&self) -> crate::console::ConsoleFixture<'_> {
        crate::console::ConsoleFixture(self)
    }

    /// Creates a site with the origin `https://shop.example`.
    pub async fn create_site(&self) -> TestSite {
        let origins = vec!["https://shop.example".parse().unwrap()];
        let draft = SiteDraft::new(
            "Acme Shop",
            origins,
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )
        .unwrap();
        let (site, key) = self.app.create_site(draft).await.unwrap();
        TestSite { site, key: key.reveal().to_owned() }
    }

    /// Creates a contact of the site from a backend's JSON.
    pub async fn contact(&self, site: &TestSite, json: Value) -> ContactId {
        self.app
            .upsert_contact(site.site.id, &parse_contact(json.to_string().as_bytes()).unwrap())
            .await
            .unwrap()
    }

    /// The database, as another program opens it.
    pub async fn database(&self) -> TestConnection {
        self.database.connect().await
    }

    /// Leaves the reservation of an `Idempotency-Key` as a process does that crashes before it
    /// responds.
    pub async fn delete_stored_response(&self, key: &str) {
        let mut database = self.database().await;
        let forget = format!(
            "UPDATE idempotency SET status = NULL, content_type = NULL, created_id = NULL, body = NULL, run = zeroblob(16)
             WHERE kind = 0 AND key = '{key}'"
        );
        assert_eq!(database.execute(&forget).await, 1);
        database.close().await;
    }

    pub fn call(&self, method: Method, path: &str) -> Call {
        Call::new(self.router.clone(), method, path)
    }

    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// Requests a contact token for this reader, as a backend does.
    pub async fn token(&self, site: &TestSite, external_id: &str) -> String {
        let body = serde_json::json!({ "externalCustomerId": external_id });
        let answer =
            self.post("/v1/auth/contact/token").key(&site.key).json(&body).send().await.expect(200);
        answer["token"].as_str().unwrap().to_owned()
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

/// A request that is being built.
#[derive(Clone)]
pub struct Call {
    router: Router,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    peer: Option<SocketAddr>,
}

impl Call {
    pub fn new(router: Router, method: Method, path: &str) -> Self {
        Self {
            router,
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            peer: None,
        }
    }

    /// The requested path with its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Authenticates as the official plugins do: the key is the password, the user name is
    /// arbitrary.
    pub fn key(self, key: &str) -> Self {
        self.basic("user", key)
    }

    pub fn basic(self, user: &str, password: &str) -> Self {
        self.header(
            "authorization",
            &format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
        )
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        self
    }

    /// With this peer address.
    pub fn at_address(mut self, address: IpAddr) -> Self {
        self.peer = Some((address, 40_000).into());
        self
    }

    /// A header that is not plain ASCII.
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.headers
            .append(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value).unwrap());
        self
    }

    pub fn json(self, json: &Value) -> Self {
        self.header("content-type", "application/json").body(json.to_string())
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it and reads the whole response.
    pub async fn send(self) -> Answer {
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.path)
            .body(Body::from(self.body))
            .unwrap();
        *request.headers_mut() = self.headers;
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let (parts, body) = self.router.oneshot(request).await.unwrap().into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }
}

/// A response with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The `id` of the created object, as used in a path.
    pub fn id(&self) -> String {
        assert!(self.status.is_success(), "{}", self.text());
        match &self.json()["id"] {
            Value::String(id) => id.clone(),
            id => id.to_string(),
        }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("our headers are visible ASCII"))
    }

    /// Asserts the status and returns the JSON; a failure shows the body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self.json()
    }

    /// Asserts an error in the API's shape, and returns its field.
    #[track_caller]
    pub fn expect_error(&self, status: u16) -> String {
        let json = self.expect(status);
        assert_eq!(json["status"], status, "{json}");
        assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()), "{json}");
        assert_eq!(self.header(header::CONTENT_TYPE.as_str()), Some("application/json"));
        json["field"].as_str().unwrap_or_default().to_owned()
    }
}
