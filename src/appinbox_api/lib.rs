//! The App Inbox compatibility API: programs that read for one reader, in the format of the
//! existing App Inbox products. A script of the site authenticates with a contact token, an app
//! with the id of its device.
//!
//! A handler parses the request, calls one use case of [`belfry_app`] and renders the result.
//! Must not depend on SQL, API keys or widget sessions. Called by `server`.
//!
//! | route | responses | errors besides those of every route |
//! |---|---|---|
//! | `GET /appinbox/v1/messages/count` | 200 | |
//! | `GET /appinbox/v1/messages` | 200 | 400 |
//! | `POST /appinbox/v1/messages/status` | 200 | 400, 413, 415, 507 |
//! | `OPTIONS` on each of these | 204 | |
//! | `GET /api/v1/appinbox/messages/count` | 200 | |
//! | `GET /api/v1/appinbox/messages` | 200 | 400 |
//! | `POST /api/v1/appinbox/messages/status` | 200 | 400, 413, 415, 507 |
//!
//! Every route: 401 without valid credentials, without a reason; 405, 429 with `Retry-After`, 500,
//! 503 with `Retry-After`. The first three routes take a token in `ES-TOKEN` and return the next
//! one in the same header with every response except 401 and 429; exchanging a token is a write, so
//! they return 507 while the database is not writable. The others take the site's id in
//! `X-Reteno-Access-Key` (which is public and grants no access by itself) and in
//! `X-Reteno-Device-ID` the id of a device that the site's backend has bound to a contact.

mod auth;
mod body;
mod cors;
mod count;
mod error;
mod language;
mod messages;
mod rate_limits;
mod status;
mod view;

pub use rate_limits::RateLimits;

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware::{from_fn_with_state, map_response},
    response::Response,
};
use belfry_app::App;
use error::AppInboxError;
use rate_limits::RateLimiters;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// State of the handlers.
#[derive(Clone)]
struct ApiState {
    app: App,
    limiter: Arc<RateLimiters>,
}

/// All routes of this API.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`] if the server set it; otherwise
/// all callers that fail to authenticate share one rate limit.
pub fn routes(app: App, limits: RateLimits) -> Router {
    let state = ApiState { app, limiter: Arc::new(RateLimiters::new(limits)) };
    let guarded = |open: OpenApiRouter<ApiState>| {
        Router::from(open).method_not_allowed_fallback(async || AppInboxError::method_not_allowed())
    };
    let web =
        guarded(web()).route_layer(from_fn_with_state(state.clone(), auth::authenticate_token));
    let mobile =
        guarded(mobile()).route_layer(from_fn_with_state(state.clone(), auth::authenticate_device));
    web.merge(mobile).layer(map_response(set_security_headers)).with_state(state)
}

/// The `OpenAPI` document of these routes.
pub fn description() -> utoipa::openapi::OpenApi {
    web().merge(mobile()).into_openapi()
}

fn web() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(count::web))
        .routes(routes!(messages::web))
        .routes(routes!(status::web))
}

fn mobile() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(count::mobile))
        .routes(routes!(messages::mobile))
        .routes(routes!(status::mobile))
}

/// Responses belong to one reader: caches don't store them, and a browser that opens one runs
/// nothing.
async fn set_security_headers(mut response: Response) -> Response {
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
    use belfry_web::routes::{APP_INBOX_API, described};

    #[test]
    fn routes_are_those_of_the_list() {
        assert_eq!(APP_INBOX_API.differences(&described(&description())), [""; 0]);
    }
}
