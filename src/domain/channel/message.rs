//! Messages of conversations.

use super::{
    Agent, AgentId, Attachment, ConversationMessageId, ConversationNumber, ConversationView,
    InboxId, NewAttachment, SiteNumber, attachment::MAX_ATTACHMENT_BYTES,
    attachment::MAX_ATTACHMENTS, wire_enum::words,
};
use crate::{Timestamp, ValidationError};
use belfry_locales::{StoredText, phrases::errors};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Maximum length of a message, in characters.
pub const MAX_CONTENT_CHARS: usize = 150_000;
/// The content attribute that refers to the App Inbox message that is replied to, with its `id` and
/// `title`.
pub const REPLIED_MESSAGE_ATTRIBUTE: &str = "notification";
/// Maximum number of agents that a note can mention.
const MAX_MENTIONS: usize = 50;
/// Maximum number of messages of a conversation in one minute.
pub const MAX_MESSAGES_PER_MINUTE: u32 = 200;

words!(
    /// Direction of a message.
    MessageKind, "message_type" {
        /// From the contact.
        Incoming = "incoming",
        /// From an agent.
        Outgoing = "outgoing",
        /// A record of what was done, as a sentence.
        Activity = "activity",
        /// Written by the system for the contact.
        Template = "template",
    }
);

words!(
    /// Delivery status of a message.
    MessageStatus, "status" {
        /// Stored.
        Sent = "sent",
        /// Delivered to the contact's device.
        Delivered = "delivered",
        /// Read by the contact.
        Read = "read",
        /// Not deliverable.
        Failed = "failed",
    }
);

words!(
    /// Content type of a message, as in the contract.
    ContentType, "content_type" {
        /// Text.
        Text = "text",
        /// Asks for one line of text.
        InputText = "input_text",
        /// Asks for several lines of text.
        InputTextarea = "input_textarea",
        /// Asks for an e-mail address.
        InputEmail = "input_email",
        /// Asks to choose an option.
        InputSelect = "input_select",
        /// Cards.
        Cards = "cards",
        /// A form.
        Form = "form",
        /// Links to help articles.
        Article = "article",
        /// An e-mail.
        IncomingEmail = "incoming_email",
        /// Asks for a satisfaction rating.
        InputCsat = "input_csat",
        /// Content of an integration.
        Integrations = "integrations",
        /// A sticker.
        Sticker = "sticker",
        /// A call.
        VoiceCall = "voice_call",
    }
);

/// Sender of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sender {
    /// The conversation's contact.
    Contact,
    /// An agent.
    Agent(Agent),
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationMessage {
    /// Number, counted from 1 in each site.
    pub id: ConversationMessageId,
    /// The site's number.
    pub account: SiteNumber,
    /// The conversation.
    pub conversation: ConversationNumber,
    /// The inbox.
    pub inbox: InboxId,
    /// Direction.
    pub kind: MessageKind,
    /// Text.
    pub content: Option<String>,
    /// What an activity message says, in no language; `content` is its English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<StoredText>,
    /// Content type.
    pub content_type: ContentType,
    /// Attributes of the content type.
    pub content_attributes: Map<String, Value>,
    /// Other data of clients.
    pub additional_attributes: Map<String, Value>,
    /// Whether it is a private note, visible to agents only.
    pub private: bool,
    /// Delivery status.
    pub status: MessageStatus,
    /// Its id in another system.
    pub source_id: Option<String>,
    /// Sender; `None` for the system.
    pub sender: Option<Sender>,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// When it was accepted, or the external time that the client gave.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

impl ConversationMessage {
    /// Whether the contact can see it.
    pub fn is_public(&self) -> bool {
        !self.private && self.kind != MessageKind::Activity
    }

    /// The title of the App Inbox message that it replies to.
    pub fn replied_to(&self) -> Option<&str> {
        self.content_attributes.get(REPLIED_MESSAGE_ATTRIBUTE)?.get("title")?.as_str()
    }

    /// Whether it is an automatic reply of the inbox.
    pub fn is_automatic(&self) -> bool {
        self.kind == MessageKind::Template && self.sender.is_none()
    }

    /// The agents that a note mentions by `[@Name](mention://user/7/Name)`, without duplicates.
    pub fn mentions(&self) -> Vec<AgentId> {
        if self.private {
            self.content.as_deref().map(parse_mentions).unwrap_or_default()
        } else {
            Vec::new()
        }
    }
}

fn parse_mentions(content: &str) -> Vec<AgentId> {
    let mut mentioned = Vec::new();
    for part in content.split("(mention://user/").skip(1) {
        let named = part
            .split_once('/')
            .filter(|(_, rest)| rest.contains(')'))
            .and_then(|(id, _)| id.parse().ok())
            .map(AgentId);
        mentioned.extend(named.filter(|agent| !mentioned.contains(agent)));
        if mentioned.len() >= MAX_MENTIONS {
            break;
        }
    }
    mentioned
}

/// A message before it is stored.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Direction.
    pub kind: MessageKind,
    /// Text.
    pub content: Option<String>,
    /// Content type.
    pub content_type: ContentType,
    /// Attributes of the content type.
    pub content_attributes: Map<String, Value>,
    /// Other data of clients.
    pub additional_attributes: Map<String, Value>,
    /// Whether it is a private note.
    pub private: bool,
    /// Its id in another system.
    pub source_id: Option<String>,
    /// The client's id of this request. Returned in the request's events, not stored.
    pub echo_id: Option<String>,
    /// Attachments.
    pub attachments: Vec<NewAttachment>,
    /// Time at which the message was sent in another system.
    pub external_created_at: Option<Timestamp>,
}

