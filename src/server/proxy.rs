//! The client address behind proxies. Only entries of `X-Forwarded-For` that were added by trusted
//! proxies count: the list is read from its end, and the first address that is not a trusted proxy
//! is the client. Must not depend on what the address is used for.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks of trusted proxies; empty by default.
#[derive(Debug, Clone, Default)]
pub(super) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(super) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The client address of a request from this peer. Proxies don't report the client's port, so
    /// it is 0.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        if !self.trusts(peer.ip()) {
            return peer;
        }
        let mut client = peer;
        // Several header lines are one list (RFC 9110, section 5.3).
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for entry in line.to_str().unwrap_or_default().rsplit(',') {
                // A malformed entry was not added by a trusted proxy; the address that forwarded it
                // is the best known one.
                let Some(address) = address(entry.trim()) else { return client };
                client = SocketAddr::new(address, 0);
                if !self.trusts(address) {
                    return client;
                }
            }
        }
        client
    }

    /// Whether this peer is a trusted proxy.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Some proxies add the port, some add brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let proxies =
            TrustedProxies::new(trusted.iter().map(|network| network.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        proxies.client(SocketAddr::new(peer.parse().unwrap(), 7), &headers).ip().to_string()
    }

    #[test]
    fn untrusted_peer_is_the_client() {
        assert_eq!(client(&[], "192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
    }

    #[test]
    fn last_untrusted_address_is_the_client() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(client(&trusted, "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client(&trusted, "::ffff:10.0.0.1", &["203.0.113.9, 198.51.100.1"]),
            "198.51.100.1",
            "what the client claimed is no help"
        );
        assert_eq!(
            client(&trusted, "10.0.0.1", &["203.0.113.9", "198.51.100.1, 10.0.0.2", "fd00::5"]),
            "198.51.100.1"
        );
        assert_eq!(
            client(&trusted, "10.0.0.1", &["10.0.0.3, 10.0.0.2"]),
            "10.0.0.3",
            "a call from within"
        );
    }

    #[test]
    fn malformed_entry_ends_the_search() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client(&trusted, "10.0.0.1", &[]), "10.0.0.1");
        for odd in ["", "unknown", "198.51.100.1, ", "1.2.3", "_hidden"] {
            assert_eq!(client(&trusted, "10.0.0.1", &[odd]), "10.0.0.1", "{odd}");
        }
        assert_eq!(client(&trusted, "10.0.0.1", &["junk, 10.0.0.2"]), "10.0.0.2");
        for (written, plain) in [
            ("198.51.100.1:443", "198.51.100.1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
        ] {
            assert_eq!(client(&trusted, "10.0.0.1", &[written]), plain);
        }
    }
}
