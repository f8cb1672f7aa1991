//! Calls to other people's servers, handed in like time and randomness: which addresses may be dialled is decided in one place.

use super::{EndpointUrl, Invalid};
use async_trait::async_trait;

/// One request to be made.
#[derive(Clone)]
pub struct Outgoing {
    /// Where to.
    pub url: EndpointUrl,
    /// Header lines; their names are in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent, by `POST`.
    pub body: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// The beginning of the body, as text.
    pub excerpt: String,
}

/// A page of the web, as someone who is not signed in there gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPage {
    /// Where it was at last.
    pub url: EndpointUrl,
    /// Its HTML. Strangers wrote it.
    pub html: String,
}

/// Why a page could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfetched {
    /// It is at an address that is not called, or led to one.
    Forbidden,
    /// It was answered by this status.
    Status(u16),
    /// It led on and on.
    Astray,
    /// It is something else than HTML.
    NotHtml,
    /// It is longer than is read.
    TooLong,
    /// It did not come in time.
    TooSlow,
    /// Nothing was answered.
    Unreachable,
}

/// Makes requests, and says which it will not make.
#[async_trait]
pub trait Outbound: Send + Sync + 'static {
    /// Whether this address would be dialled now: its scheme, its port, and each address that its name stands for.
    async fn check(&self, url: &EndpointUrl) -> Result<(), Invalid>;
    /// The same, where a name that can't be found at this moment is no reason to refuse: it is looked up again for each call.
    async fn check_known(&self, url: &EndpointUrl) -> Result<(), Invalid> {
        self.check(url).await
    }
    /// Sends one request and waits for the answer, no longer than a bounded time; follows nothing. The error is a sentence for the site's owner.
    async fn send(&self, request: Outgoing) -> Result<Answered, String>;
    /// Fetches a page by `GET`, without cookies and credentials, in bounded time and up to a bounded length. Follows a few redirects; each
    /// address on the way is judged like the first.
    async fn page(&self, url: &EndpointUrl) -> Result<WebPage, Unfetched>;
}

/// Where nothing may be sent from.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOutbound;

#[async_trait]
impl Outbound for NoOutbound {
    async fn check(&self, _: &EndpointUrl) -> Result<(), Invalid> {
        Err(Invalid::new("url", "can't be called from this program; use the server"))
    }

    async fn send(&self, _: Outgoing) -> Result<Answered, String> {
        Err("nothing can be sent from this program".to_owned())
    }

    async fn page(&self, _: &EndpointUrl) -> Result<WebPage, Unfetched> {
        Err(Unfetched::Unreachable)
    }
}
