//! A proxy between a process and the database's server, which delays, holds or cuts what they send.

use super::private_server::PrivateServer;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::{self, Runtime},
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

/// The state of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Good,
    /// Everything arrives this much later, in each direction.
    Slow(Duration),
    /// Nothing arrives, and nobody is told.
    Silent,
    /// Connections end, and new ones are closed at once.
    Cut,
}

/// A proxy, which ends its connections when it is dropped.
pub struct DatabaseProxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    runtime: Option<Runtime>,
}

impl DatabaseProxy {
    pub fn start(server: &PrivateServer) -> Self {
        let runtime =
            runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (network, state) = watch::channel(Network::Good);
        runtime.spawn(accept(listener, server.address(), state));
        Self { address, network, runtime: Some(runtime) }
    }

    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.address)
    }
}

impl Drop for DatabaseProxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, network: watch::Receiver<Network>) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        if *network.borrow() != Network::Cut {
            tokio::spawn(connect(client, server, network.clone()));
        }
    }
}

async fn connect(client: TcpStream, server: SocketAddr, network: watch::Receiver<Network>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    let mut state = network.clone();
    let cut = async move {
        let _ = state.wait_for(|network| *network == Network::Cut).await;
    };
    tokio::select! {
        () = cut => {}
        () = carry(from_client, to_server, network.clone()) => {}
        () = carry(from_server, to_client, network.clone()) => {}
    }
}

/// Carries what one side sends to the other, until it ends.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
) {
    let (sender, mut sent) = mpsc::unbounded_channel();
    let receive = async move {
        let mut buffer = vec![0; 16_384];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let _ = sender.send((Instant::now(), buffer[..length].to_vec()));
        }
    };
    let deliver = async move {
        while let Some((at, bytes)) = sent.recv().await {
            wait(&mut network, at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(receive, deliver);
}

/// Waits until what was sent then arrives.
async fn wait(network: &mut watch::Receiver<Network>, sent_at: Instant) {
    loop {
        let state = *network.borrow_and_update();
        let changed = async {
            if network.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        match state {
            Network::Good => return,
            Network::Slow(delay) => tokio::select! {
                () = sleep_until(sent_at + delay) => return,
                () = changed => {}
            },
            Network::Silent | Network::Cut => changed.await,
        }
    }
}
