//! Compression of the widget's documents. Each document belongs to one reader and is compressed per
//! request, which is a large part of the cost of a page view: compressing a whole body with known
//! size takes a third of the time of a stream of unknown length. Called by [`super::routes`].
//!
//! Must not depend on the content of documents. Other responses, and clients without brotli, are
//! left to the server's own compression.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use belfry_runtime::blocking::LARGE_INPUTS;
use belfry_web::encoding::{AcceptedEncodings, Encoding};
use brotli::enc::BrotliEncoderParams;

/// One step higher makes the result a tenth smaller and takes twice the time.
const QUALITY: i32 = 4;
/// The window, as a power of two: no smaller than a document, and a small window is faster to set
/// up.
const WINDOW_BITS: i32 = 18;

/// Larger documents are compressed off the async threads, because that takes more than a
/// millisecond.
const MAX_INLINE_BYTES: usize = 128 * 1_024;

/// Middleware that compresses the document returned by a handler.
pub(super) async fn compress_documents(request: Request, next: Next) -> Response {
    let accepted = AcceptedEncodings::parse(request.headers()).accepts(Encoding::Brotli);
    let mut response = next.run(request).await;
    let is_document = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_document || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    if !response.headers().contains_key(header::VARY) {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if !accepted {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The handler built the body in memory, so reading it cannot fail.
    let Ok(html) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let compressed = if html.len() > MAX_INLINE_BYTES {
        let html = html.clone();
        LARGE_INPUTS.run(move || compress(&html)).await.unwrap_or_default()
    } else {
        compress(&html)
    };
    let Some(compressed) = compressed else { return Response::from_parts(parts, Body::from(html)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    Response::from_parts(parts, Body::from(compressed))
}

fn compress(html: &[u8]) -> Option<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: QUALITY,
        lgwin: WINDOW_BITS,
        size_hint: html.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::with_capacity(html.len() / 4);
    brotli::BrotliCompress(&mut &*html, &mut compressed, &parameters).is_ok().then_some(compressed)
}
