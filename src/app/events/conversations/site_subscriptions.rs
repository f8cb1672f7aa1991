//! Subscriptions and presence of one site.

mod marks;

use super::{
    connection::{ConnectionSender, Delivery, EventView, Message, SharedConversationEvent},
    presence::Presence,
};
use belfry_content::wire::push;
use belfry_domain::{
    ContactId, SiteId,
    channel::{
        AgentId, Availability, ChannelAccess, ContactInboxId, ConversationEvent,
        ConversationEventKind as Kind, ConversationNumber, InboxId, Performer, PubsubOwner,
        SiteNumber, VisibleInboxes,
    },
};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};
use tokio::time::Instant;

/// Subscriptions of one contact or agent, over all connections.
const MAX_SUBSCRIPTIONS: usize = 100;
/// Events that are held for a subscription until it is resolved again.
const MAX_HELD: usize = 64;

/// Whose subscription it is, and what it may see.
#[derive(Debug, Clone)]
pub enum Recipient {
    /// An agent.
    Agent {
        /// Its site.
        site: SiteId,
        /// The number of the site (`account_id`).
        account: SiteNumber,
        /// The agent.
        agent: AgentId,
        /// The availability that the agent set.
        availability: Availability,
        /// The inboxes that the agent sees.
        inboxes: VisibleInboxes,
        /// The only conversation whose events are wanted; `None` for all.
        viewing: Option<Viewing>,
    },
    /// A contact's session.
    Session {
        /// Its site.
        site: SiteId,
        /// The number of the site (`account_id`).
        account: SiteNumber,
        /// The contact.
        contact: ContactId,
        /// The session.
        session: ContactInboxId,
        /// Its inbox.
        inbox: InboxId,
        /// Whether the session's identifier is verified.
        is_verified: bool,
    },
}

/// The conversation that an agent views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewing {
    /// The conversation.
    pub conversation: ConversationNumber,
    /// The agent's name.
    pub name: Arc<str>,
}

/// An agent who views a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The agent.
    pub agent: AgentId,
    /// The agent's name.
    pub name: Arc<str>,
    /// Unique number of the subscription.
    pub number: u64,
}

/// Key of a subscriber's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum SubscriberKey {
    Agent(AgentId),
    Contact(ContactId),
}

impl From<PubsubOwner> for Recipient {
    fn from(subscriber: PubsubOwner) -> Self {
        match subscriber {
            PubsubOwner::Agent { site, account, agent, inboxes } => Self::Agent {
                site,
                account,
                agent: agent.id,
                availability: agent.availability,
                inboxes,
                viewing: None,
            },
            PubsubOwner::Session { site, account, session, contact } => Self::Session {
                site,
                account,
                contact: contact.id(),
                session: session.id,
                inbox: session.inbox,
                is_verified: session.hmac_verified,
            },
        }
    }
}

impl Recipient {
    pub(super) fn site(&self) -> SiteId {
        match self {
            Self::Agent { site, .. } | Self::Session { site, .. } => *site,
        }
    }

    pub(super) fn conversation(&self) -> Option<ConversationNumber> {
        self.viewing().map(|viewing| viewing.conversation)
    }

    pub(super) fn key(&self) -> SubscriberKey {
        match self {
            Self::Agent { agent, .. } => SubscriberKey::Agent(*agent),
            Self::Session { contact, .. } => SubscriberKey::Contact(*contact),
        }
    }

