//! `belfry serve`.

use super::{Common, Failure, output};
use crate::{
    allowance::Rate,
    api,
    domain::Origin,
    server::{self, Config, Database, Limits},
};
use clap::Args;
use ipnet::IpNet;
use serde_json::json;
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

const EXAMPLES: &str = "\
Examples:
  belfry serve
  belfry serve --listen 0.0.0.0:3000 --public-url https://inbox.example --database-url sqlite:///var/lib/belfry/belfry.db

When it accepts connections it prints one line: {\"listening\":\"127.0.0.1:3000\",\"url\":\"http://127.0.0.1:3000\"}
While there is no account, a second line has a link with a code that makes the first one: {\"set_up\":\"…\",\"code\":\"…\"}
GET /healthz says that the process lives, GET /readyz that it can serve. SIGTERM stops it in order, a second one at once.
Behind a proxy, name it with --trusted-proxy, and let it keep idle connections for less than 10 seconds.";

/// Where to listen and what to say of it.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    /// The address to listen on; port 0 takes any that is free.
    #[arg(long, env = "BELFRY_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Where browsers reach Belfry, as scheme, host and port; what it listens on when not given.
    #[arg(long, env = "BELFRY_PUBLIC_URL", value_name = "URL", value_parser = origin)]
    public_url: Option<Origin>,
    /// Let webhooks go to private and local addresses, and by http, and fetch pages for the console there, too: where you trust everyone who
    /// has a key or an account.
    #[arg(long, env = "BELFRY_WEBHOOKS_ALLOW_PRIVATE")]
    webhooks_allow_private: bool,
    /// A proxy, or a network of proxies, whose X-Forwarded-For is believed: without it all who come through a proxy count as one caller.
    /// Repeat it or separate several by commas; a proxy on this machine is 127.0.0.1 or `::1`.
    #[arg(long = "trusted-proxy", env = "BELFRY_TRUSTED_PROXIES", value_name = "ADDRESS", value_delimiter = ',', value_parser = network)]
    trusted_proxies: Vec<IpNet>,
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
    #[arg(long = "limit-drain", hide = true, value_name = "MS")]
    drain: Option<u64>,
    /// Calls a second that one API key may make, for measurements: they are about the server, not about its allowances.
    #[arg(long = "limit-calls", hide = true, value_name = "COUNT")]
    calls: Option<u32>,
}

impl Patience {
    fn limits(&self) -> Limits {
        let usual = Limits::default();
        let or = |said: Option<u64>, usual: Duration| said.map_or(usual, Duration::from_millis);
        Limits { head: or(self.head, usual.head), body: or(self.body, usual.body), drain: or(self.drain, usual.drain), ..usual }
    }

    fn allowances(&self) -> api::Limits {
        let usual = api::Limits::default();
        self.calls.map(Rate::per_second).map_or(usual, |rate| api::Limits { requests: rate, tokens: rate, failures: rate, ..usual })
    }
}

/// Reads an origin that a flag names.
pub(super) fn origin(text: &str) -> Result<Origin, String> {
    text.parse().map_err(|invalid: crate::domain::Invalid| invalid.reason)
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
    let (limits, api) = (serve.patience.limits(), serve.patience.allowances());
    let Serve { listen, public_url, webhooks_allow_private, trusted_proxies, .. } = serve;
    let Database { url: database_url, secret_key_file } = common.database();
    let config = Config { listen, database_url, secret_key_file, public_url, limits, api, webhooks_allow_private, trusted_proxies };
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
