//! The hub of readers' event streams: site → contact → streams.

use super::{
    Generation, SharedEvent,
    cache_generations::CacheGenerations,
    queue::{self, queue},
};
use belfry_domain::{
    ContactId, EventSink, InboxEvent, KeyId, Recipients, RevokedSessions, SiteId, TokenFamily,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

/// Events queued for one slow stream. A stream that exceeds it is closed; its reader reconnects and
/// reloads.
const MAX_STREAM_BACKLOG: usize = 64;

/// Open streams of one contact.
const MAX_STREAMS_PER_CONTACT: usize = 20;

/// Why a stream cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// The contact has the maximum number of streams.
    #[error("too many open streams")]
    TooMany,
    /// The process is stopping.
    #[error("the server is stopping")]
    Closing,
}

/// All open streams of this process.
#[derive(Debug, Default)]
pub struct ReaderHub {
    state: Mutex<State>,
    generations: CacheGenerations,
}

#[derive(Debug, Default)]
struct State {
    sites: HashMap<SiteId, HashMap<ContactId, Vec<Stream>>>,
    next_number: u64,
    is_closing: bool,
}

#[derive(Debug)]
struct Stream {
    number: u64,
    family: TokenFamily,
    key: KeyId,
    sender: queue::Sender<Arc<SharedEvent>>,
}

/// One open stream; dropping it unsubscribes.
#[derive(Debug)]
pub struct Subscription {
    hub: Arc<ReaderHub>,
    site: SiteId,
    contact: ContactId,
    number: u64,
    receiver: queue::Receiver<Arc<SharedEvent>>,
}

impl ReaderHub {
    /// An empty hub.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Opens a stream for one session of a contact.
    pub fn subscribe(
        self: &Arc<Self>,
        site: SiteId,
        contact: ContactId,
        family: TokenFamily,
        key: KeyId,
    ) -> Result<Subscription, SubscribeError> {
        let mut state = self.lock();
        if state.is_closing {
            return Err(SubscribeError::Closing);
        }
        state.next_number += 1;
        let number = state.next_number;
        let streams = state
            .sites
            .entry(site)
            .or_default()
            .entry(contact)
            .or_insert_with(|| Vec::with_capacity(1));
        if streams.len() >= MAX_STREAMS_PER_CONTACT {
            return Err(SubscribeError::TooMany);
        }
        let (sender, receiver) = queue();
        streams.push(Stream { number, family, key, sender });
        Ok(Subscription { hub: Arc::clone(self), site, contact, number, receiver })
    }

    /// Generation of a contact's list and counts. Take it before loading them.
    pub fn inbox_generation(&self, site: SiteId, contact: ContactId) -> Generation {
        self.generations.of_inbox(site, contact)
    }

    /// Generation of a site's sessions: it changes when one is revoked, not when one expires.
    pub fn sessions_generation(&self, site: SiteId) -> Generation {
        self.generations.of_sessions(site)
    }

    /// Generation of a site's settings and theme.
    pub fn site_generation(&self, site: SiteId) -> Generation {
        self.generations.of_site(site)
    }

    /// Number of open streams.
    pub fn open_streams(&self) -> usize {
        self.lock().sites.values().flat_map(HashMap::values).map(Vec::len).sum()
    }

    /// Number of open streams of a site.
    pub fn open_streams_of(&self, site: SiteId) -> usize {
        self.lock().sites.get(&site).map_or(0, |contacts| contacts.values().map(Vec::len).sum())
    }

