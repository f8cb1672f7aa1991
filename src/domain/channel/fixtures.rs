//! Fixtures for the tests of this crate and of the crates that render or deliver conversations.

use crate::{
    Contact, ContactId, Position, SiteId, Timestamp,
    channel::{
        Agent, AgentId, AgentRole, Availability, ChannelContact, ChannelToken, ContactInboxId,
        ContactSession, ContentType, Conversation, ConversationEvent,
        ConversationEventKind as Kind, ConversationId, ConversationMessage, ConversationMessageId,
        ConversationNumber, ConversationStatus, ConversationView, EventInbox, InboxId,
        InboxIdentifier, InboxUuid, MessageKind, MessageStatus, Performer, Sender, SiteNumber,
        SourceId,
    },
};
use serde_json::Map;

/// Identifies the contact at the inbox.
pub const SOURCE: &str = "0b0e8d0e-2f5e-4b17-8a4d-3f4cf2f0a001";

/// A time, in seconds since the Unix epoch.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

/// A contact with a session.
pub fn contact() -> ChannelContact {
    ChannelContact {
        contact: Contact {
            id: ContactId(7),
            external_id: Some("crm-42".into()),
            email: Some("ann@example.com".into()),
            phone: Some("+15550001111".into()),
            first_name: Some("Ann".into()),
            last_name: None,
            language: None,
            attributes: Map::new(),
            created_at: at(1_763_990_000),
            updated_at: at(1_763_990_000),
            last_seen_at: None,
            hidden_until: Position::default(),
        },
        additional_attributes: Map::new(),
        blocked: false,
        avatar_url: None,
        last_activity_at: Some(at(1_764_000_000)),
    }
}

/// An agent.
pub fn agent() -> Agent {
    Agent {
        id: AgentId(1),
        account: None,
        name: "Agent".into(),
        email: "agent@example.com".into(),
        role: AgentRole::Agent,
        availability: Availability::Online,
        created_at: at(1_763_990_000),
        external_id: None,
        sdk_scope: None,
    }
}

/// A message of the conversation in [`view`].
pub fn message(kind: MessageKind, sender: Sender) -> ConversationMessage {
    ConversationMessage {
        id: ConversationMessageId(9),
        account: SiteNumber(1),
        conversation: ConversationNumber(1),
        inbox: InboxId(1),
        kind,
        content: Some("hello".into()),
        activity: None,
        content_type: ContentType::Text,
        content_attributes: Map::new(),
        additional_attributes: Map::new(),
        private: false,
        status: MessageStatus::Sent,
        source_id: None,
        sender: Some(sender),
        attachments: Vec::new(),
        created_at: Timestamp::from_millis(1_764_000_001_000),
        updated_at: Timestamp::from_millis(1_764_000_001_250),
    }
}

/// A conversation of [`contact`].
pub fn view() -> ConversationView {
    ConversationView {
        account: SiteNumber(1),
        inbox_name: "Shop API".into(),
        inbox_uuid: InboxUuid::from_bytes([8; 16]),
        channel: None,
        reply_window_millis: None,
        conversation: Conversation {
            number: ConversationNumber(1),
            uuid: ConversationId::from_bytes([7; 16]),
            inbox: InboxId(1),
            contact: ContactId(7),
            session: ContactInboxId(3),
            status: ConversationStatus::Open,
            snoozed_until: None,
            priority: None,
            assignee: None,
            labels: Vec::new(),
            custom_attributes: Map::new(),
            additional_attributes: Map::new(),
            created_at: at(1_764_000_000),
            updated_at: Timestamp::from_millis(1_764_000_001_250),
            last_activity_at: at(1_764_000_001),
            last_incoming_at: None,
            waiting_since: None,
            first_reply_at: None,
            contact_last_seen_at: None,
            agent_last_seen_at: None,
            assignee_last_seen_at: None,
            last_message: None,
            revision: 0,
            watchers: Vec::new(),
        },
        contact: contact(),
        session: ContactSession {
            id: ContactInboxId(3),
            inbox: InboxId(1),
            contact: ContactId(7),
            source_id: SourceId::from_stored(SOURCE.into()),
            hmac_verified: false,
            claim: None,
            pubsub_token: Some(ChannelToken::from_text("a secret".into())),
            created_at: at(1_763_690_400),
            updated_at: at(1_763_690_400),
        },
        assignee: None,
        last_message: None,
        last_non_activity_message: None,
        unread_count: 0,
    }
}

/// An event of that conversation.
pub fn event(
    kind: Kind,
    view: ConversationView,
    message: Option<ConversationMessage>,
    performer: Performer,
) -> ConversationEvent {
    ConversationEvent {
        kind,
        site: SiteId::from_bytes([1; 16]),
        account: SiteNumber(1),
        site_name: "Acme".into(),
        inbox: Some(EventInbox {
            id: InboxId(1),
            name: "Shop API".into(),
            identifier: InboxIdentifier::from_stored("identifier".into()),
        }),
        conversation: Some(Box::new(view)),
        message: message.map(Box::new),
        contact: None,
        changed: Vec::new(),
        performer,
        echo_id: None,
        private: false,
        mentioned: Vec::new(),
        at: at(1_764_000_001),
    }
}
