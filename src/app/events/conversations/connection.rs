//! One connection: its queue of deliveries and its subscriptions.

use super::{ConversationHub, Recipient, Viewer, lock, queue, site_subscriptions::SubscriberKey};
use belfry_content::wire::Renderer;
use belfry_domain::{
    SiteId,
    channel::{ConversationEvent, ConversationMessage, ConversationNumber, ConversationView},
};
use bytes::Bytes;
use std::{
    future::poll_fn,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OnceCell, watch},
    time::sleep,
};

/// Time that an unfinished write gets when the process is stopping.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Deliveries queued for one connection. A connection that exceeds it is aborted; its client
/// reconnects and reloads.
const MAX_BACKLOG: usize = 512;
/// The same limit in bytes of message contents. A single event may exceed it.
const MAX_BACKLOG_BYTES: usize = 2 * 1_024 * 1_024;
/// Estimated size of an event besides the message contents.
const EVENT_OVERHEAD_BYTES: usize = 4 * 1_024;

/// A message for one subscription of a connection.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The connection's own id of the subscription.
    pub subscription: u32,
    /// The message.
    pub message: Message,
}

/// What a subscription receives.
#[derive(Debug, Clone)]
pub enum Message {
    /// An event, to be encoded for this view.
    Event(Arc<SharedConversationEvent>, EventView),
    /// An encoded message.
    Encoded(Bytes),
    /// The subscriber or its access may have changed: resolve the subscription again.
    Recheck,
    /// Another agent opened the conversation of the subscription.
    ViewerJoined(Viewer),
    /// Another agent left the conversation of the subscription.
    ViewerLeft(Viewer),
}

impl Message {
    fn bytes(&self) -> usize {
        match self {
            Self::Event(shared, _) => shared.bytes,
            Self::Encoded(written) => written.len(),
            Self::Recheck | Self::ViewerJoined(_) | Self::ViewerLeft(_) => 0,
        }
    }
}

/// Whose view of an event is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventView {
    /// All fields of the contact.
    Agents,
    /// The fields of the contact that its session may see.
    Contact,
}

/// An event that is encoded once for agents and once for the contact, who may see fewer fields.
#[derive(Debug)]
pub struct SharedConversationEvent {
    pub(super) event: Arc<ConversationEvent>,
    bytes: usize,
    for_agents: OnceLock<Option<Bytes>>,
    for_contact: OnceLock<Option<Bytes>>,
    /// The conversation as an item of agents' lists: for those who do not watch it, and for those
    /// who do.
    list_items: [OnceLock<Option<Bytes>>; 2],
    /// The conversations of the contact, for an event that concerns no conversation.
    contact_conversations: OnceCell<Vec<Arc<SharedConversationEvent>>>,
}

impl SharedConversationEvent {
    pub(super) fn new(event: Arc<ConversationEvent>) -> Arc<Self> {
        let content_bytes = |message: Option<&ConversationMessage>| {
            message.and_then(|message| message.content.as_ref()).map_or(0, String::len)
        };
        let last = event.conversation.as_ref().and_then(|view| view.last_message.as_ref());
        // The content is held twice: in the event and in its encoding.
        let bytes = EVENT_OVERHEAD_BYTES
            + 2 * (content_bytes(event.message.as_deref()) + content_bytes(last));
        Arc::new(Self {
            event,
            bytes,
            for_agents: OnceLock::new(),
            for_contact: OnceLock::new(),
            list_items: [const { OnceLock::new() }; 2],
            contact_conversations: OnceCell::new(),
        })
    }

    /// The conversations of the contact, each as an event of its own. Loaded once, by the first
    /// caller.
    pub async fn contact_conversations<E>(
        &self,
        find: impl Future<Output = Result<Vec<ConversationView>, E>>,
    ) -> Result<&[Arc<Self>], E> {
        let found = self.contact_conversations.get_or_try_init(|| async {
            let event = |view| {
                let event = ConversationEvent {
                    conversation: Some(Box::new(view)),
                    contact: None,
                    ..ConversationEvent::clone(&self.event)
                };
                Self::new(Arc::new(event))
            };
            Ok(find.await?.into_iter().map(event).collect())
        });
        found.await.map(Vec::as_slice)
    }

