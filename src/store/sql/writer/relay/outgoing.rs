//! The events that wait to be sent to other processes: a bounded queue that never blocks. What does
//! not fit is dropped, and the others learn up to which version. Must not depend on how they are sent.

use super::{
    Leftover,
    batch::{Batch, Line},
};
use belfry_domain::{SiteId, Version};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// The most batches that wait.
const MAX_BATCHES: usize = 8_192;
/// A packet takes no further line when it is this long.
const PACKET_BYTES: usize = 64 * 1_024;
/// The longest line. Events beyond it are not sent: clients of other processes reload.
const MAX_LINE_BYTES: usize = 4 * 1_024 * 1_024;
/// The most packets that are sent at once.
const MAX_PACKETS: usize = 32;

#[derive(Default)]
pub(super) struct Outgoing {
    state: Mutex<State>,
    ready: Notify,
}

#[derive(Default)]
struct State {
    batches: VecDeque<Batch>,
    /// The last version of each site whose events were dropped. Its later ones are dropped as well
    /// until this is sent, so that their order stays right.
    dropped: BTreeMap<SiteId, Version>,
    leftover: Leftover,
    /// Whether packets were taken that are not sent yet.
    is_sending: bool,
}

impl State {
    fn drop_batch(&mut self, batch: &Batch) {
        // Without a version, the loss is of no consequence.
        if let Some((_, last)) = batch.versions {
            let version = self.dropped.entry(batch.site).or_default();
            *version = last.max(*version);
        }
    }

    fn has_waiting(&self) -> bool {
        !self.batches.is_empty() || !self.dropped.is_empty() || self.leftover != Leftover::default()
    }
}

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a batch.
    pub(super) fn push(&self, batch: Batch) {
        let mut state = self.lock();
        if state.batches.len() >= MAX_BATCHES || state.dropped.contains_key(&batch.site) {
            state.drop_batch(&batch);
        } else {
            state.batches.push_back(batch);
        }
        self.ready.notify_one();
    }

    /// Queues work for the process that leads.
    pub(super) fn signal(&self, leftover: Leftover) {
        if leftover == Leftover::default() {
            return;
        }
        let mut state = self.lock();
        state.leftover.delivery |= leftover.delivery;
        state.leftover.fan_out |= leftover.fan_out;
        self.ready.notify_one();
    }

    /// Whether everything is sent.
    pub(super) fn is_empty(&self) -> bool {
        let state = self.lock();
        !state.is_sending && !state.has_waiting()
    }

    /// Waits until something is queued. May be dropped while it waits.
    pub(super) async fn wait(&self) {
        while !self.lock().has_waiting() {
            self.ready.notified().await;
        }
    }

    /// Takes what is queued, in packets: at most [`MAX_PACKETS`] of about [`PACKET_BYTES`].
    pub(super) fn take(&self) -> Vec<Vec<u8>> {
        let (mut packets, mut packet) = (Vec::new(), Vec::new());
        while packets.len() < MAX_PACKETS
            && let Some(line) = self.next()
        {
            if !line.append(&mut packet, MAX_LINE_BYTES)
                && let Line::Batch(Batch { site, versions: Some((_, last)), .. }) = line
            {
                Line::Dropped(site, last).append(&mut packet, MAX_LINE_BYTES);
            }
            if packet.len() >= PACKET_BYTES {
                packets.push(std::mem::take(&mut packet));
            }
        }
        if !packet.is_empty() {
            packets.push(packet);
        }
        packets
    }

    /// The next line. It is encoded without the lock, which the writers need.
    fn next(&self) -> Option<Line> {
        let mut state = self.lock();
        state.is_sending = true;
        if let Some(batch) = state.batches.pop_front() {
            return Some(Line::Batch(batch));
        }
        if let Some((site, version)) = state.dropped.pop_first() {
            return Some(Line::Dropped(site, version));
        }
        let leftover = std::mem::take(&mut state.leftover);
        (leftover != Leftover::default()).then(|| leftover.into())
    }

    /// Everything that was taken is sent.
    pub(super) fn finish(&self) {
        self.lock().is_sending = false;
    }

    /// Drops everything: nobody is there.
    pub(super) fn clear(&self) {
        *self.lock() = State::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::RangeInclusive;

    fn push(outgoing: &Outgoing, site: SiteId, versions: RangeInclusive<i64>) {
        for version in versions {
            let versions = Some((Version(version), Version(version)));
            outgoing.push(Batch { site, versions, events: Vec::new() });
        }
    }

    fn lines(outgoing: &Outgoing) -> Vec<(SiteId, i64, bool)> {
        let mut lines = Vec::new();
        loop {
            let packets = outgoing.take();
            if packets.is_empty() {
                outgoing.finish();
                return lines;
            }
            for line in packets.iter().flat_map(|packet| Line::parse(packet)) {
                lines.push(match line.unwrap() {
                    Line::Batch(batch) => (batch.site, batch.versions.unwrap().1.0, false),
                    Line::Dropped(site, version) => (site, version.0, true),
                    Line::Leftover { .. } => panic!("nothing was left"),
                });
            }
        }
    }

    #[test]
    fn full_queue_drops_and_says_up_to_where() {
        let outgoing = Outgoing::default();
        let (site, other) = (SiteId::from_bytes([1; 16]), SiteId::from_bytes([2; 16]));
        let most = i64::try_from(MAX_BATCHES).unwrap();
        push(&outgoing, site, 1..=most + 10);
        push(&outgoing, other, 1..=1);
        let sent = lines(&outgoing);
        assert_eq!(sent.len(), MAX_BATCHES + 2);
        assert_eq!(sent[MAX_BATCHES - 1], (site, most, false));
        assert_eq!(sent[MAX_BATCHES..], [(site, most + 10, true), (other, 1, true)]);
        assert!(outgoing.is_empty());
        push(&outgoing, site, most + 11..=most + 11);
        assert!(!outgoing.is_empty());
        assert_eq!(lines(&outgoing), [(site, most + 11, false)]);
    }

    #[test]
    fn signals_are_merged() {
        let outgoing = Outgoing::default();
        outgoing.signal(Leftover::default());
        assert!(outgoing.is_empty());
        outgoing.signal(Leftover { delivery: true, fan_out: false });
        outgoing.signal(Leftover { delivery: true, fan_out: true });
        let packets = outgoing.take();
        let lines: Vec<_> = packets.iter().flat_map(|packet| Line::parse(packet)).collect();
        assert!(matches!(lines[..], [Some(Line::Leftover { delivery: true, fan_out: true })]));
    }
}