    /// Whether both have the same pubsub token.
    fn has_same_token(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Agent { agent, .. }, Self::Agent { agent: other, .. }) => agent == other,
            (Self::Session { session, .. }, Self::Session { session: other, .. }) => {
                session == other
            }
            _ => false,
        }
    }

    fn receives(&self, event: &ConversationEvent) -> bool {
        let typing =
            matches!(event.kind, Kind::TypingOn | Kind::TypingOff).then_some(&event.performer);
        match self {
            Self::Agent { viewing: Some(viewing), .. }
                if event
                    .conversation
                    .as_ref()
                    .is_some_and(|view| view.conversation.number != viewing.conversation) =>
            {
                false
            }
            Self::Agent { agent, inboxes, .. } => {
                let is_own =
                    matches!(typing, Some(Performer::Agent(performer)) if performer.id == *agent);
                let is_meant =
                    event.kind != Kind::ConversationMentioned || event.mentioned.contains(agent);
                !is_own
                    && is_meant
                    && event.inbox.as_ref().is_none_or(|inbox| inboxes.contains(inbox.id))
            }
            Self::Session { session, is_verified, inbox, .. } => {
                let is_own = matches!(typing, Some(Performer::Contact));
                let about = event.conversation.as_ref().map(|view| &view.session);
                !is_own
                    && about.is_some_and(|about| {
                        about.id == *session
                            || (about.hmac_verified && *is_verified && about.inbox == *inbox)
                    })
            }
        }
    }

    fn viewing(&self) -> Option<&Viewing> {
        match self {
            Self::Agent { viewing, .. } => viewing.as_ref(),
            Self::Session { .. } => None,
        }
    }

    fn is_affected(&self, access: ChannelAccess) -> bool {
        match (self, access) {
            (Self::Agent { .. }, ChannelAccess::Agents | ChannelAccess::Inbox(_)) => true,
            (Self::Agent { agent, .. }, ChannelAccess::Agent(concerned)) => *agent == concerned,
            (Self::Session { session, .. }, ChannelAccess::Session(concerned)) => {
                *session == concerned
            }
            (Self::Session { contact, .. }, ChannelAccess::Contact(concerned)) => {
                *contact == concerned
            }
            (Self::Session { inbox, .. }, ChannelAccess::Inbox(concerned)) => *inbox == concerned,
            _ => false,
        }
    }
}

#[derive(Debug)]
struct SubscriptionEntry {
    number: u64,
    subscription: u32,
    sender: Arc<ConnectionSender>,
    recipient: Recipient,
    /// How often it is still to be resolved again.
    rechecks: u32,
    /// What it does not receive now, and may receive then.
    held: Vec<(Arc<SharedConversationEvent>, EventView)>,
}

impl SubscriptionEntry {
    fn tell(&mut self, shared: &Arc<SharedConversationEvent>, audience: EventView) -> bool {
        if self.recipient.receives(&shared.event) {
            return self.send(Message::Event(Arc::clone(shared), audience));
        }
        if self.rechecks > 0 && self.held.len() < MAX_HELD {
            self.held.push((Arc::clone(shared), audience));
        }
        true
    }

    fn recheck(&mut self) -> bool {
        self.rechecks = self.rechecks.saturating_add(1);
        self.send(Message::Recheck)
    }

    /// It was resolved again. `false` when the connection is closed.
    fn update(&mut self, recipient: Recipient) -> bool {
        self.recipient = recipient;
        self.rechecks = self.rechecks.saturating_sub(1);
        let held = std::mem::take(&mut self.held);
        held.iter().all(|(shared, audience)| self.tell(shared, *audience))
    }

    /// `false` when the connection is closed.
    fn send(&self, message: Message) -> bool {
        self.sender.send(Delivery { subscription: self.subscription, message })
    }
}

/// The subscriptions of one site.
#[derive(Debug, Default)]
pub(super) struct SiteSubscriptions {
    entries: HashMap<SubscriberKey, Vec<SubscriptionEntry>>,
    /// Agents with a subscription, who receive all events of their inboxes.
    agents: Vec<AgentId>,
    /// The viewers of each conversation.
    viewers: HashMap<ConversationNumber, Vec<Viewer>>,
    pub(super) presence: Presence,
}

impl SiteSubscriptions {
    /// `false` when the subscriber has [`MAX_SUBSCRIPTIONS`] already.
    pub(super) fn add(
        &mut self,
        number: u64,
        subscription: u32,
        sender: Arc<ConnectionSender>,
        recipient: Recipient,
    ) -> bool {
        let key = recipient.key();
        let places = self.entries.entry(key).or_insert_with(|| Vec::with_capacity(1));
        if places.len() >= MAX_SUBSCRIPTIONS {
            return false;
        }
        if let (SubscriberKey::Agent(agent), true) = (key, places.is_empty()) {
            self.agents.push(agent);
        }
        let viewing = recipient.viewing().cloned();
        let (rechecks, held) = (0, Vec::new());
        places.push(SubscriptionEntry { number, subscription, sender, recipient, rechecks, held });
        if let (SubscriberKey::Agent(agent), Some(Viewing { conversation, name })) = (key, viewing)
        {
            let viewer = Viewer { agent, name, number };
            self.notify_viewers(conversation, &Message::ViewerJoined(viewer.clone()));
            self.viewers.entry(conversation).or_default().push(viewer);
        }
        true
    }

