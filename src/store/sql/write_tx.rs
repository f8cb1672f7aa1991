//! The writer transaction that a command gets: the connection, and what is published after the
//! commit.

use crate::{
    Conflict, Result,
    db::{Connection, query_as, query_scalar},
};
use belfry_domain::{
    Actor, InboxEvent, Position, SiteId, Timestamp, Version, channel::ChannelAccess,
};
use futures_util::future::BoxFuture;
use std::{collections::BTreeSet, time::Duration};

/// Whether a foreground command is queued.
pub(super) type QueueProbe = Box<dyn Fn() -> bool + Send + Sync>;

/// What happens to a webhook delivery that was given up without another attempt, because the queue
/// was full or it waited too long. A conversation's message that it carried fails, which only the
/// modules above the outbox know.
pub(super) type DroppedDeliveryHandler =
    for<'w> fn(&'w mut WriteTx, i64, Timestamp) -> BoxFuture<'w, Result<()>>;

/// The open transaction of a command, and the events to publish when it is committed.
pub(super) struct WriteTx {
    pub(super) connection: Connection,
    changes: Vec<InboxEvent>,
    versions: Vec<(SiteId, Version)>,
    unseen: Vec<SiteId>,
    has_queued_delivery: bool,
    has_fan_out: bool,
    subject: AuditSubject,
    actor: Option<Actor>,
    has_foreground_work: QueueProbe,
    on_dropped_delivery: DroppedDeliveryHandler,
    /// The longest time that background work may run in one transaction.
    pub(super) background_turn: Duration,
}

/// The object that a command created or changed, for the audit log.
enum AuditSubject {
    /// The command is not recorded.
    NotNeeded,
    Needed,
    Set(String),
}

impl WriteTx {
    /// Allocates the next version of a site. A change that concerns everyone is stored with the
    /// site; for one that concerns contacts, the caller stores it with them.
    pub(super) async fn next_version(&mut self, site: SiteId, everyone: bool) -> Result<Version> {
        let version = query_scalar(
            "UPDATE site SET version = version + 1, broadcast_version = CASE WHEN ?2 <> 0 THEN version + 1 ELSE broadcast_version END
             WHERE id = ?1 RETURNING version",
        )
        .bind(site.as_bytes())
        .bind(everyone)
        .fetch_optional(&mut self.connection)
        .await?;
        self.record_version(site, version)
    }

    /// Allocates the version, and a position above all others if one is needed; otherwise returns the
    /// last one.
    pub(super) async fn next_position(
        &mut self,
        site: SiteId,
        is_open: bool,
        is_needed: bool,
        now: Timestamp,
    ) -> Result<(Version, Position)> {
        // Based on the clock, so that the order stays right when sites are merged or moved, but never
        // lower than before.
        let row: Option<(i64, i64)> = query_as(
            "UPDATE site SET version = version + 1, broadcast_version = CASE WHEN ?2 <> 0 THEN version + 1 ELSE broadcast_version END,
             last_position = CASE WHEN ?4 <> 0 THEN max(?3, last_position + 1) ELSE last_position END WHERE id = ?1 RETURNING version, last_position",
        )
        .bind(site.as_bytes())
        .bind(is_open)
        .bind(now.millis().saturating_mul(1_000))
        .bind(is_needed)
        .fetch_optional(&mut self.connection)
        .await?;
        let version = self.record_version(site, row.map(|(version, _)| version))?;
        Ok((version, Position(row.map_or(0, |(_, position)| position))))
    }

    /// Records a version that a command allocated in its own SQL.
    pub(super) fn record_version(&mut self, site: SiteId, version: Option<i64>) -> Result<Version> {
        let version = Version(version.ok_or(Conflict::UnknownSite)?);
        self.versions.push((site, version));
        Ok(version)
    }

    /// Publishes an event after the commit.
    pub(super) fn publish(&mut self, change: InboxEvent) {
        self.changes.push(change);
    }

    /// Publishes that agents' access has changed. With a version, so that a server notices when
    /// another process changed it, such as the command line.
    pub(super) async fn publish_agent_access(
        &mut self,
        site: SiteId,
        access: ChannelAccess,
    ) -> Result<()> {
        self.next_version(site, false).await?;
        self.publish(InboxEvent::ChannelAccessChanged { site, access });
        Ok(())
    }

    /// Records that a delivery was queued.
    pub(super) fn note_queued_delivery(&mut self) {
        self.has_queued_delivery = true;
    }

