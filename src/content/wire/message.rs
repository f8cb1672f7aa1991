//! JSON of messages.

use super::{AttachmentJson, ContactPush, Renderer, UserPush, iso, seconds};
use belfry_domain::channel::{ChannelContact, ConversationMessage, ConversationView, Sender};
use serde::Serialize;
use serde_json::{Map, Value};

/// Sender of a message.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum SenderPush<'a> {
    Contact(ContactPush<'a>),
    User(UserPush<'a>),
}

/// A message in a response of the application API.
#[derive(Debug, Clone, Serialize)]
pub struct MessageJson<'a> {
    pub id: i64,
    pub content: Option<&'a str>,
    pub inbox_id: i64,
    /// Only in the response to the request that created the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_id: Option<&'a str>,
    pub conversation_id: i64,
    pub message_type: i64,
    pub content_type: &'static str,
    pub status: &'static str,
    pub content_attributes: &'a Map<String, Value>,
    pub created_at: i64,
    pub private: bool,
    pub source_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<SenderPush<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentJson<'a>>,
}

/// A message in a response of the public client API.
#[derive(Debug, Clone, Serialize)]
pub struct PublicMessage<'a> {
    pub id: i64,
    pub content: Option<&'a str>,
    pub message_type: i64,
    pub content_type: &'static str,
    pub content_attributes: &'a Map<String, Value>,
    pub created_at: i64,
    pub conversation_id: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<SenderPush<'a>>,
}

/// A message in a real-time update, and within conversations.
#[derive(Debug, Clone, Serialize)]
pub struct MessagePush<'a> {
    pub id: i64,
    pub content: Option<&'a str>,
    pub account_id: i64,
    pub inbox_id: i64,
    pub conversation_id: i64,
    pub message_type: i64,
    pub created_at: i64,
    pub updated_at: String,
    pub private: bool,
    pub status: &'static str,
    pub source_id: Option<&'a str>,
    pub content_type: &'static str,
    pub content_attributes: &'a Map<String, Value>,
    pub sender_type: Option<&'static str>,
    pub sender_id: Option<i64>,
    pub external_source_ids: Map<String, Value>,
    pub additional_attributes: &'a Map<String, Value>,
    pub processed_message_content: Option<&'a str>,
    pub sentiment: Map<String, Value>,
    pub conversation: MessageConversation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<SenderPush<'a>>,
}

/// The conversation in a message.
#[derive(Debug, Clone, Serialize)]
pub struct MessageConversation<'a> {
    pub assignee_id: Option<i64>,
    pub unread_count: u32,
    pub last_activity_at: i64,
    pub contact_inbox: MessageSource<'a>,
}

/// The session in a message.
#[derive(Debug, Clone, Serialize)]
pub struct MessageSource<'a> {
    pub source_id: &'a str,
}

impl Renderer<'_> {
    /// The sender of a message in a conversation with this contact.
    pub fn sender<'b>(
        &self,
        message: &'b ConversationMessage,
        contact: &'b ChannelContact,
    ) -> Option<SenderPush<'b>> {
        message.sender.as_ref().map(|sender| match sender {
            Sender::Contact => SenderPush::Contact(self.contact_push(contact)),
            Sender::Agent(agent) => SenderPush::User(self.user_push(agent)),
        })
    }

    /// The attachments of a message.
    pub fn attachments<'b>(&self, message: &'b ConversationMessage) -> Vec<AttachmentJson<'b>> {
        message
            .attachments
            .iter()
            .map(|attachment| self.attachment(attachment, message.id, message.account))
            .collect()
    }

    /// A message for the application API.
    pub fn message<'b>(
        &self,
        message: &'b ConversationMessage,
        contact: &'b ChannelContact,
        echo_id: Option<&'b str>,
    ) -> MessageJson<'b> {
        MessageJson {
            id: message.id.0,
            content: message.content.as_deref(),
            inbox_id: message.inbox.0,
            echo_id,
            conversation_id: message.conversation.0,
            message_type: message.kind.as_int(),
            content_type: message.content_type.as_str(),
            status: message.status.as_str(),
            content_attributes: &message.content_attributes,
            created_at: seconds(message.created_at),
            private: message.private,
            source_id: message.source_id.as_deref(),
            sender: self.sender(message, contact),
            attachments: self.attachments(message),
        }
    }

    /// A message for the public client API.
    pub fn public_message<'b>(
        &self,
        message: &'b ConversationMessage,
        contact: &'b ChannelContact,
    ) -> PublicMessage<'b> {
        PublicMessage {
            id: message.id.0,
            content: message.content.as_deref(),
            message_type: message.kind.as_int(),
            content_type: message.content_type.as_str(),
            content_attributes: &message.content_attributes,
            created_at: seconds(message.created_at),
            conversation_id: message.conversation.0,
            attachments: self.attachments(message),
            sender: self.sender(message, contact),
        }
    }

    /// A message of this conversation for real-time updates.
    pub fn message_push<'b>(
        &self,
        message: &'b ConversationMessage,
        view: &'b ConversationView,
        echo_id: Option<&'b str>,
    ) -> MessagePush<'b> {
        let (sender_type, sender_id) = match &message.sender {
            Some(Sender::Contact) => (Some("Contact"), Some(view.contact.id().0)),
            Some(Sender::Agent(agent)) => (Some("User"), Some(agent.id.0)),
            None => (None, None),
        };
        MessagePush {
            id: message.id.0,
            content: message.content.as_deref(),
            account_id: message.account.0,
            inbox_id: message.inbox.0,
            conversation_id: message.conversation.0,
            message_type: message.kind.as_int(),
            created_at: seconds(message.created_at),
            updated_at: iso(message.updated_at),
            private: message.private,
            status: message.status.as_str(),
            source_id: message.source_id.as_deref(),
            content_type: message.content_type.as_str(),
            content_attributes: &message.content_attributes,
            sender_type,
            sender_id,
            external_source_ids: Map::new(),
            additional_attributes: &message.additional_attributes,
            processed_message_content: message.content.as_deref(),
            sentiment: Map::new(),
            conversation: MessageConversation {
                assignee_id: view.conversation.assignee.map(|agent| agent.0),
                unread_count: view.unread_count,
                last_activity_at: seconds(view.conversation.last_activity_at),
                contact_inbox: MessageSource { source_id: view.session.source_id.as_str() },
            },
            echo_id,
            attachments: self.attachments(message),
            sender: self.sender(message, &view.contact),
        }
    }
}
