//! Conversations for customers, in the customer protocol of the Inbox SDK. A message with
//! attachments becomes several events.
//!
//! Callers must pass only public messages, and the contact as its session may see them.

use super::{Renderer, attachment_path, iso};
use belfry_domain::{
    Timestamp,
    channel::{
        Agent, Attachment, ChannelContact, ContentType, ConversationMessage, ConversationMessageId,
        ConversationStatus, FileType, MessageKind, Sender, SessionConversation, split_name,
    },
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An event: a text or an attachment.
#[derive(Debug, Clone, Serialize)]
pub struct ChatEvent {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub payload: Value,
    pub time: String,
    #[serde(rename = "as")]
    pub by: ChatPerson,
    pub metadata: Map<String, Value>,
}

/// Author of an event; empty for the inbox itself.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChatPerson {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_picture: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// A conversation in a list or with its messages.
#[derive(Debug, Clone, Serialize)]
pub struct ChatConversation {
    pub id: String,
    pub number: i64,
    pub g: String,
    pub status: &'static str,
    pub locale: String,
    pub inserted_at: String,
    pub conversation_data: Map<String, Value>,
    pub last_message: Option<String>,
    pub last_message_date: Option<String>,
    pub read_until: Option<String>,
    pub unread_message_count: usize,
    pub operator_present: bool,
}

impl ChatPerson {
    /// An agent.
    pub fn agent(agent: &Agent) -> Self {
        let (first_name, last_name) = split_name(&agent.name);
        Self { first_name, last_name, profile_picture: None, user_id: Some(agent.id.to_string()) }
    }

    /// A contact as its session sees them.
    pub fn contact(seen: &ChannelContact) -> Self {
        let contact = &seen.contact;
        Self {
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            profile_picture: seen.avatar_url.clone(),
            user_id: contact.external_id.clone(),
        }
    }
}

/// Cursor for older messages: `ISO#id`.
pub fn chat_cursor(message: &ConversationMessage) -> String {
    format!("{}#{}", iso(message.created_at), message.id)
}

/// Parses a cursor: the message's id.
pub fn parse_chat_cursor(cursor: &str) -> Option<ConversationMessageId> {
    cursor.rsplit_once('#')?.1.split('.').next()?.parse().ok()
}

/// Number of these messages that agents sent since the contact last saw the conversation.
pub fn contact_unread_count(messages: &[ConversationMessage], seen_at: Option<Timestamp>) -> usize {
    messages
        .iter()
        .filter(|message| {
            message.kind != MessageKind::Incoming
                && seen_at.is_none_or(|seen| message.created_at > seen)
        })
        .count()
}

impl Renderer<'_> {
    /// The events of a message: its text, and each attachment.
    pub fn chat_events(
        &self,
        message: &ConversationMessage,
        seen: &ChannelContact,
    ) -> Vec<ChatEvent> {
        let is_own = message.kind == MessageKind::Incoming;
        let by = match &message.sender {
            Some(Sender::Agent(agent)) => ChatPerson::agent(agent),
            Some(Sender::Contact) => ChatPerson::contact(seen),
            None => ChatPerson::default(),
        };
        let event = |id: String, kind, payload| ChatEvent {
            id,
            kind,
            payload,
            time: iso(message.created_at),
            by: by.clone(),
            metadata: metadata(message),
        };
        let mut events = Vec::with_capacity(1);
        let text = message.content.as_deref().unwrap_or_default();
        if !text.is_empty() || message.attachments.is_empty() {
            let (kind, payload) = if is_own {
                ("user_message", json!({ "type": "text", "text": text }))
            } else {
                ("text", text_payload(message, text))
            };
            events.push(event(message.id.to_string(), kind, payload));
        }
        for attachment in &message.attachments {
            let (kind, payload) = self.chat_attachment(attachment, is_own);
            events.push(event(format!("{}.{}", message.id, attachment.id), kind, payload));
        }
        events
    }

    fn chat_attachment(&self, attachment: &Attachment, is_own: bool) -> (&'static str, Value) {
        if let Some(place) = attachment.coordinates {
            let payload = json!({ "lat": place.latitude, "lon": place.longitude });
            return (if is_own { "user_location" } else { "location" }, payload);
        }
        let kind = match attachment.file_type {
            FileType::Image => "image",
            FileType::Audio => "audio",
            FileType::Video => "video",
            _ => "file",
        };
        let url = format!(
            "{}{}",
            self.public_url,
            attachment_path(&attachment.key, &attachment.filename, false)
        );
        let caption = &attachment.filename;
        if is_own {
            ("user_attachment", json!({ "type": kind, "url": url, "caption": caption }))
        } else {
            ("media", json!({ "kind": kind, "url": url, "class": "", "caption": caption }))
        }
    }

    /// A conversation with its newest messages; `g` is the client's name for it.
    pub fn chat_conversation(
        &self,
        of: &SessionConversation,
        g: String,
        locale: &str,
    ) -> ChatConversation {
        let conversation = &of.view.conversation;
        let last = of.messages.last();
        ChatConversation {
            id: conversation.uuid.to_string(),
            number: conversation.number.0,
            g,
            status: if conversation.status == ConversationStatus::Resolved {
                "closed"
            } else {
                "open"
            },
            locale: locale.to_owned(),
            inserted_at: iso(conversation.created_at),
            conversation_data: conversation.custom_attributes.clone(),
            last_message: last.map(|message| message.content.clone().unwrap_or_default()),
            last_message_date: last.map(|message| iso(message.created_at)),
            read_until: conversation.contact_last_seen_at.map(iso),
            unread_message_count: contact_unread_count(
                &of.messages,
                conversation.contact_last_seen_at,
            ),
            operator_present: conversation.assignee.is_some(),
        }
    }
}

