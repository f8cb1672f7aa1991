//! What the shop does for safety on every request, as a careful shop would.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Changes come from the shop's own pages. A request without the header is from a program, which has no one's cookie.
pub async fn refuse_foreign_changes(request: Request, next: Next) -> Response {
    let foreign = request.headers().get("sec-fetch-site").is_some_and(|from| from != "same-origin" && from != "none");
    if foreign && request.method() != Method::GET && request.method() != Method::HEAD {
        return (StatusCode::FORBIDDEN, "this form belongs to another site").into_response();
    }
    next.run(request).await
}

/// Headers that no page of the shop is without.
pub async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not `no-referrer` or `same-origin`: with those the form that carries the token to Belfry would send `Origin: null`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    response
}