    /// The event itself.
    pub fn event(&self) -> &ConversationEvent {
        &self.event
    }

    fn encoded(
        &self,
        audience: EventView,
        write: impl Fn(&ConversationEvent) -> Option<Bytes>,
    ) -> Option<Bytes> {
        let for_agents = || self.for_agents.get_or_init(|| write(&self.event)).clone();
        match audience {
            EventView::Agents => for_agents(),
            EventView::Contact => self
                .for_contact
                .get_or_init(|| {
                    self.event.with_visible_contact().map_or_else(for_agents, |seen| write(&seen))
                })
                .clone(),
        }
    }
}

/// What a connection has to handle next.
#[derive(Debug)]
pub enum HubConnectionEvent {
    /// A message to send.
    Delivery(Delivery),
    /// A heartbeat to send.
    Heartbeat,
    /// The process is stopping.
    Closing,
    /// The connection exceeded its backlog.
    TooSlow,
}

/// The sending side of a connection's queue.
#[derive(Debug)]
pub(super) struct ConnectionSender {
    queue: queue::Sender<Delivery>,
    pending_bytes: AtomicUsize,
}

impl ConnectionSender {
    /// Queues a delivery. `false` when the connection is closed, or exceeded its backlog and is now
    /// aborted.
    pub(super) fn send(&self, delivery: Delivery) -> bool {
        let bytes = delivery.message.bytes();
        let before = self.pending_bytes.fetch_add(bytes, Ordering::AcqRel);
        let sent = (before == 0 || before + bytes <= MAX_BACKLOG_BYTES)
            && self.queue.send(delivery, MAX_BACKLOG);
        if !sent {
            self.queue.abort();
        }
        sent
    }

    /// Closes the connection: its client connects again and reloads.
    pub(super) fn abort(&self) {
        self.queue.abort();
    }

    fn release(&self, delivery: &Delivery) {
        self.pending_bytes.fetch_sub(delivery.message.bytes(), Ordering::AcqRel);
    }
}

/// The hub's side of one connection.
pub struct HubConnection {
    hub: Arc<ConversationHub>,
    sender: Arc<ConnectionSender>,
    receiver: queue::Receiver<Delivery>,
    heartbeat: watch::Receiver<()>,
}

/// A subscription of a connection to a site's events; dropping it unsubscribes.
pub struct ConversationSubscription {
    hub: Arc<ConversationHub>,
    site: SiteId,
    key: SubscriberKey,
    number: u64,
    viewing: Option<ConversationNumber>,
}

impl HubConnection {
    pub(super) fn new(hub: Arc<ConversationHub>, heartbeat: watch::Receiver<()>) -> Self {
        let (queue, receiver) = queue::queue();
        Self {
            hub,
            sender: Arc::new(ConnectionSender { queue, pending_bytes: AtomicUsize::new(0) }),
            receiver,
            heartbeat,
        }
    }

    /// Subscribes under the connection's own id `subscription`. `None` when the contact or agent
    /// has too many subscriptions.
    pub fn subscribe(
        &self,
        subscription: u32,
        recipient: Recipient,
    ) -> Option<ConversationSubscription> {
        let (site, key, viewing) = (recipient.site(), recipient.key(), recipient.conversation());
        let number = self.hub.next_number.fetch_add(1, Ordering::Relaxed);
        let room = self.hub.site_or_new(site);
        let joined = lock(&room).add(number, subscription, Arc::clone(&self.sender), recipient);
        joined.then(|| ConversationSubscription {
            hub: Arc::clone(&self.hub),
            site,
            key,
            number,
            viewing,
        })
    }

