//! `belfry serve`.

use super::{Common, Failure, output};
use crate::server::{self, Config, ConnectionLimits, Database, Limits, OutboundProxy, StartError};
use belfry_app::{
    channel::{DEFAULT_ATTACHMENT_BYTES, MAX_CONFIGURABLE_ATTACHMENT_BYTES},
    rate_limit::RateLimit,
};
use belfry_domain::{Origin, ValidationError};
use belfry_locales::phrases::errors;
use belfry_store::NatsOptions;
use clap::Args;
use ipnet::IpNet;
use serde_json::json;
use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

const EXAMPLES: &str = "\
Examples:
  belfry serve
  belfry serve --listen 0.0.0.0:3000 --public-url https://inbox.example --database-url sqlite:///var/lib/belfry/belfry.db

When it accepts connections, it prints one line: {\"listening\":\"127.0.0.1:3000\",\"url\":\"http://127.0.0.1:3000\"}
While there is no account, a second line has a link with a code that creates the first one: {\"set_up\":\"…\",\"code\":\"…\"}
GET /healthz reports whether the process is running, GET /readyz whether it is ready for traffic. SIGTERM stops it gracefully, a
second one immediately. Behind a proxy, set --trusted-proxy, and configure a shorter idle timeout in the proxy than --keep-alive.";

/// Options of `serve`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// Listen address; port 0 takes any free port
    #[arg(long, env = "BELFRY_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Public URL of the server, as scheme, host and port; the listen address if not given
    #[arg(long, env = "BELFRY_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    public_url: Option<Origin>,
    /// Allow webhooks to private and local addresses, and over http; also when fetching pages for
    /// the console. Use it only if you trust everyone who has a key or an account
    #[arg(long, env = "BELFRY_WEBHOOKS_ALLOW_PRIVATE")]
    webhooks_allow_private: bool,
    /// A trusted proxy, or a network of trusted proxies, whose X-Forwarded-For is used. Without it
    /// all clients behind a proxy share one rate limit. Repeat it or separate several by commas; a
    /// proxy on this machine is 127.0.0.1 or `::1`
    #[arg(long = "trusted-proxy", env = "BELFRY_TRUSTED_PROXIES", value_name = "ADDRESS", value_delimiter = ',', value_parser = network)]
    trusted_proxies: Vec<IpNet>,
    /// Idle timeout of connections in seconds, 75 by default. It should be longer than that of the
    /// proxy in front, so that the proxy sends no request on a connection that is being closed
    #[arg(long, env = "BELFRY_KEEP_ALIVE", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    keep_alive: Option<u32>,
    /// Maximum number of connections; 20,000 if the system's limit of open files allows it
    #[arg(long, env = "BELFRY_MAX_CONNECTIONS", value_name = "COUNT", value_parser = count)]
    max_connections: Option<usize>,
    /// Maximum number of connections from one address, or one IPv6 /64: 1,000 from the internet,
    /// three quarters of the total from this machine and private networks. Trusted proxies have no
    /// such limit
    #[arg(long, env = "BELFRY_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", value_parser = count)]
    max_connections_per_address: Option<usize>,
    /// HTTP proxy for webhooks and fetched pages, used with CONNECT, with optional credentials:
    /// `http://name:password@proxy:3128`. Proxies from the environment are not used. A password on
    /// a command line is visible to others: use the environment variable or the file below
    #[arg(long, env = "BELFRY_OUTBOUND_PROXY", hide_env_values = true, value_name = "URL", value_parser = outbound_proxy)]
    outbound_proxy: Option<OutboundProxy>,
    /// File with the proxy's credentials, as `name:password`
    #[arg(
        long,
        env = "BELFRY_OUTBOUND_PROXY_CREDENTIALS",
        value_name = "FILE",
        requires = "outbound_proxy"
    )]
    outbound_proxy_credentials: Option<PathBuf>,
    /// NATS server that carries the events between processes on a `PostgreSQL` database, instead of
    /// the database: `nats://host:4222`, or `tls://` with encryption, with optional credentials:
    /// `nats://user:password@host:4222`. A password on a command line is visible to others: use the
    /// environment variable or the file below
    #[arg(long, env = "BELFRY_BUS", hide_env_values = true, value_name = "URL")]
    bus: Option<String>,
    /// File with the credentials for the NATS server: `user:password`, or a token
    #[arg(long, env = "BELFRY_BUS_CREDENTIALS", value_name = "FILE", requires = "bus")]
    bus_credentials: Option<PathBuf>,
    /// Maximum bytes of all files of one message in a conversation
    #[arg(long, env = "BELFRY_ATTACHMENT_BYTES", value_name = "BYTES", default_value_t = DEFAULT_ATTACHMENT_BYTES, value_parser = attachment_bytes)]
    attachment_bytes: usize,
    #[command(flatten)]
    patience: TestLimits,
}

/// Limits for tests and benchmarks, which should not wait for the real ones. Times are in
/// milliseconds.
#[derive(Args)]
struct TestLimits {
    #[arg(long = "limit-head", hide = true, value_name = "MS")]
    head: Option<u64>,
    #[arg(long = "limit-body", hide = true, value_name = "MS")]
    body: Option<u64>,
    #[arg(long = "limit-answer", hide = true, value_name = "MS")]
    answer: Option<u64>,
    #[arg(long = "limit-drain", hide = true, value_name = "MS")]
    drain: Option<u64>,
    /// Requests per second of one API key or agent, for benchmarks of the server itself.
    #[arg(long = "limit-calls", hide = true, value_name = "COUNT")]
    calls: Option<u32>,
}

