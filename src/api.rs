//! Door 2: site backends, with an API key in hand.
//!
//! One noun a folder, one verb a file. A verb takes its request apart, calls one rule of [`crate::inbox`] and puts the
//! result into words; what may be done is decided there, not here. Must not know of SQL, readers' sessions or HTML.
//!
//! | route | answers | refuses with, besides those of every route |
//! |---|---|---|
//! | `POST auth/contact/token` | 200 | 400 |
//! | `POST contact` | 200 | 400, 409 |
//! | `GET`, `DELETE contact/{id}` | 200 | 404 |
//! | `GET`, `DELETE contact?externalCustomerId=…` | 200 | 400, 404 |
//! | `POST messages` | 201 | 400, 409, 422 |
//! | `GET messages/{id}` | 200 | 404 |
//! | `PATCH messages/{id}` | 200 | 400, 404 |
//! | `DELETE messages/{id}` | 204 | 404 |
//! | `GET`, `POST segments` | 200, 201 | 400, 409 |
//! | `POST segments/count` | 200 | 400 |
//! | `GET segments/{id}` | 200 | 404 |
//! | `PUT segments/{id}` | 200 | 400, 404, 409 |
//! | `DELETE segments/{id}` | 204 | 404, 409 |
//! | `GET themes` | 200 | |
//! | `PUT themes/draft` | 200 | 400, 422 |
//! | `POST themes/publish` | 200 | 409 |
//! | `GET themes/{version}` | 200 | 404 |
//! | `DELETE themes/{version}` | 204 | 404, 409 |
//! | `POST themes/{version}/rollback` | 200 | 404, 409 |
//! | `POST themes/{version}/preview` | 201 | 404 |
//! | `GET themes/{version}/files/{name}` | 200 | 404 |
//!
//! Every route: 401 without a valid key, 405, 429 with `Retry-After`, 500, 503 with `Retry-After`; where something is
//! written, 507; where a body is read, 413 and 415.

mod access;
mod body;
mod contact;
mod error;
mod limits;
mod message;
mod path;
mod segment;
mod theme;
mod time;
mod token;

pub use contact::View as ContactView;
pub use error::ApiError;
pub use limits::{Limits, Rate};
pub use message::View as MessageView;
pub use segment::View as SegmentView;
pub use theme::{InForceView, PreviewView, ThemesView, View as ThemeView};

use crate::{domain::Origin, inbox::Inbox};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware::map_response,
    response::Response,
    routing::{any, get, post, put},
};
use limits::Limiter;
use std::sync::Arc;

/// What every handler of this door stands on.
#[derive(Clone)]
struct Api {
    inbox: Inbox,
    public_url: Arc<Origin>,
    limiter: Arc<Limiter>,
}

/// All routes of this door, under `/v1` and, for clients of the existing App Inbox products, under `/api/v1`.
///
/// The peer's address is taken from [`axum::extract::ConnectInfo`] when the server put one there; without it all callers
/// that fail to authenticate share one allowance.
///
/// `public_url` is where browsers reach Belfry; links to a theme that is not shown to readers yet begin with it.
pub fn router(inbox: Inbox, public_url: Origin, limits: Limits) -> Router {
    let routes = Router::new()
        .route("/auth/contact/token", post(token::issue))
        .route("/contact", post(contact::upsert).get(contact::find).delete(contact::erase_found))
        .route("/contact/{id}", get(contact::get).delete(contact::erase))
        .route("/messages", post(message::publish))
        .route("/messages/{id}", get(message::get).patch(message::edit).delete(message::recall))
        .route("/segments", get(segment::list).post(segment::create))
        .route("/segments/count", post(segment::count))
        .route("/segments/{id}", get(segment::get).put(segment::update).delete(segment::delete))
        .route("/themes", get(theme::list))
        .route("/themes/draft", put(theme::upload).layer(DefaultBodyLimit::max(theme::LIMIT)))
        .route("/themes/publish", post(theme::publish))
        .route("/themes/{version}", get(theme::get).delete(theme::delete))
        .route("/themes/{version}/rollback", post(theme::roll_back))
        .route("/themes/{version}/preview", post(theme::preview))
        .route("/themes/{version}/files/{name}", get(theme::download))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .route("/{*unknown}", any(nothing_here))
        .route("/", any(nothing_here));
    Router::new()
        .nest("/v1", routes.clone())
        .nest("/api/v1", routes)
        .route("/v1/", any(nothing_here))
        .route("/api/v1/", any(nothing_here))
        .layer(map_response(harden))
        .with_state(Api { inbox, public_url: Arc::new(public_url), limiter: Arc::new(Limiter::new(limits)) })
}

async fn nothing_here() -> ApiError {
    ApiError::not_found()
}

/// Answers of this door are for programs: nothing in between keeps them, and a browser that opens one runs nothing.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A file that a stranger drew brings a stricter one of its own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}
