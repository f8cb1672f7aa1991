//! `belfry demo`: Belfry with a seeded site, and a shop on another site to try it in.
//!
//! Everything between the two is what any customer would do: the shop knows an address and an API key.

mod error;
mod folder;
mod messages;
mod seed;
mod shop;
#[cfg(test)]
mod tests;
mod visitor;

pub use error::DemoError;
pub use seed::{Seeded, seed};
pub use shop::{ShopOptions, shop};

use crate::{
    domain::{Origin, Secret, SiteId, SystemEntropy},
    server::{Config, ConnectionLimits, Limits, Server, stop_on_signal},
};
use axum::Router;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long the shop may go on once Belfry has stopped.
const SHOP_DRAIN: Duration = Duration::from_secs(1);

/// What can be chosen of a demo.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Where Belfry listens.
    pub listen: SocketAddr,
    /// Where the shop listens.
    pub shop_listen: SocketAddr,
    /// Where the database is; a private folder of its own below the system's temporary one when nothing is said.
    pub database_url: Option<String>,
}

/// A demo that has its addresses and its data, and does not serve yet.
pub struct Demo {
    server: Server,
    listener: TcpListener,
    shop: Router,
    origin: Origin,
    banner: String,
}

impl Demo {
    /// Takes both addresses, opens the database and seeds it.
    pub async fn start(options: DemoOptions) -> Result<Self, DemoError> {
        let DemoOptions { listen, shop_listen, database_url } = options;
        // Both addresses before the data: a second demo by mistake must not revoke the first one's key.
        let refused = |error| DemoError::ShopAddress(shop_listen, error);
        let listener = TcpListener::bind(shop_listen).await.map_err(refused)?;
        // The shop is `localhost` and Belfry is an address, so that a browser takes them for two sites, as in life.
        let origin: Origin = format!("http://localhost:{}", listener.local_addr().map_err(refused)?.port()).parse()?;
        let database_url = match database_url {
            Some(url) => url,
            None => folder::database_url(listen.port())?,
        };
        let public_url = listen.ip().is_unspecified().then(|| format!("http://127.0.0.1:{}", listen.port()).parse()).transpose()?;
        let config = Config {
            listen,
            database_url: database_url.clone(),
            // Always beside its database, whatever the key of another one is.
            secret_key_file: None,
            public_url,
            limits: Limits::default(),
            api: crate::api::Limits::default(),
            channels: crate::channels::Limits::default(),
            webhooks_allow_private: true,
            trusted_proxies: Vec::new(),
            outbound_proxy: None,
            environment_names_proxy: false,
            connections: ConnectionLimits::default(),
        };
        let server = Server::bind(config).await?;
        let Seeded { site, api_key } = seed(server.inbox(), &origin).await?;
        let belfry = server.public_url().clone();
        let banner = banner(&origin, &belfry, site, &api_key, &database_url);
        let surprises = messages::surprises(&origin)?;
        let shop = shop(ShopOptions { site, api_key, belfry, surprises, entropy: Arc::new(SystemEntropy) });
        Ok(Self { server, listener, shop, origin, banner })
    }

    /// Where the shop is.
    pub fn shop_origin(&self) -> &Origin {
        &self.origin
    }

    /// Where Belfry is.
    pub fn belfry(&self) -> &Origin {
        self.server.public_url()
    }

    /// What to tell the person who started it. It holds the API key.
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// Serves until `stop`; requests in flight are finished until `abort`.
    pub async fn run(self, stop: CancellationToken, abort: CancellationToken) {
        let serving = axum::serve(self.listener, self.shop).with_graceful_shutdown(stop.clone().cancelled_owned());
        let serving = tokio::spawn(async move { serving.await });
        self.server.run(stop, abort).await;
        // What a browser keeps open must not keep the demo from ending.
        let halt = serving.abort_handle();
        if tokio::time::timeout(SHOP_DRAIN, serving).await.is_err() {
            halt.abort();
        }
    }
}

/// Runs the demo until Ctrl-C. `ready` is called once, with what to tell the person, when both addresses are taken.
pub async fn run(options: DemoOptions, ready: impl FnOnce(&str)) -> Result<(), DemoError> {
    let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
    let demo = Demo::start(options).await?;
    stop_on_signal(stop.clone(), abort.clone())?;
    ready(demo.banner());
    demo.run(stop, abort).await;
    Ok(())
}

fn banner(shop: &Origin, belfry: &Origin, site: SiteId, key: &Secret, database_url: &str) -> String {
    let key = key.reveal();
    format!(
        r#"
  Acme Shop is open:  {shop}

  Sign in there as Anna (English) or Olena (Ukrainian) and press "Send me something".
  Or publish from a terminal; whoever is signed in sees it arrive:

  curl {belfry}/v1/messages -u acme-shop:{key} -H 'Content-Type: application/json' \
    -d '{{"audience":"everyone","content":{{"en":{{"title":"Hello from the terminal","body":"It *arrived* without a reload."}},"uk":{{"title":"Привіт із термінала","body":"Воно *прийшло* без перезавантаження."}}}}}}'

  Or give it another look (quiet, midnight, paper, terminal, festive, contrast), which open pages take on at once:

  belfry theme use {site} midnight --database-url {database_url}

  Belfry is at {belfry}, its database at {database_url}.
  The key works until the demo is started again. Ctrl-C ends both.
"#
    )
}
