//! Detects addresses at which sign-in can't work: another one than the public URL, or plain http
//! where browsers reject the session cookie.

use axum::http::{HeaderMap, header};
use belfry_domain::Origin;
use std::net::IpAddr;

/// Why sign-in can't work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressProblem {
    /// The public URL is plain http on a remote host, where browsers reject the session cookie.
    Insecure,
    /// The public URL is loopback, but the request used this other host.
    OtherHost(String),
}

/// Checks the address of a request. With a proxy, recognized by its headers, the host is the
/// proxy's responsibility.
pub fn check(headers: &HeaderMap, public_url: &Origin) -> Option<AddressProblem> {
    let public = host(public_url.as_str().split_once("://")?.1);
    if !is_loopback(public) {
        return (!is_secure(public_url)).then_some(AddressProblem::Insecure);
    }
    if ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "via"]
        .iter()
        .any(|name| headers.contains_key(*name))
    {
        return None;
    }
    let requested = headers.get(header::HOST)?.to_str().ok()?;
    let plain = requested.len() <= 255
        && requested.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
    // A name without a dot is an alias of this machine, on it or in a container network.
    let elsewhere = plain && !is_loopback(host(requested)) && host(requested).contains(['.', ':']);
    elsewhere.then(|| AddressProblem::OtherHost(format!("http://{requested}")))
}

/// Whether browsers accept the session cookie: https, or loopback.
pub fn is_secure(public_url: &Origin) -> bool {
    let (scheme, rest) = public_url.as_str().split_once("://").unwrap_or_default();
    scheme == "https" || is_loopback(host(rest))
}

/// The host without port and IPv6 brackets.
fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_at(public_url: &str, headers: &[(&'static str, &str)]) -> Option<AddressProblem> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        check(&map, &public_url.parse().unwrap())
    }

    #[test]
    fn other_address_is_detected() {
        for (public, host) in [
            ("http://localhost:3000", "192.168.1.5:3000"),
            ("http://127.0.0.1:3000", "belfry.lan"),
            ("http://[::1]:3000", "[fd00::5]:3000"),
            ("https://localhost", "192.168.1.5"),
        ] {
            assert_eq!(
                problem_at(public, &[("host", host)]),
                Some(AddressProblem::OtherHost(format!("http://{host}"))),
                "{host}"
            );
        }
        for (public, headers) in [
            ("http://localhost:3000", &[("host", "127.0.0.1:3000")][..]),
            ("http://127.0.0.1:3000", &[("host", "localhost:3000")]),
            ("http://127.0.0.1:3000", &[("host", "[::1]:3000")]),
            ("http://127.0.0.1:3000", &[("host", "belfry")]),
            ("http://127.0.0.1:3000", &[("host", "192.168.1.5"), ("x-forwarded-for", "192.0.2.1")]),
            ("http://127.0.0.1:3000", &[]),
            ("http://127.0.0.1:3000", &[("host", "a.b/<script>")]),
            ("https://inbox.example", &[("host", "192.168.1.5")]),
        ] {
            assert_eq!(problem_at(public, headers), None, "{public} {headers:?}");
        }
    }

    #[test]
    fn insecure_address_is_detected() {
        for public in
            ["http://192.168.1.5:3000", "http://inbox.example", "http://localhost.example"]
        {
            assert_eq!(
                problem_at(public, &[("host", "192.168.1.5:3000")]),
                Some(AddressProblem::Insecure),
                "{public}"
            );
        }
        for secure in [
            "https://192.168.1.5",
            "http://localhost:3000",
            "http://shop.localhost",
            "http://127.8.9.1",
            "http://[::1]:3000",
        ] {
            assert!(is_secure(&secure.parse().unwrap()), "{secure}");
        }
    }
}
