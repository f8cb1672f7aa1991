//! The application API of conversations: called by agents and their programs under
//! `/api/v1/profile` and `/api/v1/accounts/{account_id}`.
//!
//! A handler parses its request, calls one use case of [`belfry_app`], and renders the result in
//! the format that existing clients expect (`content::wire`). Must not depend on SQL, on contacts'
//! sessions, or on the other surfaces. The server merges its router.
//!
//! Requests are parsed leniently (`params`); errors have the shapes of the contract (`error`). To
//! add an endpoint:
//! - write the handler in the module of its resource, with `#[utoipa::path]`,
//! - list it in that module's `routes`,
//! - declare its request and response types in `schema`, and its audit action in
//!   `web::routes::APPLICATION_API`,
//! - add a row to `src/tests/channels/application/route_table.rs`.
//!
//! `describe` adds what all operations have in common.

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

use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse as _, Response},
    routing::any,
};
use belfry_app::App;
use belfry_content::wire::{PresenceView, Renderer};
use belfry_domain::{Origin, SiteId};
use error::ApplicationError;
use limits::Limiter;
use serde::Serialize;
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// State shared by all handlers of this surface.
#[derive(Clone)]
struct ApplicationState {
    app: App,
    public_url: Arc<Origin>,
    limiter: Arc<Limiter>,
    presence: Arc<dyn PresenceView>,
}

impl ApplicationState {
    /// Returns the renderer for this site's objects.
    fn renderer(&self, site: SiteId) -> Renderer<'_> {
        Renderer {
            public_url: &self.public_url,
            site,
            now: self.app.now(),
            presence: &*self.presence,
        }
    }
}

/// All routes of this surface.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`]. Without it, all callers that
/// fail to authenticate share one rate limit.
pub fn router(
    app: App,
    public_url: Origin,
    presence: Arc<dyn PresenceView>,
    limits: Limits,
) -> Router {
    let application = ApplicationState {
        app,
        public_url: Arc::new(public_url),
        limiter: Arc::new(Limiter::new(limits)),
        presence,
    };
    let (routes, _) = openapi_router().split_for_parts();
    routes
        .route_layer(from_fn_with_state(application.clone(), access::authenticate))
        .method_not_allowed_fallback(async || ApplicationError::method_not_allowed())
        .route("/api/v1/accounts", any(not_found))
        .route("/api/v1/accounts/", any(not_found))
        .route("/api/v1/accounts/{account_id}", any(not_found))
        .route("/api/v1/accounts/{account_id}/", any(not_found))
        .route("/api/v1/accounts/{account_id}/{*unknown}", any(not_found))
        // Each kind of body has its own limit, applied where it is read.
        .layer(DefaultBodyLimit::disable())
        .layer(map_response(add_security_headers))
        .with_state(application)
}

/// The `OpenAPI` document of this surface.
pub fn description() -> OpenApi {
    describe::complete(openapi_router().into_openapi())
}

fn openapi_router() -> OpenApiRouter<ApplicationState> {
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
    groups.into_iter().flatten().fold(OpenApiRouter::new(), with_trailing_slash)
}

/// Adds a route, with and without a trailing slash.
fn with_trailing_slash(
    router: OpenApiRouter<ApplicationState>,
    route: UtoipaMethodRouter<ApplicationState>,
) -> OpenApiRouter<ApplicationState> {
    let path = route.1.paths.keys().next().cloned().unwrap_or_default();
    router.route(&format!("{path}/"), route.2.clone()).routes(route)
}

async fn not_found() -> ApplicationError {
    ApplicationError::not_found()
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
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The envelope of most responses.
#[derive(Serialize)]
struct Payload<T> {
    payload: T,
}

/// Returns 200 without a body.
fn empty() -> Response {
    Response::new(Body::empty())
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

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_web::routes::{APPLICATION_API, described};

    #[test]
    fn routes_are_those_of_the_list() {
        assert_eq!(APPLICATION_API.differences(&described(&description())), [""; 0]);
    }
}
