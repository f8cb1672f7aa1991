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
use belfry_content::wire::PresenceView;
use belfry_domain::{
    ContactId, EventSink, InboxEvent, Origin, PresentSubscriber, SiteId,
    channel::{AgentId, Availability},
};
use site_subscriptions::SiteSubscriptions;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
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

/// Takes events for other processes. Must not block.
pub type PresenceRelay = Box<dyn Fn(InboxEvent) + Send + Sync>;

/// All subscriptions of this process.
pub struct ConversationHub {
    public_url: Origin,
    sites: RwLock<HashMap<SiteId, Arc<Mutex<SiteSubscriptions>>>>,
    heartbeat_interval: Duration,
    heartbeats: Vec<watch::Sender<()>>,
    next_number: AtomicU64,
    connection_count: AtomicUsize,
    first_connection: Notify,
    closing: AtomicBool,
    /// Tells other processes who is online.
    presence_relay: OnceLock<PresenceRelay>,
}

impl ConversationHub {
    /// A hub without connections. URLs in its events are built from `public_url`.
    pub fn new(public_url: Origin) -> Arc<Self> {
        Arc::new(Self::unshared(public_url))
    }

    fn unshared(public_url: Origin) -> Self {
        Self {
            public_url,
            sites: RwLock::default(),
            heartbeat_interval: HEARTBEAT_INTERVAL,
            heartbeats: (0..HEARTBEAT_GROUPS).map(|_| watch::Sender::new(())).collect(),
            next_number: AtomicU64::new(0),
            connection_count: AtomicUsize::new(0),
            first_connection: Notify::new(),
            closing: AtomicBool::new(false),
            presence_relay: OnceLock::new(),
        }
    }

    /// Has other processes told who is online here. May be called once.
    pub fn relay_presence(&self, relay: PresenceRelay) {
        let _ = self.presence_relay.set(relay);
    }

    /// Tells other processes of a subscriber who was marked as online.
    fn tell_present(&self, site: SiteId, subscriber: Option<PresentSubscriber>) {
        if let Some((relay, subscriber)) = self.presence_relay.get().zip(subscriber) {
            relay(InboxEvent::Present { site, subscriber });
        }
    }

    /// A new connection without subscriptions. `None` when the process is stopping.
    pub fn connect(self: &Arc<Self>) -> Option<HubConnection> {
        if self.is_closing() {
            return None;
        }
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let group = usize::try_from(number % u64::from(HEARTBEAT_GROUPS)).unwrap_or_default();
        let heartbeat = self.heartbeats.get(group)?.subscribe();
        if self.connection_count.fetch_add(1, Ordering::AcqRel) == 0 {
            self.first_connection.notify_one();
        }
        Some(HubConnection::new(Arc::clone(self), heartbeat))
    }

    /// Number of open connections.
    pub fn connection_count(&self) -> usize {
        self.connection_count.load(Ordering::Acquire)
    }

    /// Sends heartbeats while there are connections. Runs until it is dropped.
    pub async fn send_heartbeats(&self) {
        let mut count: u32 = 0;
        loop {
            if self.connection_count() == 0 {
                self.first_connection.notified().await;
            }
            for group in &self.heartbeats {
                sleep(self.heartbeat_interval / HEARTBEAT_GROUPS).await;
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
        for group in &self.heartbeats {
            group.send_replace(());
        }
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Removes sites without connections. A site that is being joined has a second reference.
    fn sweep(&self, now: Instant) {
        let mut rooms = self.sites.write().unwrap_or_else(PoisonError::into_inner);
        rooms.retain(|_, room| Arc::strong_count(room) > 1 || !lock(room).is_empty(now));
    }

    fn site(&self, site: SiteId) -> Option<Arc<Mutex<SiteSubscriptions>>> {
        self.sites.read().unwrap_or_else(PoisonError::into_inner).get(&site).cloned()
    }

    fn site_or_new(&self, site: SiteId) -> Arc<Mutex<SiteSubscriptions>> {
        self.site(site).unwrap_or_else(|| {
            Arc::clone(
                self.sites.write().unwrap_or_else(PoisonError::into_inner).entry(site).or_default(),
            )
        })
    }
}

fn lock(room: &Mutex<SiteSubscriptions>) -> MutexGuard<'_, SiteSubscriptions> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EventSink for ConversationHub {
    fn publish(&self, change: InboxEvent) {
        if let InboxEvent::Present { site, subscriber } = change {
            // Its agents and contacts may all be connected to other processes.
            lock(&self.site_or_new(site)).note_present(subscriber);
            return;
        }
        let Some(room) = self.site(change.site()) else { return };
        match change {
            InboxEvent::Conversation(event) => {
                lock(&room).send(&SharedConversationEvent::new(event));
            }
            InboxEvent::ChannelAccessChanged { access, .. } => lock(&room).recheck(access),
            InboxEvent::ExternalWrite { .. } => {
                lock(&room).recheck(belfry_domain::channel::ChannelAccess::Agents);
            }
            InboxEvent::EventsMissed { .. } => lock(&room).abort_connections(),
            _ => {}
        }
    }
}

impl PresenceView for ConversationHub {
    fn agent(&self, site: SiteId, agent: AgentId) -> Availability {
        self.site(site).map_or(Availability::Offline, |room| {
            lock(&room).presence.availability(agent, Instant::now())
        })
    }

    fn contact(&self, site: SiteId, contact: ContactId) -> bool {
        self.site(site)
            .is_some_and(|room| lock(&room).presence.has_contact(contact, Instant::now()))
    }
}

#[cfg(test)]
mod tests;
