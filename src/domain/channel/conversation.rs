//! A conversation between a contact and the agents of an inbox.

use super::{
    Agent, AgentId, ChannelContact, ChannelToken, ContactInboxId, ContactSession, ConversationId,
    ConversationMessage, ConversationMessageId, ConversationNumber, InboxId, InboxSettings,
    InboxUuid, NewContactSession, NewMessage, SiteNumber, SourceId, wire_enum::words,
};
use crate::{ContactId, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Maximum number of labels of a conversation.
pub const MAX_LABELS: usize = 20;
/// Maximum number of agents who watch a conversation.
pub const MAX_WATCHERS: usize = 50;
/// Maximum number of conversations that an agent watches.
pub const MAX_WATCHED_PER_AGENT: u32 = 500;
/// Cap of `unread_count`.
pub const MAX_UNREAD_COUNT: u32 = 10;

words!(
    /// Status of a conversation.
    ConversationStatus, "status" {
        /// Waits for an agent.
        Open = "open",
        /// Closed.
        Resolved = "resolved",
        /// Handled by a bot first.
        Pending = "pending",
        /// Reopens at a set time or with the contact's next message.
        Snoozed = "snoozed",
    }
);

words!(
    /// Priority of a conversation.
    Priority, "priority" {
        /// Low priority.
        Low = "low",
        /// Medium priority.
        Medium = "medium",
        /// High priority.
        High = "high",
        /// Highest priority.
        Urgent = "urgent",
    }
);

/// A conversation as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Number, counted from 1 in each site.
    pub number: ConversationNumber,
    /// Its UUID.
    pub uuid: ConversationId,
    /// The inbox.
    pub inbox: InboxId,
    /// The contact.
    pub contact: ContactId,
    /// The contact's session.
    pub session: ContactInboxId,
    /// Status.
    pub status: ConversationStatus,
    /// When a snoozed conversation reopens.
    pub snoozed_until: Option<Timestamp>,
    /// Priority.
    pub priority: Option<Priority>,
    /// The assigned agent.
    pub assignee: Option<AgentId>,
    /// Its labels, sorted.
    pub labels: Vec<String>,
    /// Custom attributes of the site.
    pub custom_attributes: Map<String, Value>,
    /// Other data of clients.
    pub additional_attributes: Map<String, Value>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Time of the last message or activity.
    pub last_activity_at: Timestamp,
    /// Time of the contact's last message.
    pub last_incoming_at: Option<Timestamp>,
    /// Since when the contact has been waiting for a reply.
    pub waiting_since: Option<Timestamp>,
    /// Time of the first reply of an agent.
    pub first_reply_at: Option<Timestamp>,
    /// When the contact last saw it.
    pub contact_last_seen_at: Option<Timestamp>,
    /// When an agent last saw it.
    pub agent_last_seen_at: Option<Timestamp>,
    /// When the assignee last saw it.
    pub assignee_last_seen_at: Option<Timestamp>,
    /// The newest message, if there is one.
    pub last_message: Option<ConversationMessageId>,
    /// Sequence number of the last change, increasing across all conversations of the site.
    #[serde(default)]
    pub revision: i64,
    /// Agents who watch it, sorted; at most [`MAX_WATCHERS`].
    #[serde(default)]
    pub watchers: Vec<AgentId>,
}

/// A conversation with the related data that responses and events contain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationView {
    /// The site's number.
    pub account: SiteNumber,
    /// The inbox's name.
    pub inbox_name: String,
    /// The inbox's UUID.
    #[serde(default)]
    pub inbox_uuid: InboxUuid,
    /// What the inbox's owner calls its channel: `whatsapp`, `email`, …
    #[serde(default)]
    pub channel: Option<String>,
    /// How long agents can reply after the contact's last message, in milliseconds; `None` is
    /// unlimited.
    pub reply_window_millis: Option<u64>,
    /// The conversation.
    pub conversation: Conversation,
    /// The contact.
    pub contact: ChannelContact,
    /// The contact's session.
    pub session: ContactSession,
    /// The assigned agent.
    pub assignee: Option<Agent>,
    /// The newest message.
    pub last_message: Option<ConversationMessage>,
    /// The newest message that is not an activity.
    pub last_non_activity_message: Option<ConversationMessage>,
    /// Incoming messages since an agent last saw it, capped at [`MAX_UNREAD_COUNT`].
    pub unread_count: u32,
}