/// A text of an agent or the inbox, with its quick replies.
fn text_payload(message: &ConversationMessage, text: &str) -> Value {
    let items = message
        .content_attributes
        .get("items")
        .and_then(Value::as_array)
        .filter(|_| message.content_type == ContentType::InputSelect);
    let title = |item: &Value| {
        Some(json!({ "content_type": "text", "title": item.get("title")?.as_str()? }))
    };
    match items {
        Some(items) => {
            json!({ "message": text, "quick_replies": items.iter().filter_map(title).collect::<Vec<_>>() })
        }
        None => json!({ "message": text }),
    }
}

/// Content type and attributes of a message that isn't plain text.
fn metadata(message: &ConversationMessage) -> Map<String, Value> {
    let mut metadata = Map::new();
    if message.content_type != ContentType::Text {
        metadata.insert("content_type".to_owned(), message.content_type.as_str().into());
    }
    if !message.content_attributes.is_empty() {
        metadata.insert("content_attributes".to_owned(), message.content_attributes.clone().into());
    }
    metadata
}

/// The contact's data as its session sees it, with the protocol's names, and custom attributes.
pub fn chat_user(seen: &ChannelContact) -> Map<String, Value> {
    let mut user = seen.contact.attributes.clone();
    let contact = &seen.contact;
    for (name, value) in [
        ("first_name", &contact.first_name),
        ("last_name", &contact.last_name),
        ("email", &contact.email),
        ("phone", &contact.phone),
        ("profile_picture", &seen.avatar_url),
    ] {
        match value {
            Some(value) => drop(user.insert(name.to_owned(), value.clone().into())),
            None => drop(user.remove(name)),
        }
    }
    user
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::NobodyOnline;
    use belfry_domain::channel::Coordinates;
    use belfry_domain::channel::fixtures;

    fn events(message: &ConversationMessage) -> Value {
        let origin = "https://belfry.example".parse().unwrap();
        let renderer = Renderer {
            public_url: &origin,
            site: belfry_domain::SiteId::from_bytes([1; 16]),
            now: message.created_at,
            presence: &NobodyOnline,
        };
        serde_json::to_value(renderer.chat_events(message, &fixtures::view().contact)).unwrap()
    }

    #[test]
    fn text_event_has_its_senders_type() {
        let own = fixtures::message(MessageKind::Incoming, Sender::Contact);
        let rendered = events(&own);
        assert_eq!(
            (rendered[0]["type"].as_str(), &rendered[0]["payload"]["text"]),
            (Some("user_message"), &json!(own.content))
        );
        let answer = fixtures::message(MessageKind::Outgoing, Sender::Agent(fixtures::agent()));
        let rendered = events(&answer);
        assert_eq!(
            (rendered[0]["type"].as_str(), &rendered[0]["payload"]),
            (Some("text"), &json!({ "message": answer.content }))
        );
        assert_eq!(
            (&rendered[0]["as"]["user_id"], &rendered[0]["time"]),
            (&json!(fixtures::agent().id.to_string()), &json!(iso(answer.created_at)))
        );
        assert!(
            !rendered.to_string().contains(&fixtures::agent().email),
            "must not contain the agent's e-mail address"
        );
        let choice = ConversationMessage {
            content_type: ContentType::InputSelect,
            content_attributes: json!({ "items": [{ "title": "Yes", "value": "y" }] })
                .as_object()
                .cloned()
                .unwrap(),
            ..answer
        };
        assert_eq!(
            events(&choice)[0]["payload"]["quick_replies"],
            json!([{ "content_type": "text", "title": "Yes" }])
        );
    }

    #[test]
    fn attachments_follow_the_text() {
        let file = Attachment {
            id: belfry_domain::channel::AttachmentId(5),
            file_type: FileType::Image,
            key: "KEY".into(),
            filename: "a b.png".into(),
            content_type: "image/png".into(),
            extension: Some("png".into()),
            size: 1,
            width: None,
            height: None,
            has_thumbnail: false,
            coordinates: None,
            fallback_title: None,
        };
        let place = Attachment {
            coordinates: Some(Coordinates { latitude: 1.5, longitude: -2.0 }),
            file_type: FileType::Location,
            ..file.clone()
        };
        let mut message =
            fixtures::message(MessageKind::Outgoing, Sender::Agent(fixtures::agent()));
        message.attachments = vec![file, place];
        let url = "https://belfry.example/attachments/KEY/a%20b.png";
        let rendered = events(&message);
        assert_eq!(rendered.as_array().unwrap().len(), 3);
        assert_eq!(
            rendered[1]["payload"],
            json!({ "kind": "image", "url": url, "class": "", "caption": "a b.png" })
        );
        assert_eq!(
            (&rendered[2]["type"], &rendered[2]["payload"]),
            (&json!("location"), &json!({ "lat": 1.5, "lon": -2.0 }))
        );
        (message.kind, message.content) = (MessageKind::Incoming, None);
        let rendered = events(&message);
        assert_eq!(
            (rendered.as_array().unwrap().len(), &rendered[0]["type"]),
            (2, &json!("user_attachment"))
        );
        assert_eq!(
            rendered[0]["payload"],
            json!({ "type": "image", "url": url, "caption": "a b.png" })
        );
        assert_eq!(rendered[1]["type"], "user_location");
    }

    #[test]
    fn cursor_identifies_a_message() {
        let message = fixtures::message(MessageKind::Incoming, Sender::Contact);
        assert_eq!(parse_chat_cursor(&chat_cursor(&message)), Some(message.id));
        assert_eq!(
            parse_chat_cursor("2026-12-01T08:00:00.000Z#7.3"),
            Some(ConversationMessageId(7))
        );
        for invalid in ["", "7", "x#", "x#-1", "x#y"] {
            assert_eq!(parse_chat_cursor(invalid), None, "{invalid}");
        }
    }
}
