//! The window of a conversation, which another tool embeds in an iframe:
//! `/inbox/embed/{conversation}`.
//!
//! `GET` returns a page without secrets. Its script reads the one-time code from the URL's fragment
//! and posts it; the response is the whole window, with the window's token in its form. There are
//! no cookies. Each action posts that form. The response is the whole window, which contains
//! rejected input again, or, for the script, the parts that it replaces. A window's session is
//! valid for its conversation only; every other one is not found. The script learns about changes
//! over the socket.
//!
//! Must not depend on SQL, nor on sockets. The server merges its routes.

mod actions;
mod composer;
mod error;
mod exchange;
mod form;
mod head;
mod phrases;
mod security_headers;
mod send;
mod view;

use crate::params::{BodyLimits, MAX_BODY_BYTES};
use axum::{Router, middleware::map_response};
use belfry_app::{
    App,
    rate_limit::{ClientPrefix, RateLimit, RateLimiter},
};
use belfry_domain::{
    Origin, SiteId,
    channel::{AgentId, MAX_ATTACHMENTS},
};
use belfry_web::{
    document,
    router::{Routes, get, post},
};
use std::{ops::Deref, sync::Arc, time::Duration};

/// Exchanges of codes, and requests with an invalid token, of one client address: all agents of an
/// office behind one address may open their windows at once.
const CODE_RATE: RateLimit = RateLimit::new(200, Duration::from_millis(200));
const REJECTION_RATE: RateLimit = RateLimit::new(50, Duration::from_secs(1));
/// Requests of one agent: each change causes a request for the parts; seen and typing are posted,
/// too.
const REQUEST_RATE: RateLimit = RateLimit::new(200, Duration::from_millis(50));

/// Paths of the window's assets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Assets {
    /// Path of the style sheet.
    pub style: &'static str,
    /// Path of the script.
    pub script: &'static str,
}

/// Dependencies of the window.
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// The origin at which browsers reach Belfry.
    pub public_url: Origin,
    /// Paths of the style sheet and the script.
    pub assets: Assets,
}

pub(super) struct WindowStateInner {
    app: App,
    public_url: Origin,
    assets: Assets,
    codes: RateLimiter<ClientPrefix>,
    rejections: RateLimiter<ClientPrefix>,
    requests: RateLimiter<(SiteId, AgentId)>,
}

/// State shared by all handlers.
#[derive(Clone)]
pub(super) struct WindowState(Arc<WindowStateInner>);

impl Deref for WindowState {
    type Target = WindowStateInner;

    fn deref(&self) -> &WindowStateInner {
        &self.0
    }
}

impl WindowState {
    /// Limits of a form.
    fn body_limits(&self) -> BodyLimits {
        BodyLimits::new(MAX_BODY_BYTES, self.app.max_attachment_bytes(), MAX_ATTACHMENTS)
    }
}

/// The routes of the window.
pub fn routes(settings: Settings) -> Router {
    let Settings { app, public_url, assets } = settings;
    let window = WindowState(Arc::new(WindowStateInner {
        app,
        public_url,
        assets,
        codes: RateLimiter::new("codes", CODE_RATE),
        rejections: RateLimiter::new("rejections", REJECTION_RATE),
        requests: RateLimiter::new("requests", REQUEST_RATE),
    }));
    registered_routes().into_router().layer(map_response(document::rendered)).with_state(window)
}

pub(super) fn registered_routes() -> Routes<WindowState> {
    Routes::new()
        .route("/inbox/embed/{conversation}", get(exchange::shell).post(exchange::exchange))
        .route("/inbox/embed/{conversation}/view", post(actions::view))
        .route("/inbox/embed/{conversation}/part", post(actions::part))
        .route("/inbox/embed/{conversation}/act", post(actions::act))
        .route("/inbox/embed/{conversation}/messages", post(send::send))
        .route("/inbox/embed/{conversation}/whole", post(actions::whole))
}
