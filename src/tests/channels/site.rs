//! Sites with inboxes, agents, contacts and conversations, created below the use cases.

use belfry_app::App;
use belfry_domain::{
    ContactId, InsertPosition, Language, SigningSecret, SiteDraft, SiteId, SystemRng, Timestamp,
    channel::{
        Agent, AgentDraft, AgentRole, AgentSecrets, ChannelInbox, ChannelToken, ContactFields,
        ConversationAccess, ConversationChange, ConversationId, ConversationMessage,
        ConversationNumber, ConversationStatus, Identification, InboxIdentifier, InboxSecrets,
        InboxSettings, MembersChange, MessageKind, NewContactSession, NewConversation, NewInbox,
        NewMessage, Performer, SessionView, SourceId, StatusChange,
    },
};
use belfry_store::Store;
use serde_json::{Map, json};
use std::sync::Arc;

pub struct ChannelSite {
    store: Arc<dyn Store>,
    now: Timestamp,
    pub id: SiteId,
    pub inbox: ChannelInbox,
    pub secrets: InboxSecrets,
}

/// An agent and the agent's subscription identifier.
pub struct SiteAgent {
    pub agent: Agent,
    pub identifier: String,
}

impl ChannelSite {
    /// Creates a site with an inbox.
    pub async fn new(app: &App, store: &Arc<dyn Store>, settings: InboxSettings) -> Self {
        let origins = vec!["https://shop.example".parse().unwrap()];
        let draft = SiteDraft::new(
            "Shop",
            origins,
            "#bell",
            InsertPosition::BeforeEnd,
            Language::english(),
        )
        .unwrap();
        let id = app.create_site(draft).await.unwrap().0.id;
        let (store, now) = (Arc::clone(store), app.now());
        let secrets = InboxSecrets {
            hmac_token: ChannelToken::generate(&SystemRng),
            callback_secret: SigningSecret::generate(&SystemRng),
        };
        let settings = InboxSettings { name: "Shop API".into(), ..settings };
        let inbox = NewInbox {
            site: id,
            uuid: belfry_domain::channel::InboxUuid::generate(&SystemRng),
            identifier: InboxIdentifier::generate(&SystemRng),
            settings,
            secrets: secrets.clone(),
        };
        let inbox = store.create_inbox(&inbox, now).await.unwrap().unwrap();
        Self { store, now, id, inbox, secrets }
    }

    /// The same site through another process.
    pub fn through(self, store: &Arc<dyn Store>) -> Self {
        Self { store: Arc::clone(store), ..self }
    }

    fn account(&self) -> i64 {
        self.inbox.account.0
    }

    /// Creates a session; with an identifier, one of the contact who has it.
    pub async fn session(&self, identifier: Option<&str>, verified: bool) -> SessionView {
        let fields = ContactFields {
            name: Some(Some("Ann".into())),
            identifier: identifier
                .map(|identifier| Some(belfry_domain::ExternalId::parse(identifier).unwrap())),
            ..ContactFields::default()
        };
        let session = NewContactSession {
            source_id: SourceId::generate(&SystemRng),
            pubsub_token: ChannelToken::generate(&SystemRng),
        };
        let request = Identification { source_id: None, fields, verified, session };
        self.store
            .identify_contact(self.id, self.inbox.id, &request, self.now)
            .await
            .unwrap()
            .unwrap()
    }

    /// Creates a contact of the site.
    pub async fn contact(&self, fields: ContactFields) -> ContactId {
        self.store
            .create_channel_contact(self.id, &fields, None, self.now)
            .await
            .unwrap()
            .unwrap()
            .profile
            .contact
            .id()
    }

    pub async fn colleague(&self, email: &str, role: AgentRole, member: bool) -> SiteAgent {
        let draft = AgentDraft::new("Olha", email, role).unwrap();
        let pubsub_token = ChannelToken::generate(&SystemRng);
        let secrets = AgentSecrets { access_token: None, pubsub_token: pubsub_token.clone() };
        let agent =
            self.store.create_agent(self.id, &draft, &secrets, self.now).await.unwrap().unwrap();
        if member {
            self.change_members(MembersChange::Add(vec![agent.id])).await;
        }
        SiteAgent {
            identifier: agent_identifier(pubsub_token.reveal(), self.account(), agent.id.0),
            agent,
        }
    }

