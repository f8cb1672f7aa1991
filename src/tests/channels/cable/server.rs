//! A server in this process, on a port of its own.

use super::client::{CableClient, confirmed};
use crate::channels::site::ChannelSite;
use belfry::{
    api,
    app::App,
    channels::sdk,
    domain::channel::InboxSettings,
    server::{Config, ConnectionLimits, Limits, Server},
    store::Store,
};
use std::{net::SocketAddr, sync::Arc};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct TestServer {
    pub address: SocketAddr,
    pub inbox: App,
    pub store: Arc<dyn Store>,
    stop: CancellationToken,
    served: JoinHandle<()>,
    folder: TempDir,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(ConnectionLimits::default()).await
    }

    pub async fn with(connections: ConnectionLimits) -> Self {
        let sdk = sdk::Limits::default();
        Self::limited(connections, sdk).await
    }

    /// Starts one with these limits of the Inbox SDK's sockets.
    pub async fn limited(connections: ConnectionLimits, sdk: sdk::Limits) -> Self {
        Self::over(tempfile::tempdir().unwrap(), connections, sdk).await
    }

    /// Restarts it on the same database, at another address.
    pub async fn restart(self) -> Self {
        self.stop();
        self.served.await.unwrap();
        Self::over(self.folder, ConnectionLimits::default(), sdk::Limits::default()).await
    }

    async fn over(folder: TempDir, connections: ConnectionLimits, sdk: sdk::Limits) -> Self {
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database_url: format!("sqlite://{}/belfry.db", folder.path().display()),
            secret_key_file: None,
            public_url: None,
            limits: Limits::default(),
            api: api::RateLimits::default(),
            channels: belfry::channels::Limits { sdk, ..belfry::channels::Limits::plenty() },
            attachment_bytes: belfry::app::channel::DEFAULT_ATTACHMENT_BYTES,
            webhooks_allow_private: true,
            trusted_proxies: Vec::new(),
            outbound_proxy: None,
            environment_names_proxy: false,
            connections,
        };
        let server = Server::bind(config).await.unwrap();
        let (address, inbox, store) =
            (server.address(), server.inbox().clone(), Arc::clone(server.store()));
        let stop = CancellationToken::new();
        let running = tokio::spawn(server.run(stop.clone(), CancellationToken::new()));
        Self { address, inbox, store, stop, served: running, folder }
    }

    /// Creates a site with an inbox.
    pub async fn site(&self) -> ChannelSite {
        self.site_with(InboxSettings::default()).await
    }

    /// Creates a site whose inbox has these settings.
    pub async fn site_with(&self, settings: InboxSettings) -> ChannelSite {
        ChannelSite::new(&self.inbox, &self.store, settings).await
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
    pub async fn stopped(self) {
        self.served.await.unwrap();
    }
}
