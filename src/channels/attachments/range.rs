//! Range requests (RFC 9110, section 14), as sent by media players and resumed downloads. A request
//! for several ranges gets the whole file, which the RFC permits.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header, request},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http_range_header::{RangeUnsatisfiableError, parse_range_header};
use std::ops::RangeInclusive;

/// The part of a file that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequestedRange {
    /// The whole file.
    Full,
    /// These bytes, which exist.
    Part(RangeInclusive<usize>),
    /// Bytes after the end of the file.
    Unsatisfiable,
}

/// Evaluates `Range` and `If-Range` for a file of this length with this strong `ETag`.
pub(super) fn requested_range(
    request: &request::Parts,
    tag: Option<&HeaderValue>,
    length: usize,
) -> RequestedRange {
    let headers = &request.headers;
    // Ranges apply to GET only, and a part of another version would be useless.
    let is_meant = request.method == Method::GET
        && headers.get(header::IF_RANGE).is_none_or(|version| Some(version) == tag);
    let Some(range) =
        headers.get(header::RANGE).filter(|_| is_meant).and_then(|range| range.to_str().ok())
    else {
        return RequestedRange::Full;
    };
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    match parse_range_header(range).and_then(|ranges| ranges.validate(length)).as_deref() {
        Ok([range]) => match (usize::try_from(*range.start()), usize::try_from(*range.end())) {
            (Ok(start), Ok(end)) => RequestedRange::Part(start..=end),
            _ => RequestedRange::Full,
        },
        Err(RangeUnsatisfiableError::Unsatisfiable) => RequestedRange::Unsatisfiable,
        // RFC 9110 lets a server ignore ranges that it can't parse.
        Ok(_) | Err(_) => RequestedRange::Full,
    }
}

/// Returns that part of the file.
pub(super) fn answer(bytes: Bytes, asked: &RequestedRange) -> Response {
    let length = bytes.len();
    let (status, content_range, bytes) = match asked {
        RequestedRange::Full => (StatusCode::OK, None, bytes),
        RequestedRange::Part(range) if *range.end() < length => {
            let content_range = format!("bytes {}-{}/{length}", range.start(), range.end());
            (StatusCode::PARTIAL_CONTENT, Some(content_range), bytes.slice(range.clone()))
        }
        RequestedRange::Part(_) | RequestedRange::Unsatisfiable => {
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(format!("bytes */{length}")), Bytes::new())
        }
    };
    let mut response =
        (status, [(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"))], Body::from(bytes))
            .into_response();
    if let Some(content_range) = content_range.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::CONTENT_RANGE, content_range);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn asked(
        method: Method,
        headers: &[(header::HeaderName, &str)],
        length: usize,
    ) -> RequestedRange {
        let mut request = Request::new(()).into_parts().0;
        request.method = method;
        request.headers =
            headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        requested_range(&request, Some(&HeaderValue::from_static("\"tag\"")), length)
    }

    #[test]
    fn single_ranges_are_parsed() {
        let of_ten = |range: &str| asked(Method::GET, &[(header::RANGE, range)], 10);
        for (range, expected) in [
            ("bytes=0-", RequestedRange::Part(0..=9)),
            ("bytes=0-0", RequestedRange::Part(0..=0)),
            ("bytes=2-5", RequestedRange::Part(2..=5)),
            ("bytes=5-100", RequestedRange::Part(5..=9)),
            ("bytes=-3", RequestedRange::Part(7..=9)),
            ("bytes=-30", RequestedRange::Part(0..=9)),
            ("bytes=9-99999999999999999999", RequestedRange::Part(9..=9)),
            ("bytes=10-", RequestedRange::Unsatisfiable),
            ("bytes=10-12", RequestedRange::Unsatisfiable),
            ("bytes=99999999999999999999-", RequestedRange::Unsatisfiable),
            ("bytes=0-1,5-6", RequestedRange::Full),
            ("bytes=5-2", RequestedRange::Full),
            ("bytes=x", RequestedRange::Full),
            ("bytes=-", RequestedRange::Full),
            ("lines=0-1", RequestedRange::Full),
            ("", RequestedRange::Full),
        ] {
            assert_eq!(of_ten(range), expected, "{range}");
        }
        assert_eq!(
            asked(Method::GET, &[(header::RANGE, "bytes=0-")], 0),
            RequestedRange::Unsatisfiable,
            "an empty file has no bytes"
        );
        assert_eq!(asked(Method::HEAD, &[(header::RANGE, "bytes=0-1")], 10), RequestedRange::Full);
    }

    #[test]
    fn if_range_mismatch_returns_the_whole_file() {
        let part = |version: &str| {
            asked(Method::GET, &[(header::RANGE, "bytes=0-1"), (header::IF_RANGE, version)], 10)
        };
        assert_eq!(part("\"tag\""), RequestedRange::Part(0..=1));
        for other in ["\"other\"", "W/\"tag\"", "Sun, 29 Nov 2026 08:00:00 GMT", ""] {
            assert_eq!(part(other), RequestedRange::Full, "{other}");
        }
    }
}
