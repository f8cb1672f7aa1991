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

/// Makes requests, and says which it will not make.
#[async_trait]
pub trait Outbound: Send + Sync + 'static {
    /// Whether this address would be dialled now: its scheme, its port, and each address that its name stands for.
    async fn check(&self, url: &EndpointUrl) -> Result<(), Invalid>;
    /// Sends one request and waits for the answer, no longer than a bounded time; follows nothing. The error is a sentence for the site's owner.
    async fn send(&self, request: Outgoing) -> Result<Answered, String>;
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
}
