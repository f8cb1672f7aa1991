//! `ETag`s and conditional requests (`If-None-Match`; RFC 9110, section 13.1.2).
//!
//! Tags are weak: one tag covers all encodings of a body, which differ in bytes but not in content.
//!
//! The `headers` crate has a type for `If-None-Match`, but in debug builds it panics at a tag with a
//! space, which any client can send, and it drops a whole list that has one tag beyond ASCII.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

/// The tag for a hash or version. `None` if it can't be a header value.
pub fn etag(version: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("W/\"{version}\"")).ok()
}

/// Whether the request has this tag: weak or strong, alone or in a list, in one or several header
/// lines, or `*`.
pub fn is_current(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Some(opaque) = tag.to_str().ok().map(opaque) else { return false };
    let mut lines = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| std::str::from_utf8(line.as_bytes()).ok());
    lines.any(|line| line.trim() == "*" || tags(line).any(|found| found == opaque))
}

/// Adds the tag, and omits the body if the client has it (304).
pub fn with_etag(
    request: &HeaderMap,
    tag: Option<HeaderValue>,
    mut response: Response,
) -> Response {
    let Some(tag) = tag else { return response };
    let current = response.status() == StatusCode::OK && is_current(request, &tag);
    response.headers_mut().insert(header::ETAG, tag);
    if current {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().remove(header::CONTENT_ENCODING);
    }
    response
}

fn opaque(tag: &str) -> &str {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag)
}

/// The opaque parts of a list of tags. A tag may contain a comma, so parsing follows the quotation
/// marks. Text outside of them is skipped, so a malformed tag affects only itself.
fn tags(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::IF_NONE_MATCH, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn tag_is_found_in_every_form() {
        let tag = etag("0a1b").unwrap();
        for lines in [
            &["\"0a1b\""][..],
            &["W/\"0a1b\""],
            &["\"other\", \"0a1b\""],
            &["W/\"other\",W/\"0a1b\""],
            &["\"with, comma\" , \"0a1b\""],
            &["\"other\"", "\"0a1b\""],
            &["*"],
            &[" * "],
        ] {
            assert!(is_current(&headers(lines), &tag), "{lines:?}");
        }
        for lines in [
            &[][..],
            &["\"0a1\""],
            &["\"0a1b0\""],
            &["0a1b"],
            &["\"x 0a1b\""],
            &["\"*\""],
            &[""],
            &["\"x\", 0a1b, \"y\""],
        ] {
            assert!(!is_current(&headers(lines), &tag), "{lines:?}");
        }
    }

    #[test]
    fn unchanged_body_is_304_with_cache_headers() {
        let response = || {
            let mut response = Response::new(Body::from("text"));
            response
                .headers_mut()
                .insert(header::VARY, HeaderValue::from_static("accept-encoding"));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            response
        };
        let unchanged = with_etag(&headers(&["\"1\""]), etag("1"), response());
        assert_eq!(
            (unchanged.status(), &unchanged.headers()[header::ETAG]),
            (StatusCode::NOT_MODIFIED, &etag("1").unwrap())
        );
        assert!(
            unchanged.headers().contains_key(header::VARY)
                && !unchanged.headers().contains_key(header::CONTENT_ENCODING)
        );
        let changed = with_etag(&headers(&["\"2\""]), etag("1"), response());
        assert_eq!(
            (changed.status(), &changed.headers()[header::ETAG]),
            (StatusCode::OK, &etag("1").unwrap())
        );
        let mut failed = response();
        *failed.status_mut() = StatusCode::NOT_FOUND;
        assert_eq!(with_etag(&headers(&["*"]), etag("1"), failed).status(), StatusCode::NOT_FOUND);
    }
}
