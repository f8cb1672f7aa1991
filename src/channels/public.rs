//! The public client API of conversations, `/public/api/v1/inboxes/{inbox_identifier}/…`: called by
//! a site's visitors and apps, from any page.
//!
//! There is no key: the inbox's identifier is public, and the `source_id` of a session is its
//! credential. A handler parses its request, calls one use case of [`belfry_app`], and renders
//! the result in the format that existing clients expect. Must not depend on SQL, on agents'
//! tokens, or on the other surfaces. The server merges its routes.

mod contacts;
mod conversations;
mod describe;
mod error;
mod inbox;
mod messages;
mod request;
mod view;

pub use super::limits::Limits;

use super::{
    cross_origin,
    limits::Limiter,
    params::{BodyLimits, MAX_BODY_BYTES},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn, map_response},
    response::{IntoResponse as _, Response},
    routing::any,
};
use belfry_app::App;
use belfry_content::wire::PresenceView;
use belfry_domain::Origin;
use error::PublicError;
use serde::Serialize;
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Limits of a body without a message.
const SMALL_BODY_LIMITS: BodyLimits = BodyLimits::new(64 * 1_024, 0, 0);

/// Dependencies of this surface.
pub struct Settings {
    /// The use cases.
    pub app: App,
    /// The origin at which clients reach Belfry.
    pub public_url: Origin,
    /// Rate limits of clients.
    pub limits: Limits,
    /// Which agents are online.
    pub presence: Arc<dyn PresenceView>,
}

#[derive(Clone)]
struct PublicState {
    app: App,
    origin: Arc<Origin>,
    limiter: Arc<Limiter>,
    presence: Arc<dyn PresenceView>,
}

impl PublicState {
    /// Limits of a body with a message.
    fn message_bounds(&self) -> BodyLimits {
        BodyLimits::new(
            MAX_BODY_BYTES,
            self.app.max_attachment_bytes(),
            belfry_domain::channel::MAX_ATTACHMENTS,
        )
    }
}

/// All routes of this surface.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`]. Without it, all clients share
/// one rate limit.
pub fn routes(settings: Settings) -> Router {
    let Settings { app, public_url, limits, presence } = settings;
    let public = PublicState {
        app,
        origin: Arc::new(public_url),
        limiter: Arc::new(Limiter::new(limits)),
        presence,
    };
    let (routes, _) = openapi_router().split_for_parts();
    routes
        .method_not_allowed_fallback(async || PublicError::status(StatusCode::METHOD_NOT_ALLOWED))
        .route("/public/api", any(not_found))
        .route("/public/api/{*unknown}", any(not_found))
        .layer(map_response(add_security_headers))
        .layer(from_fn(cross_origin::allow))
        .with_state(public)
}

/// The `OpenAPI` document of this surface.
pub fn description() -> OpenApi {
    describe::complete(openapi_router().into_openapi())
}

fn openapi_router() -> OpenApiRouter<PublicState> {
    let groups = [inbox::routes(), contacts::routes(), conversations::routes(), messages::routes()];
    groups.into_iter().flatten().fold(OpenApiRouter::new(), with_trailing_slash)
}

/// Adds a route, with and without a trailing slash.
fn with_trailing_slash(
    router: OpenApiRouter<PublicState>,
    route: UtoipaMethodRouter<PublicState>,
) -> OpenApiRouter<PublicState> {
    let path = route.1.paths.keys().next().cloned().unwrap_or_default();
    router.route(&format!("{path}/"), route.2.clone()).routes(route)
}

async fn not_found() -> PublicError {
    PublicError::status(StatusCode::NOT_FOUND)
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
            PublicError::status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
    }
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
    use crate::attachments;
    use belfry_web::routes::{PUBLIC_API, described};

    #[test]
    fn routes_are_those_of_the_list() {
        let mut registered = described(&description());
        registered.extend(attachments::registered_routes().registered(""));
        assert_eq!(PUBLIC_API.differences(&registered), [""; 0]);
    }
}
