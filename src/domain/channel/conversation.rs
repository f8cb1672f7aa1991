//! A conversation between a contact and the agents of an inbox.

use super::{
    Agent, AgentId, ChannelContact, ChannelToken, ContactInboxId, ContactSession, ConversationId, ConversationMessage, ConversationMessageId,
    ConversationNumber, InboxId, InboxSettings, InboxUuid, NewContactSession, NewMessage, SiteNumber, SourceId, words::words,
};
use crate::domain::{ContactId, Invalid, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Labels that a conversation may have.
pub const MAX_LABELS: usize = 20;
/// Agents who may watch a conversation.
pub const MAX_WATCHERS: usize = 50;
/// Conversations that an agent may watch.
pub const MAX_WATCHED: u32 = 500;
/// Highest `unread_count` that is told.
pub const MAX_UNREAD: u32 = 10;

words!(
    /// Where a conversation stands.
    ConversationStatus, "status" {
        /// Somebody has to answer.
        Open = "open",
        /// It is done.
        Resolved = "resolved",
        /// A program looks at it first.
        Pending = "pending",
        /// It opens again at a certain time, or with the contact's next message.
        Snoozed = "snoozed",
    }
);

words!(
    /// How soon it needs an answer.
    Priority, "priority" {
        /// When there is nothing else.
        Low = "low",
        /// In turn.
        Medium = "medium",
        /// Before others.
        High = "high",
        /// At once.
        Urgent = "urgent",
    }
);

/// A conversation as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its number within the site.
    pub number: ConversationNumber,
    /// Its UUID.
    pub uuid: ConversationId,
    /// Where it is.
    pub inbox: InboxId,
    /// With whom.
    pub contact: ContactId,
    /// In which session.
    pub session: ContactInboxId,
    /// Where it stands.
    pub status: ConversationStatus,
    /// When a snoozed one opens again.
    pub snoozed_until: Option<Timestamp>,
    /// How soon it needs an answer.
    pub priority: Option<Priority>,
    /// Who answers.
    pub assignee: Option<AgentId>,
    /// Its labels, sorted.
    pub labels: Vec<String>,
    /// The site's own data.
    pub custom_attributes: Map<String, Value>,
    /// What clients keep beside it.
    pub additional_attributes: Map<String, Value>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When something was last said or done in it.
    pub last_activity_at: Timestamp,
    /// When the contact last wrote.
    pub last_incoming_at: Option<Timestamp>,
    /// Since when the contact waits for an answer.
    pub waiting_since: Option<Timestamp>,
    /// When an agent first answered.
    pub first_reply_at: Option<Timestamp>,
    /// When the contact last looked.
    pub contact_last_seen_at: Option<Timestamp>,
    /// When an agent last looked.
    pub agent_last_seen_at: Option<Timestamp>,
    /// When the assignee last looked.
    pub assignee_last_seen_at: Option<Timestamp>,
    /// The newest message; none before the first one.
    pub last_message: Option<ConversationMessageId>,
    /// Grows with each change, in the order of the changes of all conversations of the site.
    #[serde(default)]
    pub revision: i64,
    /// Who watches it, sorted; at most [`MAX_WATCHERS`].
    #[serde(default)]
    pub watchers: Vec<AgentId>,
}

/// A conversation with everything that an answer or an event shows of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationView {
    /// The number of its site.
    pub account: SiteNumber,
    /// What its inbox is called.
    pub inbox_name: String,
    /// The UUID of its inbox.
    #[serde(default)]
    pub inbox_uuid: InboxUuid,
    /// What the owner of its inbox says that people reach it by: `whatsapp`, `email`, …
    #[serde(default)]
    pub channel: Option<String>,
    /// For how many milliseconds after the contact's last message agents can reply; `None` is always.
    pub reply_window_millis: Option<u64>,
    /// The conversation.
    pub conversation: Conversation,
    /// With whom.
    pub contact: ChannelContact,
    /// In which session.
    pub session: ContactSession,
    /// Who answers.
    pub assignee: Option<Agent>,
    /// The newest message.
    pub last_message: Option<ConversationMessage>,
    /// The newest message that is not an activity.
    pub last_non_activity_message: Option<ConversationMessage>,
    /// Incoming messages since an agent looked, up to [`MAX_UNREAD`].
    pub unread_count: u32,
}

