//! The queue of the writer, with fair scheduling between sites. Next is the site that has used the
//! writer least: a site with a thousand queued commands, or with a few slow ones, delays a command
//! of another site by at most one command. Must not depend on what the commands do.
//!
//! A site that becomes active starts at the usage that the last served site had before its command:
//! idle time earns no credit. Usage is remembered while a site has no queued commands, since a site
//! that sends its next command after each response has none when it is another's turn. It is reset
//! after [`USAGE_WINDOW`].

use super::super::site_permits::SitePermits;
use belfry_domain::SiteId;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// The most queued commands of all sites; above it, callers wait.
const MAX_WAITING: usize = 4_096;
/// The most queued commands of one site; above it, its callers wait, and those of other sites
/// don't.
const MAX_WAITING_PER_SITE: usize = 1_024;

/// The minimum cost of a command.
const MIN_COST: Duration = Duration::from_micros(20);
/// The writer time after which usage is reset, so that a site whose command took seconds does not
/// wait for seconds.
const USAGE_WINDOW: Duration = Duration::from_millis(100);

/// Commands without a site share a queue of their own.
type QueueKey = Option<SiteId>;

struct QueuedItem<T> {
    key: QueueKey,
    item: T,
    /// Released when the command is taken.
    _permit: Option<OwnedSemaphorePermit>,
}

/// The sending half.
pub(super) struct Sender<T> {
    channel: mpsc::Sender<QueuedItem<T>>,
    sites: SitePermits,
    queued_count: Arc<AtomicUsize>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self {
            channel: self.channel.clone(),
            sites: self.sites.clone(),
            queued_count: Arc::clone(&self.queued_count),
        }
    }
}

/// The receiving half.
pub(super) struct Receiver<T> {
    channel: mpsc::Receiver<QueuedItem<T>>,
    queues: HashMap<QueueKey, VecDeque<QueuedItem<T>>>,
    order: FairOrder,
    queued_count: Arc<AtomicUsize>,
}

/// The scheduling state.
#[derive(Default)]
struct FairOrder {
    /// The sites with queued commands, next first: usage, and when the site joined.
    order: BTreeSet<(Duration, u64, QueueKey)>,
    /// The usage of each site, and when it joined the order.
    usage: HashMap<QueueKey, (Duration, u64)>,
    /// The usage that the last served site had before its command.
    current_usage: Duration,
    /// The usage of all sites.
    total_usage: Duration,
    arrivals: u64,
}

impl FairOrder {
    /// Adds a site that was not in the order.
    fn enter(&mut self, key: QueueKey) {
        let used = self
            .usage
            .get(&key)
            .map_or(self.current_usage, |(used, _)| self.current_usage.max(*used));
        self.arrivals += 1;
        self.usage.insert(key, (used, self.arrivals));
        self.order.insert((used, self.arrivals, key));
    }

    /// Removes a site from the order, and counts its command.
    fn leave(&mut self, key: QueueKey) {
        if let Some((used, arrival)) = self.usage.get(&key).copied() {
            self.order.remove(&(used, arrival, key));
        }
        self.charge(key, MIN_COST);
    }

    /// Removes the next site from the order and returns it.
    fn next(&mut self) -> Option<QueueKey> {
        let (used, _, feed) = self.order.pop_first()?;
        self.current_usage = used;
        self.charge(feed, MIN_COST);
        Some(feed)
    }

    fn charge(&mut self, key: QueueKey, cost: Duration) {
        if self.total_usage >= USAGE_WINDOW {
            self.forget();
        }
        self.total_usage += cost;
        let (used, arrival) = self.usage.entry(key).or_default();
        let stands = self.order.remove(&(*used, *arrival, key));
        *used += cost.min(USAGE_WINDOW);
        if stands {
            self.order.insert((*used, *arrival, key));
        }
    }

    fn forget(&mut self) {
        (self.current_usage, self.total_usage) = (Duration::ZERO, Duration::ZERO);
        self.order = std::mem::take(&mut self.order)
            .into_iter()
            .map(|(_, arrival, lane)| (Duration::ZERO, arrival, lane))
            .collect();
        self.usage =
            self.order.iter().map(|(used, arrival, lane)| (*lane, (*used, *arrival))).collect();
    }
}

