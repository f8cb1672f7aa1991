//! The commands that wait for the writer, each in the lane of its site. Sites take turns, so a site with a thousand commands waiting holds up
//! the one command of another by one command, not by a thousand. Must not know what the commands do.

use super::super::shares::SitePermits;
use crate::domain::SiteId;
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// Commands that may wait before callers are held back.
const CAPACITY: usize = 4_096;
/// Commands of one site that may wait before its callers are held back. Those of others are not.
const SITE_CAPACITY: usize = 1_024;

/// A command without a site stands in a lane of its own.
type Lane = Option<SiteId>;

struct Waiting<T> {
    lane: Lane,
    item: T,
    /// Returned when its turn comes.
    _permit: Option<OwnedSemaphorePermit>,
}

/// The end at which commands come in.
pub(super) struct Sender<T> {
    channel: mpsc::Sender<Waiting<T>>,
    sites: SitePermits,
    in_lanes: Arc<AtomicUsize>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { channel: self.channel.clone(), sites: self.sites.clone(), in_lanes: Arc::clone(&self.in_lanes) }
    }
}

/// The end at which they are taken, site by site.
pub(super) struct Receiver<T> {
    channel: mpsc::Receiver<Waiting<T>>,
    lanes: HashMap<Lane, VecDeque<Waiting<T>>>,
    /// The lanes that are not empty, the one whose turn is next first.
    turns: VecDeque<Lane>,
    in_lanes: Arc<AtomicUsize>,
}

/// An empty queue.
pub(super) fn new<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    let in_lanes = Arc::new(AtomicUsize::new(0));
    let sender = Sender { channel: sender, sites: SitePermits::new(SITE_CAPACITY), in_lanes: Arc::clone(&in_lanes) };
    (sender, Receiver { channel: receiver, lanes: HashMap::new(), turns: VecDeque::new(), in_lanes })
}

impl<T: Send> Sender<T> {
    /// Waits for room, and queues. Gives `None` back when nobody takes any more.
    pub(super) async fn send(&self, lane: Lane, item: T) -> Option<()> {
        let permit = match lane {
            Some(site) => Some(self.sites.acquire(site).await?),
            None => None,
        };
        self.channel.send(Waiting { lane, item, _permit: permit }).await.ok()
    }

    /// Says whether something waits, without keeping the queue open.
    pub(super) fn probe(&self) -> impl Fn() -> bool + Send + Sync + use<T>
    where
        T: 'static,
    {
        let (channel, in_lanes) = (self.channel.downgrade(), Arc::clone(&self.in_lanes));
        move || in_lanes.load(Ordering::Relaxed) > 0 || channel.upgrade().is_some_and(|channel| channel.capacity() < channel.max_capacity())
    }

    /// How many wait, in lanes and before them.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.in_lanes.load(Ordering::Relaxed) + self.channel.max_capacity() - self.channel.capacity()
    }
}

impl<T> Receiver<T> {
    /// The next command and its site; waits for one. `None` when there is none and never will be.
    pub(super) async fn recv(&mut self) -> Option<(Lane, T)> {
        if let Some(next) = self.try_recv() {
            return Some(next);
        }
        let Waiting { lane, item, .. } = self.channel.recv().await?;
        Some((lane, item))
    }

    /// The next command if one waits.
    pub(super) fn try_recv(&mut self) -> Option<(Lane, T)> {
        self.take_in();
        let lane = self.turns.pop_front()?;
        let waiting = self.lanes.get_mut(&lane)?;
        let next = waiting.pop_front();
        if waiting.is_empty() {
            self.lanes.remove(&lane);
        } else {
            self.turns.push_back(lane);
        }
        self.in_lanes.fetch_sub(1, Ordering::Relaxed);
        next.map(|Waiting { lane, item, .. }| (lane, item))
    }

    fn take_in(&mut self) {
        while self.in_lanes.load(Ordering::Relaxed) < CAPACITY
            && let Ok(waiting) = self.channel.try_recv()
        {
            let lane = self.lanes.entry(waiting.lane).or_default();
            if lane.is_empty() {
                self.turns.push_back(waiting.lane);
            }
            lane.push_back(waiting);
            self.in_lanes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.channel.is_empty()
    }

    /// From now on nothing more comes in; what waits is still taken.
    pub(super) fn close(&mut self) {
        self.channel.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use tokio::task::unconstrained;

    fn site(number: u8) -> SiteId {
        SiteId::from_bytes([number; 16])
    }

    #[tokio::test]
    async fn sites_take_turns_and_each_keeps_its_order() {
        let (sender, mut receiver) = new();
        for number in 0..500 {
            sender.send(Some(site(1)), number).await.unwrap();
        }
        sender.send(Some(site(2)), 1_000).await.unwrap();
        sender.send(None, 2_000).await.unwrap();
        sender.send(Some(site(2)), 1_001).await.unwrap();
        let first: Vec<_> = std::iter::from_fn(|| receiver.try_recv()).take(6).map(|(_, number)| number).collect();
        assert_eq!(first, [0, 1_000, 2_000, 1, 1_001, 2]);
        // Who comes later waits for one command of the other at most.
        sender.send(Some(site(3)), 3_000).await.unwrap();
        let next: Vec<_> = std::iter::from_fn(|| receiver.try_recv()).take(2).map(|(_, number)| number).collect();
        assert!(next.contains(&3_000), "{next:?}");
        let rest: Vec<_> = std::iter::from_fn(|| receiver.try_recv()).map(|(_, number)| number).collect();
        assert!(rest.is_sorted() && rest.len() == 496, "{}", rest.len());
        assert!(receiver.is_empty());
    }

    #[tokio::test]
    async fn a_site_that_fills_its_lane_keeps_nobody_else_out() {
        let (sender, mut receiver) = new();
        for number in 0..SITE_CAPACITY {
            sender.send(Some(site(1)), number).await.unwrap();
        }
        let mut held = Box::pin(sender.send(Some(site(1)), 9_999));
        assert!(unconstrained(&mut held).now_or_never().is_none(), "one too many");
        unconstrained(sender.send(Some(site(2)), 5)).now_or_never().flatten().unwrap();
        assert!((sender.probe())());
        receiver.try_recv().unwrap();
        assert!(unconstrained(held).now_or_never().is_some(), "there is room again");
    }
}
