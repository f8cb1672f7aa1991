//! Request cookies, parsed pair by pair. Other programs on the same domain write into the same
//! header, so a malformed pair is skipped without discarding the rest (RFC 6265, section 5.4, does
//! not treat the line as a unit).

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
};

/// Name and value of each ASCII pair, from all header lines in order.
pub fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).filter_map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?.trim();
        let (name, value) = pair.split_once('=')?;
        let plain =
            !name.is_empty() && pair.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        plain.then(|| (name.trim_end(), value.trim_start()))
    })
}

/// The value of the first cookie with this name.
pub fn value<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    pairs(headers).find_map(|(found, value)| (found == name).then_some(value))
}

/// Keeps only the well-formed pairs, in one line, for libraries that reject a whole line.
pub fn drop_unreadable(mut request: Request) -> Request {
    let headers = request.headers();
    let readable = |line: &HeaderValue| line.to_str().is_ok();
    if headers.get_all(header::COOKIE).iter().all(readable) {
        return request;
    }
    let line = pairs(headers)
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("; ");
    match HeaderValue::try_from(line) {
        Ok(line) if !line.is_empty() => drop(request.headers_mut().insert(header::COOKIE, line)),
        _ => drop(request.headers_mut().remove(header::COOKIE)),
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_bytes(line).unwrap())).collect()
    }

    #[test]
    fn malformed_pair_is_skipped() {
        for lines in [
            &[b"a=1".as_slice()][..],
            &["city=Київ; a=1".as_bytes()],
            &["a=1; city=Київ".as_bytes()],
            &["Київ=1;a=1;".as_bytes()],
            &[b"x=\xff\xfe; a=1; =; ;; flag"],
            &[b"x=\xff", b"a=1"],
            &[b"a=1", b"x=\xff"],
            &[b"tab=\t; a=1"],
            &[b"other=\"a=2; a=1"],
            &[b"  a=1  "],
            &[b"A=2; a=1; a=3"],
        ] {
            let headers = headers(lines);
            assert_eq!(value(&headers, "a"), Some("1"), "{lines:?}");
            let mut request = Request::new(Body::empty());
            *request.headers_mut() = headers;
            let request = drop_unreadable(request);
            assert_eq!(value(request.headers(), "a"), Some("1"), "{lines:?}");
            assert!(
                request.headers().get_all(header::COOKIE).iter().all(|line| line.to_str().is_ok()),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn values_are_not_decoded() {
        let headers = headers(&[b"a=b=c; quoted=\"x\"; empty=; %61=d"]);
        assert_eq!(
            pairs(&headers).collect::<Vec<_>>(),
            [("a", "b=c"), ("quoted", "\"x\""), ("empty", ""), ("%61", "d")]
        );
        assert_eq!(value(&headers, "missing"), None);
    }

    #[test]
    fn header_without_valid_pairs_is_removed() {
        let mut request = Request::new(Body::empty());
        *request.headers_mut() = headers(&["city=Київ".as_bytes()]);
        assert!(drop_unreadable(request).headers().is_empty());
    }
}
