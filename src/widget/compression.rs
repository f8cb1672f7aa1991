//! Compression of the widget's documents. Each is one reader's and is compressed when it is asked for, which is a good part of what a page view
//! costs: a whole body at once, with its size known, takes a third of the time of a stream of unknown length. Called by [`super::routes`].
//!
//! Must not know what a document says. Other responses, and clients without brotli, are left to the server's own compression.

use crate::blocking::LARGE_INPUTS;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use brotli::enc::BrotliEncoderParams;

/// One step more is a tenth smaller and takes twice the time.
const QUALITY: i32 = 4;
/// The window, as a power of two: a document is smaller, and a smaller window is quicker to set up.
const WINDOW_BITS: i32 = 18;

/// Documents with more bytes are compressed off the async threads: longer than a millisecond.
const MAX_INLINE_BYTES: usize = 128 * 1_024;

/// Whether a client takes brotli.
pub(super) fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("br") && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Compresses the document that a handler returned.
pub(super) async fn compress_documents(request: Request, next: Next) -> Response {
    let accepted = accepts_brotli(request.headers());
    let response = next.run(request).await;
    let is_document = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !accepted || !is_document || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // From memory, where the handler wrote it: it can't fail.
    let Ok(html) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let compressed = if html.len() > MAX_INLINE_BYTES {
        let html = html.clone();
        LARGE_INPUTS.run(move || compress(&html)).await.unwrap_or_default()
    } else {
        compress(&html)
    };
    let Some(compressed) = compressed else { return Response::from_parts(parts, Body::from(html)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    Response::from_parts(parts, Body::from(compressed))
}

fn compress(html: &[u8]) -> Option<Vec<u8>> {
    let parameters = BrotliEncoderParams { quality: QUALITY, lgwin: WINDOW_BITS, size_hint: html.len(), ..BrotliEncoderParams::default() };
    let mut compressed = Vec::with_capacity(html.len() / 4);
    brotli::BrotliCompress(&mut &*html, &mut compressed, &parameters).is_ok().then_some(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_to_clients_that_name_it() {
        let accepts = |value: &'static str| accepts_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]));
        for value in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, br;q=0.9", "br ; q=1"] {
            assert!(accepts(value), "{value}");
        }
        for value in ["", "gzip", "brotli", "gzip, br;q=0", "xbr", "*"] {
            assert!(!accepts(value), "{value}");
        }
        assert!(!accepts_brotli(&HeaderMap::new()));
    }
}
