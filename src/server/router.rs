//! Combines the routes of all HTTP surfaces, and the middleware that applies to every request.
//! Called by [`super::run`] and tests.
//!
//! To add an HTTP surface: merge its router here; anything every request needs goes into
//! [`super::middleware`].

use super::{Limits, assets, error_response::error_response, health, home, middleware};
use crate::{
    api,
    app::App,
    appinbox_api, channels, console,
    content::wire::PresenceView,
    domain::{Origin, Rng},
    events::{ConversationHub, ReaderHub},
    widget,
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{Extensions, HeaderMap, StatusCode, Version, header},
    middleware::{from_fn, from_fn_with_state, map_response_with_state},
    response::Response,
};
use std::{
    convert::Infallible,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate as _},
    limit::RequestBodyLimitLayer,
    timeout::RequestBodyTimeoutLayer,
};

/// Whether this process accepts traffic.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Makes `/readyz` fail from now on.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Dependencies of the router.
pub struct RouterParts {
    /// The use cases.
    pub inbox: App,
    /// Hub of event streams.
    pub hub: Arc<ReaderHub>,
    /// Hub of conversation events.
    pub conversations: Arc<ConversationHub>,
    /// Public origin of the server.
    pub public_url: Origin,
    /// Limits of a single client.
    pub limits: Limits,
    /// Rate limits of the backend API.
    pub api: api::RateLimits,
    /// Rate limits of the conversation APIs.
    pub channels: channels::Limits,
    /// Rate limits of readers in the widget.
    pub readers: widget::Limits,
    /// Random numbers for request ids.
    pub entropy: Arc<dyn Rng>,
    /// Whether this process accepts traffic.
    pub readiness: Readiness,
}

/// All routes of Belfry.
pub fn router(parts: RouterParts) -> Router {
    let RouterParts {
        inbox,
        hub,
        conversations,
        public_url,
        limits,
        api: allowances,
        channels: rates,
        readers,
        entropy,
        readiness,
    } = parts;
    // The few upload routes set their own limits up to this one; attachments come with some text
    // fields.
    let upload_bytes = limits.upload_bytes.max(inbox.attachment_bytes() + limits.body_bytes * 3);
    let secure = public_url.as_str().starts_with("https:");
    let addressed = middleware::PublicAddressCheck::new(public_url.clone());
    let widget = widget::routes(widget::Settings {
        inbox: inbox.clone(),
        hub: Arc::clone(&hub),
        public_url: public_url.clone(),
        assets: assets::client_assets(),
        limits: readers,
    });

    let presence = Arc::clone(&conversations) as Arc<dyn PresenceView>;
    let cable = channels::cable::routes(channels::cable::Settings {
        inbox: inbox.clone(),
        hub: Arc::clone(&conversations),
        limits: channels::cable::Limits::default(),
    });
    let customers = channels::sdk::CustomerState::new(rates.public);
    let sockets = channels::sdk::sockets(channels::sdk::Settings {
        inbox: inbox.clone(),
        hub: Arc::clone(&conversations),
        public_url: public_url.clone(),
        customers: Arc::clone(&customers),
        limits: rates.sdk,
    });
    let programs = LazyRouter::new({
        let (inbox, hub, public_url) = (inbox.clone(), Arc::clone(&hub), public_url.clone());
        move || {
            Router::new()
                .merge(api::router(inbox.clone(), hub, public_url.clone(), allowances))
                .merge(api::documentation(channels::descriptions))
                .merge(channels::application::router(
                    inbox.clone(),
                    public_url.clone(),
                    Arc::clone(&presence),
                    rates.application,
                ))
                .merge(channels::public::routes(channels::public::Settings {
                    inbox: inbox.clone(),
                    public_url: public_url.clone(),
                    limits: rates.public,
                    presence,
                }))
                .merge(channels::sdk::bot::routes(channels::sdk::bot::Settings {
                    inbox: inbox.clone(),
                    customers,
                }))
                .merge(channels::attachments::routes(inbox.clone()))
                .merge(channels::sdk::assets::routes())
                .merge(channels::sdk::window::routes(channels::sdk::window::Settings {
                    inbox: inbox.clone(),
                    public_url,
                    assets: assets::window_assets(),
                }))
                .merge(appinbox_api::routes(inbox, appinbox_api::RateLimits::default()))
                .fallback(async || error_response(StatusCode::NOT_FOUND, "not found"))
        }
    });
    let console = LazyRouter::new({
        let inbox = inbox.clone();
        move || {
            console::router(console::Settings {
                inbox,
                hub,
                conversations,
                public_url,
                assets: assets::console_assets(),
            })
        }
    });
    let plain = Router::new()
        .merge(widget.plain)
        .merge(home::router())
        .merge(health::router(inbox, readiness))
        .merge(assets::router())
        .fallback(async move |request: Request| {
            if is_console(request.uri().path()) {
                console.answer(request).await
            } else {
                programs.answer(request).await
            }
        });
    // One layer around all routes: a layer of a router is instantiated for each route and cloned
    // for each request.
    let plain = Router::new().fallback_service(plain).layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(limits.request, middleware::request_timeout))
            .layer(RequestBodyTimeoutLayer::new(limits.body))
            .layer(RequestBodyLimitLayer::new(upload_bytes))
            .layer(DefaultBodyLimit::max(limits.body_bytes))
            // Half a millisecond slower than the lowest level for a whole inbox, and one kilobyte
            // smaller per page view.
            .layer(
                CompressionLayer::new()
                    .quality(CompressionLevel::Precise(5))
                    .compress_when(DefaultPredicate::new().and(is_whole)),
            ),
    );
    Router::new()
        .fallback_service(widget.streams.merge(cable).merge(sockets).fallback_service(plain))
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(entropy, middleware::request_log))
                .layer(map_response_with_state(secure, middleware::set_security_headers))
                .layer(from_fn_with_state(addressed, middleware::check_address))
                .layer(from_fn(middleware::negotiate_encoding))
                .layer(CatchPanicLayer::custom(middleware::panic_response)),
        )
}

/// Whether a response supports ranges: its tag and ranges refer to the uncompressed bytes, so it
/// must not be compressed.
fn is_whole(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ACCEPT_RANGES)
}

fn is_console(path: &str) -> bool {
    path.strip_prefix("/console").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A router that is built on its first request, so that an unused surface takes no memory.
#[derive(Clone)]
struct LazyRouter(Arc<LazyLock<Router, Box<dyn FnOnce() -> Router + Send>>>);

impl LazyRouter {
    fn new(make: impl FnOnce() -> Router + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }

    async fn answer(&self, request: Request) -> Response {
        Router::clone(&self.0)
            .oneshot(request)
            .await
            .unwrap_or_else(|never: Infallible| match never {})
    }
}
