//! What the writer hands to a command.

use crate::{
    domain::{Actor, Change, SiteId},
    store::{Result, StoreError},
};
use sqlx::SqliteConnection;
use std::time::Duration;

/// Says whether a command waits that somebody is waiting for.
pub(super) type QueueProbe = Box<dyn Fn() -> bool + Send + Sync>;

/// What a command works with: the open transaction, and the changes it makes known when that is committed.
pub(super) struct Work {
    pub(super) connection: SqliteConnection,
    changes: Vec<Change>,
    versions: Vec<(SiteId, i64)>,
    queued: bool,
    fans_out: bool,
    subject: Subject,
    actor: Option<Actor>,
    foreground_waits: QueueProbe,
    /// Longest time for which background work may go on in one transaction.
    pub(super) background_turn: Duration,
}

/// The thing that a command made, for the record of the act that it does.
enum Subject {
    /// Nothing goes on record.
    Unasked,
    Asked,
    Made(String),
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

    /// Notes that contacts are left to be reached.
    pub(super) fn fans_out(&mut self) {
        self.fans_out = true;
    }

    /// Names the thing that the command made or found: its id or number. Only asked where an act goes on record.
    pub(super) fn names(&mut self, thing: impl ToString) {
        if !matches!(self.subject, Subject::Unasked) {
            self.subject = Subject::Made(thing.to_string());
        }
    }

    /// Names the account that the command made for whoever does the act.
    pub(super) fn done_by(&mut self, actor: Actor) {
        self.actor = Some(actor);
    }

    /// From now on it is of interest what a command made.
    pub(super) fn expect_subject(&mut self) {
        (self.subject, self.actor) = (Subject::Asked, None);
    }

    /// What the command made, and who did it, if it said so.
    pub(super) fn take_subject(&mut self) -> (Option<String>, Option<Actor>) {
        let made = match std::mem::replace(&mut self.subject, Subject::Unasked) {
            Subject::Made(subject) => Some(subject),
            Subject::Unasked | Subject::Asked => None,
        };
        (made, self.actor.take())
    }

    /// Whether anything in this batch may be to be sent. It may be said once too often, when what queued it failed after all.
    pub(super) fn take_queued(&mut self) -> bool {
        std::mem::take(&mut self.queued)
    }

    /// Whether contacts may be left to be reached, with the same reservation.
    pub(super) fn take_fans_out(&mut self) -> bool {
        std::mem::take(&mut self.fans_out)
    }

    pub(super) fn new(connection: SqliteConnection, foreground_waits: QueueProbe) -> Self {
        Self {
            connection,
            changes: Vec::new(),
            versions: Vec::new(),
            queued: false,
            fans_out: false,
            subject: Subject::Unasked,
            actor: None,
            foreground_waits,
            background_turn: Duration::ZERO,
        }
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

    /// Drops all that was noted, when nobody knows where a batch ended.
    pub(super) fn reset(&mut self) {
        self.forget((0, 0));
        (self.queued, self.fans_out, self.subject) = (false, false, Subject::Unasked);
    }

    /// All that was noted, at the end of a batch.
    pub(super) fn take(&mut self) -> (Vec<Change>, Vec<(SiteId, i64)>) {
        (std::mem::take(&mut self.changes), std::mem::take(&mut self.versions))
    }
}