    /// The next event of the connection. Cancel-safe.
    pub async fn next(&mut self) -> HubConnectionEvent {
        let Self { receiver, heartbeat, hub, sender } = self;
        tokio::select! {
            biased;
            _ = heartbeat.changed() => if hub.is_closing() { HubConnectionEvent::Closing } else { HubConnectionEvent::Heartbeat },
            delivery = poll_fn(|context| receiver.poll_next(context)) => delivery.map_or(HubConnectionEvent::TooSlow, |delivery| {
                sender.release(&delivery);
                HubConnectionEvent::Delivery(delivery)
            }),
        }
    }

    /// Resolves when the connection must be closed in the middle of a message.
    pub async fn aborted(&mut self) {
        let Self { receiver, heartbeat, hub, .. } = self;
        tokio::select! {
            () = poll_fn(|context| receiver.poll_aborted(context)) => {}
            () = async {
                while !hub.is_closing() {
                    let _ = heartbeat.changed().await;
                }
                sleep(CLOSE_TIMEOUT).await;
            } => {}
        }
    }

    /// The conversation of an event as an item of agents' lists, for agents who watch it or who do
    /// not. `None` when the event concerns no conversation.
    pub fn list_item(&self, shared: &SharedConversationEvent, is_watched: bool) -> Option<Bytes> {
        let [others, watchers] = &shared.list_items;
        let written = || {
            let view = shared.event.conversation.as_deref()?;
            let renderer = Renderer {
                public_url: &self.hub.public_url,
                site: shared.event.site,
                now: shared.event.at,
                presence: &*self.hub,
            };
            serde_json::to_vec(&renderer.listed_conversation(view, is_watched))
                .ok()
                .map(Bytes::from)
        };
        if is_watched { watchers } else { others }.get_or_init(written).clone()
    }

    /// The encoding of an event; `None` when the event is not pushed.
    pub fn encoded(&self, shared: &SharedConversationEvent, audience: EventView) -> Option<Bytes> {
        shared.encoded(audience, |event| {
            let renderer = Renderer {
                public_url: &self.hub.public_url,
                site: event.site,
                now: event.at,
                presence: &*self.hub,
            };
            renderer.push(event).map(Bytes::from)
        })
    }
}

impl Drop for HubConnection {
    fn drop(&mut self) {
        self.hub.connection_count.fetch_sub(1, Ordering::AcqRel);
    }
}

impl ConversationSubscription {
    /// Marks the subscriber as online for a minute, and sends its subscriptions who else is online.
    pub fn mark_present(&self) {
        if let Some(room) = self.hub.site(self.site) {
            let marked = lock(&room).mark_present(self.key, self.number);
            self.hub.tell_present(self.site, marked);
        }
    }

    /// Marks an agent as online for a minute, without notifying anybody.
    pub fn keep_present(&self) {
        if let Some(room) = self.hub.site(self.site) {
            let marked = lock(&room).keep_present(self.key, self.number);
            self.hub.tell_present(self.site, marked);
        }
    }

    /// Agents who view the conversation of the subscription, this one included.
    pub fn viewers(&self) -> Vec<Viewer> {
        let room =
            self.viewing.and_then(|conversation| Some((conversation, self.hub.site(self.site)?)));
        room.map_or_else(Vec::new, |(conversation, room)| lock(&room).viewers(conversation))
    }

    /// Changes what the subscriber sees. `false` when it is another subscriber, who needs a
    /// subscription of its own.
    pub fn update(&self, recipient: Recipient) -> bool {
        recipient.site() == self.site
            && recipient.key() == self.key
            && self
                .hub
                .site(self.site)
                .is_some_and(|room| lock(&room).update(self.number, recipient))
    }
}

impl Drop for ConversationSubscription {
    fn drop(&mut self) {
        if let Some(room) = self.hub.site(self.site) {
            lock(&room).remove(self.key, self.number, self.viewing);
        }
    }
}
