//! `belfry serve`.

use super::{Common, Failure, output};
use crate::{
    allowance::Rate,
    api, channels,
    domain::{Invalid, Origin},
    server::{self, Config, ConnectionLimits, Database, Limits, OutboundProxy, StartError},
};
use clap::Args;
use ipnet::IpNet;
use serde_json::json;
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

const EXAMPLES: &str = "\
Examples:
  belfry serve
  belfry serve --listen 0.0.0.0:3000 --public-url https://inbox.example --database-url sqlite:///var/lib/belfry/belfry.db

When it accepts connections it prints one line: {\"listening\":\"127.0.0.1:3000\",\"url\":\"http://127.0.0.1:3000\"}
While there is no account, a second line has a link with a code that makes the first one: {\"set_up\":\"…\",\"code\":\"…\"}
GET /healthz says that the process lives, GET /readyz that it can serve. SIGTERM stops it in order, a second one at once.
Behind a proxy, name it with --trusted-proxy, and let it keep idle connections for less than --keep-alive.";

/// Where to listen and what to say of it.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// The address to listen on; port 0 takes any that is free.
    #[arg(long, env = "BELFRY_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Where browsers reach Belfry, as scheme, host and port; what it listens on when not given.
    #[arg(long, env = "BELFRY_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    public_url: Option<Origin>,
    /// Let webhooks go to private and local addresses, and by http, and fetch pages for the console there, too: where you trust everyone who
    /// has a key or an account.
    #[arg(long, env = "BELFRY_WEBHOOKS_ALLOW_PRIVATE")]
    webhooks_allow_private: bool,
    /// A proxy, or a network of proxies, whose X-Forwarded-For is believed: without it all who come through a proxy count as one caller.
    /// Repeat it or separate several by commas; a proxy on this machine is 127.0.0.1 or `::1`.
    #[arg(long = "trusted-proxy", env = "BELFRY_TRUSTED_PROXIES", value_name = "ADDRESS", value_delimiter = ',', value_parser = network)]
    trusted_proxies: Vec<IpNet>,
    /// Seconds that a connection may be idle before it is closed, usually 75: more than the proxy in front keeps its own, so that it sends no request on
    /// one that is just being closed.
    #[arg(long, env = "BELFRY_KEEP_ALIVE", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    keep_alive: Option<u32>,
    /// Most connections at once; 20,000 where the system's limit of open files allows it.
    #[arg(long, env = "BELFRY_MAX_CONNECTIONS", value_name = "COUNT", value_parser = count)]
    max_connections: Option<usize>,
    /// Most connections at once from one address, or one /64 of IPv6: 1,000 from the internet, three quarters of all from this machine and
    /// private networks. A trusted proxy has no such limit.
    #[arg(long, env = "BELFRY_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", value_parser = count)]
    max_connections_per_address: Option<usize>,
    /// An HTTP proxy that carries webhooks and fetched pages by CONNECT, with its name and password, if any: `http://name:password@proxy:3128`.
    /// The proxy that the environment names is not used by itself. On a command line a password can be seen by others: use the environment
    /// or the file below.
    #[arg(long, env = "BELFRY_OUTBOUND_PROXY", hide_env_values = true, value_name = "URL", value_parser = outbound_proxy)]
    outbound_proxy: Option<OutboundProxy>,
    /// A file with the proxy's `name:password`.
    #[arg(long, env = "BELFRY_OUTBOUND_PROXY_CREDENTIALS", value_name = "FILE", requires = "outbound_proxy")]
    outbound_proxy_credentials: Option<PathBuf>,
    #[command(flatten)]
    patience: Patience,
}

/// Limits for tests and measurements: nobody should have to wait for the real ones. Times are in milliseconds.
#[derive(Args)]
struct Patience {
    #[arg(long = "limit-head", hide = true, value_name = "MS")]
    head: Option<u64>,
    #[arg(long = "limit-body", hide = true, value_name = "MS")]
    body: Option<u64>,
    #[arg(long = "limit-answer", hide = true, value_name = "MS")]
    answer: Option<u64>,
    #[arg(long = "limit-drain", hide = true, value_name = "MS")]
    drain: Option<u64>,
    /// Calls a second that one API key or agent may make, for measurements: they are about the server, not about its allowances.
    #[arg(long = "limit-calls", hide = true, value_name = "COUNT")]
    calls: Option<u32>,
}

impl Patience {
    fn limits(&self, keep_alive: Option<u32>) -> Limits {
        let usual = Limits::default();
        let or = |said: Option<u64>, usual: Duration| said.map_or(usual, Duration::from_millis);
        Limits {
            head: or(self.head, usual.head),
            // Whoever does not wait for a head does not wait for a pause either.
            idle: keep_alive.map_or(or(self.head, usual.idle), |seconds| Duration::from_secs(seconds.into())),
            body: or(self.body, usual.body),
            answer: or(self.answer, usual.answer),
            drain: or(self.drain, usual.drain),
            ..usual
        }
    }

    fn allowances(&self) -> api::Limits {
        let usual = api::Limits::default();
        self.calls.map(Rate::per_second).map_or(usual, |rate| api::Limits { requests: rate, tokens: rate, failures: rate, ..usual })
    }

    fn conversations(&self) -> channels::Limits {
        self.calls.map_or_else(channels::Limits::default, |_| channels::Limits::plenty())
    }
}

/// Reads an origin that a flag names.
pub(super) fn origin(text: &str) -> Result<Origin, String> {
    text.parse().map_err(|invalid: Invalid| invalid.reason)
}

/// Reads the address of a proxy.
fn outbound_proxy(text: &str) -> Result<OutboundProxy, String> {
    OutboundProxy::parse(text).map_err(|invalid| invalid.reason)
}

/// The proxy with what stands in the file of its credentials.
fn with_credentials(proxy: Option<OutboundProxy>, file: Option<PathBuf>) -> Result<Option<OutboundProxy>, StartError> {
    let (Some(proxy), Some(file)) = (proxy.clone(), file) else { return Ok(proxy) };
    let unreadable = |error| Invalid::new("outbound-proxy-credentials", format!("{} can't be read: {error}", file.display()));
    let text = std::fs::read_to_string(&file).map_err(unreadable)?;
    Ok(Some(proxy.with_credentials(&text)?))
}

/// Whether the environment names a proxy, as other programs would use it.
fn environment_names_proxy() -> bool {
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Reads how many of something there may be.
fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "must be a number from 1 on".to_owned())
}

