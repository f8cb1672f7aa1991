//! Tells other processes on the same database which sites a transaction has changed, and listens for
//! theirs. A notification has ids only: its receiver reads what it needs. A lost one delays others until
//! they compare all versions. Must not depend on what was changed.

use super::{
    PostgresOptions,
    processes::{self, ProcessNumber, Processes},
};
use crate::{
    Result, StoreError,
    db::{Connection, query},
};
use belfry_domain::{SiteId, Version};
use sqlx::{
    Acquire as _,
    postgres::{PgListener, PgPoolOptions},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout, timeout_at};

const CHANNEL: &str = "belfry";
/// After this time, one may have been lost without a word.
const CHECK_EVERY: Duration = Duration::from_secs(30);
const MAX_CONNECT_TIME: Duration = Duration::from_secs(5);
/// The pause between two looks for other processes.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The pause between two attempts to connect.
const RETRY_EVERY: Duration = Duration::from_secs(1);

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
        .bind(format!("{process} {site} {}", version.0))
        .fetch_optional(connection)
        .await
        .map(drop)
}

/// The notification in a payload, unless this process sent it.
fn parse(payload: &str, own: ProcessNumber) -> Option<Notification> {
    let mut words = payload.split(' ');
    let mut next = || words.next();
    if next()?.parse() == Ok(own) {
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
    processes: Arc<Processes>,
    listener: Option<PgListener>,
    connected_at: Instant,
    looked_at: Instant,
}

impl Notifications {
    pub(crate) fn new(options: PostgresOptions, processes: Arc<Processes>) -> Self {
        let now = Instant::now();
        Self { options, processes, listener: None, connected_at: now, looked_at: now }
    }

    async fn connect(&mut self) -> Result<()> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_with((*self.options.server).clone())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        processes::register(listener.acquire().await?, self.processes.own()).await?;
        self.look(&mut listener).await?;
        (self.listener, self.connected_at) = (Some(listener), Instant::now());
        Ok(())
    }

    async fn look(&mut self, listener: &mut PgListener) -> Result<()> {
        let present = processes::look(listener.acquire().await?).await?;
        self.looked_at = Instant::now();
        self.processes.record(&present, self.looked_at);
        Ok(())
    }

    /// Waits for the next notification.
    pub(crate) async fn next(&mut self) -> Notification {
        loop {
            let Some(mut listener) = self.listener.take() else {
                let connected = timeout(MAX_CONNECT_TIME, self.connect()).await;
                match connected.unwrap_or_else(|_| Err(no_answer())) {
                    Ok(()) => return Notification::Unknown,
                    Err(error) => tracing::warn!(%error, "can't listen for other processes"),
                }
                sleep(RETRY_EVERY).await;
                continue;
            };
            match timeout_at(self.looked_at + LOOK_EVERY, listener.try_recv()).await {
                Ok(Ok(Some(received))) => {
                    self.listener = Some(listener);
                    if let Some(notification) = parse(received.payload(), self.processes.own()) {
                        return notification;
                    }
                }
                Ok(Ok(None)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "lost the connection that listens for other processes");
                }
                Err(_) => {
                    let looked = timeout(MAX_CONNECT_TIME, self.look(&mut listener)).await;
                    if let Err(error) = looked.unwrap_or_else(|_| Err(no_answer())) {
                        tracing::warn!(%error, "lost the connection that listens for other processes");
                        continue;
                    }
                    self.listener = Some(listener);
                    if self.connected_at.elapsed() >= CHECK_EVERY {
                        self.connected_at = Instant::now();
                        return Notification::Unknown;
                    }
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
        let own = "7".parse().unwrap();
        let site = SiteId::from_bytes([3; 16]);
        assert_eq!(parse(&format!("7 {site} 4"), own), None);
        let other = format!("8 {site} 4");
        assert_eq!(parse(&other, own), Some(Notification::Changed(site, Version(4))));
        assert_eq!(parse("8 later 4", own), Some(Notification::Unknown));
        assert_eq!(parse("", own), None);
    }
}
