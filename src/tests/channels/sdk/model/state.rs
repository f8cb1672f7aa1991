//! The state of the model, and the operations that don't use a socket.

use super::{TestRng, agent::ModelAgent};
use crate::channels::cable::server::TestServer;
use belfry_domain::{
    ContactId, PhoneNumber, SiteId, SystemRng,
    channel::{
        AgentId, ChannelInbox, ChannelToken, ContactFields, ConversationAccess, ConversationChange,
        ConversationId, ConversationNumber, ConversationStatus, InboxSettings, MessageKind,
        NewContactSession, NewConversation, NewMessage, Performer, SourceId, StatusChange,
    },
    sdk::{AddressKind, InitiateSettings},
};
use belfry_store::Store;
use std::collections::BTreeSet;

const SITE: ConversationAccess = ConversationAccess::Site;

/// A conversation of the model.
pub struct ModelConversation {
    pub id: String,
    pub assignee: Option<AgentId>,
    pub watchers: BTreeSet<AgentId>,
    pub inbox: usize,
    number: ConversationNumber,
    contact: usize,
    status: ConversationStatus,
}

impl ModelConversation {
    pub fn set(&mut self, status: ConversationStatus) {
        self.status = status;
    }
}

pub struct ModelState {
    pub server: TestServer,
    pub site: SiteId,
    pub conversations: Vec<ModelConversation>,
    inboxes: [ChannelInbox; 2],
    contacts: [(ContactId, String); 2],
    phones: u32,
}

impl ModelState {
    pub async fn open() -> Self {
        let server = TestServer::start().await;
        let site = server.site().await;
        let initiate = InitiateSettings {
            kind: "sms".into(),
            address: AddressKind::Phone,
            region: Some("NL".into()),
        };
        let second = InboxSettings {
            name: "Second".into(),
            initiate: Some(initiate.clone()),
            ..InboxSettings::default()
        };
        let set = move |settings: &InboxSettings| {
            Ok(InboxSettings { initiate: Some(initiate), ..settings.clone() })
        };
        let now = server.app.now();
        let first = server
            .store
            .update_inbox(site.id, site.inbox.id, Box::new(set), now)
            .await
            .unwrap()
            .unwrap();
        let second = server.app.create_inbox(site.id, second).await.unwrap().inbox;
        let contacts =
            [contact(&*server.store, site.id, 0).await, contact(&*server.store, site.id, 1).await];
        Self {
            site: site.id,
            conversations: Vec::new(),
            inboxes: [first, second],
            contacts,
            phones: 2,
            server,
        }
    }

    pub async fn restart(self) -> Self {
        Self { server: self.server.restart().await, ..self }
    }

    pub async fn close(self) {
        self.server.stop();
        self.server.wait_stopped().await;
    }

    pub fn inbox_uuid(&self, inbox: usize) -> String {
        self.inboxes[inbox].uuid.to_string()
    }

    pub fn inbox(&self, inbox: usize) -> &ChannelInbox {
        &self.inboxes[inbox]
    }

    /// A customer's phone number in national notation.
    pub fn phone(&self, contact: usize) -> String {
        self.contacts[contact].1.replacen("+31", "0", 1)
    }

    /// An agent's list, by its definition.
    pub fn list(&self, seat: &ModelAgent, list: &str) -> BTreeSet<String> {
        let holds = |talk: &&ModelConversation| {
            seat.sees(talk)
                && talk.status != ConversationStatus::Resolved
                && match list {
                    "mine" => talk.assignee == Some(seat.id),
                    "new" => talk.assignee.is_none() && talk.status == ConversationStatus::Open,
                    _ => talk.watchers.contains(&seat.id),
                }
        };
        self.conversations.iter().filter(holds).map(|talk| talk.id.clone()).collect()
    }

    pub fn pick(&self, dice: &mut TestRng) -> Option<usize> {
        (!self.conversations.is_empty()).then(|| dice.roll(self.conversations.len()))
    }

    /// The newest unresolved conversation of a customer in an inbox.
    pub fn unresolved(&self, inbox: usize, contact: usize) -> Option<&ModelConversation> {
        let fits = |talk: &&ModelConversation| {
            (talk.inbox, talk.contact) == (inbox, contact)
                && talk.status != ConversationStatus::Resolved
        };
        self.conversations.iter().filter(fits).max_by_key(|talk| talk.number)
    }