/// Reads where browsers reach Belfry. It has a host name of its own, since its cookies are for a whole host.
pub(super) fn public_url(text: &str) -> Result<Origin, String> {
    origin(text).map_err(|reason| match reason.strip_suffix("without a path") {
        Some(_) => format!("{reason}: give Belfry a host name of its own, such as https://inbox.shop.example"),
        None => reason,
    })
}

/// Reads a network (`10.0.0.0/8`) or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text
        .parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "must be an address or a network, such as 10.0.0.0/8".to_owned())?;
    // An IPv4 address in the form of IPv6 is compared as the IPv4 address that it is.
    match network {
        IpNet::V6(mapped) if mapped.addr().to_ipv4_mapped().is_some() => Err("must be written as an IPv4 address".to_owned()),
        network => Ok(network),
    }
}

pub(super) async fn run(common: &Common, serve: Serve) -> Result<(), Failure> {
    let (limits, api) = (serve.patience.limits(serve.keep_alive), serve.patience.allowances());
    let channels = serve.patience.conversations();
    let connections = ConnectionLimits { total: serve.max_connections, per_address: serve.max_connections_per_address };
    let outbound_proxy = with_credentials(serve.outbound_proxy, serve.outbound_proxy_credentials)?;
    let Database { url: database_url, secret_key_file } = common.database();
    let config = Config {
        listen: serve.listen,
        database_url,
        secret_key_file,
        public_url: serve.public_url,
        limits,
        api,
        channels,
        webhooks_allow_private: serve.webhooks_allow_private,
        trusted_proxies: serve.trusted_proxies,
        outbound_proxy,
        environment_names_proxy: environment_names_proxy(),
        connections,
    };
    let ready = |server: &server::Server| {
        let line = json!({ "listening": server.address().to_string(), "url": server.public_url().as_str() });
        let _ = output::line(&line);
        if let Some(code) = server.set_up().map(crate::domain::Secret::reveal) {
            let address = format!("{}/console/setup#{code}", server.public_url());
            let _ = output::line(&json!({ "set_up": address, "code": code, "valid_hours": 24 }));
        }
    };
    Ok(server::serve(config, ready).await?)
}
