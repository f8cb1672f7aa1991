//! The content of a webhook delivery, as stored in the outbox until it is sent.
//!
//! Messages and events are stored as data and rendered when they are sent, so that no transaction
//! waits for Markdown. Doesn't know how they are rendered.

use super::{Contact, MessageContent, MessageId, Timestamp, channel::ConversationEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Prefix of a stored message; no event body begins with it.
const MESSAGE_PREFIX: &str = "parcel ";
/// Prefix of a stored conversation event.
const CONVERSATION_PREFIX: &str = "conversation ";

/// A snapshot of a message for one contact, for message webhooks. Stored for up to days, so a new
/// field needs a serde default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageSnapshot {
    /// The recipient.
    pub contact: Contact,
    /// The message's id.
    pub message: MessageId,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Content in the recipient's language, with variables not yet filled in.
    pub content: MessageContent,
    /// The site's category name.
    pub category: Option<String>,
    /// The site's own data.
    pub data: Option<Value>,
}

/// What a delivery contains.
#[derive(Debug, Clone, PartialEq)]
pub enum WebhookPayload {
    /// A body that is sent as it is.
    Raw(String),
    /// A message that is rendered when it is sent.
    Message(Box<MessageSnapshot>),
    /// A conversation event that is rendered when it is sent.
    Conversation(Box<ConversationEvent>),
}

impl ConversationEvent {
    /// Encodes it for storage.
    pub fn encode(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{CONVERSATION_PREFIX}{}", serde_json::to_string(self)?))
    }
}

impl MessageSnapshot {
    /// Encodes it for storage.
    pub fn encode(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{MESSAGE_PREFIX}{}", serde_json::to_string(self)?))
    }
}

impl WebhookPayload {
    /// Decodes stored text. A snapshot that can't be decoded becomes an empty body, so that no
    /// contact data is sent by mistake.
    pub fn decode(text: String) -> Self {
        if let Some(event) = text.strip_prefix(CONVERSATION_PREFIX) {
            return serde_json::from_str(event)
                .map_or_else(|_| Self::Raw(String::new()), Self::Conversation);
        }
        match text.strip_prefix(MESSAGE_PREFIX) {
            Some(snapshot) => serde_json::from_str(snapshot)
                .map_or_else(|_| Self::Raw(String::new()), Self::Message),
            None => Self::Raw(text),
        }
    }
}
