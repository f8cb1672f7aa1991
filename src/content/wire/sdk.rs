//! Conversations for agents in the Inbox SDK: in their lists, and with their messages.
//!
//! An agent's session sees all data of the contact.

use super::{ChatEvent, Renderer, iso};
use belfry_domain::{
    channel::{
        Agent, ChannelContact, ConversationMessage, ConversationStatus, ConversationView,
        MessageKind,
    },
    sdk::SdkSession,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// The only group of a conversation.
const GROUP: &str = "main";
/// The channel if the inbox's owner has not set one.
const CHANNEL: &str = "api";
const DEFAULT_LOCALE: &str = "en";

/// A conversation in an agent's list.
#[derive(Debug, Clone, Serialize)]
pub struct ListedConversation<'a> {
    pub id: String,
    pub number: i64,
    pub g: &'static str,
    pub bot_id: String,
    pub channel: ListedChannel<'a>,
    pub status: &'static str,
    pub locale: &'a str,
    pub inserted_at: String,
    pub conversation_data: &'a Map<String, Value>,
    pub last_message: Option<&'a str>,
    pub last_message_date: Option<String>,
    pub read_until: Option<String>,
    pub unread_message_count: u32,
    pub operator_present: bool,
    pub assignee: Option<ListedAgent<'a>>,
    pub watched: bool,
    pub escalated_at: String,
    pub contact: ListedContact<'a>,
}

/// The channel of a conversation.
#[derive(Debug, Clone, Serialize)]
pub struct ListedChannel<'a> {
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub id: String,
}

/// The assignee.
#[derive(Debug, Clone, Serialize)]
pub struct ListedAgent<'a> {
    pub id: String,
    #[serde(rename = "externalId")]
    pub external_id: Option<&'a str>,
    pub name: &'a str,
}

/// The contact.
#[derive(Debug, Clone, Serialize)]
pub struct ListedContact<'a> {
    pub name: String,
    /// Phone number, or else e-mail address.
    pub address: Option<&'a str>,
}

/// The agent of a session.
#[derive(Debug, Clone, Serialize)]
pub struct SdkUser<'a> {
    #[serde(flatten)]
    pub agent: ListedAgent<'a>,
    pub email: &'a str,
    pub roles: Vec<&'static str>,
}

impl<'a> ListedAgent<'a> {
    /// An agent.
    pub fn of(agent: &'a Agent) -> Self {
        Self {
            id: agent.id.to_string(),
            external_id: agent.external_id.as_deref(),
            name: &agent.name,
        }
    }
}

impl<'a> SdkUser<'a> {
    /// The agent of this session.
    pub fn of(session: &'a SdkSession) -> Self {
        let agent = &session.caller.agent;
        Self {
            agent: ListedAgent::of(agent),
            email: &agent.email,
            roles: session.roles.iter().map(|role| role.as_str()).collect(),
        }
    }
}

impl Renderer<'_> {
    /// A conversation in an agent's list, and whether the agent watches it.
    pub fn listed_conversation<'b>(
        &self,
        view: &'b ConversationView,
        is_watched: bool,
    ) -> ListedConversation<'b> {
        let (conversation, contact) = (&view.conversation, &view.contact.contact);
        let bot_id = view.inbox_uuid.to_string();
        let last = view.last_non_activity_message.as_ref();
        ListedConversation {
            id: conversation.uuid.to_string(),
            number: conversation.number.0,
            g: GROUP,
            channel: ListedChannel {
                kind: view.channel.as_deref().unwrap_or(CHANNEL),
                id: bot_id.clone(),
            },
            bot_id,
            status: if conversation.status == ConversationStatus::Resolved {
                "closed"
            } else {
                "open"
            },
            locale: contact.language.as_ref().map_or(DEFAULT_LOCALE, |language| language.as_str()),
            inserted_at: iso(conversation.created_at),
            conversation_data: &conversation.custom_attributes,
            last_message: last.map(|message| message.content.as_deref().unwrap_or_default()),
            last_message_date: last.map(|message| iso(message.created_at)),
            read_until: conversation.agent_last_seen_at.map(iso),
            unread_message_count: view.unread_count,
            operator_present: conversation.assignee.is_some(),
            assignee: view.assignee.as_ref().map(ListedAgent::of),
            watched: is_watched,
            escalated_at: iso(conversation.waiting_since.unwrap_or(conversation.created_at)),
            contact: ListedContact {
                name: view.contact.name(),
                address: contact.phone.as_deref().or(contact.email.as_deref()),
            },
        }
    }
}

