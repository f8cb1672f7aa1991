//! All doors under one roof: their routes, and around them what every request gets.

use super::{Limits, answer::refusal, assets, health, home, middleware};
use crate::{
    api, console,
    domain::{Entropy, Origin},
    inbox::Inbox,
    live::Hub,
    reader, widget,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state, map_response_with_state},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer, timeout::RequestBodyTimeoutLayer,
};

/// Whether this process wants traffic.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on `/readyz` says no.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the router stands on.
pub struct Parts {
    /// The rules.
    pub inbox: Inbox,
    /// Who is listening.
    pub hub: Arc<Hub>,
    /// Where browsers reach Belfry.
    pub public_url: Origin,
    /// How much one client may ask for.
    pub limits: Limits,
    /// Allowances of the backends' door.
    pub api: api::Limits,
    /// How much readers may write.
    pub readers: widget::Limits,
    /// Random numbers for request ids.
    pub entropy: Arc<dyn Entropy>,
    /// Whether this process wants traffic.
    pub readiness: Readiness,
}

/// Every route of Belfry.
pub fn router(parts: Parts) -> Router {
    let Parts { inbox, hub, public_url, limits, api: allowances, readers, entropy, readiness } = parts;
    let secure = public_url.as_str().starts_with("https:");
    let addressed = middleware::Addressed::new(public_url.clone());
    let widget = widget::routes(widget::Settings {
        inbox: inbox.clone(),
        hub: Arc::clone(&hub),
        public_url: public_url.clone(),
        assets: assets::client_assets(),
        limits: readers,
    });

    let plain = Router::new()
        .merge(api::router(inbox.clone(), Arc::clone(&hub), public_url.clone(), allowances))
        .merge(reader::routes(inbox.clone(), reader::Limits::default()))
        .merge(widget.plain)
        .merge(console::router(console::Settings { inbox: inbox.clone(), hub, public_url: public_url.clone(), assets: assets::console_assets() }))
        .merge(home::router())
        .merge(health::router(inbox, readiness))
        .merge(assets::router())
        .fallback(async || refusal(StatusCode::NOT_FOUND, "there is nothing here"))
        // Half a millisecond more than the weakest for a whole inbox, which then is a kilobyte smaller on every page view.
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(5)))
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        // The few routes that take files say so themselves, each up to its own bound.
        .layer(RequestBodyLimitLayer::new(limits.upload_bytes))
        .layer(RequestBodyTimeoutLayer::new(limits.body))
        .layer(from_fn_with_state(limits.request, middleware::time_out));

    plain
        .merge(widget.streams)
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(from_fn(middleware::negotiate))
        .layer(from_fn_with_state(addressed, middleware::check_address))
        .layer(map_response_with_state(secure, middleware::harden))
        .layer(from_fn_with_state(entropy, middleware::account))
}