pub(super) fn new<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel(MAX_WAITING);
    let queued_count = Arc::new(AtomicUsize::new(0));
    let sender = Sender {
        channel: sender,
        sites: SitePermits::new(MAX_WAITING_PER_SITE),
        queued_count: Arc::clone(&queued_count),
    };
    (
        sender,
        Receiver {
            channel: receiver,
            queues: HashMap::new(),
            order: FairOrder::default(),
            queued_count,
        },
    )
}

impl<T: Send> Sender<T> {
    /// Waits for room, and queues the item. Returns `None` if the receiver is closed.
    pub(super) async fn send(&self, key: QueueKey, item: T) -> Option<()> {
        let permit = match key {
            Some(site) => Some(self.sites.acquire(site).await?),
            None => None,
        };
        self.channel.send(QueuedItem { key, item, _permit: permit }).await.ok()
    }

    /// A probe for whether anything is queued, which does not keep the queue open.
    pub(super) fn probe(&self) -> impl Fn() -> bool + Send + Sync + use<T>
    where
        T: 'static,
    {
        let (channel, in_lanes) = (self.channel.downgrade(), Arc::clone(&self.queued_count));
        move || {
            in_lanes.load(Ordering::Relaxed) > 0
                || channel
                    .upgrade()
                    .is_some_and(|channel| channel.capacity() < channel.max_capacity())
        }
    }

    /// The number of queued items, including those still in the channel.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.queued_count.load(Ordering::Relaxed) + self.channel.max_capacity()
            - self.channel.capacity()
    }
}

impl<T> Receiver<T> {
    /// The next command and its site; waits for one. `None` when the queue is closed and empty.
    pub(super) async fn recv(&mut self) -> Option<(QueueKey, T)> {
        if let Some(next) = self.try_recv() {
            return Some(next);
        }
        let waiting = self.channel.recv().await?;
        self.enqueue(waiting);
        self.try_recv()
    }

    /// The next command, if one is queued.
    pub(super) fn try_recv(&mut self) -> Option<(QueueKey, T)> {
        self.drain_channel();
        let key = self.order.next()?;
        Some((key, self.take_first(key)?))
    }

    /// The next command of this site, if one is queued.
    pub(super) fn try_recv_of(&mut self, key: QueueKey) -> Option<T> {
        self.drain_channel();
        if !self.queues.contains_key(&key) {
            return None;
        }
        self.order.leave(key);
        self.take_first(key)
    }

    /// The first command of a site that was removed from the order.
    fn take_first(&mut self, key: QueueKey) -> Option<T> {
        let waiting = self.queues.get_mut(&key)?;
        let next = waiting.pop_front();
        if waiting.is_empty() {
            self.queues.remove(&key);
        } else {
            self.order.enter(key);
        }
        self.queued_count.fetch_sub(1, Ordering::Relaxed);
        next.map(|queued| queued.item)
    }

    fn drain_channel(&mut self) {
        while self.queued_count.load(Ordering::Relaxed) < MAX_WAITING
            && let Ok(waiting) = self.channel.try_recv()
        {
            self.enqueue(waiting);
        }
    }

    fn enqueue(&mut self, waiting: QueuedItem<T>) {
        let feed = self.queues.entry(waiting.key).or_default();
        if feed.is_empty() {
            self.order.enter(waiting.key);
        }
        feed.push_back(waiting);
        self.queued_count.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds the writer time that a command of this site took.
    pub(super) fn charge(&mut self, key: QueueKey, cost: Duration) {
        self.order.charge(key, cost);
    }

    /// Whether a command of another site is queued.
    pub(super) fn has_others(&mut self, key: QueueKey) -> bool {
        self.drain_channel();
        self.queues.len() > usize::from(self.queues.contains_key(&key))
    }

    /// Whether nothing is queued.
    pub(super) fn is_empty(&self) -> bool {
        self.order.order.is_empty() && self.channel.is_empty()
    }

    /// Rejects new commands; queued ones can still be taken.
    pub(super) fn close(&mut self) {
        self.channel.close();
    }
}

#[cfg(test)]
mod tests;
