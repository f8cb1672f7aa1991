//! Fixture for conversations: a site with an inbox, an agent, and a contact with a session.

use super::test_store::{NOW, TestStore};
use belfry_domain::{
    ContactId, EmailAddress, ExternalId, InboxEvent, SigningSecret, SiteId,
    channel::{
        Agent, AgentDraft, AgentRole, AgentSecrets, ChannelInbox, ChannelToken, ContactFields,
        ContactSession, ConversationAccess, ConversationEvent, ConversationEventKind,
        ConversationId, ConversationNumber, ConversationQuery, ConversationView, CreatedContact,
        InboxId, InboxIdentifier, InboxSecrets, InboxSettings, InboxUuid, MembersChange,
        MessageKind, NewContactSession, NewConversation, NewInbox, NewMessage, Performer,
        PostedMessage, SourceId,
    },
};
use std::sync::Arc;

pub const SITE: ConversationAccess = ConversationAccess::Site;

/// A site with an inbox, an agent who is a member of it, and a contact with a session in it.
pub struct ConversationFixture {
    pub site: SiteId,
    pub inbox: ChannelInbox,
    pub agent: Agent,
    pub contact: ContactId,
    pub session: ContactSession,
}

impl ConversationFixture {
    pub async fn new(world: &TestStore, name: &str) -> Self {
        let (site, _) = world.site(name).await;
        let inbox = inbox(
            world,
            site,
            InboxSettings { name: "Support".to_owned(), ..InboxSettings::default() },
        )
        .await;
        let agent = agent(world, site, &format!("{name}@agents.example"), AgentRole::Agent).await;
        let members = MembersChange::Add(vec![agent.id]);
        assert_eq!(
            world.store.change_inbox_members(site, inbox.id, &members).await.unwrap().unwrap(),
            std::slice::from_ref(&agent)
        );
        let created = contact(world, site, inbox.id, "crm-1").await;
        let fixture = Self {
            site,
            inbox,
            agent,
            contact: created.profile.contact.id(),
            session: created.session.unwrap(),
        };
        world.events.take();
        fixture
    }

    pub fn performer(&self) -> Performer {
        Performer::Agent(Box::new(self.agent.clone()))
    }

    pub fn access(&self) -> ConversationAccess {
        ConversationAccess::Agent(self.agent.id)
    }

    /// Creates a conversation of the contact.
    pub async fn begin(&self, world: &TestStore) -> ConversationView {
        let draft = NewConversation {
            inbox: Some(self.inbox.id),
            contact: Some(self.contact),
            ..conversation(world)
        };
        world
            .store
            .create_conversation(self.site, SITE, &draft, &Performer::Contact, NOW)
            .await
            .unwrap()
            .unwrap()
            .view
    }

    /// Adds a message of the contact.
    pub async fn post_incoming(
        &self,
        world: &TestStore,
        number: ConversationNumber,
        text: &str,
    ) -> PostedMessage {
        let message = NewMessage::text(MessageKind::Incoming, text);
        world
            .store
            .post_message(self.site, SITE, number, &message, &Performer::Contact, NOW)
            .await
            .unwrap()
            .unwrap()
    }

    /// Adds a message of the agent.
    pub async fn reply(
        &self,
        world: &TestStore,
        number: ConversationNumber,
        text: &str,
    ) -> PostedMessage {
        let message = NewMessage::text(MessageKind::Outgoing, text);
        world
            .store
            .post_message(self.site, SITE, number, &message, &self.performer(), NOW)
            .await
            .unwrap()
            .unwrap()
    }
}

pub async fn inbox(world: &TestStore, site: SiteId, settings: InboxSettings) -> ChannelInbox {
    let secrets = InboxSecrets {
        hmac_token: ChannelToken::generate(&world.rng),
        callback_secret: SigningSecret::generate(&world.rng),
    };
    let new = NewInbox {
        site,
        uuid: InboxUuid::generate(&world.rng),
        identifier: InboxIdentifier::generate(&world.rng),
        settings,
        secrets,
    };
    world.store.create_inbox(&new, NOW).await.unwrap().unwrap()
}

pub fn agent_secrets(world: &TestStore) -> AgentSecrets {
    AgentSecrets {
        access_token: Some(ChannelToken::generate(&world.rng)),
        pubsub_token: ChannelToken::generate(&world.rng),
    }
}

pub async fn agent(world: &TestStore, site: SiteId, email: &str, role: AgentRole) -> Agent {
    let draft = AgentDraft::new("Ada", email, role).unwrap();
    world.store.create_agent(site, &draft, &agent_secrets(world), NOW).await.unwrap().unwrap()
}

pub fn new_session(world: &TestStore) -> NewContactSession {
    NewContactSession {
        source_id: SourceId::generate(&world.rng),
        pubsub_token: ChannelToken::generate(&world.rng),
    }
}

/// A contact with this identifier and a session.
pub async fn contact(
    world: &TestStore,
    site: SiteId,
    inbox: InboxId,
    identifier: &str,
) -> CreatedContact {
    let fields = ContactFields {
        name: Some(Some("Ann Lee".to_owned())),
        identifier: Some(Some(ExternalId::parse(identifier).unwrap())),
        ..ContactFields::default()
    };
    world
        .store
        .create_channel_contact(site, &fields, Some((inbox, new_session(world))), NOW)
        .await
        .unwrap()
        .unwrap()
}

/// The fields of a contact with this identifier.
pub fn named(identifier: &str) -> ContactFields {
    ContactFields {
        identifier: Some(Some(ExternalId::parse(identifier).unwrap())),
        ..ContactFields::default()
    }
}

/// The fields of a contact with this email address.
pub fn with_email(email: &str) -> ContactFields {
    ContactFields {
        email: Some(Some(EmailAddress::parse(email).unwrap())),
        ..ContactFields::default()
    }
}

/// A new, unassigned conversation.
pub fn conversation(world: &TestStore) -> NewConversation {
    NewConversation {
        uuid: ConversationId::generate(&world.rng),
        inbox: None,
        contact: None,
        source_id: None,
        session: new_session(world),
        status: None,
        snoozed_until: None,
        priority: None,
        assignee: None,
        custom_attributes: serde_json::Map::new(),
        additional_attributes: serde_json::Map::new(),
        message: None,
    }
}

/// All conversations of a site.
pub fn query() -> ConversationQuery {
    ConversationQuery {
        access: SITE,
        me: None,
        status: None,
        assignee: belfry_domain::channel::AssigneeFilter::All,
        inbox: None,
        labels: Vec::new(),
        text: None,
        page: 1,
    }
}

/// The conversation events published since the last call.
pub fn events(world: &TestStore) -> Vec<Arc<ConversationEvent>> {
    let all_events = world.events.take().into_iter();
    all_events
        .filter_map(
            |change| if let InboxEvent::Conversation(event) = change { Some(event) } else { None },
        )
        .collect()
}

/// Their kinds.
pub fn kinds(world: &TestStore) -> Vec<ConversationEventKind> {
    events(world).iter().map(|event| event.kind).collect()
}
