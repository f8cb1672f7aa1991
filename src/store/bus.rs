//! The way between the processes on one database. The relay sends and receives packets here, and does
//! not know how they travel: through the database, or over a NATS server where one is configured.
//!
//! The database says in any case who is there and which versions sites have. It also carries what NATS
//! does not: everything while this process or another one is not connected to the NATS server, a
//! packet that is larger than the server accepts, and what processes without this option send (the
//! commands of the program). Must not depend on what is in a packet. Called by the relay.

use crate::{
    NatsOptions, PostgresOptions, Result,
    nats::Nats,
    postgres::{self, Changes, Notification, Packets, Processes},
    vault::Vault,
};
use belfry_domain::{SiteId, Version};
use std::sync::Arc;

/// The connections of this process to the others.
pub(crate) struct Bus {
    database: postgres::Bus,
    /// `None` where everything goes through the database.
    nats: Option<NatsState>,
    processes: Arc<Processes>,
    vault: Vault,
}

enum NatsState {
    /// Waits for the first connection to the database, which tells its identity.
    Configured(NatsOptions),
    Started(Box<Nats>),
}

impl Bus {
    pub(crate) fn new(options: PostgresOptions, processes: Arc<Processes>, vault: Vault) -> Self {
        let nats = options.bus.clone().map(NatsState::Configured);
        let database = postgres::Bus::new(options, Arc::clone(&processes));
        Self { database, nats, processes, vault }
    }

    /// Whether the database is connected.
    pub(crate) fn is_connected(&self) -> bool {
        self.database.is_connected()
    }

    /// Connects to the database, and announces this process. Returns what it has stored since the last
    /// connection. The connection to a NATS server is opened while notifications are waited for.
    pub(crate) async fn connect(&mut self) -> Result<Packets> {
        let missed = self.database.connect().await?;
        if let Some(NatsState::Configured(options)) = &self.nats {
            let identity = self.database.identity().await?;
            let (processes, vault) = (Arc::clone(&self.processes), self.vault.clone());
            let nats = Nats::new(options.clone(), processes, vault, identity);
            self.nats = Some(NatsState::Started(Box::new(nats)));
        }
        Ok(missed)
    }

    fn nats(&mut self) -> Option<&mut Nats> {
        match &mut self.nats {
            Some(NatsState::Started(nats)) => Some(nats),
            _ => None,
        }
    }

    /// Waits for a notification. May be dropped while it waits.
    pub(crate) async fn notified(&mut self) -> Notification {
        let Some(NatsState::Started(nats)) = &mut self.nats else {
            return self.database.notified().await;
        };
        tokio::select! {
            notification = self.database.notified() => notification,
            packets = nats.received() => Notification::Received(packets),
        }
    }

    /// The packets of a notification.
    pub(crate) async fn read(&mut self, notification: Notification) -> Result<Packets> {
        match notification {
            Notification::Stored { sender, first, last } => {
                self.database.read(sender, first, last).await
            }
            Notification::Received(packets) => Ok(packets),
            _ => Ok(Packets::default()),
        }
    }

    /// Sends packets, and removes from them what is sent. What is left can be sent again.
    pub(crate) async fn send(&mut self, packets: &mut Vec<Vec<u8>>) -> Result<()> {
        if let Some(nats) = self.nats() {
            nats.send(packets).await;
        }
        self.database.store(packets).await?;
        packets.clear();
        Ok(())
    }

    /// Looks which processes are there. Called each second.
    pub(crate) async fn look(&mut self) -> Result<Changes> {
        if let Some(nats) = self.nats() {
            nats.send_sign_of_life().await;
        }
        self.database.look().await
    }

    /// The versions of all sites.
    pub(crate) async fn versions(&mut self) -> Result<Vec<(SiteId, Version)>> {
        self.database.versions().await
    }

    /// Deletes stored packets that everybody has read.
    pub(crate) async fn delete_old(&mut self) -> Result<()> {
        self.database.delete_old().await
    }
}
