//! Outbound HTTP as a trait, passed in like time and randomness. The implementation decides which
//! addresses may be dialed (protection against server-side request forgery).
//!
//! Used by the webhook dispatcher and the console.

use super::{EndpointUrl, ValidationError};
use async_trait::async_trait;
use belfry_locales::phrases::errors;

/// A `POST` request.
#[derive(Clone)]
pub struct HttpRequest {
    /// Target URL.
    pub url: EndpointUrl,
    /// Header fields; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Request body.
    pub body: String,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// The `Retry-After` header, unparsed.
    pub retry_after: Option<String>,
    /// The beginning of the body, as text.
    pub excerpt: String,
}

/// A web page as an anonymous visitor gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPage {
    /// Final URL, after redirects.
    pub url: EndpointUrl,
    /// Its HTML; untrusted.
    pub html: String,
}

/// Why a page could not be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchError {
    /// The URL or a redirect leads to an address that must not be called.
    Forbidden,
    /// The response had this status.
    Status(u16),
    /// Too many redirects.
    TooManyRedirects,
    /// The response is not HTML.
    NotHtml,
    /// The response is too long.
    TooLarge,
    /// The time-out elapsed.
    Timeout,
    /// No connection or no response.
    Unreachable,
}

/// An HTTP client that rejects forbidden addresses.
#[async_trait]
pub trait HttpClient: Send + Sync + 'static {
    /// Checks a URL: its scheme, its port, and each address that its host resolves to.
    async fn check(&self, url: &EndpointUrl) -> Result<(), ValidationError>;
    /// The same, but accepts a host that can't be resolved at this moment; it is resolved again for
    /// each call.
    async fn check_lenient(&self, url: &EndpointUrl) -> Result<(), ValidationError> {
        self.check(url).await
    }
    /// Sends a request and waits for the response, up to a time-out. Follows no redirects. The
    /// error is a sentence for the site's owner.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, String>;
    /// Fetches a page by `GET` without cookies and credentials, with a time-out and a maximum
    /// length. Follows a few redirects; each target is checked like the first.
    async fn fetch_page(&self, url: &EndpointUrl) -> Result<WebPage, FetchError>;
}

/// A client that sends nothing, for programs other than the server.
#[derive(Debug, Clone, Copy, Default)]
pub struct DisabledHttpClient;

#[async_trait]
impl HttpClient for DisabledHttpClient {
    async fn check(&self, _: &EndpointUrl) -> Result<(), ValidationError> {
        Err(ValidationError::new("url", errors::NO_CLIENT))
    }

    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, String> {
        Err("nothing can be sent from this program".to_owned())
    }

    async fn fetch_page(&self, _: &EndpointUrl) -> Result<WebPage, FetchError> {
        Err(FetchError::Unreachable)
    }
}