    /// Closes every stream and rejects new ones: the process is stopping.
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_closing = true;
        state.sites.clear();
    }

    fn unsubscribe(&self, subscription: &Subscription) {
        let mut state = self.lock();
        let Some(contacts) = state.sites.get_mut(&subscription.site) else { return };
        if let Some(streams) = contacts.get_mut(&subscription.contact) {
            streams.retain(|stream| stream.number != subscription.number);
            if streams.is_empty() {
                contacts.remove(&subscription.contact);
            }
        }
        if contacts.is_empty() {
            state.sites.remove(&subscription.site);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for ReaderHub {
    fn publish(&self, change: InboxEvent) {
        // Readers' streams carry nothing about access to conversations.
        if matches!(
            change,
            InboxEvent::ChannelAccessChanged { .. }
                | InboxEvent::EventsMissed { .. }
                | InboxEvent::Present { .. }
        ) {
            return;
        }
        self.generations.apply(&change);
        let mut state = self.lock();
        let Some(contacts) = state.sites.get_mut(&change.site()) else { return };
        if let InboxEvent::Conversation(event) = &change
            && !event.reader().is_some_and(|contact| contacts.contains_key(&contact))
        {
            return;
        }
        let shared = Arc::new(SharedEvent::new(change));
        // A full or closed queue drops the stream: its reader reconnects and reloads.
        let send = |streams: &mut Vec<Stream>| {
            streams.retain(|stream| stream.sender.send(Arc::clone(&shared), MAX_STREAM_BACKLOG));
        };
        match &shared.event {
            InboxEvent::MessagePublished { recipients, .. }
            | InboxEvent::MessageEdited { recipients, .. }
            | InboxEvent::MessageRemoved { recipients, .. } => match recipients {
                // Membership of a segment is checked at the stream, where the contact is loaded.
                Recipients::Everyone | Recipients::Segment(_) => {
                    contacts.values_mut().for_each(send);
                }
                Recipients::Contacts(named) => named.iter().for_each(|contact| {
                    contacts.get_mut(contact).map(send);
                }),
            },
            InboxEvent::Conversation(event) => {
                event.reader().and_then(|contact| contacts.get_mut(&contact)).map(send);
            }
            InboxEvent::MessageUnlisted { .. }
            | InboxEvent::ChannelAccessChanged { .. }
            | InboxEvent::EventsMissed { .. }
            | InboxEvent::Present { .. } => {}
            InboxEvent::ReaderActed { contact, .. }
            | InboxEvent::Invalidated { contact: Some(contact), .. } => {
                contacts.get_mut(contact).map(send);
            }
            InboxEvent::ThemeChanged { .. }
            | InboxEvent::ExternalWrite { .. }
            | InboxEvent::Invalidated { contact: None, .. } => {
                contacts.values_mut().for_each(send);
            }
            InboxEvent::SessionsRevoked { revoked, .. } => {
                // The event is queued before the sender is dropped, so the stream says why it ends.
                let ends = |contact: &ContactId, stream: &Stream| match revoked {
                    RevokedSessions::Contact(ended) => contact == ended,
                    RevokedSessions::Family(ended) => stream.family == *ended,
                    RevokedSessions::Key(ended) => stream.key == *ended,
                };
                for (contact, streams) in contacts.iter_mut() {
                    for stream in streams.extract_if(.., |stream| ends(contact, stream)) {
                        stream.sender.send(Arc::clone(&shared), MAX_STREAM_BACKLOG);
                    }
                }
            }
        }
        contacts.retain(|_, streams| !streams.is_empty());
        if contacts.is_empty() {
            let site = shared.event.site();
            state.sites.remove(&site);
        }
    }

    fn invalidate(&self, change: &InboxEvent) {
        self.generations.apply(change);
    }
}

impl Subscription {
    /// The next event, or `None` when the stream has ended: session revoked, reader too slow, or
    /// process stopping.
    pub async fn next(&mut self) -> Option<Arc<SharedEvent>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// Poll version of [`Self::next`].
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Arc<SharedEvent>>> {
        self.receiver.poll_next(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let hub = Arc::clone(&self.hub);
        hub.unsubscribe(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::{ReaderActionKind, SystemRng, UnreadCounts, Version};

    fn marked(site: SiteId, contact: i64, version: i64) -> InboxEvent {
        let counts = UnreadCounts { version: Version(version), ..UnreadCounts::default() };
        InboxEvent::ReaderActed {
            site,
            contact: ContactId(contact),
            action: ReaderActionKind::Seen,
            messages: Vec::new(),
            counts,
        }
    }

    fn version(event: &SharedEvent) -> i64 {
        match &event.event {
            InboxEvent::ReaderActed { counts, .. } => counts.version.0,
            other => panic!("{other:?}"),
        }
    }

    fn join(hub: &Arc<ReaderHub>, site: SiteId, contact: i64) -> Subscription {
        hub.subscribe(
            site,
            ContactId(contact),
            TokenFamily([contact.to_le_bytes()[0]; 16]),
            KeyId("k".into()),
        )
        .unwrap()
    }

    fn is_empty(subscription: &mut Subscription) -> bool {
        subscription.poll_next(&mut Context::from_waker(std::task::Waker::noop())).is_pending()
    }

    #[tokio::test]
    async fn event_reaches_only_the_streams_it_concerns() {
        let hub = ReaderHub::new();
        let (site, other) = (SiteId::generate(&SystemRng), SiteId::generate(&SystemRng));
        let (mut first, mut second) = (join(&hub, site, 1), join(&hub, site, 1));
        let (mut neighbour, mut stranger) = (join(&hub, site, 2), join(&hub, other, 1));
        hub.publish(marked(site, 1, 7));
        assert_eq!(version(&first.next().await.unwrap()), 7);
        assert_eq!(version(&second.next().await.unwrap()), 7);
        assert!(is_empty(&mut neighbour));
        assert!(is_empty(&mut stranger));
    }

    #[tokio::test]
    async fn theme_change_reaches_every_stream_of_its_site() {
        let hub = ReaderHub::new();
        let (site, other) = (SiteId::generate(&SystemRng), SiteId::generate(&SystemRng));
        let (mut first, mut second, mut stranger) =
            (join(&hub, site, 1), join(&hub, site, 2), join(&hub, other, 1));
        let stamps = || (hub.site_generation(site), hub.site_generation(other));
        let before = stamps();
        hub.publish(InboxEvent::ThemeChanged { site, theme: None, stylesheet: None });
        assert_eq!((before.0 == stamps().0, before.1 == stamps().1), (false, true));
        hub.publish(marked(site, 1, 1));
        hub.publish(marked(site, 2, 2));
        for (stream, number) in [(&mut first, 1), (&mut second, 2)] {
            assert!(matches!(
                stream.next().await.unwrap().event,
                InboxEvent::ThemeChanged { theme: None, stylesheet: None, .. }
            ));
            assert_eq!(version(&stream.next().await.unwrap()), number);
        }
        assert!(is_empty(&mut stranger));
    }

    #[tokio::test]
    async fn revoked_session_is_notified_and_closed() {
        let hub = ReaderHub::new();
        let site = SiteId::generate(&SystemRng);
        let (mut ended, mut stays) = (join(&hub, site, 1), join(&hub, site, 2));
        hub.publish(InboxEvent::SessionsRevoked {
            site,
            revoked: RevokedSessions::Contact(ContactId(1)),
        });
        assert!(matches!(ended.next().await.unwrap().event, InboxEvent::SessionsRevoked { .. }));
        assert!(ended.next().await.is_none());
        hub.publish(marked(site, 2, 1));
        assert_eq!(version(&stays.next().await.unwrap()), 1);
    }

    #[tokio::test]
    async fn slow_stream_is_dropped() {
        let hub = ReaderHub::new();
        let site = SiteId::generate(&SystemRng);
        let mut slow = join(&hub, site, 1);
        for version in 0..=MAX_STREAM_BACKLOG {
            hub.publish(marked(site, 1, i64::try_from(version).unwrap()));
        }
        assert_eq!(hub.open_streams(), 0);
        let mut received = 0;
        while slow.next().await.is_some() {
            received += 1;
        }
        assert_eq!(received, MAX_STREAM_BACKLOG);
    }

    #[test]
    fn unsubscribing_and_closing_free_everything() {
        let hub = ReaderHub::new();
        let site = SiteId::generate(&SystemRng);
        let streams: Vec<_> = (0..MAX_STREAMS_PER_CONTACT).map(|_| join(&hub, site, 1)).collect();
        assert_eq!(
            hub.subscribe(site, ContactId(1), TokenFamily([0; 16]), KeyId("k".into())).unwrap_err(),
            SubscribeError::TooMany
        );
        assert_eq!(hub.open_streams(), MAX_STREAMS_PER_CONTACT);
        assert_eq!(hub.open_streams_of(site), MAX_STREAMS_PER_CONTACT);
        drop(streams);
        assert!(hub.lock().sites.is_empty());
        hub.close();
        assert_eq!(
            hub.subscribe(site, ContactId(1), TokenFamily([0; 16]), KeyId("k".into())).unwrap_err(),
            SubscribeError::Closing
        );
    }
}
