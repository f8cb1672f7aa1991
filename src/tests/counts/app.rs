//! A whole Belfry in this process, with a site and readers who have messages.

use super::Outcome;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, Request, StatusCode},
};
use belfry::{
    allowance::Rate,
    api,
    domain::{Clock, Entropy, Language, Placement, SiteDraft, Timestamp},
    inbox::{Inbox, parse_contact},
    live::Hub,
    server::{Limits, Parts, Readiness, router},
    store::{SqliteOptions, SqliteStore, Store},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// Readers; each call is another one's, in turn.
pub const READERS: usize = 130;
/// Messages to everyone that are stored before.
const BROADCASTS: usize = 30;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_796_112_000_000)
    }
}

/// `SplitMix64`: the same numbers in each run.
struct FixedRng(AtomicU64);

impl Entropy for FixedRng {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (byte, drawn) in chunk.iter_mut().zip((word ^ (word >> 31)).to_le_bytes()) {
                *byte = drawn;
            }
        }
    }
}

/// What is called.
pub struct App {
    router: Router,
    store: Arc<SqliteStore>,
    _folder: TempDir,
    pub site: String,
    key: String,
    /// A contact token of each reader that was not used yet,
    pub tokens: Vec<String>,
    /// and the cookie of a session of each.
    pub cookies: Vec<String>,
    /// Ids of the messages that are stored before, the oldest first.
    pub messages: Vec<String>,
}

/// An answer with its whole body.
pub struct Answer {
    pub body: Bytes,
    cookie: Option<String>,
}

impl App {
    pub async fn prepare() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let options = SqliteOptions { readers: 1, ..SqliteOptions::new(folder.path().join("belfry.db")) };
        let hub = Hub::new();
        let store = Arc::new(SqliteStore::open(options, hub.clone()).await?);
        let rng: Arc<dyn Entropy> = Arc::new(FixedRng(AtomicU64::new(7)));
        let inbox = Inbox::new(store.clone(), Arc::new(StoppedClock), rng.clone());
        let draft = SiteDraft::new("Shop", vec!["https://shop.example".parse()?], "#bell", Placement::BeforeEnd, Language::english())?;
        let (site, key) = inbox.create_site(draft).await?;
        for number in 0..READERS {
            inbox.upsert_contact(site.id, &parse_contact(json!({ "externalCustomerId": format!("c{number}") }).to_string().as_bytes())?).await?;
        }
        let plenty = Rate::per_second(1_000_000);
        let router = router(Parts {
            inbox,
            hub,
            public_url: "https://belfry.example".parse()?,
            limits: Limits::default(),
            channels: belfry::channels::Limits::plenty(),
            readers: belfry::widget::Limits::plenty(),
            api: api::Limits { requests: plenty, tokens: plenty, uploads: plenty, failures: plenty },
            entropy: rng,
            readiness: Readiness::default(),
        });
        let (site, key) = (site.id.to_string(), key.reveal().to_owned());
        let mut app = Self { router, store, _folder: folder, site, key, tokens: Vec::new(), cookies: Vec::new(), messages: Vec::new() };
        for number in 0..BROADCASTS {
            let id = app.publish(&json!("everyone"), number).await?;
            app.messages.push(id);
        }
        for number in 0..READERS {
            app.publish(&json!({ "contact": { "externalCustomerId": format!("c{number}") } }), number).await?;
            let token = app.token(number).await?;
            app.tokens.push(token);
            let token = app.token(number).await?;
            let cookie = app.document(&token).await?.cookie.ok_or("a document without a cookie")?;
            app.cookies.push(cookie);
        }
        Ok(app)
    }

    pub async fn close(self) {
        self.store.close().await;
    }

    /// A contact token, as the site's backend asks for one.
    pub async fn token(&self, reader: usize) -> Outcome<String> {
        let body = json!({ "externalCustomerId": format!("c{reader}") }).to_string();
        let answer = self.by_backend("/v1/auth/contact/token", body).await?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        Ok(answer.get("token").and_then(Value::as_str).ok_or("no token")?.to_owned())
    }

    /// The exchange of a token for a session and the document with the reader's inbox.
    pub async fn document(&self, token: &str) -> Outcome<Answer> {
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://shop.example"), ("accept-encoding", "gzip, deflate, br")];
        self.send("POST", &format!("/embed/{}", self.site), &headers, format!("token={token}&language=en&scheme=auto")).await
    }

    /// Publishes a message; gives its id.
    pub async fn publish(&self, audience: &Value, number: usize) -> Outcome<String> {
        let content = json!({ "en": { "title": format!("Message {number:06}"), "body": "It is *here*. [Look](https://shop.example/new)." } });
        let answer = self.by_backend("/v1/messages", json!({ "audience": audience, "content": content }).to_string()).await?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        Ok(answer.get("id").and_then(Value::as_str).ok_or("a message without an id")?.to_owned())
    }

    /// What a reader's document asks for.
    pub async fn by_reader(&self, method: &str, path: &str, reader: usize, body: String) -> Outcome<Answer> {
        let cookie = self.cookies.get(reader % READERS).ok_or("no such reader")?;
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
        self.send(method, &format!("/embed/{}{path}", self.site), &headers, body).await
    }

    /// An event stream of a reader, opened and not read.
    pub async fn stream(&self, reader: usize) -> Outcome<axum::body::BodyDataStream> {
        let cookie = self.cookies.get(reader % READERS).ok_or("no such reader")?;
        let path = format!("/embed/{}/events?language=en&since={}", self.site, i64::MAX);
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let response = self.router.clone().oneshot(request("GET", &path, &headers, String::new())?).await?;
        if response.status() != StatusCode::OK {
            return Err(format!("a stream was answered with {}", response.status()).into());
        }
        Ok(response.into_body().into_data_stream())
    }

    async fn by_backend(&self, path: &str, body: String) -> Outcome<Answer> {
        let authorization = format!("Bearer {}", self.key);
        self.send("POST", path, &[("authorization", &authorization), ("content-type", "application/json")], body).await
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Outcome<Answer> {
        let response = self.router.clone().oneshot(request(method, path, headers, body)?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        if !head.status.is_success() {
            return Err(format!("{method} {path} was answered with {}: {body:?}", head.status).into());
        }
        let cookie = head.headers.get("set-cookie").and_then(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned));
        Ok(Answer { body, cookie })
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Outcome<Request<Body>> {
    let mut request = Request::builder().method(method).uri(path).header("host", "belfry.example").body(Body::from(body))?;
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
    }
    Ok(request)
}
