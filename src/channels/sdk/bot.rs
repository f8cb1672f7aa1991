//! `/api/bot/{bot_id}…`: the HTTP routes that customers' pages and apps call beside their socket. A
//! bot is an inbox, identified by its UUID.
//!
//! There is no key, as in the public client API: a customer's token is the only credential. Must
//! not depend on SQL, nor on agents. The server merges its routes.

mod config;
mod error;
mod message;
mod upload;
mod user;

use super::CustomerState;
use crate::cross_origin;
use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, RawPathParams},
    http::{HeaderValue, StatusCode, header, request::Parts},
    middleware::{from_fn, map_response},
    response::{IntoResponse as _, Response},
    routing::any,
};
use belfry_app::{App, rate_limit::ClientPrefix};
use belfry_domain::channel::InboxWithSecrets;
use belfry_runtime::fair_scheduler;
use belfry_web::router::{Routes, get, post, put};
use error::BotError;
use serde::Serialize;
use std::{net::SocketAddr, sync::Arc};

/// Dependencies of this surface.
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// State shared with the sockets.
    pub customers: Arc<CustomerState>,
}

#[derive(Clone)]
pub(super) struct BotState {
    app: App,
    customers: Arc<CustomerState>,
}

/// All routes of this surface.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`]. Without it, all clients share
/// one rate limit.
pub fn routes(settings: Settings) -> Router {
    let Settings { app, customers } = settings;
    registered_routes()
        .into_router()
        .method_not_allowed_fallback(async || BotError::status(StatusCode::METHOD_NOT_ALLOWED))
        .route("/api/bot", any(not_found))
        .route("/api/bot/", any(not_found))
        .route("/api/bot/{bot_id}/{*unknown}", any(not_found))
        .layer(map_response(add_security_headers))
        .layer(from_fn(cross_origin::allow))
        .with_state(BotState { app, customers })
}

pub(super) fn registered_routes() -> Routes<BotState> {
    Routes::new()
        .route_with_slash("/api/bot/{bot_id}", get(config::show))
        .route_with_slash("/api/bot/{bot_id}/leave-message", post(message::create))
        .route_with_slash("/api/bot/{bot_id}/push_subscribe", post(user::subscribe))
        .route_with_slash("/api/bot/{bot_id}/user/{user_id}", get(user::show))
        .route("/api/bot/{bot_id}/upload/{key}", put(upload::receive))
}

async fn not_found() -> BotError {
    BotError::status(StatusCode::NOT_FOUND)
}

/// Returns 200 with a JSON body.
fn json(answer: &impl Serialize) -> Response {
    match serde_json::to_vec(answer) {
        Ok(text) => (
            [(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))],
            text,
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "a response could not be serialized as JSON");
            BotError::status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
    }
}

/// Adds headers that forbid caching, and scripts if a browser opens the response.
async fn add_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    response
}

/// A request to an existing inbox.
struct BotRequest {
    inbox: InboxWithSecrets,
    address: ClientPrefix,
    /// The rest of the path: a key or a user id.
    name: String,
}

impl FromRequestParts<BotState> for BotRequest {
    type Rejection = BotError;

    async fn from_request_parts(parts: &mut Parts, bots: &BotState) -> Result<Self, BotError> {
        let address = ClientPrefix::of(
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
        );
        bots.customers.limiter.check_address(address)?;
        let params = RawPathParams::from_request_parts(parts, bots)
            .await
            .map_err(|_| BotError::status(StatusCode::NOT_FOUND))?;
        let named = |wanted: bool| {
            params
                .iter()
                .find(|(name, _)| (*name == "bot_id") == wanted)
                .map_or("", |(_, value)| value)
                .to_owned()
        };
        let inbox = bots.app.inbox_of_uuid(&named(true)).await?;
        fair_scheduler::set_current_site(inbox.inbox.site);
        bots.customers.limiter.check_inbox(inbox.inbox.id)?;
        Ok(Self { inbox, address, name: named(false) })
    }
}
