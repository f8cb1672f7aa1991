//! The bus between the processes on one database: `NOTIFY` says that a process has stored packets in
//! the table `relayed`, and the others read them there. A packet is bytes; bodies are never in a
//! notification, which the server limits to 8,000 bytes. Must not depend on what is in a packet.
//!
//! A process numbers its packets from 1. One that knows a packet of another reads those that follow, so a
//! connection that was lost for less than [`KEEP_TIME`] loses nothing. What is missing for another
//! reason (the server crashed, for the table is unlogged) is noticed by the numbers.

use super::{
    PostgresOptions,
    processes::{self, Changes, ProcessNumber, Processes},
    session,
};
use crate::{Result, StoreError};
use belfry_domain::{SiteId, Version};
use sqlx::{
    Acquire as _, PgConnection, Row as _,
    postgres::{PgListener, PgPoolOptions, PgRow, Postgres},
};
use std::{collections::BTreeMap, future::pending, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

const CHANNEL: &str = "belfry";
/// How long the server may take to answer.
const MAX_TIME: Duration = Duration::from_secs(5);
/// How long packets are kept, in words of the server.
const KEEP_TIME: &str = "1 minute";
/// The packets that are read at once.
const MAX_READ_PACKETS: i64 = 32;

const STORE: &str = "WITH stored AS (
        INSERT INTO relayed (sender, number, body)
        SELECT $1, packet.number, packet.body FROM unnest($2, $3) AS packet (number, body)
        ON CONFLICT DO NOTHING
    ) SELECT pg_notify($4, $5)";
const READ: &str =
    "SELECT number, body FROM relayed WHERE sender = $1 AND number > $2 ORDER BY number LIMIT $3";
const IDENTITY: &str = "SELECT concat(system_identifier, ' ', oid)
    FROM pg_control_system(), pg_database WHERE datname = current_database()";
/// One of them can be at it at a time; the others have nothing left to do.
const DELETE_OLD: &str = "DELETE FROM relayed WHERE (sender, number) IN (
        SELECT sender, number FROM relayed WHERE sent_at < now() - CAST($1 AS INTERVAL)
        LIMIT 10000 FOR UPDATE SKIP LOCKED)";

/// What a notification says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Notification {
    /// A process has connected.
    Hello,
    /// A process has stored these packets.
    Stored { sender: ProcessNumber, first: i64, last: i64 },
    /// The connection is lost.
    Disconnected,
    /// These packets have come with the notification.
    Received(Packets),
    /// Something that this version of the program does not know.
    Unknown,
}

/// Packets of other processes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Packets {
    pub(crate) bodies: Vec<Vec<u8>>,
    /// Whether packets before one of these are missing.
    pub(crate) has_gap: bool,
}

/// The connection of this process to the others.
pub(crate) struct Bus {
    options: PostgresOptions,
    processes: Arc<Processes>,
    listener: Option<PgListener>,
    /// The number of the last packet of each process that was read.
    read: BTreeMap<ProcessNumber, i64>,
    /// The number of the last packet of this process that was stored.
    stored: i64,
}

/// An answer within [`MAX_TIME`].
async fn answer<T>(pending: impl Future<Output = Result<T>>) -> Result<T> {
    let too_long = |_| StoreError::Unavailable("the database does not answer".to_owned());
    timeout(MAX_TIME, pending).await.map_err(too_long)?
}

/// The notification in a payload, unless this process sent it.
fn parse(payload: &str, own: ProcessNumber) -> Option<Notification> {
    let mut words = payload.split(' ');
    let (word, sender) = (words.next()?, words.next()?.parse().ok());
    if sender == Some(own) {
        return None;
    }
    let mut number = || words.next()?.parse().ok();
    let notification = match (word, sender) {
        ("hello", Some(_)) => Some(Notification::Hello),
        ("stored", Some(sender)) => {
            number().zip(number()).map(|(first, last)| Notification::Stored { sender, first, last })
        }
        _ => None,
    };
    Some(notification.unwrap_or(Notification::Unknown))
}

impl Bus {
    pub(crate) fn new(options: PostgresOptions, processes: Arc<Processes>) -> Self {
        Self { options, processes, listener: None, read: BTreeMap::new(), stored: 0 }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.listener.is_some()
    }

    /// Connects, and announces this process. Returns what was stored since the last connection.
    pub(crate) async fn connect(&mut self) -> Result<Packets> {
        self.listener = Some(answer(open(&self.options, self.processes.own())).await?);
        self.look().await?;
        let mut missed = Packets::default();
        for (sender, last) in self.read.clone() {
            missed.extend(self.read_after(sender, last).await?);
        }
        Ok(missed)
    }

    /// Waits for a notification. May be dropped while it waits.
    pub(crate) async fn notified(&mut self) -> Notification {
        let own = self.processes.own();
        loop {
            let Some(listener) = &mut self.listener else { return pending().await };
            let Ok(Some(received)) = listener.try_recv().await else {
                self.listener = None;
                return Notification::Disconnected;
            };
            if let Some(notification) = parse(received.payload(), own) {
                return notification;
            }
        }
    }

