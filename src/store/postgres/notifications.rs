//! Tells other processes on the same database which sites a transaction has changed, and listens for
//! theirs. A notification has ids only: its receiver reads what it needs. A lost one delays others until
//! they compare all versions. Must not depend on what was changed.

use super::PostgresOptions;
use crate::{
    Result, StoreError,
    db::{Connection, query},
};
use belfry_domain::{Rng as _, SiteId, SystemRng, Version};
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};

const CHANNEL: &str = "belfry";
/// After this time, one may have been lost without a word.
const CHECK_EVERY: Duration = Duration::from_secs(30);
const MAX_CONNECT_TIME: Duration = Duration::from_secs(5);
/// The pause between two attempts to connect.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// The number of this process among those on the same database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProcessNumber(u64);

impl ProcessNumber {
    pub(crate) fn generate() -> Self {
        let mut bytes = [0; 8];
        SystemRng.fill(&mut bytes);
        Self(u64::from_le_bytes(bytes))
    }
}

fn no_answer() -> StoreError {
    StoreError::Unavailable("the database does not answer".to_owned())
}

/// What another process has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notification {
    /// It changed a site, which has this version since.
    Changed(SiteId, Version),
    /// Nobody knows: notifications may have been lost.
    Unknown,
}

/// Notifies other processes, when the transaction is committed, that it gave a site this version.
pub(crate) async fn notify(
    connection: &mut Connection,
    process: ProcessNumber,
    site: SiteId,
    version: Version,
) -> Result<()> {
    query("SELECT pg_notify(?1, ?2)")
        .bind(CHANNEL)
        .bind(format!("{:016x} {site} {}", process.0, version.0))
        .fetch_optional(connection)
        .await
        .map(drop)
}

/// The notification in a payload, unless this process sent it.
fn parse(payload: &str, own: ProcessNumber) -> Option<Notification> {
    let mut words = payload.split(' ');
    let mut next = || words.next();
    if u64::from_str_radix(next()?, 16) == Ok(own.0) {
        return None;
    }
    let parsed = |site: &str, version: &str| {
        Some(Notification::Changed(site.parse().ok()?, Version(version.parse().ok()?)))
    };
    // What a later version of this program sends may look otherwise.
    Some(parsed(next()?, next()?).unwrap_or(Notification::Unknown))
}

/// The notifications of other processes, on a connection of its own that is opened again when it is lost.
pub(crate) struct Notifications {
    options: PostgresOptions,
    own: ProcessNumber,
    listener: Option<PgListener>,
    connected_at: Instant,
}

impl Notifications {
    pub(crate) fn new(options: PostgresOptions, own: ProcessNumber) -> Self {
        Self { options, own, listener: None, connected_at: Instant::now() }
    }

    async fn connect(&self) -> Result<PgListener> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_with(self.options.direct_server().clone())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }

    /// Waits for the next notification.
    pub(crate) async fn next(&mut self) -> Notification {
        loop {
            let Some(listener) = &mut self.listener else {
                match timeout(MAX_CONNECT_TIME, self.connect())
                    .await
                    .unwrap_or_else(|_| Err(no_answer()))
                {
                    Ok(listener) => {
                        (self.listener, self.connected_at) = (Some(listener), Instant::now());
                        return Notification::Unknown;
                    }
                    Err(error) => tracing::warn!(%error, "can't listen for other processes"),
                }
                sleep(RETRY_EVERY).await;
                continue;
            };
            match timeout_at(self.connected_at + CHECK_EVERY, listener.try_recv()).await {
                Ok(Ok(Some(received))) => {
                    if let Some(notification) = parse(received.payload(), self.own) {
                        return notification;
                    }
                }
                Ok(Ok(None)) => return Notification::Unknown,
                // The connection may have been cut.
                Err(_) => self.listener = None,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "lost the connection that listens for other processes");
                    self.listener = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_payloads_are_skipped_and_odd_ones_mean_unknown() {
        let own = ProcessNumber(7);
        let site = SiteId::from_bytes([3; 16]);
        assert_eq!(parse(&format!("0000000000000007 {site} 4"), own), None);
        let other = format!("0000000000000008 {site} 4");
        assert_eq!(parse(&other, own), Some(Notification::Changed(site, Version(4))));
        assert_eq!(parse("0000000000000008 later 4", own), Some(Notification::Unknown));
        assert_eq!(parse("", own), None);
    }
}
