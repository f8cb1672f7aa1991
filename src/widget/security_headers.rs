//! Security headers of the widget's responses: who may frame them, what they may load, who may
//! store them.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use belfry_domain::{Origin, Site};
use belfry_web::document::{self, Document};

/// A document for the iframe of this site; without a site, no page may frame it.
pub(super) async fn document(site: Option<&Site>, status: StatusCode, view: Document) -> Response {
    let ancestors = site.map_or_else(|| "'none'".to_owned(), |site| join(&site.origins));
    framed(site, ancestors, status, view).await
}

/// A widget document to be framed by a page of Belfry.
pub(super) async fn own_frame(site: &Site, view: Document) -> Response {
    framed(Some(site), "'self'".to_owned(), StatusCode::OK, view).await
}

/// A page of Belfry that frames such documents.
pub(super) async fn gallery(view: Document) -> Response {
    let view = with_policy(view, |nonce| {
        format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; frame-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; \
             frame-ancestors 'none'"
        )
    });
    let mut response = document::render(StatusCode::OK, view).await;
    response.headers_mut().extend(private_headers());
    response
        .headers_mut()
        .insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

/// Sets the content security policy, which contains the document's nonce.
fn with_policy(view: Document, policy: impl FnOnce(&str) -> String + Send + 'static) -> Document {
    Box::new(move || {
        document::set_header(header::CONTENT_SECURITY_POLICY, &policy(&document::nonce()));
        view()
    })
}

async fn framed(
    site: Option<&Site>,
    ancestors: String,
    status: StatusCode,
    view: Document,
) -> Response {
    // A theme's small pictures are inlined in its style sheet. Message pictures may come from any
    // https origin, as the site's backend decides; over http only from the site itself.
    let pictures = site.map_or_else(String::new, |site| join(&site.origins));
    let view = with_policy(view, move |nonce| {
        format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: https: {pictures}; \
             connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors {ancestors}"
        )
    });
    let mut response = document::render(status, view).await;
    let headers = response.headers_mut();
    headers.extend(private_headers());
    // Isolates a top-level inbox from the page that opened it; in an iframe this has no effect.
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()"),
    );
    // A cross-origin isolated page may frame only documents with both headers. `credentialless`
    // rather than `require-corp`, because picture servers send no CORP header; pictures are then
    // requested without cookies.
    headers.insert("cross-origin-embedder-policy", HeaderValue::from_static("credentialless"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// Headers of every widget response: it belongs to one reader, so no cache may store it, and no
/// proxy may transform it, because the document's policy would block inserted content.
///
/// The referrer policy is `same-origin` rather than `no-referrer`, because browsers send `Origin:
/// null` with a form of a `no-referrer` document, and our own origin is what proves that a change
/// comes from our own document.
pub(super) fn private_headers() -> [(header::HeaderName, HeaderValue); 3] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store, no-transform")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

fn join(origins: &[Origin]) -> String {
    origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" ")
}
