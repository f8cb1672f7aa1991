//! Egress configuration: the proxy for outbound requests, and this server's own address, which is
//! never contacted.

use belfry_domain::{Origin, ValidationError};
use belfry_locales::{LocalizedText, phrases::errors};
use std::fmt;
use url::Url;

/// Egress configuration.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    /// Public origin of this server; it does not send requests to itself.
    pub public_url: Option<Origin>,
    /// Proxy for all outbound requests.
    pub proxy: Option<OutboundProxy>,
    /// Whether environment variables name a proxy. It is not used unless configured here as well;
    /// error messages mention it.
    pub is_proxy_in_environment: bool,
}

/// An HTTP proxy that supports `CONNECT`.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundProxy(Url);

impl OutboundProxy {
    /// Parses `http://proxy.example:3128`, with or without `name:password@`.
    pub fn parse(text: &str) -> Result<Self, ValidationError> {
        let refuse = |reason: LocalizedText| ValidationError::new("outbound-proxy", reason);
        let url = Url::parse(text.trim()).map_err(|_| refuse(errors::PROXY_ADDRESS))?;
        if url.scheme() != "http" || url.host_str().is_none_or(str::is_empty) {
            return Err(refuse(errors::PROXY_SCHEME));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse(errors::PROXY_PATH));
        }
        Ok(Self(url))
    }

    /// Adds credentials (`name:password`) read from a file.
    pub fn with_credentials(mut self, text: &str) -> Result<Self, ValidationError> {
        let refuse =
            || ValidationError::new("outbound-proxy-credentials", errors::PROXY_CREDENTIALS);
        let (name, password) = text.trim().split_once(':').ok_or_else(refuse)?;
        self.0
            .set_username(name)
            .and_then(|()| self.0.set_password(Some(password)))
            .map_err(|()| refuse())?;
        Ok(self)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

/// Omits the credentials.
impl fmt::Debug for OutboundProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "OutboundProxy({}:{})",
            self.0.host_str().unwrap_or_default(),
            self.0.port_or_known_default().unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_url_is_http_and_debug_hides_password() {
        let proxy = OutboundProxy::parse("http://anna:secret@proxy.example:3128").unwrap();
        assert_eq!(format!("{proxy:?}"), "OutboundProxy(proxy.example:3128)");
        let with = OutboundProxy::parse("http://10.0.0.1")
            .unwrap()
            .with_credentials("anna:se:c@ret\n")
            .unwrap();
        assert_eq!((with.url().username(), with.url().password()), ("anna", Some("se%3Ac%40ret")));
        for odd in [
            "proxy:3128",
            "https://proxy.example",
            "socks5://proxy.example",
            "http://proxy.example/path",
            "http://proxy.example?x",
            "",
        ] {
            assert_eq!(OutboundProxy::parse(odd).unwrap_err().field, "outbound-proxy", "{odd}");
        }
        assert!(
            OutboundProxy::parse("http://10.0.0.1").unwrap().with_credentials("secret").is_err()
        );
    }
}
