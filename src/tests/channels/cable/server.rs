//! A server in this process, on a port of its own.

use super::client::{CableClient, confirmed};
use crate::channels::site::ChannelSite;
use belfry::server::{Config, ConnectionLimits, Limits, Server};
use belfry_app::App;
use belfry_channels::sdk;
use belfry_domain::channel::InboxSettings;
use belfry_store::{NatsOptions, Store};
use belfry_testing::NatsServer;
use std::{net::SocketAddr, sync::Arc};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct TestServer {
    pub address: SocketAddr,
    pub app: App,
    pub store: Arc<dyn Store>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    folder: Arc<TempDir>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(ConnectionLimits::default()).await
    }

    pub async fn with(connections: ConnectionLimits) -> Self {
        let sdk = sdk::Limits::default();
        Self::with_limits(connections, sdk).await
    }

    /// Starts one with these limits of the Inbox SDK's sockets.
    pub async fn with_limits(connections: ConnectionLimits, sdk: sdk::Limits) -> Self {
        Self::open(Self::folder(), connections, sdk).await
    }

    /// Restarts it on the same database, at another address.
    pub async fn restart(self) -> Self {
        self.stop();
        self.task.await.unwrap();
        Self::open(self.folder, ConnectionLimits::default(), sdk::Limits::default()).await
    }

    fn folder() -> Arc<TempDir> {
        Arc::new(tempfile::tempdir().unwrap())
    }

    async fn open(folder: Arc<TempDir>, connections: ConnectionLimits, sdk: sdk::Limits) -> Self {
        let url = format!("sqlite://{}/belfry.db", folder.path().display());
        Self::open_database((url, None), folder, connections, sdk).await
    }

    /// Starts two on the same database of a server, with a NATS server between them or without.
    pub async fn start_two(database_url: &str, bus: Option<&NatsServer>) -> [Self; 2] {
        let bus = bus.map(|server| NatsOptions::parse(&server.url()).unwrap());
        let folder = Self::folder();
        let open = async || {
            let (limits, sdk) = (ConnectionLimits::default(), sdk::Limits::default());
            let database = (database_url.to_owned(), bus.clone());
            Self::open_database(database, Arc::clone(&folder), limits, sdk).await
        };
        [open().await, open().await]
    }

    async fn open_database(
        (database_url, bus): (String, Option<NatsOptions>),
        folder: Arc<TempDir>,
        connections: ConnectionLimits,
        sdk: sdk::Limits,
    ) -> Self {
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database_url,
            database_direct_url: None,
            secret_key_file: Some(folder.path().join("secret-key")),
            bus,
            public_url: None,
            limits: Limits::default(),
            api: belfry_api::RateLimits::default(),
            channels: belfry_channels::Limits { sdk, ..belfry_channels::Limits::unlimited() },
            attachment_bytes: belfry_app::channel::DEFAULT_ATTACHMENT_BYTES,
            webhooks_allow_private: true,
            trusted_proxies: Vec::new(),
            outbound_proxy: None,
            is_proxy_in_environment: false,
            connections,
        };
        let server = Server::bind(config).await.unwrap();
        let (address, app, store) =
            (server.address(), server.app().clone(), Arc::clone(server.store()));
        let stop = CancellationToken::new();
        let running = tokio::spawn(server.run(stop.clone(), CancellationToken::new()));
        Self { address, app, store, stop, task: running, folder }
    }

    /// Creates a site with an inbox.
    pub async fn site(&self) -> ChannelSite {
        self.site_with(InboxSettings::default()).await
    }

    /// Creates a site whose inbox has these settings.
    pub async fn site_with(&self, settings: InboxSettings) -> ChannelSite {
        ChannelSite::new(&self.app, &self.store, settings).await
    }

    /// Connects and subscribes, and reads the first presence event.
    pub async fn listen(&self, identifier: &str) -> CableClient {
        let mut client = CableClient::open(self.address).await;
        client.send("subscribe", identifier).await;
        assert_eq!(client.next().await, confirmed(identifier));
        assert_eq!(client.event(identifier).await["event"], "presence.update");
        client
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has stopped.
    pub async fn wait_stopped(self) {
        self.task.await.unwrap();
    }
}
