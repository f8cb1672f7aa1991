//! Acme Shop: a small shop with a real backend, on an origin of its own.
//!
//! It stands where a customer's site stands: it knows Belfry by its address and an API key, and nothing of Belfry's inside.
//! What it shows of the inbox is the snippet that every site pastes.

mod backend;
mod catalogue;
mod files;
pub(super) mod guard;
mod handlers;
mod pages;
mod session;
mod snippet;
#[cfg(test)]
mod tests;
mod write;

use crate::domain::{Entropy, Origin, Secret, SiteId};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use backend::Backend;
use serde_json::Value;
use session::Sessions;
pub(super) use session::random;
use std::sync::Arc;
pub use write::WriteToUs;
pub(super) use write::socket;

/// What the shop must be told.
pub struct ShopOptions {
    /// Its site at Belfry.
    pub site: SiteId,
    /// The key that its backend calls Belfry with.
    pub api_key: Secret,
    /// Where Belfry is, for browsers and for the backend.
    pub belfry: Origin,
    /// The inbox that its visitors write to.
    pub write: WriteToUs,
    /// Messages that "Send me something" sends in turn, without their audience.
    pub surprises: Vec<Value>,
    /// Where session cookies and nonces come from.
    pub entropy: Arc<dyn Entropy>,
}

struct Shop {
    site: SiteId,
    belfry: Origin,
    backend: Backend,
    write: WriteToUs,
    surprises: Vec<Value>,
    sessions: Sessions,
    entropy: Arc<dyn Entropy>,
}

/// The shop, ready to be served at its origin.
pub fn shop(options: ShopOptions) -> Router {
    let ShopOptions { site, api_key, belfry, write, surprises, entropy } = options;
    let backend = Backend::new(belfry.clone(), &api_key);
    let shop = Arc::new(Shop { site, belfry, backend, write, surprises, sessions: Sessions::default(), entropy });
    Router::new()
        .route("/", get(handlers::storefront))
        .route("/sale", get(handlers::sale))
        .route("/product/{slug}", get(handlers::product))
        .route("/orders", get(handlers::orders))
        .route("/orders/{number}", get(handlers::order))
        .route("/write", get(handlers::write))
        .route("/sign-in", post(handlers::sign_in))
        .route("/sign-out", post(handlers::sign_out))
        .route("/belfry-token", get(handlers::belfry_token))
        .route("/send-me-something", post(handlers::send_me_something))
        .route("/pictures/{name}", get(files::picture))
        .route("/shop.css", get(files::stylesheet))
        .route("/shop.js", get(files::script))
        .route("/write.js", get(files::write_script))
        .route("/write-show.js", get(files::write_show_script))
        .route("/write-files.js", get(files::write_files_script))
        .route("/favicon.ico", get(files::favicon))
        .fallback(handlers::nothing_here)
        .layer(middleware::from_fn(guard::refuse_foreign_changes))
        .layer(middleware::map_response(guard::harden))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(shop)
}

/// Whether a link of a message leads somewhere.
#[cfg(test)]
pub fn has_path(path: &str) -> bool {
    match path.trim_start_matches('/').split_once('/') {
        None => matches!(path, "/" | "/sale" | "/orders" | "/write"),
        Some(("product", slug)) => catalogue::product(slug).is_some(),
        Some(("orders", number)) => super::visitor::VISITORS.iter().any(|visitor| catalogue::order(number, visitor.id).is_some()),
        Some(("pictures", name)) => files::is_picture(name),
        Some(_) => false,
    }
}
