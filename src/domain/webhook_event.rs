//! What the events for webhooks contain: their bodies, which of them replace each other while they
//! wait, and the reasons that Belfry gives when it gives up a delivery or disables an endpoint.
//!
//! Must not depend on how events are queued. The store calls it in the transaction of the change
//! that an event is about.

use super::{
    Contact, ContactId, Digest, EventType, Language, Message, MessageId, MessageSnapshot, Position,
    ReaderActionKind, Timestamp, negotiate,
};
use serde_json::{Value, json};

/// The text of a test event.
const TEST_TEXT: &str = "A test: if you can read this, your endpoint works.";

/// Why a delivery was given up after it had waited too long.
pub const WAITED_TOO_LONG: &str = "it waited for three days";
/// Why an endpoint was disabled whose attempts have all failed.
pub const EVERY_ATTEMPT_FAILED: &str = "every attempt failed for three days";
/// Why an endpoint was disabled that answered 410 Gone.
pub const ANSWERED_GONE: &str =
    "it answered 410 Gone: it does not want to hear of anything any more";

/// Why the oldest delivery of a contact was given up: the contact has more than this many.
pub fn too_many_of_contact(limit: u32) -> String {
    format!(
        "more than {limit} deliveries of one contact were waiting for this endpoint, and this was the oldest"
    )
}

/// Why a delivery was given up: the endpoint has more than this many.
pub fn too_many_of_endpoint(limit: u32) -> String {
    format!(
        "more than {limit} deliveries were waiting for this endpoint, and this was the oldest of the contact with the most"
    )
}

/// Why a message that was sent to a callback URL failed: from the error or the status of the last
/// attempt.
pub fn callback_failure(error: Option<String>, status: Option<u16>) -> String {
    match (error, status) {
        (_, Some(status)) => format!("the callback URL answered {status}"),
        (Some(error), None) => error,
        (None, None) => "the callback URL could not be reached".to_owned(),
    }
}

impl EventType {
    /// The event about an action of a reader, if there is one.
    pub const fn of_action(action: ReaderActionKind, is_click: bool) -> Option<Self> {
        match action {
            ReaderActionKind::Seen => Some(Self::MessageSeen),
            ReaderActionKind::Read if is_click => Some(Self::MessageClicked),
            ReaderActionKind::Read | ReaderActionKind::AllRead => Some(Self::MessageRead),
            ReaderActionKind::Archive => Some(Self::MessageArchived),
            ReaderActionKind::Unread
            | ReaderActionKind::Delete
            | ReaderActionKind::Restore
            | ReaderActionKind::Undelete
            | ReaderActionKind::UndoAllRead => None,
        }
    }
}

/// An event about a contact, before it has an id.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookEvent {
    /// Its type.
    pub kind: EventType,
    /// The contact.
    pub contact: ContactId,
    /// A waiting event of the contact with the same type and subject is replaced.
    pub subject: Option<String>,
    data: Value,
}

impl WebhookEvent {
    /// Maximum number of message ids in one event.
    pub const MAX_MESSAGES: usize = 100;

    /// A contact was added or erased.
    pub fn of_contact(kind: EventType, contact: ContactId, external_id: Option<&str>) -> Self {
        let data = json!({"contact": contact_value(contact, external_id)});
        Self { kind, contact, subject: None, data }
    }

    /// A reader's action on all messages up to a position.
    pub fn of_all_messages(
        kind: EventType,
        contact: ContactId,
        external_id: Option<&str>,
        position: Position,
    ) -> Self {
        // A position is a time in microseconds, incremented where two would be equal.
        let through = Timestamp::from_millis(position.0 / 1_000).rfc3339();
        let data = json!({"contact": contact_value(contact, external_id), "all": true, "through": through, "position": position});
        Self { kind, contact, subject: Some("all".to_owned()), data }
    }

    /// A reader's action on these messages, or their delivery: several events when there are more
    /// than [`Self::MAX_MESSAGES`].
    pub fn of_messages<'m>(
        kind: EventType,
        contact: ContactId,
        external_id: Option<&'m str>,
        messages: &'m [MessageId],
    ) -> impl Iterator<Item = Self> + 'm {
        messages.chunks(Self::MAX_MESSAGES).map(move |messages| {
            let data =
                json!({"contact": contact_value(contact, external_id), "messages": messages});
            Self { kind, contact, subject: Some(message_subject(messages)), data }
        })
    }

    /// The body that is sent.
    pub fn body(&self, now: Timestamp) -> String {
        body_of(self.kind, &self.data, now)
    }
}

/// The subject of an event about these messages.
pub fn message_subject(messages: &[MessageId]) -> String {
    match messages {
        [one] => one.to_string(),
        several => {
            Digest::of(&several.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
                .short()
        }
    }
}

/// The body of a test event.
pub fn test_event_body(now: Timestamp) -> String {
    body_of(EventType::WebhookTest, &json!({"message": TEST_TEXT}), now)
}

/// The body of a test for an endpoint that receives whole messages.
pub fn test_message_body(event: &str, now: Timestamp) -> String {
    json!({"externalCustomerId": "test", "id": event, "createdDate": now.millis(), "title": TEST_TEXT, "content": "", "image": null,
        "link": null, "category": "test", "customData": null})
    .to_string()
}

fn contact_value(contact: ContactId, external_id: Option<&str>) -> Value {
    json!({"id": contact, "externalCustomerId": external_id})
}

fn body_of(kind: EventType, data: &Value, now: Timestamp) -> String {
    json!({"type": kind.as_str(), "timestamp": now.rfc3339(), "data": data}).to_string()
}

impl MessageSnapshot {
    /// The message as its contact would read it, in their language or else in `fallback`; `None` if
    /// it has no content for them.
    pub fn for_contact(message: &Message, contact: Contact, fallback: &Language) -> Option<Self> {
        let wanted = contact.language.as_ref().unwrap_or(fallback);
        let (_, content) = negotiate(&message.content, wanted, fallback)?;
        Some(Self {
            message: message.id,
            created_at: message.created_at,
            content: content.clone(),
            category: message.category.clone(),
            data: message.data.clone(),
            contact,
        })
    }
}
