//! Calls to other people's servers. The addresses that may be dialled are those of the open internet alone, unless the operator says otherwise.
//!
//! A name is looked up at the moment of the call by the resolver below, and what it gives is what is dialled: there is no second look-up
//! that could answer something else. An address in place of a name goes past a resolver, so it is checked on its own. Redirects are not
//! followed, no proxy of the environment is used, and of an answer no more than a part is read. Only who asks for a page is led on, a few
//! steps, each of which is a call of its own.
//!
//! Through a proxy that the operator names, the name is looked up here and judged before the proxy gets it; the proxy then looks it up
//! itself. What can't be looked up here is left to the proxy, since a network that needs one may have no other name service.

mod egress;
mod own;
mod page;
mod resolver;

pub use egress::{Egress, OutboundProxy};

use crate::domain::{Answered, EndpointUrl, Invalid, Outbound, Outgoing, Unfetched, WebPage, is_global};
use async_trait::async_trait;
use reqwest::{
    Client, Proxy, Response,
    header::{HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use resolver::{Guarded, Lookup, Private, System};
use std::{
    error::Error as _,
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use url::Host;

/// Most bytes of an answer's body that are read.
const READ: usize = 64 * 1024;
/// Most bytes of it that are kept.
const EXCERPT: usize = 1024;

/// What may be called, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct OutboundOptions {
    /// Whether addresses of this machine and its networks may be called, and `http` as well: for development, and for who runs both ends.
    pub allow_private: bool,
    /// From the begin of a call until its answer is read.
    pub deadline: Duration,
    /// For a connection.
    pub connect: Duration,
}

impl Default for OutboundOptions {
    fn default() -> Self {
        Self { allow_private: false, deadline: Duration::from_secs(15), connect: Duration::from_secs(5) }
    }
}

/// The one who makes calls.
pub fn outbound(options: OutboundOptions) -> Arc<dyn Outbound> {
    outbound_by(options, Egress::default())
}

/// The one who makes calls, from a server of which this is known.
pub fn outbound_by(options: OutboundOptions, egress: Egress) -> Arc<dyn Outbound> {
    let own = own::OwnAddresses::default();
    let judge = move |address| options.allow_private || is_global(address) && !own.contains(address);
    Arc::new(Caller { usual_ports_only: true, ..Caller::new(options, System, judge, egress) })
}

#[cfg(test)]
fn with(options: OutboundOptions, lookup: impl Lookup, judge: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Arc<dyn Outbound> {
    Arc::new(Caller::new(options, lookup, judge, Egress::default()))
}

/// Made when the first call is: it reads every certificate authority that the system trusts.
fn client(resolver: &Guarded, options: OutboundOptions, proxy: Option<&OutboundProxy>, https_only: bool) -> Option<Client> {
    // What is chosen first in a process stays; nothing else here chooses.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "this is the place where outbound HTTP comes from")]
    let client = Client::builder().no_proxy();
    let client = match proxy.map(|proxy| Proxy::all(proxy.url().clone())) {
        None => client,
        Some(Ok(proxy)) => client.proxy(proxy),
        Some(Err(error)) => {
            tracing::error!(cause = cause(&error), "no calls can be made: the proxy can't be used");
            return None;
        }
    };
    let client = client
        .dns_resolver(resolver.clone())
        .redirect(Policy::none())
        .referer(false)
        .https_only(https_only)
        .http1_only()
        .timeout(options.deadline)
        .connect_timeout(options.connect)
        .pool_max_idle_per_host(2)
        .pool_idle_timeout(Duration::from_secs(20))
        .build();
    if let Err(error) = &client {
        tracing::error!(%error, cause = cause(error), "no calls can be made: the client could not be made");
    }
    client.ok()
}

struct Caller {
    hooks: OnceLock<Option<Client>>,
    pages: OnceLock<Option<Client>>,
    resolver: Guarded,
    options: OutboundOptions,
    egress: Egress,
    /// Whether pages are fetched from the ports of their schemes alone.
    usual_ports_only: bool,
}

/// Where a name leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resolution {
    Public,
    Private,
    Unknown,
}

#[async_trait]
impl Outbound for Caller {
    async fn check(&self, url: &EndpointUrl) -> Result<(), Invalid> {
        self.allowed(url, true)?;
        self.resolvable(url).await
    }

    async fn check_known(&self, url: &EndpointUrl) -> Result<(), Invalid> {
        self.allowed(url, true)?;
        if self.resolution(url).await == Resolution::Private { Err(Invalid::new("url", Private.to_string())) } else { Ok(()) }
    }

    async fn send(&self, request: Outgoing) -> Result<Answered, String> {
        let Some(client) = self.hooks() else { return Err("this server can't make calls; its log says why".to_owned()) };
        self.allowed(&request.url, true).map_err(|invalid| format!("the address {}", invalid.reason))?;
        if self.egress.proxy.is_some() {
            self.resolvable(&request.url).await.map_err(|invalid| format!("the address {}", invalid.reason))?;
        }
        let mut call = client.post(request.url.url().clone()).body(request.body);
        for (name, value) in request.headers {
            let mut value = HeaderValue::from_str(&value).map_err(|_| format!("the header {name} can't be written"))?;
            value.set_sensitive(true);
            call = call.header(HeaderName::from_static(name), value);
        }
        let mut response = call.send().await.map_err(|error| self.failure(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Answered { status, retry_after, excerpt: excerpt(&mut response).await })
    }

    async fn page(&self, url: &EndpointUrl) -> Result<WebPage, Unfetched> {
        tokio::time::timeout(self.options.deadline.min(page::DEADLINE), self.follow(url.clone())).await.unwrap_or(Err(Unfetched::TooSlow))
    }
}

impl Caller {
    fn new(options: OutboundOptions, lookup: impl Lookup, judge: impl Fn(IpAddr) -> bool + Send + Sync + 'static, egress: Egress) -> Self {
        let resolver = Guarded::new(lookup, judge, egress.proxy.as_ref().and_then(|proxy| proxy.url().host_str()));
        Self { hooks: OnceLock::new(), pages: OnceLock::new(), resolver, options, egress, usual_ports_only: false }
    }

    fn hooks(&self) -> Option<&Client> {
        self.hooks.get_or_init(|| client(&self.resolver, self.options, self.egress.proxy.as_ref(), !self.options.allow_private)).as_ref()
    }

    /// A page is no secret, and some are shown by http alone.
    fn pages(&self) -> Option<&Client> {
        self.pages.get_or_init(|| client(&self.resolver, self.options, self.egress.proxy.as_ref(), false)).as_ref()
    }

    /// Whether the name leads where calls may go.
    async fn resolvable(&self, url: &EndpointUrl) -> Result<(), Invalid> {
        match self.resolution(url).await {
            Resolution::Public => Ok(()),
            Resolution::Private => Err(Invalid::new("url", Private.to_string())),
            // The proxy may know it.
            Resolution::Unknown if self.egress.proxy.is_some() => Ok(()),
            Resolution::Unknown => Err(Invalid::new("url", "names a host that can't be found")),
        }
    }

    async fn resolution(&self, url: &EndpointUrl) -> Resolution {
        let Some(Host::Domain(name)) = url.url().host() else { return Resolution::Public };
        match tokio::time::timeout(self.options.connect, self.resolver.addresses(name)).await {
            Ok(Ok(_)) => Resolution::Public,
            Ok(Err(error)) if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Private>) => Resolution::Private,
            Ok(Err(_)) | Err(_) => Resolution::Unknown,
        }
    }

    /// What an address says by itself, without a look-up. Ports: those of the schemes, and for webhooks those from 1024 on; elsewhere are
    /// other services.
    fn allowed(&self, url: &EndpointUrl, https_only: bool) -> Result<(), Invalid> {
        if self.options.allow_private {
            return Ok(());
        }
        let url = url.url();
        let refuse = |reason: &str| Err(Invalid::new("url", reason));
        if https_only && url.scheme() != "https" {
            return refuse("must begin with https://");
        }
        if url.port().is_some_and(|port| port < 1024) {
            return refuse("must use port 443, or one from 1024 on");
        }
        if !https_only && self.usual_ports_only && url.port().is_some() {
            return refuse("must use port 80 or 443");
        }
        if self.egress.public_url.as_ref().is_some_and(|own| own.as_str() == url.origin().ascii_serialization()) {
            return refuse("is the address of this server itself, which it does not call");
        }
        let public = match url.host() {
            Some(Host::Ipv4(address)) => self.resolver.allows(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.resolver.allows(IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                name.contains('.') && ![".localhost", ".local", ".internal", ".home.arpa"].iter().any(|end| name.ends_with(end))
            }
            None => false,
        };
        if public { Ok(()) } else { refuse(&Private.to_string()) }
    }

    /// What whoever runs this server may not know when calls fail.
    fn aside(&self) -> &'static str {
        if self.egress.environment_names_proxy && self.egress.proxy.is_none() {
            " (the proxy that the environment names is not used; --outbound-proxy sets one)"
        } else {
            ""
        }
    }

    fn failure(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() {
            return format!("there was no answer within {} ms{}", self.options.deadline.as_millis(), self.aside());
        }
        let cause = cause(error);
        if error.is_connect() { format!("no connection: {cause}{}", self.aside()) } else { format!("no answer: {cause}") }
    }
}

/// The innermost reason, which has no address in it that was looked up.
fn cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| "it broke off".to_owned(), ToString::to_string)
}

/// The status is the answer. The body is for whoever looks for a mistake, so what is wrong with it does not matter.
async fn excerpt(response: &mut Response) -> String {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        kept.extend(chunk.iter().take(EXCERPT.saturating_sub(kept.len())));
        if read >= READ {
            break;
        }
    }
    let text = String::from_utf8_lossy(&kept);
    text.chars().map(|character| if character.is_control() && character != '\n' { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests;