    pub async fn change_members(&self, change: MembersChange) {
        self.store.change_inbox_members(self.id, self.inbox.id, &change).await.unwrap().unwrap();
    }

    pub async fn conversation(&self, session: &SessionView) -> ConversationNumber {
        let draft = NewConversation {
            uuid: ConversationId::generate(&SystemRng),
            inbox: None,
            contact: None,
            source_id: Some(session.session.source_id.clone()),
            session: NewContactSession {
                source_id: SourceId::generate(&SystemRng),
                pubsub_token: ChannelToken::generate(&SystemRng),
            },
            status: None,
            snoozed_until: None,
            priority: None,
            assignee: None,
            custom_attributes: Map::new(),
            additional_attributes: Map::new(),
            message: None,
        };
        let access = ConversationAccess::Session(session.session.id);
        let created = self
            .store
            .create_conversation(self.id, access, &draft, &Performer::Contact, self.now)
            .await
            .unwrap()
            .unwrap();
        created.view.conversation.number
    }

    async fn post(
        &self,
        number: ConversationNumber,
        message: NewMessage,
        performer: &Performer,
    ) -> ConversationMessage {
        self.store
            .post_message(self.id, ConversationAccess::Site, number, &message, performer, self.now)
            .await
            .unwrap()
            .unwrap()
            .message
    }

    /// The contact sends a message.
    pub async fn write(&self, number: ConversationNumber, content: &str) -> ConversationMessage {
        let message = NewMessage {
            echo_id: Some(format!("echo {content}")),
            ..NewMessage::text(MessageKind::Incoming, content)
        };
        self.post(number, message, &Performer::Contact).await
    }

    /// An agent sends a message or a private note.
    pub async fn reply(
        &self,
        number: ConversationNumber,
        agent: &SiteAgent,
        content: &str,
        private: bool,
    ) -> ConversationMessage {
        let message = NewMessage { private, ..NewMessage::text(MessageKind::Outgoing, content) };
        self.post(number, message, &Performer::Agent(Box::new(agent.agent.clone()))).await
    }

    pub async fn update(
        &self,
        number: ConversationNumber,
        agent: &SiteAgent,
        change: ConversationChange,
    ) {
        let performer = Performer::Agent(Box::new(agent.agent.clone()));
        self.store
            .update_conversation(
                self.id,
                ConversationAccess::Site,
                number,
                &change,
                &performer,
                self.now,
            )
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn resolve(&self, number: ConversationNumber, agent: &SiteAgent) {
        let status = Some(StatusChange::To(ConversationStatus::Resolved, None));
        self.update(number, agent, ConversationChange { status, ..ConversationChange::default() })
            .await;
    }

    pub async fn mark_seen_by_contact(&self, number: ConversationNumber) {
        let later = self.now.plus(std::time::Duration::from_mins(1));
        self.store
            .mark_seen_by_contact(self.id, ConversationAccess::Site, number, later)
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn mark_seen_by_agent(&self, number: ConversationNumber, agent: &SiteAgent) {
        self.store
            .mark_seen_by_agent(self.id, ConversationAccess::Site, number, agent.agent.id, self.now)
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn publish_agent_typing(&self, number: ConversationNumber, agent: &SiteAgent) {
        let performer = Performer::Agent(Box::new(agent.agent.clone()));
        self.store
            .publish_typing(
                self.id,
                ConversationAccess::Site,
                number,
                (true, false),
                &performer,
                self.now,
            )
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn verify_session(&self, session: &SessionView) {
        assert!(self.store.verify_session(self.id, session.session.id, self.now).await.unwrap());
    }

    pub async fn erase(&self, session: &SessionView) {
        assert!(
            self.store
                .erase_channel_contact(self.id, session.contact.id(), self.now)
                .await
                .unwrap()
        );
    }
}

/// The subscription identifier of a contact's client.
pub fn identifier(session: &SessionView) -> String {
    let token = session.session.pubsub_token.as_ref().unwrap().reveal();
    json!({ "channel": "RoomChannel", "pubsub_token": token }).to_string()
}

pub fn agent_identifier(token: &str, account: i64, user: i64) -> String {
    format!(
        r#"{{"channel":"RoomChannel","pubsub_token":"{token}","account_id":{account},"user_id":{user}}}"#
    )
}
