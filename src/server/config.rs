//! The server's configuration, after validation.

use super::{admission::ConnectionLimits, outbound::OutboundProxy, progress::MinTransferRate};
use crate::{api, domain::Origin};
use ipnet::IpNet;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object per line.
    Json,
}

/// Location of the database and of its secret key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Database URL.
    pub url: String,
    /// File with the secret key; by default beside the database.
    pub secret_key_file: Option<PathBuf>,
}

/// Configuration of `serve`.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listen address; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Database URL.
    pub database_url: String,
    /// File with the secret key that encrypts secrets in the database; by default beside it.
    pub secret_key_file: Option<PathBuf>,
    /// Public origin; by default the listen address.
    pub public_url: Option<Origin>,
    /// Limits of a single client.
    pub limits: Limits,
    /// Rate limits of the backend API.
    pub api: api::RateLimits,
    /// Rate limits of the conversation APIs.
    pub channels: crate::channels::Limits,
    /// Maximum bytes of all attachments of one message.
    pub attachment_bytes: usize,
    /// Whether webhooks may use private and local addresses, and `http`.
    pub webhooks_allow_private: bool,
    /// Networks of trusted proxies, whose `X-Forwarded-For` is used.
    pub trusted_proxies: Vec<IpNet>,
    /// Proxy for outbound requests.
    pub outbound_proxy: Option<OutboundProxy>,
    /// Whether environment variables name a proxy; it is not used by itself.
    pub environment_names_proxy: bool,
    /// Limits of connections.
    pub connections: ConnectionLimits,
}

/// Limits and timeouts of a single client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start of a connection, or the first byte of a later HTTP/1 request, until the
    /// request head is complete.
    pub head: Duration,
    /// Maximum pause within a request body.
    pub body: Duration,
    /// From the request head to the response head.
    pub request: Duration,
    /// Maximum idle time of a connection. Longer than that of common proxies, so that none sends a
    /// request on a connection being closed.
    pub idle: Duration,
    /// Maximum time in which a client takes nothing of a response.
    pub stall: Duration,
    /// Time to take a response that is no event stream, extended by one second per
    /// `answer_bytes_per_second`.
    pub answer: Duration,
    /// Minimum transfer rate of a response after that.
    pub answer_bytes_per_second: u64,
    /// Maximum time for requests in flight during shutdown.
    pub drain: Duration,
    /// Maximum bytes of a request head.
    pub head_bytes: usize,
    /// Maximum number of header lines of a request.
    pub headers: usize,
    /// Maximum bytes of a request body; a surface may set less.
    pub body_bytes: usize,
    /// Maximum bytes of a request body on upload routes.
    pub upload_bytes: usize,
    /// Maximum concurrent requests on one HTTP/2 connection.
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(15),
            request: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            stall: Duration::from_mins(1),
            answer: Duration::from_mins(1),
            answer_bytes_per_second: 4 * 1024,
            drain: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            headers: 100,
            body_bytes: 1024 * 1024,
            upload_bytes: 10 * 1024 * 1024,
            streams: 64,
        }
    }
}

impl Limits {
    /// The minimum transfer rate of responses.
    pub(super) fn pace(&self) -> MinTransferRate {
        MinTransferRate { grace: self.answer, bytes_per_second: self.answer_bytes_per_second }
    }
}
