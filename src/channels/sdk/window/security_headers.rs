//! Security headers of the window's responses: framing, Content-Security-Policy and caching.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use belfry_domain::{Origin, Site};
use belfry_web::document::{self, Document};

/// A document that only the site's pages may frame; without a site, no page may.
pub(super) fn document(
    public_url: &Origin,
    site: Option<&Site>,
    status: StatusCode,
    view: Document,
) -> Response {
    let ancestors = site.map_or_else(
        || "'none'".to_owned(),
        |site| site.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" "),
    );
    // Not every browser includes the socket of the same host in 'self'.
    let socket = public_url.as_str().replacen("http", "ws", 1);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; base-uri 'none'; \
         form-action 'self'; object-src 'none'; frame-ancestors {ancestors}"
    );
    let mut response = private(document::deferred(status, view));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    // A cross-origin isolated page may frame only a document with both headers.
    headers.insert(
        HeaderName::from_static("cross-origin-embedder-policy"),
        HeaderValue::from_static("credentialless"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// A response that is no document: a part for the script, or a text.
pub(super) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
