//! Publishes the events of all processes in the order of their commits, by the versions of the sites.
//!
//! The rule: **a stream receives the events of a site in the order of their versions, on any process.**
//! So a client that has an event has all before it, and `Last-Event-ID` means the same on any process:
//! - A commit whose first version follows the last published one is published at once. That is every
//!   commit while one process writes.
//! - If another process's commit lies between, its events wait until those have arrived, up to
//!   [`MAX_WAIT`]. What this process has cached is invalidated before its caller is answered; only the
//!   streams wait. Nothing else does: not the caller, not other sites.
//! - If they do not arrive, [`InboxEvent::ExternalWrite`] ends the streams of the site and
//!   [`InboxEvent::EventsMissed`] its sockets; they connect again, and reload. What arrives after that
//!   is still published. A stream skips what is older than its greeting.
//! - A stream that connects to another process says the last version that it has. If that is the
//!   reader's latest in the database, it has everything; else it reloads. The events that are still on
//!   the way to that process are skipped or repeat what the reader has; counts carry their version, and
//!   clients ignore older ones.
//! - Events without a version (typing, presence) are published when they come.
//!
//! Must not depend on how events arrive. Called by the relay.

use super::{super::CommitSignals, Leftover, batch::Batch};
use belfry_domain::{EventSink, InboxEvent, SiteId, Version};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

/// How long events wait for those of another process: far longer than they take. Longer in store tests,
/// which run many at a time.
const MAX_WAIT: Duration =
    if cfg!(test) { Duration::from_secs(3) } else { Duration::from_millis(300) };
/// How often waiting events are looked at.
const STEP: Duration = Duration::from_millis(50);
/// Sites share their locks in this number of groups.
const GROUPS: usize = 16;

pub(super) struct Sequencer {
    sink: Arc<dyn EventSink>,
    signals: CommitSignals,
    groups: [Mutex<BTreeMap<SiteId, Sequence>>; GROUPS],
    /// A site waits.
    has_gap: Notify,
}

/// The events of one site.
struct Sequence {
    /// Everything up to this version is published. Below all versions for a new site.
    published: Version,
    /// Events that follow missing ones, by their first version.
    waiting: BTreeMap<Version, Batch>,
    gap: Option<Gap>,
}

/// Versions that are missing.
#[derive(Debug, Clone, Copy)]
struct Gap {
    /// The last of them.
    last: Version,
    until: Instant,
}

impl Default for Sequence {
    fn default() -> Self {
        Self { published: Version(-1), waiting: BTreeMap::new(), gap: None }
    }
}

impl Sequence {
    fn follows(&self, first: Version) -> bool {
        first.0 <= self.published.0 + 1
    }

    /// Waits for the versions up to this one. Returns whether it did not before.
    fn wait_for(&mut self, last: Version) -> bool {
        if last <= self.published {
            return false;
        }
        let gap = self.gap.get_or_insert(Gap { last, until: Instant::now() + MAX_WAIT });
        gap.last = last.max(gap.last);
        true
    }
}

type Group<'g> = MutexGuard<'g, BTreeMap<SiteId, Sequence>>;

impl Sequencer {
    /// A sequencer for a process that has seen these versions.
    pub(super) fn new(
        sink: Arc<dyn EventSink>,
        signals: CommitSignals,
        versions: Vec<(SiteId, Version)>,
    ) -> Self {
        let groups = std::array::from_fn(|_| Mutex::default());
        let sequencer = Self { sink, signals, groups, has_gap: Notify::new() };
        for (site, published) in versions {
            let sequence = Sequence { published, ..Sequence::default() };
            sequencer.group(site).insert(site, sequence);
        }
        sequencer
    }

