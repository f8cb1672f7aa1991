//! Acme's back office: a small internal tool on its own origin, with an embedded agent inbox of
//! Belfry.
//!
//! It represents a customer's application: it knows only Belfry's URL and a signing key, and must
//! not use Belfry's internals. Its backend signs a JWT for the current agent; the SDK script in the
//! page does the rest.

mod agents;
mod files;
mod pages;
mod sign_in;
#[cfg(test)]
mod tests;
mod words;

pub use agents::{BackOfficeAgent, SigningKey};

use super::shop::security_headers;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use belfry_domain::{Clock, Origin, Rng};
use std::sync::Arc;

/// Options of the back office.
pub struct BackOfficeOptions {
    /// Belfry's public origin.
    pub belfry: Origin,
    /// The shop's origin, for a link to it.
    pub shop: Origin,
    /// Key that signs JWTs.
    pub key: SigningKey,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Random numbers for session cookies.
    pub rng: Arc<dyn Rng>,
}

struct BackOffice {
    belfry: Origin,
    shop: Origin,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    sessions: sign_in::Sessions,
}

/// The routes of the back office.
pub fn back_office(options: BackOfficeOptions) -> Router {
    let BackOfficeOptions { belfry, shop, key, clock, rng } = options;
    let fixture =
        BackOffice { belfry, shop, key, clock, rng, sessions: sign_in::Sessions::default() };
    Router::new()
        .route("/", get(pages::welcome))
        .route("/sign-in", post(sign_in::sign_in))
        .route("/back-office.css", get(files::stylesheet))
        .route("/back-office.js", get(files::script))
        .route("/mark.svg", get(files::mark))
        .route("/favicon.ico", get(files::mark))
        .route("/{agent}", get(pages::office))
        .route("/{agent}/token", get(sign_in::token))
        .route("/{agent}/sign-out", post(sign_in::sign_out))
        .layer(middleware::from_fn(security_headers::reject_cross_site_requests))
        .layer(middleware::map_response(security_headers::set_security_headers))
        .layer(DefaultBodyLimit::max(4 * 1024))
        .with_state(Arc::new(fixture))
}
