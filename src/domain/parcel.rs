//! A message on its way to a site's own server, whole: as it was when it was to be sent, with the contact it is for.
//!
//! Must not know how it is written out; that is done when it leaves, so that no transaction waits for Markdown.

use super::{Contact, Content, MessageId, Timestamp, channel::ConversationEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How what is kept of a parcel begins; no event begins like that.
const MARK: &str = "parcel ";
/// How what is kept of an event of conversations begins.
const EVENT_MARK: &str = "conversation ";

/// A message for one contact. What is kept of one may wait for days, so a new field needs a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parcel {
    /// For whom.
    pub contact: Contact,
    /// Its id.
    pub message: MessageId,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// What it says in the contact's language, with its variables still in it.
    pub content: Content,
    /// The site's own word for the kind of message.
    pub category: Option<String>,
    /// The site's own data.
    pub data: Option<Value>,
}

/// What a delivery brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A body as it is sent.
    Written(String),
    /// A message that is written out when it leaves.
    Parcel(Box<Parcel>),
    /// An event of conversations that is written out when it leaves.
    Conversation(Box<ConversationEvent>),
}

impl ConversationEvent {
    /// The text that is kept of it.
    pub fn keep(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{EVENT_MARK}{}", serde_json::to_string(self)?))
    }
}

impl Parcel {
    /// The text that is kept of it.
    pub fn keep(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{MARK}{}", serde_json::to_string(self)?))
    }
}

impl Payload {
    /// What a kept text brings. A parcel that can't be read any more brings nothing, rather than what was known of its contact.
    pub fn kept(text: String) -> Self {
        if let Some(event) = text.strip_prefix(EVENT_MARK) {
            return serde_json::from_str(event).map_or_else(|_| Self::Written(String::new()), Self::Conversation);
        }
        match text.strip_prefix(MARK) {
            Some(parcel) => serde_json::from_str(parcel).map_or_else(|_| Self::Written(String::new()), Self::Parcel),
            None => Self::Written(text),
        }
    }
}
