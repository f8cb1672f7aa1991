//! Door 3: programs that read for one reader, in the words of the existing App Inbox products: a site's own script in the
//! browser, with a contact token, and an app on a telephone, with the id of its device.
//!
//! A verb takes its request apart, calls one rule of [`crate::inbox`] and puts the result into words. Must not know of SQL, API keys or
//! the widget's sessions.
//!
//! | route | answers | refuses with, besides those of every route |
//! |---|---|---|
//! | `GET /appinbox/v1/messages/count` | 200 | |
//! | `GET /appinbox/v1/messages` | 200 | 400 |
//! | `POST /appinbox/v1/messages/status` | 200 | 400, 413, 415, 507 |
//! | `OPTIONS` on each of these | 204 | |
//! | `GET /api/v1/appinbox/messages/count` | 200 | |
//! | `GET /api/v1/appinbox/messages` | 200 | 400 |
//! | `POST /api/v1/appinbox/messages/status` | 200 | 400, 413, 415, 507 |
//!
//! Every route: 401 without a valid proof, never saying what was wrong with it; 405, 429 with `Retry-After`, 500, 503 with
//! `Retry-After`. The first three take a token in `ES-TOKEN` and answer with the next one there, whatever else they answer
//! (but 401 and 429); using a token is a write, so they answer 507 while nothing can be written. The others take the site's id
//! in `X-Reteno-Access-Key` (it is public, and opens nothing by itself) and in `X-Reteno-Device-ID` the id of a device
//! that the site's backend has bound to a contact.

mod access;
mod body;
mod count;
mod cross_origin;
mod error;
mod language;
mod limits;
mod messages;
mod status;
mod view;

pub use limits::Limits;

use crate::inbox::Inbox;
use axum::{
    Router,
    http::{HeaderValue, header},
    middleware::{from_fn_with_state, map_response},
    response::Response,
};
use error::ReaderError;
use limits::Limiter;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What every handler of this door stands on.
#[derive(Clone)]
struct Door {
    inbox: Inbox,
    limiter: Arc<Limiter>,
}

/// All routes of this door.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`] when the server put one there; without it all callers
/// that fail to prove who they are share one allowance.
pub fn routes(inbox: Inbox, limits: Limits) -> Router {
    let door = Door { inbox, limiter: Arc::new(Limiter::new(limits)) };
    let guarded = |open: OpenApiRouter<Door>| Router::from(open).method_not_allowed_fallback(async || ReaderError::method_not_allowed());
    let web = guarded(web()).route_layer(from_fn_with_state(door.clone(), access::by_token));
    let mobile = guarded(mobile()).route_layer(from_fn_with_state(door.clone(), access::by_device));
    web.merge(mobile).layer(map_response(harden)).with_state(door)
}

/// The description of these routes.
pub fn description() -> utoipa::openapi::OpenApi {
    web().merge(mobile()).into_openapi()
}

fn web() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(count::web)).routes(routes!(messages::web)).routes(routes!(status::web))
}

fn mobile() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(count::mobile)).routes(routes!(messages::mobile)).routes(routes!(status::mobile))
}

/// Answers of this door are one reader's: nothing in between keeps them, and a browser that opens one runs nothing.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
