//! CORS for surfaces that pages of every origin may call, with every method and header, but without
//! cookies.
//!
//! `tower_http::cors` is not used: it answers preflights with 200, which clients of these APIs know
//! as 204, repeats any list of requested headers to the page unchecked, and leaves the header out
//! where none are requested.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

const METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
/// Maximum length of a list of headers that is allowed by name.
const MAX_HEADER_NAMES_BYTES: usize = 4 * 1_024;

/// Middleware that answers preflights and lets every page read every response.
pub(crate) async fn allow(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, requested_headers(request.headers()));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
        headers.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
    response
}

/// The headers that the page requests, by name: `*` would not include `Authorization`.
fn requested_headers(headers: &HeaderMap) -> HeaderValue {
    let names = headers
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .filter(|names| names.len() <= MAX_HEADER_NAMES_BYTES);
    let plain = |names: &&HeaderValue| {
        names.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_, ".contains(byte))
    };
    names.filter(plain).cloned().unwrap_or(HeaderValue::from_static("*"))
}