    /// Handles a delivery that was given up, in this transaction.
    pub(super) async fn handle_dropped_delivery(
        &mut self,
        delivery: i64,
        at: Timestamp,
    ) -> Result<()> {
        (self.on_dropped_delivery)(self, delivery, at).await
    }

    /// Records that contacts are pending in a fan-out.
    pub(super) fn note_fan_out(&mut self) {
        self.has_fan_out = true;
    }

    /// Sets the subject of the audit log entry: the id or number of the object. Evaluated only if
    /// the command is recorded.
    pub(super) fn set_subject(&mut self, thing: impl ToString) {
        if !matches!(self.subject, AuditSubject::NotNeeded) {
            self.subject = AuditSubject::Set(thing.to_string());
        }
    }

    /// Sets the actor of the audit log entry: the account that the command created.
    pub(super) fn set_actor(&mut self, actor: Actor) {
        self.actor = Some(actor);
    }

    /// The next command is recorded, so its subject is needed.
    pub(super) fn expect_subject(&mut self) {
        (self.subject, self.actor) = (AuditSubject::Needed, None);
    }

    /// The subject and the actor that the command has set.
    pub(super) fn take_subject(&mut self) -> (Option<String>, Option<Actor>) {
        let made = match std::mem::replace(&mut self.subject, AuditSubject::NotNeeded) {
            AuditSubject::Set(subject) => Some(subject),
            AuditSubject::NotNeeded | AuditSubject::Needed => None,
        };
        (made, self.actor.take())
    }

    /// Whether this batch may have queued a delivery. May be true although the command that queued
    /// it failed.
    pub(super) fn take_queued(&mut self) -> bool {
        std::mem::take(&mut self.has_queued_delivery)
    }

    /// Whether contacts may be pending in a fan-out. May be true although the command failed.
    pub(super) fn take_fans_out(&mut self) -> bool {
        std::mem::take(&mut self.has_fan_out)
    }

    pub(super) fn new(
        connection: Connection,
        has_foreground_work: QueueProbe,
        on_dropped_delivery: DroppedDeliveryHandler,
    ) -> Self {
        Self {
            connection,
            changes: Vec::new(),
            versions: Vec::new(),
            unseen: Vec::new(),
            has_queued_delivery: false,
            has_fan_out: false,
            subject: AuditSubject::NotNeeded,
            actor: None,
            has_foreground_work,
            on_dropped_delivery,
            background_turn: Duration::ZERO,
        }
    }

    /// Whether a foreground command is queued: then background work ends its turn.
    pub(super) fn has_foreground_work(&self) -> bool {
        (self.has_foreground_work)()
    }

    /// The number of recorded events and versions.
    pub(super) fn savepoint(&self) -> (usize, usize) {
        (self.changes.len(), self.versions.len())
    }

    /// Drops what was recorded since then.
    pub(super) fn roll_back_to(&mut self, since: (usize, usize)) {
        self.changes.truncate(since.0);
        self.versions.truncate(since.1);
    }

    /// Drops everything, when the state of a batch is unknown.
    pub(super) fn reset(&mut self) {
        self.roll_back_to((0, 0));
        self.unseen.clear();
        (self.has_queued_delivery, self.has_fan_out, self.subject) =
            (false, false, AuditSubject::NotNeeded);
    }

    /// Sites with events about something that was written, which have no new version yet. With one,
    /// another process notices when it has missed the events.
    pub(super) fn sites_without_version(&self) -> BTreeSet<SiteId> {
        let mut sites: BTreeSet<SiteId> = self
            .changes
            .iter()
            .filter(|change| !change.is_transient())
            .map(InboxEvent::site)
            .collect();
        for (site, _) in &self.versions {
            sites.remove(site);
        }
        sites
    }

    /// Records that a site was changed in a way for which there is no event. Other processes forget
    /// what they have cached of it.
    pub(super) fn note_unseen(&mut self, site: SiteId) {
        self.unseen.push(site);
    }

    /// The sites that were changed without an event, possibly by a command that failed.
    pub(super) fn take_unseen(&mut self) -> Vec<SiteId> {
        std::mem::take(&mut self.unseen)
    }

    /// Takes everything recorded, at the end of a batch.
    pub(super) fn take(&mut self) -> (Vec<InboxEvent>, Vec<(SiteId, Version)>) {
        (std::mem::take(&mut self.changes), std::mem::take(&mut self.versions))
    }
}
