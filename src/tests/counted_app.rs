//! A complete Belfry in this process for counting instructions: the real router without sockets, a
//! stopped clock, deterministic random numbers, and one site with contacts `c0`, `c1` and so on.
//! Shared by `growth` and `counts`; must not depend on the calls that they count.

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request},
    response::Response,
};
use belfry::server::{Limits, Readiness, RouterParts, router};
use belfry_app::{
    App,
    events::{ConversationHub, ReaderHub},
    parse_contact,
    rate_limit::RateLimit,
};
use belfry_domain::{Clock, InsertPosition, Language, Rng, SiteDraft, Timestamp};
use belfry_store::{SqlStore, SqliteOptions, Store};
use serde_json::json;
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// Errors are reported, not handled.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_796_112_000_000)
    }
}

/// `SplitMix64`: a deterministic generator.
struct FixedRng(AtomicU64);

impl Rng for FixedRng {
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

/// The application under test.
pub struct CountedApp {
    router: Router,
    store: Arc<SqlStore>,
    _folder: TempDir,
    pub site: String,
    pub key: String,
}

impl CountedApp {
    pub async fn start(contacts: usize) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let options =
            SqliteOptions { readers: 1, ..SqliteOptions::new(folder.path().join("belfry.db")) };
        let hub = ReaderHub::new();
        let store = Arc::new(SqlStore::open(options, hub.clone()).await?);
        let rng: Arc<dyn Rng> = Arc::new(FixedRng(AtomicU64::new(7)));
        let app = App::new(store.clone(), Arc::new(StoppedClock), rng.clone());
        let draft = SiteDraft::new(
            "Shop",
            vec!["https://shop.example".parse()?],
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )?;
        let (site, key) = app.create_site(draft).await?;
        for number in 0..contacts {
            app.upsert_contact(
                site.id,
                &parse_contact(
                    json!({ "externalCustomerId": format!("c{number}") }).to_string().as_bytes(),
                )?,
            )
            .await?;
        }
        let plenty = RateLimit::per_second(1_000_000);
        let router = router(RouterParts {
            app,
            hub,
            conversations: ConversationHub::new("https://belfry.example".parse()?),
            public_url: "https://belfry.example".parse()?,
            limits: Limits::default(),
            channels: belfry_channels::Limits::unlimited(),
            widget: belfry_widget::Limits::unlimited(),
            api: belfry_api::RateLimits {
                requests: plenty,
                tokens: plenty,
                uploads: plenty,
                failures: plenty,
            },
            rng,
            readiness: Readiness::default(),
        });
        Ok(Self {
            router,
            store,
            _folder: folder,
            site: site.id.to_string(),
            key: key.reveal().to_owned(),
        })
    }

    /// A JSON request of the site's backend.
    pub fn backend_request(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> Outcome<Request<Body>> {
        let authorization = format!("Bearer {}", self.key);
        request(
            method,
            path,
            &[("authorization", authorization.as_str()), ("content-type", "application/json")],
            body,
        )
    }

    pub async fn send(&self, request: Request<Body>) -> Outcome<Response> {
        Ok(self.router.clone().oneshot(request).await?)
    }

    pub async fn close(self) {
        self.store.close().await;
    }
}

/// The cookie that a response sets, as the client sends it back.
pub fn cookie(response: &Response) -> Option<String> {
    response
        .headers()
        .get("set-cookie")
        .and_then(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned))
}

pub fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Outcome<Request<Body>> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "belfry.example")
        .body(body.into())?;
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
    }
    Ok(request)
}