    /// Removes a subscription, and its view of the conversation.
    pub(super) fn remove(
        &mut self,
        key: SubscriberKey,
        number: u64,
        viewing: Option<ConversationNumber>,
    ) {
        self.retain_entries(key, |place| place.number != number);
        let Some(conversation) = viewing else { return };
        let Entry::Occupied(mut viewers) = self.viewers.entry(conversation) else { return };
        let Some(left) = viewers.get().iter().position(|viewer| viewer.number == number) else {
            return;
        };
        let left = viewers.get_mut().remove(left);
        if viewers.get().is_empty() {
            viewers.remove();
        } else {
            self.notify_viewers(conversation, &Message::ViewerLeft(left));
        }
    }

    /// The viewers of a conversation.
    pub(super) fn viewers(&self, conversation: ConversationNumber) -> Vec<Viewer> {
        self.viewers.get(&conversation).cloned().unwrap_or_default()
    }

    fn notify_viewers(&mut self, conversation: ConversationNumber, message: &Message) {
        for viewer in self.viewers(conversation) {
            self.retain_entries(SubscriberKey::Agent(viewer.agent), |place| {
                place.number != viewer.number || place.send(message.clone())
            });
        }
    }

    pub(super) fn update(&mut self, number: u64, recipient: Recipient) -> bool {
        let places = self.entries.get_mut(&recipient.key());
        let place =
            places.and_then(|places| places.iter_mut().find(|place| place.number == number));
        place.map(|place| place.update(recipient)).is_some()
    }

    /// Visits a subscriber's entries; those for which `keep` returns `false` are removed.
    fn retain_entries(
        &mut self,
        key: SubscriberKey,
        keep: impl FnMut(&mut SubscriptionEntry) -> bool,
    ) {
        let Entry::Occupied(mut places) = self.entries.entry(key) else { return };
        places.get_mut().retain_mut(keep);
        if places.get().is_empty() {
            places.remove();
            self.agents.retain(|agent| SubscriberKey::Agent(*agent) != key);
        }
    }

    fn retain_agents(&mut self, mut keep: impl FnMut(&mut SubscriptionEntry) -> bool) {
        for agent in self.agents.clone() {
            self.retain_entries(SubscriberKey::Agent(agent), &mut keep);
        }
    }

    /// Sends an event to the subscriptions that it concerns.
    pub(super) fn send(&mut self, shared: &Arc<SharedConversationEvent>) {
        let event = &shared.event;
        if !push::is_pushed(event) {
            return;
        }
        if let Some(contact) = event.contact_id().filter(|_| push::is_for_contact(event)) {
            self.retain_entries(SubscriberKey::Contact(contact), |place| {
                place.tell(shared, EventView::Contact)
            });
        }
        self.retain_agents(|place| place.tell(shared, EventView::Agents));
    }

    /// Has the affected subscriptions resolved again.
    pub(super) fn recheck(&mut self, access: ChannelAccess) {
        let tell =
            |place: &mut SubscriptionEntry| !place.recipient.is_affected(access) || place.recheck();
        match access {
            ChannelAccess::Agent(agent) => self.retain_entries(SubscriberKey::Agent(agent), tell),
            ChannelAccess::Contact(contact) => {
                self.retain_entries(SubscriberKey::Contact(contact), tell);
            }
            ChannelAccess::Agents => self.retain_agents(tell),
            ChannelAccess::Session(_) | ChannelAccess::Inbox(_) => {
                let everybody: Vec<SubscriberKey> = self.entries.keys().copied().collect();
                for who in everybody {
                    self.retain_entries(who, tell);
                }
            }
        }
    }

    /// Closes the connections that are subscribed to the site.
    pub(super) fn abort_connections(&mut self) {
        for place in self.entries.values().flatten() {
            place.sender.abort();
        }
        self.entries.clear();
        self.agents.clear();
    }

    /// Whether there are neither subscriptions nor presence.
    pub(super) fn is_empty(&mut self, now: Instant) -> bool {
        self.presence.expire(now);
        self.entries.is_empty() && self.presence.is_empty()
    }
}
