//! A server in this process, which listens on a port of its own.

use belfry::{
    api, channels,
    inbox::Inbox,
    server::{Config, ConnectionLimits, Limits, Server},
};
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct Running {
    pub address: SocketAddr,
    pub inbox: Inbox,
    stop: CancellationToken,
    served: JoinHandle<()>,
    _folder: TempDir,
}

impl Running {
    pub async fn start() -> Self {
        Self::with(ConnectionLimits::default()).await
    }

    pub async fn with(connections: ConnectionLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            database_url: format!("sqlite://{}/belfry.db", folder.path().display()),
            secret_key_file: None,
            public_url: None,
            limits: Limits::default(),
            api: api::Limits::default(),
            channels: channels::Limits::default(),
            webhooks_allow_private: true,
            trusted_proxies: Vec::new(),
            outbound_proxy: None,
            environment_names_proxy: false,
            connections,
        };
        let server = Server::bind(config).await.unwrap();
        let (address, inbox) = (server.address(), server.inbox().clone());
        let stop = CancellationToken::new();
        let served = tokio::spawn(server.run(stop.clone(), CancellationToken::new()));
        Self { address, inbox, stop, served, _folder: folder }
    }

    /// Tells it to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has stopped.
    pub async fn stopped(self) {
        self.served.await.unwrap();
    }
}
