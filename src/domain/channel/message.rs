//! What is said in a conversation.

use super::{
    Agent, AgentId, Attachment, ConversationMessageId, ConversationNumber, ConversationView, InboxId, NewAttachment, SiteNumber,
    attachment::MAX_ATTACHMENT_BYTES, attachment::MAX_ATTACHMENTS, words::words,
};
use crate::domain::{Invalid, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Characters of a message.
pub const MAX_CONTENT_CHARS: usize = 150_000;
/// The content attribute that says which message of the App Inbox a message replies to: its `id` and its `title`.
pub const REPLIED_TO: &str = "notification";
/// Agents whom one note can name.
const MAX_MENTIONS: usize = 50;
/// Messages of one conversation in a minute.
pub const MESSAGES_PER_MINUTE: u32 = 200;

words!(
    /// Which way a message goes.
    MessageKind, "message_type" {
        /// From the contact.
        Incoming = "incoming",
        /// From an agent.
        Outgoing = "outgoing",
        /// What was done, as a sentence.
        Activity = "activity",
        /// Written by the system for the contact.
        Template = "template",
    }
);

words!(
    /// How far a message has come.
    MessageStatus, "status" {
        /// It is stored.
        Sent = "sent",
        /// It reached the contact's device.
        Delivered = "delivered",
        /// The contact has seen it.
        Read = "read",
        /// It could not be delivered.
        Failed = "failed",
    }
);

words!(
    /// What a message is made of.
    ContentType, "content_type" {
        /// Text.
        Text = "text",
        /// Asks for a line.
        InputText = "input_text",
        /// Asks for lines.
        InputTextarea = "input_textarea",
        /// Asks for an e-mail address.
        InputEmail = "input_email",
        /// Asks to choose.
        InputSelect = "input_select",
        /// Cards.
        Cards = "cards",
        /// A form.
        Form = "form",
        /// Articles.
        Article = "article",
        /// An e-mail.
        IncomingEmail = "incoming_email",
        /// Asks how it was.
        InputCsat = "input_csat",
        /// Something of an integration.
        Integrations = "integrations",
        /// A sticker.
        Sticker = "sticker",
        /// A call.
        VoiceCall = "voice_call",
    }
);

/// Who said it. The contact is the conversation's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sender {
    /// The contact of the conversation.
    Contact,
    /// An agent.
    Agent(Agent),
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationMessage {
    /// Its number within the site.
    pub id: ConversationMessageId,
    /// The number of its site.
    pub account: SiteNumber,
    /// Of this conversation.
    pub conversation: ConversationNumber,
    /// In this inbox.
    pub inbox: InboxId,
    /// Which way it goes.
    pub kind: MessageKind,
    /// What it says.
    pub content: Option<String>,
    /// What it is made of.
    pub content_type: ContentType,
    /// What belongs to its type.
    pub content_attributes: Map<String, Value>,
    /// What clients keep beside it.
    pub additional_attributes: Map<String, Value>,
    /// A note among agents.
    pub private: bool,
    /// How far it has come.
    pub status: MessageStatus,
    /// The name that another system has for it.
    pub source_id: Option<String>,
    /// Who said it; nobody, where it was the system.
    pub sender: Option<Sender>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// When it was accepted, or when it was said elsewhere.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl ConversationMessage {
    /// Whether the contact sees it.
    pub fn is_public(&self) -> bool {
        !self.private && self.kind != MessageKind::Activity
    }

    /// The title of the message of the App Inbox that it replies to.
    pub fn replied_to(&self) -> Option<&str> {
        self.content_attributes.get(REPLIED_TO)?.get("title")?.as_str()
    }

    /// Whether the inbox answered it by itself.
    pub fn is_automatic(&self) -> bool {
        self.kind == MessageKind::Template && self.sender.is_none()
    }

    /// The agents whom a note names, as `[@Name](mention://user/7/Name)` writes it, each once.
    pub fn mentions(&self) -> Vec<AgentId> {
        if self.private { self.content.as_deref().map(mentioned_in).unwrap_or_default() } else { Vec::new() }
    }
}

fn mentioned_in(content: &str) -> Vec<AgentId> {
    let mut mentioned = Vec::new();
    for part in content.split("(mention://user/").skip(1) {
        let named = part.split_once('/').filter(|(_, rest)| rest.contains(')')).and_then(|(id, _)| id.parse().ok()).map(AgentId);
        mentioned.extend(named.filter(|agent| !mentioned.contains(agent)));
        if mentioned.len() >= MAX_MENTIONS {
            break;
        }
    }
    mentioned
}

/// A message on its way into the store.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Which way it goes.
    pub kind: MessageKind,
    /// What it says.
    pub content: Option<String>,
    /// What it is made of.
    pub content_type: ContentType,
    /// What belongs to its type.
    pub content_attributes: Map<String, Value>,
    /// What clients keep beside it.
    pub additional_attributes: Map<String, Value>,
    /// A note among agents.
    pub private: bool,
    /// The name that another system has for it.
    pub source_id: Option<String>,
    /// The client's own name for this call; it goes out with the events of the call and is not stored.
    pub echo_id: Option<String>,
    /// Its files.
    pub attachments: Vec<NewAttachment>,
    /// When it was said elsewhere.
    pub external_created_at: Option<Timestamp>,
}

