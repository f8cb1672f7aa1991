//! What the writer hands to a command.

use crate::{
    domain::{Change, SiteId},
    store::{Result, StoreError},
};
use sqlx::SqliteConnection;

/// Says whether a command waits that somebody is waiting for.
pub(super) type QueueProbe = Box<dyn Fn() -> bool + Send + Sync>;

/// What a command works with: the open transaction, and the changes it makes known when that is committed.
pub(super) struct Work {
    pub(super) connection: SqliteConnection,
    changes: Vec<Change>,
    versions: Vec<(SiteId, i64)>,
    queued: bool,
    foreground_waits: QueueProbe,
}

impl Work {
    /// Numbers the next change of a site. A change that concerns everyone is noted with the site; one that concerns
    /// contacts is for the caller to note with them.
    pub(super) async fn next_version(&mut self, site: SiteId, everyone: bool) -> Result<i64> {
        let version = sqlx::query_scalar(
            "UPDATE site SET version = version + 1, broadcast_version = CASE WHEN ?2 THEN version + 1 ELSE broadcast_version END
             WHERE id = ?1 RETURNING version",
        )
        .bind(site.as_bytes())
        .bind(everyone)
        .fetch_optional(&mut self.connection)
        .await?;
        self.note(site, version)
    }

    /// Keeps the number of a change that a command made itself.
    pub(super) fn note(&mut self, site: SiteId, version: Option<i64>) -> Result<i64> {
        let version = version.ok_or_else(|| StoreError::Conflict("there is no such site".to_owned()))?;
        self.versions.push((site, version));
        Ok(version)
    }

    /// Makes a change known after the commit.
    pub(super) fn announce(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Notes that there is something to be sent.
    pub(super) fn queued(&mut self) {
        self.queued = true;
    }

    /// Whether anything in this batch may be to be sent. It may be said once too often, when what queued it failed after all.
    pub(super) fn take_queued(&mut self) -> bool {
        std::mem::take(&mut self.queued)
    }

    pub(super) fn new(connection: SqliteConnection, foreground_waits: QueueProbe) -> Self {
        Self { connection, changes: Vec::new(), versions: Vec::new(), queued: false, foreground_waits }
    }

    /// Whether a foreground command is queued: background work ends its turn then.
    pub(super) fn foreground_waits(&self) -> bool {
        (self.foreground_waits)()
    }

    /// How much was noted so far.
    pub(super) fn noted(&self) -> (usize, usize) {
        (self.changes.len(), self.versions.len())
    }

    /// Drops what was noted since then.
    pub(super) fn forget(&mut self, since: (usize, usize)) {
        self.changes.truncate(since.0);
        self.versions.truncate(since.1);
    }

    /// All that was noted, at the end of a batch.
    pub(super) fn take(&mut self) -> (Vec<Change>, Vec<(SiteId, i64)>) {
        (std::mem::take(&mut self.changes), std::mem::take(&mut self.versions))
    }
}
