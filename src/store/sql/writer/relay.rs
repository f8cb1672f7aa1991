//! Passes the events of this process on to others on the same database, and publishes theirs here.
//!
//! After a commit, the worker hands the events over. They are published in this process before the
//! callers of the commit are answered, as on a database file, and queued for the others if there are
//! any ([`outgoing`]). One task ([`task`]) sends what is queued and receives what others have sent.
//! [`sequencer`] puts both into the order of their commits.
//!
//! Nothing that is lost on the way stays unnoticed: a commit with events gives its site a version, and
//! a version that does not arrive is found by the next one, or by comparing all versions: every
//! [`COMPARE_EVERY`](task), after each connection, and when another process is gone. Then
//! [`InboxEvent::ExternalWrite`] and [`InboxEvent::EventsMissed`] have the clients reload. Typing and
//! presence have no version: they are sent again anyway.
//!
//! Must not depend on what events mean. Called by the workers.

mod batch;
mod outgoing;
mod sequencer;
mod task;

use super::CommitSignals;
use crate::{bus::Bus, postgres::Processes};
use batch::Batch;
use belfry_domain::{EventSink, InboxEvent, SiteId, Version};
use outgoing::Outgoing;
use sequencer::Sequencer;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

/// How long a process that stops waits until its last events are sent.
const FLUSH_TIME: Duration = Duration::from_secs(2);
const FLUSH_STEP: Duration = Duration::from_millis(5);

/// What a commit left behind besides its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Leftover {
    /// A delivery was queued.
    pub(super) delivery: bool,
    /// Contacts are pending in a fan-out.
    pub(super) fan_out: bool,
}

impl CommitSignals {
    pub(super) fn notify(&self, leftover: Leftover) {
        if leftover.delivery {
            self.delivery.notify_one();
        }
        if leftover.fan_out {
            self.fan_out.notify_one();
        }
    }
}

/// The relay of one process.
pub(super) struct Relay {
    processes: Arc<Processes>,
    sequencer: Sequencer,
    outgoing: Outgoing,
    signals: CommitSignals,
    /// Versions may have changed unnoticed.
    compare: Notify,
}

impl Relay {
    /// A relay of a process that has seen these versions.
    pub(super) fn new(
        processes: Arc<Processes>,
        event_sink: Arc<dyn EventSink>,
        signals: CommitSignals,
        versions: Vec<(SiteId, Version)>,
    ) -> Arc<Self> {
        let sequencer = Sequencer::new(event_sink, signals.clone(), versions);
        let (outgoing, compare) = (Outgoing::default(), Notify::new());
        Arc::new(Self { processes, sequencer, outgoing, signals, compare })
    }

    /// Starts the tasks, which end when what this returns is dropped.
    pub(super) fn start(self: &Arc<Self>, bus: Bus) -> Vec<AbortOnDropHandle<()>> {
        let (relay, gaps) = (Arc::clone(self), Arc::clone(self));
        vec![
            AbortOnDropHandle::new(tokio::spawn(task::run(relay, bus))),
            AbortOnDropHandle::new(tokio::spawn(async move { gaps.sequencer.close_gaps().await })),
        ]
    }

    /// Publishes the events of a commit with the versions that it gave to sites. `unseen` are sites
    /// that it changed without an event: other processes forget what they have cached of them.
    pub(super) fn commit(
        &self,
        versions: Vec<(SiteId, Version)>,
        events: Vec<InboxEvent>,
        leftover: Leftover,
        unseen: Vec<SiteId>,
    ) {
        let has_others = self.processes.has_others();
        for batch in batches(versions, events) {
            let site = batch.site;
            let relayed = has_others.then(|| batch.clone());
            self.sequencer.publish(batch, has_others);
            if let Some(mut relayed) = relayed {
                if unseen.contains(&site) {
                    relayed.events.push(InboxEvent::ExternalWrite { site });
                }
                self.outgoing.push(relayed);
            }
        }
        self.signals.notify(leftover);
        if has_others {
            self.outgoing.signal(leftover);
        }
    }

    /// The processes on the database.
    pub(super) fn processes(&self) -> &Processes {
        &self.processes
    }

    /// Publishes an event of this process on the others only.
    pub(super) fn send(&self, event: InboxEvent) {
        if self.processes.has_others() {
            let site = event.site();
            self.outgoing.push(Batch { site, versions: None, events: vec![event] });
        }
    }

    /// Has all versions compared: something may have been missed.
    pub(super) fn compare_versions(&self) {
        self.compare.notify_one();
    }

    /// Waits until everything is sent.
    pub(super) async fn flush(&self) {
        let sent = async {
            while !self.outgoing.is_empty() {
                sleep(FLUSH_STEP).await;
            }
        };
        let _ = timeout(FLUSH_TIME, sent).await;
    }
}

/// What a commit published, by site. Within a site, its versions follow one another.
fn batches(
    versions: Vec<(SiteId, Version)>,
    events: Vec<InboxEvent>,
) -> impl Iterator<Item = Batch> {
    let mut batches = BTreeMap::new();
    let empty = |site| Batch { site, versions: None, events: Vec::new() };
    for (site, version) in versions {
        let batch: &mut Batch = batches.entry(site).or_insert_with(|| empty(site));
        let (first, last) = batch.versions.unwrap_or((version, version));
        batch.versions = Some((first.min(version), last.max(version)));
    }
    for event in events {
        let site = event.site();
        batches.entry(site).or_insert_with(|| empty(site)).events.push(event);
    }
    batches.into_values()
}
