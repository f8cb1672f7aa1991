//! `belfry demo`: Belfry with a seeded site, and beside it a shop and a back office on other
//! origins.
//!
//! They use Belfry like any customer: the shop knows a URL and an API key, the back office a URL
//! and a signing key. Called by the command line.

mod back_office;
mod conversations;
mod error;
mod folder;
mod messages;
mod seed;
mod shop;
#[cfg(test)]
mod tests;
mod visitor;

pub use back_office::{BackOfficeOptions, SigningKey, back_office};
pub use error::DemoError;
pub use seed::{Seeded, seed};
pub use shop::{ChatOptions, ShopOptions, shop};

use crate::server::{Config, ConnectionLimits, Limits, Server, stop_on_signal};
use axum::Router;
use belfry_domain::{Origin, Secret, SiteId, SystemClock, SystemRng};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Maximum time for the shop and the back office to finish after Belfry has stopped.
const SHOP_DRAIN: Duration = Duration::from_secs(1);

/// Options of the demo.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Listen address of Belfry.
    pub listen: SocketAddr,
    /// Listen address of the shop.
    pub shop_listen: SocketAddr,
    /// Listen address of the back office.
    pub back_office_listen: SocketAddr,
    /// Database URL; by default in a private folder below the system's temporary one.
    pub database_url: Option<String>,
    /// URL of the server itself, where the database URL leads to a pooler.
    pub database_direct_url: Option<String>,
}

/// A demo that is bound and seeded, and does not serve yet.
pub struct Demo {
    server: Server,
    shop: DemoSite,
    back_office: DemoSite,
    banner: String,
}

/// A site beside Belfry, with its bound address.
struct DemoSite {
    listener: TcpListener,
    origin: Origin,
    router: Router,
}

impl Demo {
    /// Binds all addresses, opens the database and seeds it.
    pub async fn start(options: DemoOptions) -> Result<Self, DemoError> {
        let DemoOptions {
            listen,
            shop_listen,
            back_office_listen,
            database_url,
            database_direct_url,
        } = options;
        // Bind before seeding: a second demo started by mistake must not revoke the key of the
        // first.
        let (listener, origin) = bind(shop_listen, DemoError::ShopAddress).await?;
        let (office_listener, office_origin) =
            bind(back_office_listen, DemoError::BackOfficeAddress).await?;
        let database_url = match database_url {
            Some(url) => url,
            None => folder::database_url(listen.port())?,
        };
        let public_url = listen
            .ip()
            .is_unspecified()
            .then(|| format!("http://127.0.0.1:{}", listen.port()).parse())
            .transpose()?;
        let config = Config {
            listen,
            database_url: database_url.clone(),
            database_direct_url,
            // Always beside its database, regardless of the configured key file.
            secret_key_file: None,
            bus: None,
            public_url,
            limits: Limits::default(),
            api: belfry_api::RateLimits::default(),
            channels: belfry_channels::Limits::default(),
            attachment_bytes: belfry_app::channel::DEFAULT_ATTACHMENT_BYTES,
            webhooks_allow_private: true,
            trusted_proxies: Vec::new(),
            outbound_proxy: None,
            is_proxy_in_environment: false,
            connections: ConnectionLimits::default(),
        };
        let server = Server::bind(config).await?;
        let Seeded { site, api_key } = seed(server.app(), &origin, &office_origin).await?;
        let conversations = conversations::prepare(server.app(), site).await?;
        let belfry = server.public_url().clone();
        let banner = banner(&origin, &belfry, site, &api_key, &database_url)
            + &conversations::banner(&conversations, &origin, &office_origin, &belfry);
        let chat = ChatOptions {
            identifier: conversations.inbox.identifier.as_str().to_owned(),
            hmac_token: conversations.hmac_token.reveal().to_owned(),
        };
        let demo_messages = messages::sample_messages(&origin)?;
        let rng = Arc::new(SystemRng);
        let fixture = back_office(BackOfficeOptions {
            belfry: belfry.clone(),
            shop: origin.clone(),
            key: conversations.signing_key,
            clock: Arc::new(SystemClock),
            rng: rng.clone(),
        });
        let shop = DemoSite {
            listener,
            origin,
            router: shop(ShopOptions { site, api_key, belfry, chat, demo_messages, rng }),
        };
        let back_office =
            DemoSite { listener: office_listener, origin: office_origin, router: fixture };
        Ok(Self { server, shop, back_office, banner })
    }

    /// The shop's origin.
    pub fn shop_origin(&self) -> &Origin {
        &self.shop.origin
    }

    /// The back office's origin.
    pub fn back_office_origin(&self) -> &Origin {
        &self.back_office.origin
    }

    /// Belfry's origin.
    pub fn belfry(&self) -> &Origin {
        self.server.public_url()
    }

    /// Text for the person who started the demo. It contains the API key.
    pub fn banner(&self) -> &str {
        &self.banner
    }

    /// Serves until `stop`; requests in flight are finished until `abort`.
    pub async fn run(self, stop: CancellationToken, abort: CancellationToken) {
        let serving = [self.shop, self.back_office].map(|DemoSite { listener, router, .. }| {
            let serving = axum::serve(listener, router)
                .with_graceful_shutdown(stop.clone().cancelled_owned());
            tokio::spawn(async move { serving.await })
        });
        self.server.run(stop, abort).await;
        // A connection kept open by a browser must not keep the demo from ending.
        for serving in serving {
            let halt = serving.abort_handle();
            if tokio::time::timeout(SHOP_DRAIN, serving).await.is_err() {
                halt.abort();
            }
        }
    }
}

/// Binds an address. A neighbour is `localhost` and Belfry is an IP address, so that a browser
/// treats them as different sites, as in production.
async fn bind(
    listen: SocketAddr,
    refused: impl Fn(SocketAddr, std::io::Error) -> DemoError,
) -> Result<(TcpListener, Origin), DemoError> {
    let refused = |error| refused(listen, error);
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let origin =
        format!("http://localhost:{}", listener.local_addr().map_err(refused)?.port()).parse()?;
    Ok((listener, origin))
}

/// Runs the demo until Ctrl-C. `ready` is called once, with the banner, when all addresses are
/// bound.
pub async fn run(options: DemoOptions, ready: impl FnOnce(&str)) -> Result<(), DemoError> {
    let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
    let demo = Demo::start(options).await?;
    stop_on_signal(stop.clone(), abort.clone())?;
    ready(demo.banner());
    demo.run(stop, abort).await;
    Ok(())
}

fn banner(
    shop: &Origin,
    belfry: &Origin,
    site: SiteId,
    key: &Secret,
    database_url: &str,
) -> String {
    let key = key.reveal();
    format!(
        r#"
  Acme Shop is open:  {shop}

  Sign in there as Anna (English) or Olena (Ukrainian) and press "Send me something".
  Or publish from a terminal; the signed-in visitor sees it arrive:

  curl {belfry}/v1/messages -u acme-shop:{key} -H 'Content-Type: application/json' \
    -d '{{"audience":"everyone","content":{{"en":{{"title":"Hello from the terminal","body":"It *arrived* without a reload."}},"uk":{{"title":"Привіт із термінала","body":"Воно *прийшло* без перезавантаження."}}}}}}'

  Or use another theme (quiet, midnight, paper, terminal, festive, contrast), which open pages apply immediately:

  belfry theme use {site} midnight --database-url {database_url}

  Belfry is at {belfry}, its database at {database_url}.
  Keys and passwords work until the demo is started again. Ctrl-C ends all.
"#
    )
}