impl NewMessage {
    /// Maximum size of `content_attributes` and of `additional_attributes` as JSON, in bytes.
    pub const MAX_ATTRIBUTES_BYTES: usize = 64 * 1_024;

    /// A plain text message.
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

    /// Checks the limits.
    pub fn check(&self) -> Result<(), ValidationError> {
        // Check bytes first: counting the characters of a huge text is expensive.
        let too_long = |text: &String| {
            text.len() > MAX_CONTENT_CHARS * 4 || text.chars().count() > MAX_CONTENT_CHARS
        };
        if self.content.as_ref().is_some_and(too_long) {
            return Err(ValidationError::new("content", errors::too_long(150_000)));
        }
        if self.attachments.len() > MAX_ATTACHMENTS {
            return Err(ValidationError::new(
                "attachments",
                errors::attachment_count(MAX_ATTACHMENTS),
            ));
        }
        if self.attachments.iter().map(|attachment| attachment.bytes.len()).sum::<usize>()
            > MAX_ATTACHMENT_BYTES
        {
            return Err(ValidationError::new("attachments", errors::ATTACHMENTS_TOO_LARGE));
        }
        if self.source_id.as_ref().is_some_and(|id| id.chars().count() > 255) {
            return Err(ValidationError::new("source_id", errors::at_most_characters(255)));
        }
        for (field, attributes) in [
            ("content_attributes", &self.content_attributes),
            ("additional_attributes", &self.additional_attributes),
        ] {
            if serde_json::to_string(attributes).map_or(usize::MAX, |text| text.len())
                > Self::MAX_ATTRIBUTES_BYTES
            {
                return Err(ValidationError::new(field, errors::at_most_kilobytes_json(64)));
            }
        }
        Ok(())
    }
}

/// A message with its conversation, both after the change.
#[derive(Debug, Clone, PartialEq)]
pub struct PostedMessage {
    /// The conversation.
    pub view: ConversationView,
    /// The message.
    pub message: ConversationMessage,
}

/// A range of a conversation's messages; returned oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageWindow {
    /// Ids less than this one.
    pub before: Option<ConversationMessageId>,
    /// Ids greater than this one; together with `before`, greater than or equal.
    pub after: Option<ConversationMessageId>,
    /// Only messages that the contact can see.
    pub public: bool,
}

impl MessageWindow {
    /// Maximum number of messages: the 20 newest, 100 after an id, 1,000 between two ids.
    pub const fn limit(&self) -> u32 {
        match (self.before, self.after) {
            (_, None) => 20,
            (None, Some(_)) => 100,
            (Some(_), Some(_)) => 1_000,
        }
    }
}

/// A conversation with a range of its messages, oldest first.
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
    fn mentions_are_parsed_from_notes() {
        let of = |content: &str| {
            parse_mentions(content).into_iter().map(|agent| agent.0).collect::<Vec<_>>()
        };
        assert_eq!(
            of(
                "Ask [@Ann](mention://user/7/Ann%20Lee) or [@Bo](mention://user/12/Bo), [@Ann](mention://user/7/Ann)"
            ),
            [7, 12]
        );
        for none in [
            "",
            "@Ann",
            "mention://user/7/Ann",
            "[@A](mention://user/x/A)",
            "[@A](mention://user/7)",
            "[@A](mention://team/7/A)",
        ] {
            assert_eq!(of(none), Vec::<i64>::new(), "{none}");
        }
        assert_eq!(
            of(&(0..1_000)
                .map(|id| format!("(mention://user/{id}/x)"))
                .collect::<Vec<_>>()
                .concat())
            .len(),
            MAX_MENTIONS
        );
    }

    #[test]
    fn strings_and_integers_match_the_contract() {
        assert_eq!(
            (MessageKind::Template.as_int(), MessageKind::Template.as_str()),
            (3, "template")
        );
        assert_eq!(MessageStatus::from_int(2), Some(MessageStatus::Read));
        assert_eq!("voice_call".parse(), Ok(ContentType::VoiceCall));
        assert_eq!(
            "x".parse::<MessageKind>().unwrap_err().reason.to_string(),
            "must be one of incoming outgoing activity template"
        );
        assert_eq!(serde_json::to_string(&MessageKind::Outgoing).unwrap(), "\"outgoing\"");
        assert_eq!(
            serde_json::from_str::<MessageKind>("\"outgoing\"").unwrap(),
            MessageKind::Outgoing
        );
    }
}
