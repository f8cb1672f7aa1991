//! Acme Shop: a small shop with a real backend, on its own origin.
//!
//! It represents a customer's site: it knows only Belfry's URL and an API key, and must not use
//! Belfry's internals. It embeds the inbox with the snippet that every site uses.

mod backend;
mod catalogue;
mod files;
mod handlers;
mod pages;
pub(super) mod security_headers;
mod session;
mod snippet;
#[cfg(test)]
mod tests;
mod write;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use backend::Backend;
use belfry_domain::{Origin, Rng, Secret, SiteId};
use serde_json::Value;
use session::Sessions;
pub(super) use session::random;
use std::sync::Arc;
pub use write::ChatOptions;
pub(super) use write::socket;

/// Options of the shop.
pub struct ShopOptions {
    /// The shop's site in Belfry.
    pub site: SiteId,
    /// API key of its backend.
    pub api_key: Secret,
    /// Belfry's origin, for browsers and for the backend.
    pub belfry: Origin,
    /// The inbox that visitors write to.
    pub chat: ChatOptions,
    /// Messages that "Send me something" sends in turn, without audience.
    pub demo_messages: Vec<Value>,
    /// Random numbers for session cookies and nonces.
    pub rng: Arc<dyn Rng>,
}

struct Shop {
    site: SiteId,
    belfry: Origin,
    backend: Backend,
    chat: ChatOptions,
    demo_messages: Vec<Value>,
    sessions: Sessions,
    rng: Arc<dyn Rng>,
}

/// The routes of the shop.
pub fn shop(options: ShopOptions) -> Router {
    let ShopOptions { site, api_key, belfry, chat, demo_messages, rng } = options;
    let backend = Backend::new(belfry.clone(), &api_key);
    let shop = Arc::new(Shop {
        site,
        belfry,
        backend,
        chat,
        demo_messages,
        sessions: Sessions::default(),
        rng,
    });
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
        .fallback(handlers::not_found)
        .layer(middleware::from_fn(security_headers::reject_cross_site_requests))
        .layer(middleware::map_response(security_headers::set_security_headers))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(shop)
}

/// Whether the shop has a page at this path, for links in messages.
#[cfg(test)]
pub fn has_path(path: &str) -> bool {
    match path.trim_start_matches('/').split_once('/') {
        None => matches!(path, "/" | "/sale" | "/orders" | "/write"),
        Some(("product", slug)) => catalogue::product(slug).is_some(),
        Some(("orders", number)) => super::visitor::VISITORS
            .iter()
            .any(|visitor| catalogue::order(number, visitor.id).is_some()),
        Some(("pictures", name)) => files::is_picture(name),
        Some(_) => false,
    }
}
