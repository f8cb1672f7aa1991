//! The headers that confine the widget's answers: who may frame them, what they may load, who may keep them.

use crate::{
    domain::{Origin, Site},
    web::document::{self, Document},
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

/// A document for the iframe of this site; without a site nobody may frame it.
pub(super) async fn document(site: Option<&Site>, status: StatusCode, view: Document) -> Response {
    let ancestors = site.map_or_else(|| "'none'".to_owned(), |site| join(&site.origins));
    framed(site, ancestors, status, view).await
}

/// A document of the widget for a page of our own.
pub(super) async fn frame_of_ours(site: &Site, view: Document) -> Response {
    framed(Some(site), "'self'".to_owned(), StatusCode::OK, view).await
}

/// A page of our own with such documents in it.
pub(super) async fn gallery(view: Document) -> Response {
    let view = with_policy(view, |nonce| {
        format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; frame-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; \
             frame-ancestors 'none'"
        )
    });
    let mut response = document::render(StatusCode::OK, view).await;
    response.headers_mut().extend(private());
    response.headers_mut().insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

/// The document with a policy made for its nonce.
fn with_policy(view: Document, policy: impl FnOnce(&str) -> String + Send + 'static) -> Document {
    Box::new(move || {
        document::set_header(header::CONTENT_SECURITY_POLICY, &policy(&document::nonce()));
        view()
    })
}

async fn framed(site: Option<&Site>, ancestors: String, status: StatusCode, view: Document) -> Response {
    // Small drawings of a theme stand in its style sheet. Pictures of messages may come from anywhere over https, as the site's backend says; over http only from the site itself.
    let pictures = site.map_or_else(String::new, |site| join(&site.origins));
    let view = with_policy(view, move |nonce| {
        format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: https: {pictures}; \
             connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors {ancestors}"
        )
    });
    let mut response = document::render(status, view).await;
    let headers = response.headers_mut();
    headers.extend(private());
    // As a page of its own it is out of reach of whoever opened it; in an iframe this says nothing.
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()"),
    );
    // A cross-origin isolated page may frame only what says both. `credentialless` rather than `require-corp`, since pictures of
    // messages come from servers that say nothing; they are then asked for without cookies, which they need not see anyway.
    headers.insert("cross-origin-embedder-policy", HeaderValue::from_static("credentialless"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// What every answer of this door carries: it is one reader's, and nobody else's, and no proxy may rewrite it: the document's policy
/// would block what it adds.
///
/// The referrer policy is `same-origin` rather than `no-referrer`, because browsers send `Origin: null` with a form of a
/// `no-referrer` document, and our own origin is what proves that a change comes from our own document.
pub(super) fn private() -> [(header::HeaderName, HeaderValue); 3] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store, no-transform")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

fn join(origins: &[Origin]) -> String {
    origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" ")
}