impl ConversationView {
    /// Whether agents can reply at this time.
    pub fn can_reply(&self, now: Timestamp) -> bool {
        let Some(millis) = self.reply_window_millis else { return true };
        self.conversation
            .last_incoming_at
            .is_some_and(|at| now <= at.plus(std::time::Duration::from_millis(millis)))
    }

    /// The reply window of an inbox, in milliseconds.
    pub fn reply_window_of(settings: &InboxSettings) -> Option<u64> {
        settings.reply_window().map(|window| u64::try_from(window.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A conversation before it is stored. With inbox and contact their newest session is used or
/// created; otherwise the session is looked up by its id alone.
#[derive(Debug, Clone)]
pub struct NewConversation {
    /// Its UUID.
    pub uuid: ConversationId,
    /// The inbox.
    pub inbox: Option<InboxId>,
    /// The contact.
    pub contact: Option<ContactId>,
    /// The session's id. With inbox and contact the session is created if it doesn't exist.
    pub source_id: Option<SourceId>,
    /// Data for a new session; its id is used if the client gave none.
    pub session: NewContactSession,
    /// Status. `None` is open, or resolved for a blocked contact.
    pub status: Option<ConversationStatus>,
    /// When a snoozed conversation reopens.
    pub snoozed_until: Option<Timestamp>,
    /// Priority.
    pub priority: Option<Priority>,
    /// The assigned agent.
    pub assignee: Option<AgentId>,
    /// Custom attributes of the site.
    pub custom_attributes: Map<String, Value>,
    /// Other data of clients.
    pub additional_attributes: Map<String, Value>,
    /// The first message, stored in the same transaction.
    pub message: Option<NewMessage>,
}

impl NewConversation {
    /// A conversation that a contact starts in their session. The token is for a new session, if
    /// one has to be created.
    pub fn for_session(
        session: &ContactSession,
        uuid: ConversationId,
        pubsub_token: ChannelToken,
    ) -> Self {
        Self {
            uuid,
            inbox: Some(session.inbox),
            contact: Some(session.contact),
            source_id: Some(session.source_id.clone()),
            session: NewContactSession { source_id: session.source_id.clone(), pubsub_token },
            status: None,
            snoozed_until: None,
            priority: None,
            assignee: None,
            custom_attributes: Map::new(),
            additional_attributes: Map::new(),
            message: None,
        }
    }
}

/// The result of starting a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct CreatedConversation {
    /// The conversation.
    pub view: ConversationView,
    /// The first message.
    pub message: Option<ConversationMessage>,
    /// Whether it is new. Otherwise the inbox allows one conversation per session, and this is the
    /// existing one.
    pub created: bool,
}

/// A conversation as its contact sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionConversation {
    /// The conversation.
    pub view: ConversationView,
    /// Its newest messages, oldest first, without private notes and activities.
    pub messages: Vec<ConversationMessage>,
}

/// A change of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChange {
    /// Sets this status; the time is for a snoozed conversation.
    To(ConversationStatus, Option<Timestamp>),
    /// Resolves an open conversation, opens any other.
    Toggle,
}

/// Changes to a conversation; `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConversationChange {
    /// New status.
    pub status: Option<StatusChange>,
    /// New priority; `Some(None)` removes it.
    pub priority: Option<Option<Priority>>,
    /// New assignee, an agent of the site (otherwise `NotFound`); `Some(None)` unassigns.
    pub assignee: Option<Option<AgentId>>,
    /// Replaces all labels.
    pub labels: Option<Vec<String>>,
    /// Replaces all custom attributes.
    pub custom_attributes: Option<Map<String, Value>>,
    /// Merged key by key; `null` removes.
    pub additional_attributes: Option<Map<String, Value>>,
}

/// Normalizes labels: lower case, trimmed, unique, sorted; at most [`MAX_LABELS`] of at most 100
/// characters each.
pub fn normalize_labels(labels: &[String]) -> Result<Vec<String>, ValidationError> {
    let mut clean: Vec<String> = labels
        .iter()
        .map(|label| label.trim().to_lowercase())
        .filter(|label| !label.is_empty())
        .collect();
    clean.sort();
    clean.dedup();
    if clean.len() > MAX_LABELS
        || clean
            .iter()
            .any(|label| label.chars().count() > 100 || label.chars().any(char::is_control))
    {
        return Err(ValidationError::new("labels", errors::label_count(MAX_LABELS)));
    }
    Ok(clean)
}