    /// The sites that share a lock with this one. It is held while their events are published.
    fn group(&self, site: SiteId) -> Group<'_> {
        let number = site.as_bytes().last().copied().map_or(0, usize::from) % GROUPS;
        #[expect(clippy::indexing_slicing, reason = "the number is below the length")]
        self.groups[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes a batch when its turn comes; at once if nothing is known of other processes.
    pub(super) fn publish(&self, batch: Batch, has_others: bool) {
        let Some((first, last)) = batch.versions else { return self.send(batch.events) };
        let mut group = self.group(batch.site);
        let sequence = group.entry(batch.site).or_default();
        if !sequence.follows(first) && !has_others {
            self.give_up(batch.site, sequence, Version(first.0 - 1));
        }
        if sequence.follows(first) {
            sequence.published = last.max(sequence.published);
            self.send(batch.events);
            self.advance(sequence);
        } else {
            for event in &batch.events {
                self.sink.invalidate(event);
            }
            sequence.wait_for(Version(first.0 - 1));
            sequence.waiting.insert(first, batch);
        }
        if sequence.gap.is_some() {
            self.has_gap.notify_one();
        }
    }

    fn send(&self, events: Vec<InboxEvent>) {
        for event in events {
            self.sink.publish(event);
        }
    }

    /// Publishes the batches whose turn has come.
    fn advance(&self, sequence: &mut Sequence) {
        while let Some(batch) = sequence.waiting.first_entry()
            && batch.key().0 <= sequence.published.0 + 1
        {
            let batch = batch.remove();
            let last = batch.versions.map_or(sequence.published, |(_, last)| last);
            sequence.published = last.max(sequence.published);
            self.send(batch.events);
        }
        sequence.gap = sequence
            .gap
            .filter(|gap| gap.last > sequence.published)
            // What is missing now was committed later.
            .map(|gap| Gap { until: Instant::now() + MAX_WAIT, ..gap });
        if let Some(next) = sequence.waiting.keys().next() {
            let last = Version(next.0 - 1);
            sequence.wait_for(last);
        }
    }

    /// Has the clients of a site reload: the events up to this version do not arrive.
    fn give_up(&self, site: SiteId, sequence: &mut Sequence, version: Version) {
        sequence.published = version.max(sequence.published);
        self.signals.notify(Leftover { delivery: true, fan_out: true });
        self.send(vec![InboxEvent::ExternalWrite { site }, InboxEvent::EventsMissed { site }]);
        self.advance(sequence);
    }

    /// Another process has not sent its events up to this version.
    pub(super) fn drop_until(&self, site: SiteId, version: Version) {
        let mut group = self.group(site);
        let sequence = group.entry(site).or_default();
        if version > sequence.published {
            self.give_up(site, sequence, version);
        }
    }

    /// The last published version of each site.
    pub(super) fn versions(&self) -> BTreeMap<SiteId, Version> {
        let mut versions = BTreeMap::new();
        for group in &self.groups {
            let group = group.lock().unwrap_or_else(PoisonError::into_inner);
            versions.extend(group.iter().map(|(site, sequence)| (*site, sequence.published)));
        }
        versions
    }

    /// Compares the versions in the database with those that were published before they were read.
    /// What is missing may still be on the way.
    pub(super) fn compare(
        &self,
        before: &BTreeMap<SiteId, Version>,
        stored: Vec<(SiteId, Version)>,
    ) {
        for (site, version) in stored {
            let mut group = self.group(site);
            let sequence = group.entry(site).or_default();
            if before.get(&site).is_some_and(|before| version < *before) {
                // A backup was restored.
                *sequence = Sequence { published: version, ..Sequence::default() };
                self.give_up(site, sequence, version);
            } else if sequence.wait_for(version) {
                self.has_gap.notify_one();
            }
        }
    }

    /// Gives up what has not arrived in time. Returns whether something still waits.
    fn expire(&self, now: Instant) -> bool {
        let mut is_waiting = false;
        for group in &self.groups {
            let mut group = group.lock().unwrap_or_else(PoisonError::into_inner);
            for (site, sequence) in group.iter_mut() {
                let Some(gap) = sequence.gap else { continue };
                if gap.until <= now {
                    tracing::warn!(%site, "events of another process did not arrive");
                    self.give_up(*site, sequence, gap.last);
                }
                is_waiting |= sequence.gap.is_some();
            }
        }
        is_waiting
    }

    /// Gives up what does not arrive. Runs until it is dropped.
    pub(super) async fn close_gaps(&self) {
        loop {
            self.has_gap.notified().await;
            while self.expire(Instant::now()) {
                sleep(STEP).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
