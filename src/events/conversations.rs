//! Subscriptions to events of conversations, by sessions of contacts and agents of a site.
//!
//! An event reaches the session that it concerns, all verified sessions of the contact if that
//! session is verified, and the agents with access to its inbox. It is encoded once, by the first
//! connection that sends it, so its author does not wait for the encoding. Sites share only the
//! lookup of a site. Must not depend on sockets or SQL. Called by `channels`.

mod connection;
mod presence;
mod site_subscriptions;

pub use connection::{
    ConversationSubscription, Delivery, HubConnection, HubConnectionEvent, Message,
    SharedConversationEvent,
};
pub use site_subscriptions::{Recipient, Viewer, Viewing};

use super::queue;
use crate::{
    content::wire::PresenceView,
    domain::{
        ContactId, EventSink, InboxEvent, Origin, SiteId,
        channel::{AgentId, Availability},
    },
};
use site_subscriptions::SiteSubscriptions;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep},
};

/// Interval between heartbeats on one connection.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(3);
/// Connections receive heartbeats in this many groups, one after the other, so that ten thousand
/// are not woken at once.
const HEARTBEAT_GROUPS: u32 = 16;
/// Group heartbeats between two sweeps for sites without connections.
const HEARTBEATS_PER_SWEEP: u32 = 20 * HEARTBEAT_GROUPS;

/// All subscriptions of this process.
pub struct ConversationHub {
    public_url: Origin,
    rooms: RwLock<HashMap<SiteId, Arc<Mutex<SiteSubscriptions>>>>,
    interval: Duration,
    beats: Vec<watch::Sender<()>>,
    opened: AtomicU64,
    connections: AtomicUsize,
    first: Notify,
    closing: AtomicBool,
}

impl ConversationHub {
    /// A hub without connections. URLs in its events are built from `public_url`.
    pub fn new(public_url: Origin) -> Arc<Self> {
        Arc::new(Self::unshared(public_url))
    }

    fn unshared(public_url: Origin) -> Self {
        Self {
            public_url,
            rooms: RwLock::default(),
            interval: HEARTBEAT_INTERVAL,
            beats: (0..HEARTBEAT_GROUPS).map(|_| watch::Sender::new(())).collect(),
            opened: AtomicU64::new(0),
            connections: AtomicUsize::new(0),
            first: Notify::new(),
            closing: AtomicBool::new(false),
        }
    }

    /// A new connection without subscriptions. `None` when the process is stopping.
    pub fn connect(self: &Arc<Self>) -> Option<HubConnection> {
        if self.is_closing() {
            return None;
        }
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let group = usize::try_from(number % u64::from(HEARTBEAT_GROUPS)).unwrap_or_default();
        let beat = self.beats.get(group)?.subscribe();
        if self.connections.fetch_add(1, Ordering::AcqRel) == 0 {
            self.first.notify_one();
        }
        Some(HubConnection::new(Arc::clone(self), beat))
    }

    /// Number of open connections.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    /// Sends heartbeats while there are connections. Runs until it is dropped.
    pub async fn beat(&self) {
        let mut count: u32 = 0;
        loop {
            if self.connections() == 0 {
                self.first.notified().await;
            }
            for group in &self.beats {
                sleep(self.interval / HEARTBEAT_GROUPS).await;
                group.send_replace(());
                count = count.wrapping_add(1);
                if count.is_multiple_of(HEARTBEATS_PER_SWEEP) {
                    self.sweep(Instant::now());
                }
            }
        }
    }

    /// Closes every connection and rejects new ones: the process is stopping.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
        for group in &self.beats {
            group.send_replace(());
        }
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Removes sites without connections. A site that is being joined has a second reference.
    fn sweep(&self, now: Instant) {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        rooms.retain(|_, room| Arc::strong_count(room) > 1 || !lock(room).is_deserted(now));
    }

    fn room(&self, site: SiteId) -> Option<Arc<Mutex<SiteSubscriptions>>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).get(&site).cloned()
    }

    fn room_or_new(&self, site: SiteId) -> Arc<Mutex<SiteSubscriptions>> {
        self.room(site).unwrap_or_else(|| {
            Arc::clone(
                self.rooms.write().unwrap_or_else(PoisonError::into_inner).entry(site).or_default(),
            )
        })
    }
}

fn lock(room: &Mutex<SiteSubscriptions>) -> MutexGuard<'_, SiteSubscriptions> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EventSink for ConversationHub {
    fn announce(&self, change: InboxEvent) {
        let Some(room) = self.room(change.site()) else { return };
        match change {
            InboxEvent::Conversation(event) => {
                lock(&room).tell(&SharedConversationEvent::new(event));
            }
            InboxEvent::ChannelAccess { access, .. } => lock(&room).look_again(access),
            InboxEvent::Unknown { .. } => {
                lock(&room).look_again(crate::domain::channel::ChannelAccess::Agents);
            }
            _ => {}
        }
    }
}

impl PresenceView for ConversationHub {
    fn agent(&self, site: SiteId, agent: AgentId) -> Availability {
        self.room(site).map_or(Availability::Offline, |room| {
            lock(&room).presence.availability(agent, Instant::now())
        })
    }

    fn contact(&self, site: SiteId, contact: ContactId) -> bool {
        self.room(site)
            .is_some_and(|room| lock(&room).presence.has_contact(contact, Instant::now()))
    }
}

#[cfg(test)]
mod tests;
