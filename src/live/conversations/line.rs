//! One connection: what waits for it, and its places in the rooms of sites.

use super::{ConversationHub, Recipient, lock, queue, room::Who};
use crate::{
    content::wire::Renderer,
    domain::{SiteId, channel::ConversationEvent},
};
use bytes::Bytes;
use std::{
    future::poll_fn,
    sync::{Arc, OnceLock, atomic::Ordering},
    time::Duration,
};
use tokio::{sync::watch, time::sleep};

/// How long a message may still take when the process is stopping.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

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
    /// Something happened.
    Event(Arc<SharedEvent>),
    /// This message, as it is.
    Written(Bytes),
    /// Whom the subscription is for may be another than before, or may see something else: it is to be looked up again.
    LookAgain,
}

/// An event on its way to many, written out once.
#[derive(Debug)]
pub struct SharedEvent {
    pub(super) event: Arc<ConversationEvent>,
    written: OnceLock<Option<Bytes>>,
}

impl SharedEvent {
    pub(super) fn new(event: Arc<ConversationEvent>) -> Arc<Self> {
        Arc::new(Self { event, written: OnceLock::new() })
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

/// The hub's side of one connection.
pub struct Line {
    hub: Arc<ConversationHub>,
    sender: Arc<queue::Sender<Delivery>>,
    receiver: queue::Receiver<Delivery>,
    beat: watch::Receiver<()>,
}

/// A place in the room of a site; dropping it gives it up.
pub struct Membership {
    hub: Arc<ConversationHub>,
    site: SiteId,
    who: Who,
    number: u64,
}

impl Line {
    pub(super) fn new(hub: Arc<ConversationHub>, beat: watch::Receiver<()>) -> Self {
        let (sender, receiver) = queue::queue();
        Self { hub, sender: Arc::new(sender), receiver, beat }
    }

    /// Takes a place for a subscription that the connection calls `subscription`. `None` when too many listen for the same.
    pub fn join(&self, subscription: u32, recipient: Recipient) -> Option<Membership> {
        let (site, who) = (recipient.site(), recipient.who());
        let number = self.hub.opened.fetch_add(1, Ordering::Relaxed);
        let room = self.hub.room_or_new(site);
        let joined = lock(&room).join(number, subscription, Arc::clone(&self.sender), recipient);
        joined.then(|| Membership { hub: Arc::clone(&self.hub), site, who, number })
    }

    /// The next thing that happens. Nothing is lost when this is dropped before.
    pub async fn next(&mut self) -> LineEvent {
        let Self { receiver, beat, hub, .. } = self;
        tokio::select! {
            biased;
            _ = beat.changed() => if hub.is_closing() { LineEvent::Closing } else { LineEvent::Beat },
            delivery = poll_fn(|context| receiver.poll_next(context)) => delivery.map_or(LineEvent::TooSlow, LineEvent::Delivery),
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

    /// What is sent of an event; `None` when nothing is told of it.
    pub fn written(&self, shared: &SharedEvent) -> Option<Bytes> {
        let write = || {
            let event = &shared.event;
            let renderer = Renderer { public_url: &self.hub.public_url, site: event.site, now: event.at, presence: &*self.hub };
            renderer.push(event).map(Bytes::from)
        };
        shared.written.get_or_init(write).clone()
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
            lock(&room).leave(self.who, self.number);
        }
    }
}
