//! The way out: which proxy carries the calls, and what of this server is never called.

use crate::domain::{Invalid, Origin};
use std::fmt;
use url::Url;

/// What calls to others have to know of where they come from.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    /// Where browsers reach this server: it does not call itself.
    pub public_url: Option<Origin>,
    /// What carries every call, where the network lets nothing else out.
    pub proxy: Option<OutboundProxy>,
    /// Whether the environment names a proxy. It is not used unless it is said here, too, and a failure says so.
    pub environment_names_proxy: bool,
}

/// An HTTP proxy that takes `CONNECT`.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundProxy(Url);

impl OutboundProxy {
    /// From `http://proxy.example:3128`, with or without `name:password@`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |reason: &str| Invalid::new("outbound-proxy", reason);
        let url = Url::parse(text.trim()).map_err(|_| refuse("must be an address such as http://proxy.example:3128"))?;
        if url.scheme() != "http" || url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("must begin with http://: calls go through it by CONNECT, encrypted from end to end"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("must be scheme, host and port only"));
        }
        Ok(Self(url))
    }

    /// With these credentials (`name:password`), as a file has them.
    pub fn with_credentials(mut self, text: &str) -> Result<Self, Invalid> {
        let refuse = || Invalid::new("outbound-proxy-credentials", "must hold one line: name:password");
        let (name, password) = text.trim().split_once(':').ok_or_else(refuse)?;
        self.0.set_username(name).and_then(|()| self.0.set_password(Some(password))).map_err(|()| refuse())?;
        Ok(self)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

/// Without the credentials.
impl fmt::Debug for OutboundProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "OutboundProxy({}:{})", self.0.host_str().unwrap_or_default(), self.0.port_or_known_default().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_is_an_http_address_whose_password_is_not_shown() {
        let proxy = OutboundProxy::parse("http://anna:secret@proxy.example:3128").unwrap();
        assert_eq!(format!("{proxy:?}"), "OutboundProxy(proxy.example:3128)");
        let with = OutboundProxy::parse("http://10.0.0.1").unwrap().with_credentials("anna:se:c@ret\n").unwrap();
        assert_eq!((with.url().username(), with.url().password()), ("anna", Some("se%3Ac%40ret")));
        for odd in ["proxy:3128", "https://proxy.example", "socks5://proxy.example", "http://proxy.example/path", "http://proxy.example?x", ""] {
            assert_eq!(OutboundProxy::parse(odd).unwrap_err().field, "outbound-proxy", "{odd}");
        }
        assert!(OutboundProxy::parse("http://10.0.0.1").unwrap().with_credentials("secret").is_err());
    }
}
