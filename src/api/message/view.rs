//! A stored message on the wire: the shape in which it was sent, and what became of it.

use crate::{
    api::time::rfc3339,
    domain::{Content, Language, Message, MessageId, Timestamp},
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The answer of `GET` and `PATCH`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    id: MessageId,
    state: State,
    audience: Audience,
    content: BTreeMap<Language, Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    pinned: bool,
    created_at: Option<String>,
    publish_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recalled_at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Scheduled,
    Live,
    Expired,
    Recalled,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Audience {
    Everyone,
    Contacts(Vec<Named>),
    Segment(Named),
}

#[derive(Serialize)]
struct Named {
    id: i64,
}

impl State {
    fn of(message: &Message, now: Timestamp) -> Self {
        if message.recalled_at.is_some() {
            Self::Recalled
        } else if message.expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else if message.position == 0 {
            // Not by `publish_at`: until it has its place in the order, no reader sees it.
            Self::Scheduled
        } else {
            Self::Live
        }
    }
}

impl View {
    /// The message as its sender sees it at this moment.
    pub fn of(message: Message, now: Timestamp) -> Self {
        Self {
            id: message.id,
            state: State::of(&message, now),
            audience: match (message.segment(), message.contacts) {
                (_, None) => Audience::Everyone,
                (Some(segment), _) => Audience::Segment(Named { id: segment.0 }),
                (None, Some(contacts)) => Audience::Contacts(contacts.into_iter().map(|contact| Named { id: contact.0 }).collect()),
            },
            content: message.content,
            category: message.category,
            data: message.data,
            pinned: message.pinned,
            created_at: rfc3339(message.created_at),
            publish_at: rfc3339(message.publish_at),
            expires_at: message.expires_at.and_then(rfc3339),
            edited_at: message.edited_at.and_then(rfc3339),
            recalled_at: message.recalled_at.and_then(rfc3339),
        }
    }
}
