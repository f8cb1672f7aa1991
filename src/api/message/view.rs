//! JSON view of a stored message: the content as it was sent, with its state.

use belfry_domain::{
    Language, Message, MessageAudience, MessageContent, MessageId, MessageState, Timestamp,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A message.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message)]
pub struct View {
    #[schema(value_type = crate::schema::Id)]
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    test: bool,
    state: State,
    audience: Audience,
    #[schema(value_type = BTreeMap<String, crate::schema::ContentView>)]
    content: BTreeMap<Language, MessageContent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    pinned: bool,
    /// `false` if variables are disabled, so that `{{` is plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<bool>,
    #[schema(format = DateTime)]
    created_at: Option<String>,
    #[schema(format = DateTime)]
    publish_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    edited_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    recalled_at: Option<String>,
}

/// State of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MessageState)]
enum State {
    Scheduled,
    Live,
    Expired,
    Recalled,
}

/// Audience of a message.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Audience)]
enum Audience {
    Everyone,
    Contacts(Vec<ContactNumber>),
    Segment(ContactNumber),
}

/// A contact by id.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ContactNumber)]
struct ContactNumber {
    id: i64,
}

impl State {
    fn of(message: &Message, now: Timestamp) -> Self {
        match MessageState::of(message, now) {
            MessageState::Scheduled => Self::Scheduled,
            MessageState::Live => Self::Live,
            MessageState::Expired => Self::Expired,
            MessageState::Recalled => Self::Recalled,
        }
    }
}

impl View {
    /// The message as its sender sees it at `now`.
    pub fn of(message: Message, now: Timestamp) -> Self {
        let variables = (!message.has_variables()).then_some(false);
        Self {
            id: message.id,
            state: State::of(&message, now),
            name: message.name.clone(),
            test: message.is_test,
            audience: match message.audience {
                MessageAudience::Everyone => Audience::Everyone,
                MessageAudience::Segment(segment) => {
                    Audience::Segment(ContactNumber { id: segment.0 })
                }
                MessageAudience::Contacts(contacts) => Audience::Contacts(
                    contacts.into_iter().map(|contact| ContactNumber { id: contact.0 }).collect(),
                ),
            },
            content: localized_content(message.content),
            variables,
            category: message.category,
            data: message.data,
            pinned: message.pinned,
            created_at: message.created_at.rfc3339(),
            publish_at: message.publish_at.rfc3339(),
            expires_at: message.expires_at.and_then(Timestamp::rfc3339),
            edited_at: message.edited_at.and_then(Timestamp::rfc3339),
            recalled_at: message.recalled_at.and_then(Timestamp::rfc3339),
        }
    }
}

/// Content per language, without the flag that applies to the whole message.
pub(super) fn localized_content(
    mut content: BTreeMap<Language, MessageContent>,
) -> BTreeMap<Language, MessageContent> {
    for content in content.values_mut() {
        content.is_literal = false;
    }
    content
}