impl NewMessage {
    /// Most bytes of `content_attributes` and of `additional_attributes` as JSON.
    pub const MAX_ATTRIBUTES_BYTES: usize = 64 * 1_024;

    /// A text without anything else.
    pub fn text(kind: MessageKind, content: impl Into<String>) -> Self {
        Self {
            kind,
            content: Some(content.into()),
            content_type: ContentType::Text,
            content_attributes: Map::new(),
            additional_attributes: Map::new(),
            private: false,
            source_id: None,
            echo_id: None,
            attachments: Vec::new(),
            external_created_at: None,
        }
    }

    /// Looks at what is bounded.
    pub fn check(&self) -> Result<(), Invalid> {
        // Bytes first: nobody counts the characters of what is far too long.
        let too_long = |text: &String| text.len() > MAX_CONTENT_CHARS * 4 || text.chars().count() > MAX_CONTENT_CHARS;
        if self.content.as_ref().is_some_and(too_long) {
            return Err(Invalid::new("content", "is too long (maximum is 150000 characters)"));
        }
        if self.attachments.len() > MAX_ATTACHMENTS {
            return Err(Invalid::new("attachments", format!("exceeded maximum allowed: {MAX_ATTACHMENTS}")));
        }
        if self.attachments.iter().map(|attachment| attachment.bytes.len()).sum::<usize>() > MAX_ATTACHMENT_BYTES {
            return Err(Invalid::new("attachments", "are too large together"));
        }
        if self.source_id.as_ref().is_some_and(|id| id.chars().count() > 255) {
            return Err(Invalid::new("source_id", "must have at most 255 characters"));
        }
        for (field, attributes) in [("content_attributes", &self.content_attributes), ("additional_attributes", &self.additional_attributes)] {
            if serde_json::to_string(attributes).map_or(usize::MAX, |text| text.len()) > Self::MAX_ATTRIBUTES_BYTES {
                return Err(Invalid::new(field, "must have at most 64 kB as JSON"));
            }
        }
        Ok(())
    }
}

/// A message with the conversation that it stands in, both as they are after the act.
#[derive(Debug, Clone, PartialEq)]
pub struct PostedMessage {
    /// The conversation.
    pub view: ConversationView,
    /// The message.
    pub message: ConversationMessage,
}

/// Which messages of a conversation, oldest first in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageWindow {
    /// With a smaller id than this one.
    pub before: Option<ConversationMessageId>,
    /// With a larger id than this one; with `before` as well, this one too.
    pub after: Option<ConversationMessageId>,
    /// Only what the contact sees.
    pub public: bool,
}

impl MessageWindow {
    /// How many are given: the 20 newest, up to 100 after one, up to 1,000 between two.
    pub const fn limit(&self) -> u32 {
        match (self.before, self.after) {
            (_, None) => 20,
            (None, Some(_)) => 100,
            (Some(_), Some(_)) => 1_000,
        }
    }
}

/// Messages of a conversation, oldest first, with the conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageList {
    /// The conversation.
    pub view: ConversationView,
    /// Its messages.
    pub messages: Vec<ConversationMessage>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_counted_in_characters() {
        let of = |content: String| NewMessage::text(MessageKind::Incoming, content).check();
        assert_eq!(of("😀".repeat(MAX_CONTENT_CHARS)), Ok(()));
        assert_eq!(of("😀".repeat(MAX_CONTENT_CHARS + 1)).unwrap_err().field, "content");
        assert_eq!(of("a".repeat(MAX_CONTENT_CHARS + 1)).unwrap_err().field, "content");
    }

    #[test]
    fn note_names_agents_as_clients_write_it() {
        let of = |content: &str| mentioned_in(content).into_iter().map(|agent| agent.0).collect::<Vec<_>>();
        assert_eq!(of("Ask [@Ann](mention://user/7/Ann%20Lee) or [@Bo](mention://user/12/Bo), [@Ann](mention://user/7/Ann)"), [7, 12]);
        for none in ["", "@Ann", "mention://user/7/Ann", "[@A](mention://user/x/A)", "[@A](mention://user/7)", "[@A](mention://team/7/A)"] {
            assert_eq!(of(none), Vec::<i64>::new(), "{none}");
        }
        assert_eq!(of(&(0..1_000).map(|id| format!("(mention://user/{id}/x)")).collect::<Vec<_>>().concat()).len(), MAX_MENTIONS);
    }

    #[test]
    fn words_and_integers_are_those_of_the_contract() {
        assert_eq!((MessageKind::Template.as_int(), MessageKind::Template.as_str()), (3, "template"));
        assert_eq!(MessageStatus::from_int(2), Some(MessageStatus::Read));
        assert_eq!("voice_call".parse(), Ok(ContentType::VoiceCall));
        assert_eq!("x".parse::<MessageKind>().unwrap_err().reason, "must be one of incoming outgoing activity template");
        assert_eq!(serde_json::to_string(&MessageKind::Outgoing).unwrap(), "\"outgoing\"");
        assert_eq!(serde_json::from_str::<MessageKind>("\"outgoing\"").unwrap(), MessageKind::Outgoing);
    }
}
