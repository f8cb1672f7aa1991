//! The HTTP client for outbound requests (webhooks and pages). It connects only to globally
//! routable addresses unless the operator allows others (protection against SSRF).
//!
//! A name is resolved at connection time by the resolver below, and the connection goes to the
//! address that was checked: there is no second lookup that could return something else (DNS
//! rebinding). A literal address bypasses the resolver and is checked separately. Redirects are not
//! followed, proxies from the environment are not used, and only a part of a response is read.
//! Fetching a page follows a few redirects, each as a new checked request.
//!
//! With a proxy configured by the operator, the name is resolved and checked here before the proxy
//! gets it; the proxy then resolves it again. A name that can't be resolved here is left to the
//! proxy, since a network that requires one may have no other DNS.

mod egress;
mod own_addresses;
mod page;
mod resolver;

use belfry_locales::{LocalizedText, phrases::errors};
pub use egress::{Egress, OutboundProxy};

use async_trait::async_trait;
use belfry_domain::{
    EndpointUrl, FetchError, HttpClient, HttpRequest, HttpResponse, ValidationError, WebPage,
    is_global,
};
use reqwest::{
    Client, Proxy, Response,
    header::{HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use resolver::{GuardedResolver, Lookup, PrivateAddress, SystemLookup};
use std::{
    error::Error as _,
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use url::Host;

/// Maximum bytes of a response body that are read.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// Maximum bytes of a response body that are stored.
const MAX_EXCERPT_BYTES: usize = 1024;

/// Options of the client.
#[derive(Debug, Clone, Copy)]
pub struct OutboundOptions {
    /// Whether private and local addresses, and `http`, are allowed: for development, and for
    /// operators of both ends.
    pub allow_private: bool,
    /// Timeout of the whole request, including reading the response.
    pub timeout: Duration,
    /// Timeout of the connection.
    pub connect_timeout: Duration,
}

impl Default for OutboundOptions {
    fn default() -> Self {
        Self {
            allow_private: false,
            timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

/// An HTTP client without a proxy.
pub fn http_client(options: OutboundOptions) -> Arc<dyn HttpClient> {
    http_client_with_egress(options, Egress::default())
}

/// An HTTP client with the given egress.
pub fn http_client_with_egress(options: OutboundOptions, egress: Egress) -> Arc<dyn HttpClient> {
    let own = own_addresses::OwnAddresses::default();
    let judge =
        move |address| options.allow_private || is_global(address) && !own.contains(address);
    Arc::new(GuardedClient {
        default_ports_only: true,
        ..GuardedClient::new(options, SystemLookup, judge, egress)
    })
}

#[cfg(test)]
fn guarded_client(
    options: OutboundOptions,
    lookup: impl Lookup,
    judge: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
) -> Arc<dyn HttpClient> {
    Arc::new(GuardedClient::new(options, lookup, judge, Egress::default()))
}

/// Built on first use: it reads every certificate authority that the system trusts.
fn build_client(
    resolver: &GuardedResolver,
    options: OutboundOptions,
    proxy: Option<&OutboundProxy>,
    https_only: bool,
) -> Option<Client> {
    // The first provider installed in a process stays; nothing else here installs one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place where outbound HTTP comes from"
    )]
    let client = Client::builder().no_proxy();
    let client = match proxy.map(|proxy| Proxy::all(proxy.url().clone())) {
        None => client,
        Some(Ok(proxy)) => client.proxy(proxy),
        Some(Err(error)) => {
            tracing::error!(
                cause = root_cause(&error),
                "no requests can be sent: the proxy can't be used"
            );
            return None;
        }
    };
    let client = client
        .dns_resolver(resolver.clone())
        .redirect(Policy::none())
        .referer(false)
        .https_only(https_only)
        .http1_only()
        .timeout(options.timeout)
        .connect_timeout(options.connect_timeout)
        .pool_max_idle_per_host(2)
        .pool_idle_timeout(Duration::from_secs(20))
        .build();
    if let Err(error) = &client {
        tracing::error!(%error, cause = root_cause(error), "no requests can be sent: the HTTP client could not be created");
    }
    client.ok()
}

struct GuardedClient {
    webhook_client: OnceLock<Option<Client>>,
    page_client: OnceLock<Option<Client>>,
    resolver: GuardedResolver,
    options: OutboundOptions,
    egress: Egress,
    /// Whether pages are fetched only from the default ports of their schemes.
    default_ports_only: bool,
}

/// Result of resolving a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resolution {
    Public,
    Private,
    Unknown,
}

#[async_trait]
impl HttpClient for GuardedClient {
    async fn check(&self, url: &EndpointUrl) -> Result<(), ValidationError> {
        self.check_url(url, true)?;
        self.check_resolvable(url).await
    }

    async fn check_lenient(&self, url: &EndpointUrl) -> Result<(), ValidationError> {
        self.check_url(url, true)?;
        if self.resolve(url).await == Resolution::Private {
            Err(ValidationError::new("url", errors::PRIVATE_ADDRESS))
        } else {
            Ok(())
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, String> {
        let Some(client) = self.webhook_client() else {
            return Err("this server can't send requests; see its log".to_owned());
        };
        self.check_url(&request.url, true)
            .map_err(|invalid| format!("the address {}", invalid.reason))?;
        if self.egress.proxy.is_some() {
            self.check_resolvable(&request.url)
                .await
                .map_err(|invalid| format!("the address {}", invalid.reason))?;
        }
        let mut call = client.post(request.url.url().clone()).body(request.body);
        for (name, value) in request.headers {
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| format!("the header {name} has an invalid value"))?;
            value.set_sensitive(true);
            call = call.header(HeaderName::from_static(name), value);
        }
        let mut response = call.send().await.map_err(|error| self.failure(&error))?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(HttpResponse { status, retry_after, excerpt: read_excerpt(&mut response).await })
    }

    async fn fetch_page(&self, url: &EndpointUrl) -> Result<WebPage, FetchError> {
        tokio::time::timeout(self.options.timeout.min(page::PAGE_TIMEOUT), self.fetch(url.clone()))
            .await
            .unwrap_or(Err(FetchError::Timeout))
    }
}

impl GuardedClient {
    fn new(
        options: OutboundOptions,
        lookup: impl Lookup,
        judge: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
        egress: Egress,
    ) -> Self {
        let resolver = GuardedResolver::new(
            lookup,
            judge,
            egress.proxy.as_ref().and_then(|proxy| proxy.url().host_str()),
        );
        Self {
            webhook_client: OnceLock::new(),
            page_client: OnceLock::new(),
            resolver,
            options,
            egress,
            default_ports_only: false,
        }
    }

    fn webhook_client(&self) -> Option<&Client> {
        self.webhook_client
            .get_or_init(|| {
                build_client(
                    &self.resolver,
                    self.options,
                    self.egress.proxy.as_ref(),
                    !self.options.allow_private,
                )
            })
            .as_ref()
    }

    /// Pages are not secret, and some are available only over http.
    fn page_client(&self) -> Option<&Client> {
        self.page_client
            .get_or_init(|| {
                build_client(&self.resolver, self.options, self.egress.proxy.as_ref(), false)
            })
            .as_ref()
    }

    /// Checks that the name resolves to allowed addresses.
    async fn check_resolvable(&self, url: &EndpointUrl) -> Result<(), ValidationError> {
        match self.resolve(url).await {
            Resolution::Public => Ok(()),
            Resolution::Private => Err(ValidationError::new("url", errors::PRIVATE_ADDRESS)),
            // The proxy may be able to resolve it.
            Resolution::Unknown if self.egress.proxy.is_some() => Ok(()),
            Resolution::Unknown => Err(ValidationError::new("url", errors::UNRESOLVED_HOST)),
        }
    }

    async fn resolve(&self, url: &EndpointUrl) -> Resolution {
        let Some(Host::Domain(name)) = url.url().host() else { return Resolution::Public };
        match tokio::time::timeout(self.options.connect_timeout, self.resolver.addresses(name))
            .await
        {
            Ok(Ok(_)) => Resolution::Public,
            Ok(Err(error))
                if error
                    .get_ref()
                    .is_some_and(<dyn std::error::Error + Send + Sync>::is::<PrivateAddress>) =>
            {
                Resolution::Private
            }
            Ok(Err(_)) | Err(_) => Resolution::Unknown,
        }
    }

    /// Checks the URL itself, without a lookup. Ports: the scheme's default, and for webhooks also
    /// those from 1024 up; lower ports belong to other services.
    fn check_url(&self, url: &EndpointUrl, https_only: bool) -> Result<(), ValidationError> {
        if self.options.allow_private {
            return Ok(());
        }
        let url = url.url();
        let refuse = |reason: LocalizedText| Err(ValidationError::new("url", reason));
        if https_only && url.scheme() != "https" {
            return refuse(errors::HTTPS);
        }
        if url.port().is_some_and(|port| port < 1024) {
            return refuse(errors::WEBHOOK_PORT);
        }
        if !https_only && self.default_ports_only && url.port().is_some() {
            return refuse(errors::PAGE_PORT);
        }
        if self
            .egress
            .public_url
            .as_ref()
            .is_some_and(|own| own.as_str() == url.origin().ascii_serialization())
        {
            return refuse(errors::OWN_ADDRESS);
        }
        let public = match url.host() {
            Some(Host::Ipv4(address)) => self.resolver.allows(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.resolver.allows(IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                name.contains('.')
                    && ![".localhost", ".local", ".internal", ".home.arpa"]
                        .iter()
                        .any(|end| name.ends_with(end))
            }
            None => false,
        };
        if public { Ok(()) } else { refuse(errors::PRIVATE_ADDRESS) }
    }

    /// A hint for the operator about a likely cause of failures.
    fn hint(&self) -> &'static str {
        if self.egress.is_proxy_in_environment && self.egress.proxy.is_none() {
            " (the proxy from the environment is not used; set --outbound-proxy)"
        } else {
            ""
        }
    }

    fn failure(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() {
            return format!(
                "no response within {} ms{}",
                self.options.timeout.as_millis(),
                self.hint()
            );
        }
        let cause = root_cause(error);
        if error.is_connect() {
            format!("no connection: {cause}{}", self.hint())
        } else {
            format!("no response: {cause}")
        }
    }
}

/// The innermost cause, which does not contain a resolved address.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| "it broke off".to_owned(), ToString::to_string)
}

/// The status is the result. The body only helps with debugging, so errors while reading it are
/// ignored.
async fn read_excerpt(response: &mut Response) -> String {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        kept.extend(chunk.iter().take(MAX_EXCERPT_BYTES.saturating_sub(kept.len())));
        if read >= MAX_RESPONSE_BYTES {
            break;
        }
    }
    let text = String::from_utf8_lossy(&kept);
    text.chars()
        .map(|character| if character.is_control() && character != '\n' { ' ' } else { character })
        .collect()
}

#[cfg(test)]
mod tests;
