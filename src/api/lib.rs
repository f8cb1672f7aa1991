//! The backend API under `/v1`, authenticated by an API key, and its `OpenAPI` document.
//!
//! One folder per resource, one file per operation. A handler parses the request, calls one use
//! case of [`belfry_app`], which makes all decisions, and renders the result. Must not depend on
//! SQL, reader sessions or HTML. Called by `server`.
//!
//! To add an endpoint:
//! - write the handler in its own file below the folder of its resource, with `#[utoipa::path]`
//!   (path without `/v1`, tag, parameters, body, and the responses that are specific to it;
//!   [`openapi`] adds the common ones);
//! - register it in `routes()` of the resource with [`routes!`](utoipa_axum::routes), and a new
//!   resource in [`routes_and_spec`];
//! - declare its scope and audit action in [`belfry_web::routes::SITE_API`]; a handler of a new object
//!   returns [`audited::Audited`].

mod audit;
mod audited;
mod auth;
mod body;
mod contact;
mod device;
mod docs;
mod error;
mod idempotency;
mod image;
mod import;
mod key;
mod key_cache;
mod message;
mod middleware;
mod openapi;
mod path;
mod query;
mod rate_limits;
mod registration;
mod schema;
mod segment;
mod site;
mod theme;
mod token;
mod webhook;

pub use contact::View as ContactView;
pub use error::ApiError;
pub use message::View as MessageView;
pub use rate_limits::RateLimits;
pub use segment::View as SegmentView;
pub use theme::{PreviewView, PublishedView, ThemesView, View as ThemeView};
pub use webhook::{DeliveryView as WebhookDeliveryView, View as WebhookView};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    middleware::{from_fn_with_state, map_response},
    response::Response,
    routing::any,
};
use belfry_app::{App, events::ReaderHub};
use belfry_domain::{Origin, ServerRun};
use belfry_web::router::{self, Routes};
use key_cache::KeyCache;
use openapi::StaticDocument;
use rate_limits::RateLimiters;
use std::sync::{Arc, LazyLock};
use utoipa::{OpenApi as _, openapi::OpenApi};
use utoipa_axum::router::OpenApiRouter;

/// State of the handlers.
#[derive(Clone)]
struct ApiState {
    app: App,
    public_url: Arc<Origin>,
    limiter: Arc<RateLimiters>,
    keys: Arc<KeyCache>,
    /// Random id of this process, which marks its idempotency reservations.
    process_id: ServerRun,
}

/// All routes, under `/v1` and, for clients of the existing App Inbox products, under `/api/v1`.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`] if the server set it; otherwise
/// all callers that fail to authenticate share one rate limit.
///
/// `public_url` is the origin of preview links.
pub fn router(app: App, hub: Arc<ReaderHub>, public_url: Origin, limits: RateLimits) -> Router {
    let mut process_id = [0; 16];
    app.rng().fill(&mut process_id);
    let api = ApiState {
        app,
        public_url: Arc::new(public_url),
        limiter: Arc::new(RateLimiters::new(limits)),
        keys: Arc::new(KeyCache::new(hub)),
        process_id: ServerRun(process_id),
    };
    let (routes, _) = routes_and_spec();
    let routes = routes
        .route_layer(from_fn_with_state(api.clone(), middleware::authorize))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .route("/{*unknown}", any(not_found))
        .route("/", any(not_found));
    Router::new()
        .nest("/v1", routes.clone())
        .nest("/api/v1", routes)
        .route("/v1/", any(not_found))
        .route("/api/v1/", any(not_found))
        .layer(map_response(set_security_headers))
        .with_state(api)
}

/// Routes of the `OpenAPI` document and the API reference, for this API and `others`. They are
/// built on the first request: that takes 18 MB of memory, and most processes are never asked.
pub fn documentation(others: fn() -> Vec<OpenApi>) -> Router {
    let documents: SharedDocuments =
        Arc::new(LazyLock::new(Box::new(move || Documents::new(others()))));
    documentation_routes().into_router().with_state(documents)
}

type SharedDocuments = Arc<LazyLock<Documents, Box<dyn FnOnce() -> Documents + Send>>>;

fn documentation_routes() -> Routes<SharedDocuments> {
    type Documents = State<SharedDocuments>;
    Routes::new()
        .route(
            openapi::OPENAPI_PATH,
            router::get(async |documents: Documents, headers: HeaderMap| {
                documents.description.response(&headers)
            }),
        )
        .route(
            docs::DOCS_PATH,
            router::get(async |documents: Documents, headers: HeaderMap| {
                documents.page.response(&headers)
            }),
        )
        .route(
            docs::STYLE_PATH,
            router::get(async |documents: Documents, headers: HeaderMap| {
                documents.style.response(&headers)
            }),
        )
}

struct Documents {
    description: StaticDocument,
    page: StaticDocument,
    style: StaticDocument,
}

impl Documents {
    fn new(others: Vec<OpenApi>) -> Self {
        let mut described = description();
        for other in others {
            described.merge(other);
        }
        let text = described.to_json().unwrap_or_default();
        Self {
            description: StaticDocument::new(
                text,
                "application/json",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            page: docs::render_page(&described),
            style: docs::style(),
        }
    }
}

/// The routes and the `OpenAPI` document, without the `/v1` prefix and the common responses.
fn routes_and_spec() -> (Router<ApiState>, OpenApi) {
    let nouns = [
        token::routes(),
        contact::routes(),
        import::routes(),
        registration::routes(),
        device::routes(),
        message::routes(),
        segment::routes(),
        image::routes(),
        theme::routes(),
        webhook::routes(),
        key::routes(),
        site::routes(),
        audit::routes(),
    ];
    nouns.into_iter().fold(OpenApiRouter::new(), OpenApiRouter::merge).split_for_parts()
}

/// The `OpenAPI` document of this API.
pub fn description() -> OpenApi {
    let (_, inner) = routes_and_spec();
    let mut description = openapi::ApiDoc::openapi().nest("/v1", inner);
    openapi::add_common_responses(&mut description);
    description
}

async fn not_found() -> ApiError {
    ApiError::not_found()
}

/// Responses are for programs: caches don't store them, and a browser that opens one runs nothing.
async fn set_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Downloads of uploaded theme files set a stricter policy.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_web::routes::{DOCUMENTATION, SITE_API, described};

    #[test]
    fn routes_are_those_of_the_list() {
        assert_eq!(SITE_API.differences(&described(&description())), [""; 0]);
        let documentation = documentation_routes().registered("");
        assert_eq!(DOCUMENTATION.differences(&documentation), [""; 0]);
    }
}