impl Renderer<'_> {
    /// The events of a message for agents: as contacts get them, with delivery status; notes and
    /// activities as annotations.
    pub fn agent_events(
        &self,
        message: &ConversationMessage,
        contact: &ChannelContact,
    ) -> Vec<ChatEvent> {
        let mut events = self.chat_events(message, contact);
        for event in &mut events {
            if message.is_public() {
                if message.kind != MessageKind::Incoming {
                    event.metadata.insert("status".to_owned(), message.status.as_str().into());
                }
                continue;
            }
            event.kind = "annotation";
            if let Some(payload) = event.payload.as_object_mut() {
                payload.insert(
                    "type".to_owned(),
                    if message.kind == MessageKind::Activity { "notification" } else { "note" }
                        .into(),
                );
            }
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::NobodyOnline;
    use belfry_domain::channel::fixtures;
    use belfry_domain::channel::{MessageKind, Sender};
    use serde_json::json;

    fn listed(view: &ConversationView, is_watched: bool) -> Value {
        let origin = "https://belfry.example".parse().unwrap();
        let renderer = Renderer {
            public_url: &origin,
            site: belfry_domain::SiteId::from_bytes([1; 16]),
            now: fixtures::at(0),
            presence: &NobodyOnline,
        };
        serde_json::to_value(renderer.listed_conversation(view, is_watched)).unwrap()
    }

    #[test]
    fn conversation_has_the_members_of_the_contract() {
        let mut view = fixtures::view();
        view.last_non_activity_message =
            Some(fixtures::message(MessageKind::Incoming, Sender::Contact));
        let (id, bot) = (view.conversation.uuid.to_string(), view.inbox_uuid.to_string());
        assert_eq!(
            listed(&view, false),
            json!({
                "id": id, "number": 1, "g": "main", "bot_id": bot, "channel": { "type": "api", "id": bot }, "status": "open", "locale": "en",
                "inserted_at": "2025-11-24T16:00:00.000Z", "conversation_data": {}, "last_message": "hello",
                "last_message_date": "2025-11-24T16:00:01.000Z", "read_until": null, "unread_message_count": 0, "operator_present": false,
                "assignee": null, "watched": false, "escalated_at": "2025-11-24T16:00:00.000Z",
                "contact": { "name": "Ann", "address": "+15550001111" }
            })
        );
    }

    #[test]
    fn conversation_contains_assignee_and_channel() {
        let mut view = fixtures::view();
        let agent = Agent { external_id: Some("app/7".into()), ..fixtures::agent() };
        (view.conversation.assignee, view.assignee, view.channel) =
            (Some(agent.id), Some(agent), Some("whatsapp".into()));
        (view.conversation.status, view.contact.contact.phone) =
            (ConversationStatus::Resolved, None);
        let listed = listed(&view, true);
        assert_eq!(
            listed["assignee"],
            json!({ "id": "1", "externalId": "app/7", "name": "Agent" })
        );
        assert_eq!(
            (&listed["operator_present"], &listed["status"], &listed["watched"]),
            (&json!(true), &json!("closed"), &json!(true))
        );
        assert_eq!(
            (&listed["channel"]["type"], &listed["contact"]["address"]),
            (&json!("whatsapp"), &json!("ann@example.com"))
        );
    }

    #[test]
    fn note_is_the_last_message_for_agents() {
        let mut view = fixtures::view();
        let note = fixtures::message(MessageKind::Outgoing, Sender::Agent(fixtures::agent()));
        view.last_non_activity_message = Some(ConversationMessage { private: true, ..note });
        assert_eq!(
            listed(&view, false)["last_message"],
            json!(view.last_non_activity_message.as_ref().and_then(|note| note.content.clone()))
        );
    }
}
