//! Combines the routes of all HTTP surfaces, and the middleware that applies to every request.
//! Called by [`super::run`] and tests.
//!
//! To add an HTTP surface: a group in [`belfry_web::routes`], and merge its router here; anything
//! every request needs goes into [`super::middleware`].

use super::{Limits, assets, error_response::error_response, health, home, middleware};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{Extensions, HeaderMap, StatusCode, Version, header},
    middleware::{from_fn, from_fn_with_state, map_response_with_state},
    response::Response,
};
use belfry_app::{
    App,
    events::{ConversationHub, ReaderHub},
};
use belfry_content::wire::PresenceView;
use belfry_domain::{Origin, Rng};
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
    pub app: App,
    /// Hub of event streams.
    pub hub: Arc<ReaderHub>,
    /// Hub of conversation events.
    pub conversations: Arc<ConversationHub>,
    /// Public origin of the server.
    pub public_url: Origin,
    /// Limits of a single client.
    pub limits: Limits,
    /// Rate limits of the backend API.
    pub api: belfry_api::RateLimits,
    /// Rate limits of the conversation APIs.
    pub channels: belfry_channels::Limits,
    /// Rate limits of readers in the widget.
    pub widget: belfry_widget::Limits,
    /// Random numbers for request ids.
    pub rng: Arc<dyn Rng>,
    /// Whether this process accepts traffic.
    pub readiness: Readiness,
}

/// All routes of Belfry.
pub fn router(parts: RouterParts) -> Router {
    let RouterParts {
        app,
        hub,
        conversations,
        public_url,
        limits,
        api: allowances,
        channels: rates,
        widget,
        rng,
        readiness,
    } = parts;
    // The few upload routes set their own limits up to this one; attachments come with some text
    // fields.
    let upload_bytes =
        limits.max_upload_bytes.max(app.max_attachment_bytes() + limits.max_body_bytes * 3);
    let secure = public_url.as_str().starts_with("https:");
    let addressed = middleware::PublicAddressCheck::new(public_url.clone());
    let widget = belfry_widget::routes(belfry_widget::Settings {
        app: app.clone(),
        hub: Arc::clone(&hub),
        public_url: public_url.clone(),
        assets: assets::client_assets(),
        limits: widget,
    });

    let presence = Arc::clone(&conversations) as Arc<dyn PresenceView>;
    let cable = belfry_channels::cable::routes(belfry_channels::cable::Settings {
        app: app.clone(),
        hub: Arc::clone(&conversations),
        limits: belfry_channels::cable::Limits::default(),
    });
    let customers = belfry_channels::sdk::CustomerState::new(rates.public);
    let sockets = belfry_channels::sdk::sockets(belfry_channels::sdk::Settings {
        app: app.clone(),
        hub: Arc::clone(&conversations),
        public_url: public_url.clone(),
        customers: Arc::clone(&customers),
        limits: rates.sdk,
    });
    let programs = LazyRouter::new({
        let (inbox, hub, public_url) = (app.clone(), Arc::clone(&hub), public_url.clone());
        move || {
            Router::new()
                .merge(belfry_api::router(inbox.clone(), hub, public_url.clone(), allowances))
                .merge(belfry_api::documentation(belfry_channels::descriptions))
                .merge(belfry_channels::application::router(
                    inbox.clone(),
                    public_url.clone(),
                    Arc::clone(&presence),
                    rates.application,
                ))
                .merge(belfry_channels::public::routes(belfry_channels::public::Settings {
                    app: inbox.clone(),
                    public_url: public_url.clone(),
                    limits: rates.public,
                    presence,
                }))
                .merge(belfry_channels::sdk::bot::routes(belfry_channels::sdk::bot::Settings {
                    app: inbox.clone(),
                    customers,
                }))
                .merge(belfry_channels::attachments::routes(inbox.clone()))
                .merge(belfry_channels::sdk::assets::routes())
                .merge(belfry_channels::sdk::window::routes(
                    belfry_channels::sdk::window::Settings {
                        app: inbox.clone(),
                        public_url,
                        assets: assets::window_assets(),
                    },
                ))
                .merge(belfry_appinbox_api::routes(
                    inbox,
                    belfry_appinbox_api::RateLimits::default(),
                ))
                .fallback(async || error_response(StatusCode::NOT_FOUND, "not found"))
        }
    });
    let console = LazyRouter::new({
        let app = app.clone();
        move || {
            belfry_console::router(belfry_console::Settings {
                app,
                hub,
                conversations,
                public_url,
                assets: assets::console_assets(),
            })
        }
    });
    let plain = Router::new()
        .merge(widget.plain)
        .merge(home::routes().into_router())
        .merge(health::router(app, readiness))
        .merge(assets::routes().into_router())
        .fallback(async move |request: Request| {
            if is_console(request.uri().path()) {
                console.respond(request).await
            } else {
                programs.respond(request).await
            }
        });
    // One layer around all routes: a layer of a router is instantiated for each route and cloned
    // for each request.
    let plain = Router::new().fallback_service(plain).layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(limits.request_timeout, middleware::request_timeout))
            .layer(RequestBodyTimeoutLayer::new(limits.body_timeout))
            .layer(RequestBodyLimitLayer::new(upload_bytes))
            .layer(DefaultBodyLimit::max(limits.max_body_bytes))
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
                .layer(from_fn_with_state(rng, middleware::request_log))
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

    async fn respond(&self, request: Request) -> Response {
        Router::clone(&self.0)
            .oneshot(request)
            .await
            .unwrap_or_else(|never: Infallible| match never {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_web::routes::OPERATOR;

    #[test]
    fn operator_routes_are_those_of_the_list() {
        let mut registered = home::routes().merge(assets::routes()).registered("");
        registered.extend(health::routes().registered(""));
        assert_eq!(OPERATOR.differences(&registered), [""; 0]);
    }
}