    /// Reads packets of a process up to the last one that it has stored.
    pub(crate) async fn read(
        &mut self,
        sender: ProcessNumber,
        first: i64,
        last: i64,
    ) -> Result<Packets> {
        let known = self.read.get(&sender).copied();
        if known.is_some_and(|known| known >= last) {
            return Ok(Packets::default());
        }
        let mut packets = self.read_after(sender, known.unwrap_or(first - 1)).await?;
        let reached = self.read.entry(sender).or_default();
        packets.has_gap |= *reached < last;
        *reached = last.max(*reached);
        // Numbers of processes that are gone.
        self.read.retain(|process, _| self.processes.is_alive(*process));
        Ok(packets)
    }

    async fn read_after(&mut self, sender: ProcessNumber, mut after: i64) -> Result<Packets> {
        let mut packets = Packets::default();
        loop {
            let rows: Vec<PgRow> = self
                .run(async |connection| {
                    Ok(sqlx::query::<Postgres>(READ)
                        .bind(sender.value())
                        .bind(after)
                        .bind(MAX_READ_PACKETS)
                        .fetch_all(connection)
                        .await?)
                })
                .await?;
            for row in &rows {
                let number: i64 = row.try_get(0)?;
                packets.has_gap |= number != after + 1;
                packets.bodies.push(row.try_get(1)?);
                after = number;
            }
            let reached = self.read.entry(sender).or_insert(after);
            *reached = after.max(*reached);
            if rows.is_empty()
                || i64::try_from(rows.len()).is_ok_and(|read| read < MAX_READ_PACKETS)
            {
                return Ok(packets);
            }
        }
    }

    /// Stores packets and notifies the other processes. May be repeated with the same packets after
    /// a failure, even if they were stored.
    pub(crate) async fn store(&mut self, bodies: &[Vec<u8>]) -> Result<()> {
        let numbers: Vec<i64> = (self.stored + 1..).take(bodies.len()).collect();
        let Some((first, last)) = numbers.first().copied().zip(numbers.last().copied()) else {
            return Ok(());
        };
        let own = self.processes.own();
        self.run(async |connection| {
            sqlx::query::<Postgres>(STORE)
                .bind(own.value())
                .bind(numbers)
                .bind(bodies)
                .bind(CHANNEL)
                .bind(format!("stored {own} {first} {last}"))
                .execute(connection)
                .await?;
            Ok(())
        })
        .await?;
        self.stored = last;
        Ok(())
    }

    /// Looks which processes are there.
    pub(crate) async fn look(&mut self) -> Result<Changes> {
        let present = self.run(async |connection| processes::look(connection).await).await?;
        Ok(self.processes.record(&present, Instant::now()))
    }

    /// The versions of all sites.
    pub(crate) async fn versions(&mut self) -> Result<Vec<(SiteId, Version)>> {
        let rows: Vec<PgRow> = self
            .run(async |connection| {
                let query = sqlx::query::<Postgres>("SELECT id, version FROM site");
                Ok(query.fetch_all(connection).await?)
            })
            .await?;
        let version = |row: &PgRow| {
            let site: Vec<u8> = row.try_get(0)?;
            let invalid = |_| StoreError::Inconsistent("a site's id has not 16 bytes".to_owned());
            Ok((SiteId::from_bytes(site.try_into().map_err(invalid)?), Version(row.try_get(1)?)))
        };
        rows.iter().map(version).collect()
    }

    /// Tells the database from all others, also from a copy on another server.
    pub(crate) async fn identity(&mut self) -> Result<String> {
        self.run(async |connection| {
            let query = sqlx::query_scalar::<Postgres, String>(IDENTITY);
            Ok(query.fetch_one(connection).await?)
        })
        .await
    }

    /// Deletes packets that everybody has read.
    pub(crate) async fn delete_old(&mut self) -> Result<()> {
        self.run(async |connection| {
            sqlx::query::<Postgres>(DELETE_OLD).bind(KEEP_TIME).execute(connection).await?;
            Ok(())
        })
        .await
    }

    /// Runs statements on the connection, which is given up when they fail.
    async fn run<T>(
        &mut self,
        statements: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
    ) -> Result<T> {
        let closed = || StoreError::Unavailable("not connected to other processes".to_owned());
        // In this order: a caller that is dropped leaves no connection with half an answer.
        let mut listener = self.listener.take().ok_or_else(closed)?;
        let result = answer(async {
            let connection = listener.acquire().await?;
            statements(connection).await
        })
        .await?;
        self.listener = Some(listener);
        Ok(result)
    }
}

impl Packets {
    fn extend(&mut self, more: Self) {
        self.bodies.extend(more.bodies);
        self.has_gap |= more.has_gap;
    }
}

/// Listens before anybody else learns of this process.
async fn open(options: &PostgresOptions, own: ProcessNumber) -> Result<PgListener> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with(session::bus(options))
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    let connection = listener.acquire().await?;
    processes::register(connection, own).await?;
    sqlx::query::<Postgres>("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(format!("hello {own}"))
        .execute(connection)
        .await?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_payloads_are_skipped_and_odd_ones_are_unknown() {
        let (own, sender) = ("7".parse().unwrap(), "8".parse().unwrap());
        assert_eq!(parse("stored 7 1 2", own), None);
        assert_eq!(
            parse("stored 8 1 2", own),
            Some(Notification::Stored { sender, first: 1, last: 2 })
        );
        assert_eq!(parse("hello 8", own), Some(Notification::Hello));
        for odd in ["stored 8 1", "stored 8 a b", "later 8", "stored x 1 2"] {
            assert_eq!(parse(odd, own), Some(Notification::Unknown), "{odd}");
        }
    }
}
