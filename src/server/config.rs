//! The server's configuration, after validation.

use super::{admission::ConnectionLimits, outbound::OutboundProxy, progress::MinTransferRate};
use belfry_domain::Origin;
use belfry_store::NatsOptions;
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
    /// URL of the server itself, where the database URL leads to a pooler.
    pub direct_url: Option<String>,
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
    /// URL of the server itself, where the database URL leads to a pooler.
    pub database_direct_url: Option<String>,
    /// File with the secret key that encrypts secrets in the database; by default beside it.
    pub secret_key_file: Option<PathBuf>,
    /// The NATS server that carries the events between processes; by default the database does.
    pub bus: Option<NatsOptions>,
    /// Public origin; by default the listen address.
    pub public_url: Option<Origin>,
    /// Limits of a single client.
    pub limits: Limits,
    /// Rate limits of the backend API.
    pub api: belfry_api::RateLimits,
    /// Rate limits of the conversation APIs.
    pub channels: belfry_channels::Limits,
    /// Maximum bytes of all attachments of one message.
    pub attachment_bytes: usize,
    /// Whether webhooks may use private and local addresses, and `http`.
    pub webhooks_allow_private: bool,
    /// Networks of trusted proxies, whose `X-Forwarded-For` is used.
    pub trusted_proxies: Vec<IpNet>,
    /// Proxy for outbound requests.
    pub outbound_proxy: Option<OutboundProxy>,
    /// Whether environment variables name a proxy; it is not used by itself.
    pub is_proxy_in_environment: bool,
    /// Limits of connections.
    pub connections: ConnectionLimits,
}

/// Limits and timeouts of a single client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start of a connection, or the first byte of a later HTTP/1 request, until the
    /// request head is complete.
    pub head_timeout: Duration,
    /// Maximum pause within a request body.
    pub body_timeout: Duration,
    /// From the request head to the response head.
    pub request_timeout: Duration,
    /// Maximum idle time of a connection. Longer than that of common proxies, so that none sends a
    /// request on a connection being closed.
    pub idle_timeout: Duration,
    /// Maximum time in which a client takes nothing of a response.
    pub stall_timeout: Duration,
    /// Time to take a response that is no event stream, extended by one second per
    /// `response_bytes_per_second`.
    pub response_timeout: Duration,
    /// Minimum transfer rate of a response after that.
    pub response_bytes_per_second: u64,
    /// Maximum time for requests in flight during shutdown.
    pub drain_timeout: Duration,
    /// Maximum bytes of a request head.
    pub max_head_bytes: usize,
    /// Maximum number of header lines of a request.
    pub max_headers: usize,
    /// Maximum bytes of a request body; a surface may set less.
    pub max_body_bytes: usize,
    /// Maximum bytes of a request body on upload routes.
    pub max_upload_bytes: usize,
    /// Maximum concurrent requests on one HTTP/2 connection.
    pub max_streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(15),
            request_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_mins(1),
            response_timeout: Duration::from_mins(1),
            response_bytes_per_second: 4 * 1024,
            drain_timeout: Duration::from_secs(10),
            max_head_bytes: 16 * 1024,
            max_headers: 100,
            max_body_bytes: 1024 * 1024,
            max_upload_bytes: 10 * 1024 * 1024,
            max_streams: 64,
        }
    }
}

impl Limits {
    /// The minimum transfer rate of responses.
    pub(super) fn min_transfer_rate(&self) -> MinTransferRate {
        MinTransferRate {
            grace: self.response_timeout,
            bytes_per_second: self.response_bytes_per_second,
        }
    }
}
