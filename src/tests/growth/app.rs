//! A whole Belfry in this process, with a site, a reader and a small theme.

use super::Outcome;
use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, StatusCode},
};
use belfry::{
    allowance::Rate,
    api,
    domain::{Clock, Language, Placement, SiteDraft, SystemEntropy, Timestamp},
    inbox::{Inbox, parse_contact},
    live::Hub,
    server::{Limits, Parts, Readiness, router},
    store::{SqliteOptions, SqliteStore, Store},
};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt as _;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_796_112_000_000)
    }
}

/// A request, made before it is counted.
pub type Call = Request<Body>;

pub struct App {
    router: Router,
    store: Arc<SqliteStore>,
    _folder: TempDir,
    pub site: String,
    pub key: String,
    /// The cookie of a reader's session.
    pub cookie: String,
}

impl App {
    pub async fn prepare() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let options = SqliteOptions { readers: 1, ..SqliteOptions::new(folder.path().join("belfry.db")) };
        let hub = Hub::new();
        let store = Arc::new(SqliteStore::open(options, hub.clone()).await?);
        let inbox = Inbox::new(store.clone(), Arc::new(StoppedClock), Arc::new(SystemEntropy));
        let draft = SiteDraft::new("Shop", vec!["https://shop.example".parse()?], "#bell", Placement::BeforeEnd, Language::english())?;
        let (site, key) = inbox.create_site(draft).await?;
        inbox.upsert_contact(site.id, &parse_contact(br#"{"externalCustomerId":"c0"}"#)?).await?;
        let plenty = Rate::per_second(1_000_000);
        let router = router(Parts {
            inbox,
            hub,
            public_url: "https://belfry.example".parse()?,
            limits: Limits::default(),
            channels: belfry::channels::Limits::plenty(),
            readers: belfry::widget::Limits::plenty(),
            api: api::Limits { requests: plenty, tokens: plenty, uploads: plenty, failures: plenty },
            entropy: Arc::new(SystemEntropy),
            readiness: Readiness::default(),
        });
        let mut app = Self { router, store, _folder: folder, site: site.id.to_string(), key: key.reveal().to_owned(), cookie: String::new() };
        app.cookie = app.session().await?;
        Ok(app)
    }

    async fn session(&self) -> Outcome<String> {
        let asked = self.by_backend("POST", "/v1/auth/contact/token", br#"{"externalCustomerId":"c0"}"#.to_vec())?;
        let answer = self.router.clone().oneshot(asked).await?.into_body().collect().await?.to_bytes();
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        let token = answer.get("token").and_then(serde_json::Value::as_str).ok_or("no token")?;
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://shop.example")];
        let call = call("POST", &format!("/embed/{}", self.site), &headers, format!("token={token}"))?;
        let response = self.router.clone().oneshot(call).await?;
        let cookie = response.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        Ok(cookie.ok_or("no cookie")?.to_owned())
    }

    /// A call of the site's backend with JSON.
    pub fn by_backend(&self, method: &str, path: &str, body: impl Into<Body>) -> Outcome<Call> {
        let authorization = format!("Bearer {}", self.key);
        call(method, path, &[("authorization", authorization.as_str()), ("content-type", "application/json")], body)
    }

    /// Sends a call and takes the whole answer.
    pub async fn send(&self, call: Call) -> Outcome<StatusCode> {
        let response = self.router.clone().oneshot(call).await?;
        let status = response.status();
        response.into_body().collect().await?;
        Ok(status)
    }

    pub async fn close(self) {
        self.store.close().await;
    }
}

/// A request.
pub fn call(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Outcome<Call> {
    let mut request = Request::builder().method(method).uri(path).header("host", "belfry.example").body(body.into())?;
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
    }
    Ok(request)
}
