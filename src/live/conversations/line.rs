//! One connection: what waits for it, and its places in the rooms of sites.

use super::{ConversationHub, Recipient, Viewer, lock, queue, room::Who};
use crate::{
    content::wire::Renderer,
    domain::{
        SiteId,
        channel::{ConversationEvent, ConversationMessage, ConversationNumber, ConversationView},
    },
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

/// How long a message may still take when the process is stopping.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Deliveries that wait for one connection. One that falls further behind is cut off; its client comes back and looks again.
const MAX_BACKLOG: usize = 512;
/// The same in bytes, of what was said in the events; a single one may have more.
const MAX_BACKLOG_BYTES: usize = 2 * 1_024 * 1_024;
/// What an event takes besides what was said.
const EVENT_BYTES: usize = 4 * 1_024;

/// Something for one subscription of a connection.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The connection's own number for the subscription.
    pub subscription: u32,
    /// What it is told.
    pub message: Message,
}

/// What a subscription is told.
#[derive(Debug, Clone)]
pub enum Message {
    /// Something happened, to be told as these see it.
    Event(Arc<SharedEvent>, Audience),
    /// This message, as it is.
    Written(Bytes),
    /// Whom the subscription is for may be another than before, or may see something else: it is to be looked up again.
    LookAgain,
    /// Somebody else looks at the conversation that the subscription is for.
    Joined(Viewer),
    /// Somebody else looks at it no longer.
    Left(Viewer),
}

impl Message {
    fn bytes(&self) -> usize {
        match self {
            Self::Event(shared, _) => shared.bytes,
            Self::Written(written) => written.len(),
            Self::LookAgain | Self::Joined(_) | Self::Left(_) => 0,
        }
    }
}

/// As whom somebody sees an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everything of the contact.
    Agents,
    /// Of the contact, what their session may see.
    Contact,
}

/// An event on its way to many, written out once for agents and once for the contact, who may see less of themselves.
#[derive(Debug)]
pub struct SharedEvent {
    pub(super) event: Arc<ConversationEvent>,
    bytes: usize,
    for_agents: OnceLock<Option<Bytes>>,
    for_contact: OnceLock<Option<Bytes>>,
    /// The conversation for lists of agents: for those who watch it, and for the others.
    listed: [OnceLock<Option<Bytes>>; 2],
    /// The conversations of the contact of an event that is about no conversation.
    of_contact: OnceCell<Vec<Arc<SharedEvent>>>,
}

impl SharedEvent {
    pub(super) fn new(event: Arc<ConversationEvent>) -> Arc<Self> {
        let said = |message: Option<&ConversationMessage>| message.and_then(|message| message.content.as_ref()).map_or(0, String::len);
        let last = event.conversation.as_ref().and_then(|view| view.last_message.as_ref());
        // It is there as it was said and as it is written out.
        let bytes = EVENT_BYTES + 2 * (said(event.message.as_deref()) + said(last));
        Arc::new(Self {
            event,
            bytes,
            for_agents: OnceLock::new(),
            for_contact: OnceLock::new(),
            listed: [const { OnceLock::new() }; 2],
            of_contact: OnceCell::new(),
        })
    }

    /// The conversations of the contact that it is about, each as an event of its own; they are looked for once, by the first who asks.
    pub async fn of_contact<E>(&self, find: impl Future<Output = Result<Vec<ConversationView>, E>>) -> Result<&[Arc<Self>], E> {
        let found = self.of_contact.get_or_try_init(|| async {
            let event = |view| {
                let event = ConversationEvent { conversation: Some(Box::new(view)), contact: None, ..ConversationEvent::clone(&self.event) };
                Self::new(Arc::new(event))
            };
            Ok(find.await?.into_iter().map(event).collect())
        });
        found.await.map(Vec::as_slice)
    }

    /// What happened.
    pub fn event(&self) -> &ConversationEvent {
        &self.event
    }

    fn written(&self, audience: Audience, write: impl Fn(&ConversationEvent) -> Option<Bytes>) -> Option<Bytes> {
        let for_agents = || self.for_agents.get_or_init(|| write(&self.event)).clone();
        match audience {
            Audience::Agents => for_agents(),
            Audience::Contact => self.for_contact.get_or_init(|| self.event.seen_by_contact().map_or_else(for_agents, |seen| write(&seen))).clone(),
        }
    }
}

/// What happened to a connection.
#[derive(Debug)]
pub enum LineEvent {
    /// Something is to be told.
    Delivery(Delivery),
    /// The client is to get a sign of life.
    Beat,
    /// The process is stopping.
    Closing,
    /// The connection is too far behind.
    TooSlow,
}

/// Where a connection's deliveries are put.
#[derive(Debug)]
pub(super) struct Outlet {
    queue: queue::Sender<Delivery>,
    pending_bytes: AtomicUsize,
}

