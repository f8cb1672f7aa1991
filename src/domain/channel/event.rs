//! Events of conversations, the same for real-time updates, callback URLs and account webhooks.
//!
//! Doesn't know their wire formats (`content::wire`). To add an event: a variant of
//! [`ConversationEventKind`] at the end (its integer is stored), its `webhook_name`, its rendering
//! in `content::wire::push` and `content::wire::webhook`, and the place in the store that records
//! it.

use super::{
    Agent, AgentId, ChannelContact, ContactInboxId, ConversationMessage, ConversationView, InboxId,
    InboxIdentifier, SiteNumber, wire_enum::words,
};
use crate::{ContactId, SiteId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

words!(
    /// Type of an event.
    ConversationEventKind, "event" {
        /// A conversation was created.
        ConversationCreated = "conversation.created",
        /// A conversation's status changed.
        ConversationStatusChanged = "conversation.status_changed",
        /// A conversation's attributes changed.
        ConversationUpdated = "conversation.updated",
        /// A message was created.
        MessageCreated = "message.created",
        /// A message was changed.
        MessageUpdated = "message.updated",
        /// A contact was created.
        ContactCreated = "contact.created",
        /// A contact was changed.
        ContactUpdated = "contact.updated",
        /// Never published; only exists for subscriptions.
        WebwidgetTriggered = "webwidget.triggered",
        /// An inbox was created.
        InboxCreated = "inbox.created",
        /// An inbox was changed.
        InboxUpdated = "inbox.updated",
        /// Someone started typing.
        TypingOn = "conversation.typing_on",
        /// Someone stopped typing.
        TypingOff = "conversation.typing_off",
        /// A contact was deleted.
        ContactDeleted = "contact.deleted",
        /// A contact was merged into another.
        ContactMerged = "contact.merged",
        /// An agent replied for the first time.
        FirstReplyCreated = "first.reply.created",
        /// An agent has read a conversation.
        ConversationRead = "conversation.read",
        /// The assignee changed.
        AssigneeChanged = "assignee.changed",
        /// The conversation's contact changed.
        ConversationContactChanged = "conversation.contact_changed",
        /// A note mentions an agent.
        ConversationMentioned = "conversation.mentioned",
        /// An agent started or stopped watching a conversation. Only used for agents' lists, never
        /// sent to clients.
        ConversationWatched = "conversation.watched",
    }
);

impl ConversationEventKind {
    /// The name in webhooks: the name on the wire with underscores for dots.
    pub const fn webhook_name(self) -> &'static str {
        match self {
            Self::ConversationCreated => "conversation_created",
            Self::ConversationStatusChanged => "conversation_status_changed",
            Self::ConversationUpdated => "conversation_updated",
            Self::MessageCreated => "message_created",
            Self::MessageUpdated => "message_updated",
            Self::ContactCreated => "contact_created",
            Self::ContactUpdated => "contact_updated",
            Self::WebwidgetTriggered => "webwidget_triggered",
            Self::InboxCreated => "inbox_created",
            Self::InboxUpdated => "inbox_updated",
            Self::TypingOn => "conversation_typing_on",
            Self::TypingOff => "conversation_typing_off",
            Self::ContactDeleted => "contact_deleted",
            Self::ContactMerged => "contact_merged",
            Self::FirstReplyCreated => "first_reply_created",
            Self::ConversationRead => "conversation_read",
            Self::AssigneeChanged => "assignee_changed",
            Self::ConversationContactChanged => "conversation_contact_changed",
            Self::ConversationMentioned => "conversation_mentioned",
            Self::ConversationWatched => "conversation_watched",
        }
    }

    /// Whether it is about typing, which is not stored.
    pub const fn is_typing(self) -> bool {
        matches!(self, Self::TypingOn | Self::TypingOff)
    }

    /// Its bit in a stored set.
    pub const fn bit(self) -> i64 {
        1 << self.as_int()
    }

    /// Whether account webhooks can subscribe to it.
    pub const fn is_for_webhooks(self) -> bool {
        self.as_int() <= Self::TypingOff.as_int()
    }

    /// Whether callback URLs receive it.
    pub const fn is_for_callbacks(self) -> bool {
        matches!(
            self,
            Self::ConversationCreated
                | Self::ConversationStatusChanged
                | Self::ConversationUpdated
                | Self::MessageCreated
                | Self::MessageUpdated
                | Self::TypingOn
                | Self::TypingOff
        )
    }
}

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Performer {
    /// An agent.
    Agent(Box<Agent>),
    /// The conversation's contact.
    Contact,
    /// Belfry itself.
    System,
}

/// The inbox of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventInbox {
    /// The inbox's number.
    pub id: InboxId,
    /// The inbox's name.
    pub name: String,
    /// The inbox's public identifier.
    pub identifier: InboxIdentifier,
}

