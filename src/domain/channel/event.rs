//! What happened in conversations: the same event for real-time updates, callback URLs and account webhooks.
//!
//! Must not know how it is written out for any of them.

use super::{
    Agent, AgentId, ChannelContact, ContactInboxId, ConversationMessage, ConversationView, InboxId, InboxIdentifier, SiteNumber, words::words,
};
use crate::domain::{ContactId, SiteId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

words!(
    /// What happened.
    ConversationEventKind, "event" {
        /// A conversation began.
        ConversationCreated = "conversation.created",
        /// A conversation is open, resolved, pending or snoozed now.
        ConversationStatusChanged = "conversation.status_changed",
        /// Something of a conversation changed.
        ConversationUpdated = "conversation.updated",
        /// Something was said.
        MessageCreated = "message.created",
        /// A message changed.
        MessageUpdated = "message.updated",
        /// A contact was added.
        ContactCreated = "contact.created",
        /// A contact changed.
        ContactUpdated = "contact.updated",
        /// Never happens; it can be subscribed to.
        WebwidgetTriggered = "webwidget.triggered",
        /// An inbox was added.
        InboxCreated = "inbox.created",
        /// An inbox changed.
        InboxUpdated = "inbox.updated",
        /// Somebody writes.
        TypingOn = "conversation.typing_on",
        /// Somebody stopped writing.
        TypingOff = "conversation.typing_off",
        /// A contact was erased.
        ContactDeleted = "contact.deleted",
        /// A contact was merged into another.
        ContactMerged = "contact.merged",
        /// An agent answered for the first time.
        FirstReplyCreated = "first.reply.created",
        /// An agent has looked at a conversation.
        ConversationRead = "conversation.read",
        /// Somebody else answers from now on.
        AssigneeChanged = "assignee.changed",
        /// The conversation's contact changed.
        ConversationContactChanged = "conversation.contact_changed",
        /// An agent is named in a note.
        ConversationMentioned = "conversation.mentioned",
        /// An agent watches a conversation from now on, or no longer does. Only lists of agents show it: nobody outside is told.
        ConversationWatched = "conversation.watched",
    }
);

impl ConversationEventKind {
    /// What webhooks call it: with an underscore for each dot.
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

    /// Its place in a set that is kept as one number.
    pub const fn bit(self) -> i64 {
        1 << self.as_int()
    }

    /// Whether account webhooks can hear of it.
    pub const fn is_for_webhooks(self) -> bool {
        self.as_int() <= Self::TypingOff.as_int()
    }

    /// Whether callback URLs hear of it.
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

/// Who did it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Performer {
    /// An agent.
    Agent(Box<Agent>),
    /// The contact of the conversation.
    Contact,
    /// Belfry itself.
    System,
}

/// The inbox of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventInbox {
    /// Its number.
    pub id: InboxId,
    /// What it is called.
    pub name: String,
    /// Its public name.
    pub identifier: InboxIdentifier,
}

/// A value that changed. Its name is the one that webhooks use: `status`, `assignee_id`, `label_list`, …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangedAttribute {
    /// Its name.
    pub name: String,
    /// What it was.
    pub previous: Value,
    /// What it is.
    pub current: Value,
}

/// Something that happened, with everything that is told of it. What is kept of one may wait for days, so a new field needs a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationEvent {
    /// What happened.
    pub kind: ConversationEventKind,
    /// Where.
    pub site: SiteId,
    /// The number of the site.
    pub account: SiteNumber,
    /// The name of the site.
    pub site_name: String,
    /// The inbox; none for events of contacts.
    pub inbox: Option<EventInbox>,
    /// The conversation as it is after the act.
    pub conversation: Option<Box<ConversationView>>,
    /// The message as it is after the act.
    pub message: Option<Box<ConversationMessage>>,
    /// The contact of an event that is about no conversation.
    pub contact: Option<Box<ChannelContact>>,
    /// What changed.
    pub changed: Vec<ChangedAttribute>,
    /// Who did it.
    pub performer: Performer,
    /// The client's own name for the call that did it.
    pub echo_id: Option<String>,
    /// Whether typing is at a private note.
    #[serde(default)]
    pub private: bool,
    /// The agents who are named in a note; nobody else hears of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentioned: Vec<AgentId>,
    /// When.
    pub at: Timestamp,
}

impl ConversationEvent {
    /// The contact that it is about.
    pub fn contact_id(&self) -> Option<ContactId> {
        self.conversation.as_ref().map(|view| view.contact.id()).or_else(|| self.contact.as_ref().map(|contact| contact.id()))
    }

    /// The contact whose App Inbox shows what happened: one who has proven who they are in the session, of what contacts see.
    pub fn reader(&self) -> Option<ContactId> {
        use ConversationEventKind::{
            ConversationCreated, ConversationRead, ConversationStatusChanged, MessageCreated, MessageUpdated, TypingOff, TypingOn,
        };
        let view = self.conversation.as_deref().filter(|view| view.session.hmac_verified)?;
        let is_shown = match self.kind {
            MessageCreated | MessageUpdated => self.message.as_ref().is_some_and(|message| message.is_public()),
            TypingOn | TypingOff => !self.private && matches!(self.performer, Performer::Agent(_)),
            ConversationCreated | ConversationStatusChanged | ConversationRead => true,
            _ => false,
        };
        is_shown.then(|| view.contact.id())
    }

    /// The same event with the contact as its session sees them; `None` where that is no other than agents see. All sessions that hear of it see
    /// the same: either it is the session itself, or all of them have proven who they are.
    pub fn seen_by_contact(&self) -> Option<Self> {
        let view = self.conversation.as_deref().filter(|view| !view.session.sees_contact())?;
        let contact = view.session.seen(&view.contact);
        Some(Self { conversation: Some(Box::new(ConversationView { contact, ..view.clone() })), ..self.clone() })
    }
}

/// Whose subscriptions to real-time updates are to be looked at again: a token, a role or a membership changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelAccess {
    /// Of all agents of the site.
    Agents,
    /// Of this agent.
    Agent(AgentId),
    /// Of this session.
    Session(ContactInboxId),
    /// Of all sessions of this contact.
    Contact(ContactId),
    /// Of all sessions in this inbox, and of all agents of the site.
    Inbox(InboxId),
}
