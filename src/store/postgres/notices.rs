//! Tells other processes on the same database which sites a transaction has changed, and listens for
//! theirs. A notice has ids only: its receiver reads what it needs. A lost one delays others until
//! they compare all versions. Must not depend on what was changed.

use super::PostgresOptions;
use crate::{
    Result,
    db::{Connection, query},
};
use belfry_domain::{Rng as _, SiteId, SystemRng, Version};
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;
use tokio::time::{sleep, timeout};

const CHANNEL: &str = "belfry";
/// After this time without a notice, one may have been lost.
const MAX_SILENCE: Duration = Duration::from_secs(30);
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

/// What another process has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// It changed a site, which has this version since.
    Changed(SiteId, Version),
    /// Nobody knows: notices may have been lost.
    Unknown,
}

/// Announces, when the transaction is committed, that it gave a site this version.
pub(crate) async fn announce(
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

/// The notice in a payload, unless this process sent it.
fn parse(payload: &str, own: ProcessNumber) -> Option<Notice> {
    let mut words = payload.split(' ');
    let mut next = || words.next();
    if u64::from_str_radix(next()?, 16) == Ok(own.0) {
        return None;
    }
    let parsed = |site: &str, version: &str| {
        Some(Notice::Changed(site.parse().ok()?, Version(version.parse().ok()?)))
    };
    // What a later version of this program sends may look otherwise.
    Some(parsed(next()?, next()?).unwrap_or(Notice::Unknown))
}

/// The notices of other processes, on a connection of its own that is opened again when it is lost.
pub(crate) struct Notices {
    options: PostgresOptions,
    own: ProcessNumber,
    listener: Option<PgListener>,
}

impl Notices {
    pub(crate) fn new(options: PostgresOptions, own: ProcessNumber) -> Self {
        Self { options, own, listener: None }
    }

    async fn connect(&self) -> Result<PgListener> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_with((*self.options.server).clone())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }

    /// Waits for the next notice.
    pub(crate) async fn next(&mut self) -> Notice {
        loop {
            let Some(listener) = &mut self.listener else {
                match self.connect().await {
                    Ok(listener) => {
                        self.listener = Some(listener);
                        return Notice::Unknown;
                    }
                    Err(error) => tracing::warn!(%error, "can't listen for other processes"),
                }
                sleep(RETRY_EVERY).await;
                continue;
            };
            match timeout(MAX_SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(notification))) => {
                    if let Some(notice) = parse(notification.payload(), self.own) {
                        return notice;
                    }
                }
                Ok(Ok(None)) | Err(_) => return Notice::Unknown,
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
    fn own_notices_are_skipped_and_odd_ones_mean_unknown() {
        let own = ProcessNumber(7);
        let site = SiteId::from_bytes([3; 16]);
        assert_eq!(parse(&format!("0000000000000007 {site} 4"), own), None);
        let other = format!("0000000000000008 {site} 4");
        assert_eq!(parse(&other, own), Some(Notice::Changed(site, Version(4))));
        assert_eq!(parse("0000000000000008 later 4", own), Some(Notice::Unknown));
        assert_eq!(parse("", own), None);
    }
}
