//! What an operator may say, checked.

use super::{admission::ConnectionLimits, outbound::OutboundProxy, progress::Pace};
use crate::{api, domain::Origin};
use ipnet::IpNet;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// Where the database is, and the key of what is sealed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The address of the database.
    pub url: String,
    /// The file with the secret key; beside the database where nothing is said.
    pub secret_key_file: Option<PathBuf>,
}

/// Everything that `serve` needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Where the database is.
    pub database_url: String,
    /// The file with the key of what is sealed in the database; beside it where nothing is said.
    pub secret_key_file: Option<PathBuf>,
    /// Where browsers reach Belfry; the address it listens on when nothing is said.
    pub public_url: Option<Origin>,
    /// How much one client may ask for, and for how long.
    pub limits: Limits,
    /// Allowances of the backends' door.
    pub api: api::Limits,
    /// Rate limits of the surfaces for conversations.
    pub channels: crate::channels::Limits,
    /// Whether webhooks may go to addresses of this machine and its networks, and by `http`.
    pub webhooks_allow_private: bool,
    /// Networks of the proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// What carries calls to others.
    pub outbound_proxy: Option<OutboundProxy>,
    /// Whether the environment names a proxy, which is not used by itself.
    pub environment_names_proxy: bool,
    /// How many connections there may be.
    pub connections: ConnectionLimits,
}

/// How much of the server one client may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From a connection's begin, or from the first byte of a later HTTP/1 request, until the request's head is complete.
    pub head: Duration,
    /// Longest pause within a request's body.
    pub body: Duration,
    /// From a request's head to its answer's head.
    pub request: Duration,
    /// Longest time without a request on a connection. Longer than proxies keep theirs, so that none sends a request on one that ends.
    pub idle: Duration,
    /// Longest time in which a client takes nothing of an answer.
    pub stall: Duration,
    /// For an answer that is no event stream to be taken, with a second more for each `answer_bytes_per_second` of it.
    pub answer: Duration,
    /// The least rate at which an answer must be taken after that.
    pub answer_bytes_per_second: u64,
    /// How long requests in flight may go on when the process is told to stop.
    pub drain: Duration,
    /// Most bytes of a request's head.
    pub head_bytes: usize,
    /// Most header lines of a request.
    pub headers: usize,
    /// Most bytes of a request's body; a door may set less.
    pub body_bytes: usize,
    /// The same where files are taken.
    pub upload_bytes: usize,
    /// Most requests at once on one HTTP/2 connection.
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
    /// How slowly an answer may be taken.
    pub(super) fn pace(&self) -> Pace {
        Pace { grace: self.answer, bytes_per_second: self.answer_bytes_per_second }
    }
}
