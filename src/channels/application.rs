//! The application API of conversations: what agents and their programs call, under `/api/v1/profile` and `/api/v1/accounts/{account_id}`.
//!
//! A handler takes its request apart, calls one use case of [`crate::inbox`], and writes the result as its clients know it (`content::wire`). Must not
//! know of SQL, of sessions of contacts, or of the other surfaces.
//!
//! Requests are read leniently (`params`), refusals have the shapes of the contract (`error`). Each route is described beside its handler
//! (`#[utoipa::path]`); what holds for all of them is added by `describe`.

mod access;
mod agents;
mod body;
mod canned_responses;
mod contacts;
mod conversations;
mod describe;
mod error;
mod inboxes;
mod limits;
mod members;
mod messages;
mod params;
mod path;
mod schema;
mod webhooks;
mod working_hours;

pub use limits::Limits;

use crate::{
    content::wire::{PresenceView, Renderer},
    domain::{Origin, SiteId},
    inbox::Inbox,
};
use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse as _, Response},
    routing::any,
};
use error::ApplicationError;
use limits::Limiter;
use serde::Serialize;
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// What every handler of this surface needs.
#[derive(Clone)]
struct Application {
    inbox: Inbox,
    public_url: Arc<Origin>,
    limiter: Arc<Limiter>,
    presence: Arc<dyn PresenceView>,
}

impl Application {
    /// Writes what belongs to this site.
    fn renderer(&self, site: SiteId) -> Renderer<'_> {
        Renderer { public_url: &self.public_url, site, now: self.inbox.now(), presence: &*self.presence }
    }
}

/// All routes of this surface.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`] when the server put one there; without it all callers that fail to authenticate
/// share one rate limit.
pub fn router(inbox: Inbox, public_url: Origin, presence: Arc<dyn PresenceView>, limits: Limits) -> Router {
    let application = Application { inbox, public_url: Arc::new(public_url), limiter: Arc::new(Limiter::new(limits)), presence };
    let (routes, _) = described().split_for_parts();
    routes
        .route_layer(from_fn_with_state(application.clone(), access::authenticate))
        .method_not_allowed_fallback(async || ApplicationError::method_not_allowed())
        .route("/api/v1/accounts", any(nothing_here))
        .route("/api/v1/accounts/", any(nothing_here))
        .route("/api/v1/accounts/{account_id}", any(nothing_here))
        .route("/api/v1/accounts/{account_id}/", any(nothing_here))
        .route("/api/v1/accounts/{account_id}/{*unknown}", any(nothing_here))
        // The bodies are bounded where they are read: each kind has a bound of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(map_response(harden))
        .with_state(application)
}

/// The description of this surface.
pub fn description() -> OpenApi {
    describe::complete(described().into_openapi())
}

fn described() -> OpenApiRouter<Application> {
    let groups = [
        agents::routes(),
        inboxes::routes(),
        members::routes(),
        contacts::routes(),
        conversations::routes(),
        messages::routes(),
        canned_responses::routes(),
        webhooks::routes(),
    ];
    groups.into_iter().flatten().fold(OpenApiRouter::new(), slashed)
}

/// Adds a route, which clients may write with a slash at its end.
fn slashed(router: OpenApiRouter<Application>, route: UtoipaMethodRouter<Application>) -> OpenApiRouter<Application> {
    let path = route.1.paths.keys().next().cloned().unwrap_or_default();
    router.route(&format!("{path}/"), route.2.clone()).routes(route)
}

async fn nothing_here() -> ApplicationError {
    ApplicationError::not_found()
}

/// An answer of 200 with JSON.
fn json(answer: &impl Serialize) -> Response {
    match serde_json::to_vec(answer) {
        Ok(text) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer can't be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The envelope of most answers.
#[derive(Serialize)]
struct Payload<T> {
    payload: T,
}

/// An answer of 200 without a body.
fn empty() -> Response {
    Response::new(Body::empty())
}

/// Answers are for programs: nothing in between keeps them, and a browser that opens one runs nothing.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