impl Outlet {
    /// Puts something in; `false` when the connection is gone, or too far behind and now cut off.
    pub(super) fn send(&self, delivery: Delivery) -> bool {
        let bytes = delivery.message.bytes();
        let before = self.pending_bytes.fetch_add(bytes, Ordering::AcqRel);
        let sent = (before == 0 || before + bytes <= MAX_BACKLOG_BYTES) && self.queue.send(delivery, MAX_BACKLOG);
        if !sent {
            self.queue.cut();
        }
        sent
    }

    fn taken(&self, delivery: &Delivery) {
        self.pending_bytes.fetch_sub(delivery.message.bytes(), Ordering::AcqRel);
    }
}

/// The hub's side of one connection.
pub struct Line {
    hub: Arc<ConversationHub>,
    outlet: Arc<Outlet>,
    receiver: queue::Receiver<Delivery>,
    beat: watch::Receiver<()>,
}

/// A place in the room of a site; dropping it gives it up.
pub struct Membership {
    hub: Arc<ConversationHub>,
    site: SiteId,
    who: Who,
    number: u64,
    viewing: Option<ConversationNumber>,
}

impl Line {
    pub(super) fn new(hub: Arc<ConversationHub>, beat: watch::Receiver<()>) -> Self {
        let (queue, receiver) = queue::queue();
        Self { hub, outlet: Arc::new(Outlet { queue, pending_bytes: AtomicUsize::new(0) }), receiver, beat }
    }

    /// Takes a place for a subscription that the connection calls `subscription`. `None` when too many listen for the same.
    pub fn join(&self, subscription: u32, recipient: Recipient) -> Option<Membership> {
        let (site, who, viewing) = (recipient.site(), recipient.who(), recipient.conversation());
        let number = self.hub.opened.fetch_add(1, Ordering::Relaxed);
        let room = self.hub.room_or_new(site);
        let joined = lock(&room).join(number, subscription, Arc::clone(&self.outlet), recipient);
        joined.then(|| Membership { hub: Arc::clone(&self.hub), site, who, number, viewing })
    }

    /// The next thing that happens. Nothing is lost when this is dropped before.
    pub async fn next(&mut self) -> LineEvent {
        let Self { receiver, beat, hub, outlet } = self;
        tokio::select! {
            biased;
            _ = beat.changed() => if hub.is_closing() { LineEvent::Closing } else { LineEvent::Beat },
            delivery = poll_fn(|context| receiver.poll_next(context)) => delivery.map_or(LineEvent::TooSlow, |delivery| {
                outlet.taken(&delivery);
                LineEvent::Delivery(delivery)
            }),
        }
    }

    /// Resolves when the connection is to be dropped in the middle of a message.
    pub async fn cut(&mut self) {
        let Self { receiver, beat, hub, .. } = self;
        tokio::select! {
            () = poll_fn(|context| receiver.poll_cut(context)) => {}
            () = async {
                while !hub.is_closing() {
                    let _ = beat.changed().await;
                }
                sleep(CLOSE_TIMEOUT).await;
            } => {}
        }
    }

    /// The conversation of an event as lists of agents have it, who watch it or not. `None` where it is about none.
    pub fn listed(&self, shared: &SharedEvent, is_watched: bool) -> Option<Bytes> {
        let [others, watchers] = &shared.listed;
        let written = || {
            let view = shared.event.conversation.as_deref()?;
            let renderer = Renderer { public_url: &self.hub.public_url, site: shared.event.site, now: shared.event.at, presence: &*self.hub };
            serde_json::to_vec(&renderer.listed_conversation(view, is_watched)).ok().map(Bytes::from)
        };
        if is_watched { watchers } else { others }.get_or_init(written).clone()
    }

    /// What is sent of an event; `None` when nothing is told of it.
    pub fn written(&self, shared: &SharedEvent, audience: Audience) -> Option<Bytes> {
        shared.written(audience, |event| {
            let renderer = Renderer { public_url: &self.hub.public_url, site: event.site, now: event.at, presence: &*self.hub };
            renderer.push(event).map(Bytes::from)
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.hub.connections.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Membership {
    /// They are there: for a minute from now, and their subscriptions are told who else is.
    pub fn present(&self) {
        if let Some(room) = self.hub.room(self.site) {
            lock(&room).present(self.who, self.number);
        }
    }

    /// An agent is there, for a minute from now. Nobody is told.
    pub fn stay(&self) {
        if let Some(room) = self.hub.room(self.site) {
            lock(&room).stay(self.who, self.number);
        }
    }

    /// Who looks at the conversation that the place is for, this one among them.
    pub fn viewers(&self) -> Vec<Viewer> {
        let room = self.viewing.and_then(|conversation| Some((conversation, self.hub.room(self.site)?)));
        room.map_or_else(Vec::new, |(conversation, room)| lock(&room).viewers(conversation))
    }

    /// What they see from now on. `false` when it is somebody else, who needs a place of their own.
    pub fn update(&self, recipient: Recipient) -> bool {
        recipient.site() == self.site
            && recipient.who() == self.who
            && self.hub.room(self.site).is_some_and(|room| lock(&room).update(self.number, recipient))
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Some(room) = self.hub.room(self.site) {
            lock(&room).leave(self.who, self.number, self.viewing);
        }
    }
}