/// A changed value, named as in webhooks: `status`, `assignee_id`, `label_list`, …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangedAttribute {
    /// The name.
    pub name: String,
    /// The value before.
    pub previous: Value,
    /// The value after.
    pub current: Value,
}

/// An event with all data that its recipients need. Stored in the outbox for up to days, so a new
/// field needs a serde default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationEvent {
    /// Its type.
    pub kind: ConversationEventKind,
    /// The site.
    pub site: SiteId,
    /// The site's number.
    pub account: SiteNumber,
    /// The site's name.
    pub site_name: String,
    /// The inbox; `None` for events of contacts.
    pub inbox: Option<EventInbox>,
    /// The conversation after the change.
    pub conversation: Option<Box<ConversationView>>,
    /// The message after the change.
    pub message: Option<Box<ConversationMessage>>,
    /// The contact, for events without a conversation.
    pub contact: Option<Box<ChannelContact>>,
    /// Changed values.
    pub changed: Vec<ChangedAttribute>,
    /// Who caused it.
    pub performer: Performer,
    /// The client's id of the request that caused it.
    pub echo_id: Option<String>,
    /// Whether a typing event is about a private note.
    #[serde(default)]
    pub private: bool,
    /// Agents whom a note mentions; only they receive the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentioned: Vec<AgentId>,
    /// Time of the event.
    pub at: Timestamp,
}

impl ConversationEvent {
    /// The contact that the event is about.
    pub fn contact_id(&self) -> Option<ContactId> {
        self.conversation
            .as_ref()
            .map(|view| view.contact.id())
            .or_else(|| self.contact.as_ref().map(|contact| contact.id()))
    }

    /// What the event is about, for webhooks: a newer event replaces a waiting one with the same
    /// subject.
    pub fn subject(&self) -> Option<String> {
        let conversation = self.conversation.as_ref()?.conversation.number;
        match self.kind {
            ConversationEventKind::MessageCreated | ConversationEventKind::MessageUpdated => {
                self.message.as_ref().map(|message| format!("{conversation}/{}", message.id))
            }
            ConversationEventKind::TypingOn | ConversationEventKind::TypingOff => {
                Some(format!("typing {conversation}"))
            }
            _ => None,
        }
    }

    /// The contact whose App Inbox shows the event: the conversation's contact, if the session is
    /// verified and contacts may see the event.
    pub fn reader(&self) -> Option<ContactId> {
        use ConversationEventKind::{
            ConversationCreated, ConversationRead, ConversationStatusChanged, MessageCreated,
            MessageUpdated, TypingOff, TypingOn,
        };
        let view = self.conversation.as_deref().filter(|view| view.session.hmac_verified)?;
        let is_shown = match self.kind {
            MessageCreated | MessageUpdated => {
                self.message.as_ref().is_some_and(|message| message.is_public())
            }
            TypingOn | TypingOff => !self.private && matches!(self.performer, Performer::Agent(_)),
            ConversationCreated | ConversationStatusChanged | ConversationRead => true,
            _ => false,
        };
        is_shown.then(|| view.contact.id())
    }

    /// The event with the contact as its session may see them; `None` if that is the contact as
    /// agents see them. One copy serves all receiving sessions: either there is only this one, or
    /// all of them are verified.
    pub fn with_visible_contact(&self) -> Option<Self> {
        let view = self.conversation.as_deref().filter(|view| !view.session.sees_contact())?;
        let contact = view.session.visible_contact(&view.contact);
        Some(Self {
            conversation: Some(Box::new(ConversationView { contact, ..view.clone() })),
            ..self.clone()
        })
    }
}

/// The type of a test delivery to a callback URL. It is no conversation event: receivers ignore
/// unknown types.
pub const CALLBACK_TEST: &str = "test";

/// The body of a test delivery to a callback URL.
pub fn callback_test_body(
    event: &str,
    (account, site_name): (SiteNumber, &str),
    inbox: &EventInbox,
) -> String {
    let account = json!({"id": account.0, "name": site_name});
    json!({"event": CALLBACK_TEST, "id": event, "account": account, "inbox": {"id": inbox.id.0, "name": inbox.name}})
        .to_string()
}

/// Real-time subscriptions that must be authorized again, because a token, a role or a membership
/// changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelAccess {
    /// Those of all agents of the site.
    Agents,
    /// Those of this agent.
    Agent(AgentId),
    /// Those of this session.
    Session(ContactInboxId),
    /// Those of all sessions of this contact.
    Contact(ContactId),
    /// Those of all sessions in this inbox, and of all agents of the site.
    Inbox(InboxId),
}
