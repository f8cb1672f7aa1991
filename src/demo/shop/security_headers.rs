//! Middleware of the shop: cross-site request protection and security headers.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Rejects changes from other sites' pages. A request without the header comes from a program,
/// which has no visitor's cookie.
pub async fn reject_cross_site_requests(request: Request, next: Next) -> Response {
    let foreign = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|from| from != "same-origin" && from != "none");
    if foreign && request.method() != Method::GET && request.method() != Method::HEAD {
        return (StatusCode::FORBIDDEN, "this form belongs to another site").into_response();
    }
    next.run(request).await
}

/// Security headers of every page.
pub async fn set_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // With `no-referrer` or `same-origin`, the form that sends the token to Belfry would have
    // `Origin: null`.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    );
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
