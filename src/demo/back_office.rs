//! Acme's back office: a small tool of the shop's own people, on an origin of its own, with an agent's inbox of Belfry inside.
//!
//! It stands where a customer's tool stands: it knows Belfry by its address and a signing key, and nothing of Belfry's inside. Its backend signs who
//! is there; everything else is the SDK's script in the page.

mod agents;
mod files;
mod pages;
mod sign_in;
#[cfg(test)]
mod tests;
mod words;

pub use agents::{BackOfficeAgent, SigningKey};

use super::shop::guard;
use crate::domain::{Clock, Entropy, Origin};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use std::sync::Arc;

/// What the back office must be told.
pub struct BackOfficeOptions {
    /// Where Belfry is, for browsers.
    pub belfry: Origin,
    /// Where the shop is, to play the customer.
    pub shop: Origin,
    /// With what its backend proves who is there.
    pub key: SigningKey,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where session cookies come from.
    pub entropy: Arc<dyn Entropy>,
}

struct BackOffice {
    belfry: Origin,
    shop: Origin,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    sessions: sign_in::Sessions,
}

/// The back office, ready to be served at its origin.
pub fn back_office(options: BackOfficeOptions) -> Router {
    let BackOfficeOptions { belfry, shop, key, clock, entropy } = options;
    let office = BackOffice { belfry, shop, key, clock, entropy, sessions: sign_in::Sessions::default() };
    Router::new()
        .route("/", get(pages::welcome))
        .route("/sign-in", post(sign_in::enter))
        .route("/back-office.css", get(files::stylesheet))
        .route("/back-office.js", get(files::script))
        .route("/mark.svg", get(files::mark))
        .route("/favicon.ico", get(files::mark))
        .route("/{agent}", get(pages::office))
        .route("/{agent}/token", get(sign_in::token))
        .route("/{agent}/sign-out", post(sign_in::leave))
        .layer(middleware::from_fn(guard::refuse_foreign_changes))
        .layer(middleware::map_response(guard::harden))
        .layer(DefaultBodyLimit::max(4 * 1024))
        .with_state(Arc::new(office))
}