impl TestLimits {
    fn limits(&self, keep_alive: Option<u32>) -> Limits {
        let default = Limits::default();
        let or = |said: Option<u64>, default: Duration| said.map_or(default, Duration::from_millis);
        Limits {
            head_timeout: or(self.head, default.head_timeout),
            // A short head timeout implies a short idle timeout.
            idle_timeout: keep_alive.map_or(or(self.head, default.idle_timeout), |seconds| {
                Duration::from_secs(seconds.into())
            }),
            body_timeout: or(self.body, default.body_timeout),
            response_timeout: or(self.answer, default.response_timeout),
            drain_timeout: or(self.drain, default.drain_timeout),
            ..default
        }
    }

    fn allowances(&self) -> belfry_api::RateLimits {
        let default = belfry_api::RateLimits::default();
        self.calls.map(RateLimit::per_second).map_or(default, |rate| belfry_api::RateLimits {
            requests: rate,
            tokens: rate,
            failures: rate,
            ..default
        })
    }

    fn conversations(&self) -> belfry_channels::Limits {
        self.calls
            .map_or_else(belfry_channels::Limits::default, |_| belfry_channels::Limits::unlimited())
    }
}

/// Parses the maximum bytes of a message's files.
fn attachment_bytes(text: &str) -> Result<usize, String> {
    let bytes =
        text.parse().ok().filter(|bytes| (1..=MAX_CONFIGURABLE_ATTACHMENT_BYTES).contains(bytes));
    bytes.ok_or_else(|| {
        format!("must be a number of bytes from 1 to {MAX_CONFIGURABLE_ATTACHMENT_BYTES}")
    })
}

/// Parses an origin.
pub(super) fn origin(text: &str) -> Result<Origin, String> {
    text.parse().map_err(|invalid: ValidationError| invalid.reason.to_string())
}

/// Parses the address of a proxy.
fn outbound_proxy(text: &str) -> Result<OutboundProxy, String> {
    OutboundProxy::parse(text).map_err(|invalid| invalid.reason.to_string())
}

/// Adds the credentials from the file.
fn with_credentials(
    proxy: Option<OutboundProxy>,
    file: Option<PathBuf>,
) -> Result<Option<OutboundProxy>, StartError> {
    let (Some(proxy), Some(file)) = (proxy.clone(), file) else { return Ok(proxy) };
    Ok(Some(proxy.with_credentials(&read_file("outbound-proxy-credentials", &file)?)?))
}

/// Reads the file that an option names.
fn read_file(option: &'static str, file: &Path) -> Result<String, ValidationError> {
    std::fs::read_to_string(file).map_err(|error| {
        let reason = errors::cannot_read_file(file.display().to_string(), error.to_string());
        ValidationError::new(option, reason)
    })
}

/// The NATS server between processes, with the credentials from the file.
fn bus(url: Option<String>, file: Option<PathBuf>) -> Result<Option<NatsOptions>, StartError> {
    let Some(url) = url else { return Ok(None) };
    let bus = NatsOptions::parse(&url)?;
    let Some(file) = file else { return Ok(Some(bus)) };
    Ok(Some(bus.with_credentials(&read_file("bus-credentials", &file)?)?))
}

/// Whether environment variables name a proxy, as other programs would use it.
fn environment_names_proxy() -> bool {
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Parses a positive number.
fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "must be a number of at least 1".to_owned())
}

/// Parses the public URL. It needs a host name of its own: browsers let pages of one host read each
/// other regardless of path, so a script of the shop could read a reader's messages and act as the
/// signed-in console user; and cookies apply to the whole host.
pub(super) fn public_url(text: &str) -> Result<Origin, String> {
    origin(text).map_err(|reason| match reason.strip_suffix("without a path") {
        Some(_) => format!(
            "{reason}: browsers don't keep pages of one host apart, so give Belfry a host name of its own, such as https://inbox.shop.example"
        ),
        None => reason,
    })
}

/// Parses a network (`10.0.0.0/8`) or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text
        .parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "must be an address or a network, such as 10.0.0.0/8".to_owned())?;
    // An IPv4-mapped IPv6 address is compared as IPv4.
    match network {
        IpNet::V6(mapped) if mapped.addr().to_ipv4_mapped().is_some() => {
            Err("must be written as an IPv4 address".to_owned())
        }
        network => Ok(network),
    }
}

pub(super) async fn run(common: &Common, serve: Serve) -> Result<(), Failure> {
    let (limits, api) = (serve.patience.limits(serve.keep_alive), serve.patience.allowances());
    let channels = serve.patience.conversations();
    let connections = ConnectionLimits {
        total: serve.max_connections,
        per_address: serve.max_connections_per_address,
    };
    let outbound_proxy = with_credentials(serve.outbound_proxy, serve.outbound_proxy_credentials)?;
    let bus = bus(serve.bus, serve.bus_credentials)?;
    let Database { url: database_url, direct_url: database_direct_url, secret_key_file } =
        common.database();
    let config = Config {
        listen: serve.listen,
        database_url,
        database_direct_url,
        secret_key_file,
        bus,
        public_url: serve.public_url,
        limits,
        api,
        channels,
        attachment_bytes: serve.attachment_bytes,
        webhooks_allow_private: serve.webhooks_allow_private,
        trusted_proxies: serve.trusted_proxies,
        outbound_proxy,
        is_proxy_in_environment: environment_names_proxy(),
        connections,
    };
    let ready = |server: &server::Server| {
        let line = json!({ "listening": server.address().to_string(), "url": server.public_url().as_str() });
        let _ = output::print_json(&line);
        if let Some(code) = server.set_up_secret().map(belfry_domain::Secret::reveal) {
            let address = format!("{}/console/setup#{code}", server.public_url());
            let _ =
                output::print_json(&json!({ "set_up": address, "code": code, "valid_hours": 24 }));
        }
    };
    Ok(server::serve(config, ready).await?)
}
