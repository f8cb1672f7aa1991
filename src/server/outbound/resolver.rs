//! DNS resolution with address checks. A name with any address that is not allowed is rejected as a
//! whole, since a legitimate name has none.

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// Resolves names.
#[async_trait]
pub(super) trait Lookup: Send + Sync + 'static {
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
pub(super) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// The error for a disallowed address. It does not reveal the address.
#[derive(Debug, thiserror::Error)]
#[error("must lead to a public address: private, local and reserved addresses are not allowed")]
pub(super) struct PrivateAddress;

/// A resolver that returns allowed addresses only.
#[derive(Clone)]
pub(super) struct GuardedResolver {
    lookup: Arc<dyn Lookup>,
    /// Whether an address may be contacted.
    is_allowed: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
    /// The proxy's own host name, which may resolve to any address.
    proxy: Option<Arc<str>>,
}

impl GuardedResolver {
    pub(super) fn new(
        lookup: impl Lookup,
        judge: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
        proxy: Option<&str>,
    ) -> Self {
        Self { lookup: Arc::new(lookup), is_allowed: Arc::new(judge), proxy: proxy.map(Arc::from) }
    }

    /// Whether this address may be contacted.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        (self.is_allowed)(address)
    }

    /// Resolves a name to addresses that may be contacted.
    pub(super) async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let addresses = self.lookup.look_up(name).await?;
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        if !addresses.iter().all(|address| self.allows(*address)) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, PrivateAddress));
        }
        Ok(addresses)
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let is_proxy = resolver
                .proxy
                .as_deref()
                .is_some_and(|proxy| proxy.eq_ignore_ascii_case(name.as_str()));
            let addresses = if is_proxy {
                resolver.lookup.look_up(name.as_str()).await?
            } else {
                resolver.addresses(name.as_str()).await?
            };
            // Port 0 means the port of the URL.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