    /// Adds a conversation that was started over a socket.
    pub async fn add(&mut self, id: &str, inbox: usize, contact: usize, assignee: Option<AgentId>) {
        let conversation = self
            .server
            .store
            .conversation_by_uuid(self.site, SITE, id.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        let (number, status, watchers) =
            (conversation.conversation.number, ConversationStatus::Open, BTreeSet::new());
        self.conversations.push(ModelConversation {
            id: id.to_owned(),
            number,
            inbox,
            contact,
            status,
            assignee,
            watchers,
        });
    }

    /// A customer starts a conversation.
    pub async fn begin(&mut self, dice: &mut TestRng) {
        let (inbox, contact) = (dice.roll(2), dice.roll(2));
        let draft = NewConversation {
            uuid: ConversationId::generate(&SystemRng),
            inbox: Some(self.inboxes[inbox].id),
            contact: Some(self.contacts[contact].0),
            source_id: None,
            session: NewContactSession {
                source_id: SourceId::generate(&SystemRng),
                pubsub_token: ChannelToken::generate(&SystemRng),
            },
            status: None,
            snoozed_until: None,
            priority: None,
            assignee: None,
            custom_attributes: serde_json::Map::new(),
            additional_attributes: serde_json::Map::new(),
            message: dice.coin().then(|| NewMessage::text(MessageKind::Incoming, "hello")),
        };
        let now = self.server.app.now();
        self.server
            .store
            .create_conversation(self.site, SITE, &draft, &Performer::Contact, now)
            .await
            .unwrap()
            .unwrap();
        self.add(&draft.uuid.to_string(), inbox, contact, None).await;
    }

    /// A customer, or an agent elsewhere, sends a message. A customer's message reopens the
    /// conversation.
    pub async fn write(&mut self, dice: &mut TestRng) {
        let Some(at) = self.pick(dice) else { return };
        let kind = if dice.coin() { MessageKind::Incoming } else { MessageKind::Outgoing };
        let (talk, now) = (&mut self.conversations[at], self.server.app.now());
        let (message, performer) = (NewMessage::text(kind, "hello"), Performer::System);
        self.server
            .store
            .post_message(self.site, SITE, talk.number, &message, &performer, now)
            .await
            .unwrap()
            .unwrap();
        if kind == MessageKind::Incoming && talk.status != ConversationStatus::Pending {
            talk.status = ConversationStatus::Open;
        }
    }

    /// An administrator assigns a conversation, sets its status, or both.
    pub async fn administer(&mut self, seats: &[ModelAgent], dice: &mut TestRng) {
        let Some(at) = self.pick(dice) else { return };
        let talk = &mut self.conversations[at];
        if dice.coin() {
            talk.assignee = dice.coin().then(|| seats[dice.roll(seats.len())].id);
        }
        if dice.coin() {
            talk.status = ConversationStatus::EACH[dice.roll(ConversationStatus::EACH.len())];
        }
        let change = ConversationChange {
            status: Some(StatusChange::To(talk.status, None)),
            assignee: Some(talk.assignee),
            ..ConversationChange::default()
        };
        let now = self.server.app.now();
        self.server
            .store
            .update_conversation(self.site, SITE, talk.number, &change, &Performer::System, now)
            .await
            .unwrap()
            .unwrap();
    }

    /// An administrator erases a customer, who returns as a new contact.
    pub async fn erase(&mut self, dice: &mut TestRng) {
        let gone = dice.roll(2);
        assert!(
            self.server
                .store
                .erase_channel_contact(self.site, self.contacts[gone].0, self.server.app.now())
                .await
                .unwrap()
        );
        self.conversations.retain(|talk| talk.contact != gone);
        self.contacts[gone] = contact(&*self.server.store, self.site, self.phones).await;
        self.phones += 1;
    }
}

async fn contact(store: &dyn Store, site: SiteId, phone: u32) -> (ContactId, String) {
    let phone = PhoneNumber::parse(&format!("+3161234{phone:04}")).unwrap();
    let fields =
        ContactFields { phone_number: Some(Some(phone.clone())), ..ContactFields::default() };
    let now = belfry_domain::Clock::now(&belfry_domain::SystemClock);
    let created = store.create_channel_contact(site, &fields, None, now).await.unwrap().unwrap();
    (created.profile.contact.id(), phone.as_str().to_owned())
}
