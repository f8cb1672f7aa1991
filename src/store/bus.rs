//! The way between the processes on one database. The relay sends and receives packets here, and does
//! not know how they travel. Must not depend on what is in a packet. Called by the relay.

use crate::{
    PostgresOptions, Result,
    postgres::{self, Changes, Notification, Packets, Processes},
};
use belfry_domain::{SiteId, Version};
use std::sync::Arc;

/// The connections of this process to the others.
pub(crate) struct Bus {
    database: postgres::Bus,
}

impl Bus {
    pub(crate) fn new(options: PostgresOptions, processes: Arc<Processes>) -> Self {
        Self { database: postgres::Bus::new(options, processes) }
    }

    /// Whether the database is connected: it tells who is there, and which versions sites have.
    pub(crate) fn is_connected(&self) -> bool {
        self.database.is_connected()
    }

    /// Connects, and announces this process. Returns what was sent since the last connection.
    pub(crate) async fn connect(&mut self) -> Result<Packets> {
        self.database.connect().await
    }

    /// Waits for a notification. May be dropped while it waits.
    pub(crate) async fn notified(&mut self) -> Notification {
        self.database.notified().await
    }

    /// Reads the packets that a notification names.
    pub(crate) async fn read(&mut self, notification: Notification) -> Result<Packets> {
        match notification {
            Notification::Stored { sender, first, last } => {
                self.database.read(sender, first, last).await
            }
            _ => Ok(Packets::default()),
        }
    }

    /// Sends packets, and removes from them what is sent. What is left can be sent again.
    pub(crate) async fn send(&mut self, packets: &mut Vec<Vec<u8>>) -> Result<()> {
        self.database.store(packets).await?;
        packets.clear();
        Ok(())
    }

    /// Looks which processes are there.
    pub(crate) async fn look(&mut self) -> Result<Changes> {
        self.database.look().await
    }

    /// The versions of all sites.
    pub(crate) async fn versions(&mut self) -> Result<Vec<(SiteId, Version)>> {
        self.database.versions().await
    }

    /// Deletes packets that everybody has read.
    pub(crate) async fn delete_old(&mut self) -> Result<()> {
        self.database.delete_old().await
    }
}
