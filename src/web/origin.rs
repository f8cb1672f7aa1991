//! CSRF protection (OWASP ASVS 5.0, 3.5): whether a request comes from a page of this server, for
//! changes that a cookie authenticates.

use axum::http::{HeaderMap, HeaderValue, header};
use belfry_domain::Origin;

/// Origin of a request, as reported by the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestSource {
    /// A page of this server.
    SameOrigin,
    /// A page of another origin, or unknown.
    CrossOrigin,
}

/// Classifies a request. `Sec-Fetch-Site: same-origin` is sufficient: no script can set it. A page
/// with `Referrer-Policy: no-referrer`, which a proxy may add, sends `Origin: null` beside it.
/// Browsers without that header, and all browsers over http, are identified by `Origin`.
pub fn request_source(headers: &HeaderMap, public_url: &Origin) -> RequestSource {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let is_ours = |origin: &[u8]| origin == public_url.as_str().as_bytes();
    let ours = match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin") => origin.is_none_or(|origin| origin == b"null" || is_ours(origin)),
        Some(_) => false,
        None => origin.is_some_and(is_ours),
    };
    if ours { RequestSource::SameOrigin } else { RequestSource::CrossOrigin }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        request_source(&headers, &"https://belfry.example".parse().unwrap())
            == RequestSource::SameOrigin
    }

    #[test]
    fn only_same_origin_pages_are_accepted() {
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://belfry.example")]));
        assert!(ours(&[("origin", "https://belfry.example"), ("sec-fetch-site", "same-origin")]));
        assert!(
            ours(&[("origin", "null"), ("sec-fetch-site", "same-origin")]),
            "a same-origin page with no-referrer"
        );
        assert!(!ours(&[]) && !ours(&[("origin", "null")]));
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!ours(&[("sec-fetch-site", site)]), "{site}");
            assert!(
                !ours(&[("sec-fetch-site", site), ("origin", "https://belfry.example")]),
                "{site}"
            );
            assert!(!ours(&[("sec-fetch-site", site), ("origin", "null")]), "{site}");
        }
        for origin in [
            "https://shop.example",
            "https://belfry.example.evil.example",
            "http://belfry.example",
            "https://belfry.example:444",
        ] {
            assert!(!ours(&[("origin", origin)]), "{origin}");
            assert!(!ours(&[("origin", origin), ("sec-fetch-site", "same-origin")]), "{origin}");
        }
    }
}
