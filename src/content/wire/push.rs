//! Real-time updates: an event as the payload of a frame.
//!
//! Contacts and agents get the same payload. [`is_for_contact`] decides which events contacts get.

use super::{ContactPush, ConversationPush, MessagePush, Renderer, SenderPush, UserPush};
use belfry_domain::{
    ContactId,
    channel::{
        AgentId, Availability, ConversationEvent, ConversationEventKind as Kind, Performer,
        SiteNumber,
    },
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Update<'a> {
    event: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    body: Body<'a>,
    /// Left out for messages, which contain it themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performer: Option<UserPush<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_changes: Option<Map<String, Value>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Message(Box<MessagePush<'a>>),
    Conversation(Box<ConversationPush<'a>>),
    Contact(ContactPush<'a>),
    Typing { conversation: Box<ConversationPush<'a>>, user: SenderPush<'a>, is_private: bool },
}

/// Whether the event is published to subscribers at all.
pub fn is_pushed(event: &ConversationEvent) -> bool {
    !matches!(event.kind, Kind::WebwidgetTriggered | Kind::InboxCreated | Kind::InboxUpdated)
}

/// Whether contacts get the event: those of their conversations, but not private notes and
/// activities.
pub fn is_for_contact(event: &ConversationEvent) -> bool {
    match event.kind {
        Kind::MessageCreated | Kind::MessageUpdated => {
            event.message.as_ref().is_some_and(|message| message.is_public())
        }
        Kind::ConversationCreated | Kind::ConversationStatusChanged | Kind::ConversationUpdated => {
            true
        }
        Kind::TypingOn | Kind::TypingOff => !event.private,
        _ => false,
    }
}

impl Renderer<'_> {
    /// The payload of an event. `None` if the event isn't published or lacks data.
    pub fn push(&self, event: &ConversationEvent) -> Option<String> {
        let view = event.conversation.as_deref();
        let body = match event.kind {
            Kind::MessageCreated | Kind::MessageUpdated | Kind::FirstReplyCreated => {
                Body::Message(Box::new(self.message_push(
                    event.message.as_deref()?,
                    view?,
                    event.echo_id.as_deref(),
                )))
            }
            Kind::ConversationCreated
            | Kind::ConversationStatusChanged
            | Kind::ConversationUpdated
            | Kind::ConversationRead
            | Kind::AssigneeChanged
            | Kind::ConversationContactChanged
            | Kind::ConversationMentioned => {
                Body::Conversation(Box::new(self.conversation_push(view?)))
            }
            Kind::ContactCreated
            | Kind::ContactUpdated
            | Kind::ContactDeleted
            | Kind::ContactMerged => Body::Contact(self.contact_push(
                event.contact.as_deref().or_else(|| view.map(|view| &view.contact))?,
            )),
            Kind::TypingOn | Kind::TypingOff => Body::Typing {
                conversation: Box::new(self.conversation_push(view?)),
                user: match &event.performer {
                    Performer::Agent(agent) => SenderPush::User(self.user_push(agent)),
                    Performer::Contact | Performer::System => {
                        SenderPush::Contact(self.contact_push(&view?.contact))
                    }
                },
                is_private: event.private,
            },
            Kind::WebwidgetTriggered
            | Kind::InboxCreated
            | Kind::InboxUpdated
            | Kind::ConversationWatched => return None,
        };
        let performer = match &event.performer {
            Performer::Agent(agent) => Some(self.user_push(agent)),
            Performer::Contact | Performer::System => None,
        };
        let previous_changes = (event.kind == Kind::MessageUpdated).then(|| {
            event
                .changed
                .iter()
                .map(|changed| (changed.name.clone(), json!([changed.previous, changed.current])))
                .collect()
        });
        let account_id = (!matches!(body, Body::Message(_))).then_some(event.account.0);
        let data = Data { body, account_id, performer, previous_changes };
        serde_json::to_string(&Update { event: event.kind.as_str(), data }).ok()
    }
}

/// The payload of a presence update. `contacts` are only sent to agents.
pub fn presence(
    account: SiteNumber,
    users: &BTreeMap<AgentId, Availability>,
    contacts: Option<&[ContactId]>,
) -> String {
    let users: Map<String, Value> = users
        .iter()
        .map(|(agent, availability)| (agent.to_string(), availability.as_str().into()))
        .collect();
    let mut data = json!({ "account_id": account.0, "users": users });
    if let (Some(contacts), Some(data)) = (contacts, data.as_object_mut()) {
        let contacts: Map<String, Value> =
            contacts.iter().map(|contact| (contact.0.to_string(), "online".into())).collect();
        data.insert("contacts".to_owned(), contacts.into());
    }
    json!({ "event": "presence.update", "data": data }).to_string()
}