impl ConversationView {
    /// Whether agents can reply at this moment.
    pub fn can_reply(&self, now: Timestamp) -> bool {
        let Some(millis) = self.reply_window_millis else { return true };
        self.conversation.last_incoming_at.is_some_and(|at| now <= at.plus(std::time::Duration::from_millis(millis)))
    }

    /// The window of an inbox as a view keeps it.
    pub fn window_of(settings: &InboxSettings) -> Option<u64> {
        settings.reply_window().map(|window| u64::try_from(window.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A conversation on its way into the store. With inbox and contact their newest session is found or made; otherwise the session is looked up
/// by its name alone.
#[derive(Debug, Clone)]
pub struct NewConversation {
    /// Its UUID.
    pub uuid: ConversationId,
    /// Where.
    pub inbox: Option<InboxId>,
    /// With whom.
    pub contact: Option<ContactId>,
    /// In which session; with inbox and contact it is the name of a session to be found or made.
    pub source_id: Option<SourceId>,
    /// What a new session is made of; its name is used where the client gave none.
    pub session: NewContactSession,
    /// Where it stands; open, or resolved with a blocked contact, when `None`.
    pub status: Option<ConversationStatus>,
    /// When a snoozed one opens again.
    pub snoozed_until: Option<Timestamp>,
    /// How soon it needs an answer.
    pub priority: Option<Priority>,
    /// Who answers.
    pub assignee: Option<AgentId>,
    /// The site's own data.
    pub custom_attributes: Map<String, Value>,
    /// What clients keep beside it.
    pub additional_attributes: Map<String, Value>,
    /// The first message; stored in the same transaction.
    pub message: Option<NewMessage>,
}

impl NewConversation {
    /// One that a contact begins in their session. The token is for a session that would have to be made.
    pub fn in_session(session: &ContactSession, uuid: ConversationId, pubsub_token: ChannelToken) -> Self {
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

/// The outcome of beginning a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct CreatedConversation {
    /// The conversation.
    pub view: ConversationView,
    /// The first message.
    pub message: Option<ConversationMessage>,
    /// Whether it is new; otherwise the inbox has one conversation for each session, and this is it.
    pub created: bool,
}

/// A conversation as its contact sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionConversation {
    /// The conversation.
    pub view: ConversationView,
    /// Its newest messages, oldest first, without private ones and activities.
    pub messages: Vec<ConversationMessage>,
}

/// A change of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChange {
    /// To this one; the time is for a snoozed one.
    To(ConversationStatus, Option<Timestamp>),
    /// An open one is resolved, any other is opened.
    Toggle,
}

/// What changes of a conversation; `None` leaves it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConversationChange {
    /// Where it stands.
    pub status: Option<StatusChange>,
    /// How soon it needs an answer.
    pub priority: Option<Option<Priority>>,
    /// Who answers. An agent of the site; a `NotFound` otherwise.
    pub assignee: Option<Option<AgentId>>,
    /// All labels.
    pub labels: Option<Vec<String>>,
    /// All of the site's own data.
    pub custom_attributes: Option<Map<String, Value>>,
    /// Merged key by key; `null` removes.
    pub additional_attributes: Option<Map<String, Value>>,
}

/// Labels as they are kept: in small letters, trimmed, each once, sorted; at most [`MAX_LABELS`] of at most 100 characters.
pub fn clean_labels(labels: &[String]) -> Result<Vec<String>, Invalid> {
    let mut clean: Vec<String> = labels.iter().map(|label| label.trim().to_lowercase()).filter(|label| !label.is_empty()).collect();
    clean.sort();
    clean.dedup();
    if clean.len() > MAX_LABELS || clean.iter().any(|label| label.chars().count() > 100 || label.chars().any(char::is_control)) {
        return Err(Invalid::new("labels", format!("must be at most {MAX_LABELS} of at most 100 printable characters each")));
    }
    Ok(clean)
}
