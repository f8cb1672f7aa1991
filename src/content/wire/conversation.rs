//! JSON of conversations.

use super::{
    AgentJson, ContactInboxJson, ContactJson, ContactPush, MessagePush, Renderer, UserPush,
    fractional_seconds, iso, seconds, seconds_or_zero,
};
use belfry_domain::channel::ConversationView;
use serde::Serialize;
use serde_json::{Map, Value};

/// Channel type of API inboxes.
const CHANNEL: &str = "Channel::Api";

/// A conversation in a response of the application API.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationJson<'a> {
    pub meta: ConversationMeta<'a>,
    pub id: i64,
    /// The newest message, if there is one.
    pub messages: Vec<MessagePush<'a>>,
    pub account_id: i64,
    pub uuid: String,
    pub additional_attributes: &'a Map<String, Value>,
    pub agent_last_seen_at: i64,
    pub assignee_last_seen_at: i64,
    pub can_reply: bool,
    pub contact_last_seen_at: i64,
    pub custom_attributes: &'a Map<String, Value>,
    pub inbox_id: i64,
    pub labels: &'a [String],
    pub muted: bool,
    pub snoozed_until: Option<String>,
    pub status: &'static str,
    pub created_at: i64,
    pub updated_at: f64,
    pub timestamp: i64,
    pub first_reply_created_at: i64,
    pub unread_count: u32,
    pub last_non_activity_message: Option<MessagePush<'a>>,
    pub last_activity_at: i64,
    pub priority: Option<&'static str>,
    pub waiting_since: i64,
    pub sla_policy_id: Option<i64>,
}

/// Contact and assignee.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationMeta<'a> {
    pub sender: ContactJson<'a>,
    pub channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<AgentJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee_type: Option<&'static str>,
    pub hmac_verified: bool,
}

/// A conversation in a real-time update or a webhook.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationPush<'a> {
    pub additional_attributes: &'a Map<String, Value>,
    pub can_reply: bool,
    pub channel: &'static str,
    pub contact_inbox: ContactInboxJson<'a>,
    pub id: i64,
    pub inbox_id: i64,
    /// The newest message that the contact can see, if there is one.
    pub messages: Vec<MessagePush<'a>>,
    pub labels: &'a [String],
    pub meta: ConversationMetaPush<'a>,
    pub status: &'static str,
    pub custom_attributes: &'a Map<String, Value>,
    pub snoozed_until: Option<String>,
    pub unread_count: u32,
    pub first_reply_created_at: Option<String>,
    pub priority: Option<&'static str>,
    pub waiting_since: i64,
    pub agent_last_seen_at: i64,
    pub contact_last_seen_at: i64,
    pub last_activity_at: i64,
    pub timestamp: i64,
    pub created_at: i64,
    pub updated_at: f64,
}

/// Contact and assignee.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationMetaPush<'a> {
    pub sender: ContactPush<'a>,
    pub assignee: Option<UserPush<'a>>,
    pub assignee_type: Option<&'static str>,
    pub team: Option<()>,
    pub hmac_verified: bool,
}

impl Renderer<'_> {
    /// A conversation for the application API.
    pub fn conversation<'b>(&self, view: &'b ConversationView) -> ConversationJson<'b> {
        let conversation = &view.conversation;
        let last_activity_at = seconds(conversation.last_activity_at);
        ConversationJson {
            meta: ConversationMeta {
                sender: self.contact(&view.contact),
                channel: CHANNEL,
                assignee: view.assignee.as_ref().map(|agent| self.agent(agent, view.account)),
                assignee_type: view.assignee.as_ref().map(|_| "User"),
                hmac_verified: view.session.hmac_verified,
            },
            id: conversation.number.0,
            messages: view
                .last_message
                .iter()
                .map(|message| self.message_push(message, view, None))
                .collect(),
            account_id: view.account.0,
            uuid: conversation.uuid.to_string(),
            additional_attributes: &conversation.additional_attributes,
            agent_last_seen_at: seconds_or_zero(conversation.agent_last_seen_at),
            assignee_last_seen_at: seconds_or_zero(conversation.assignee_last_seen_at),
            can_reply: view.can_reply(self.now),
            contact_last_seen_at: seconds_or_zero(conversation.contact_last_seen_at),
            custom_attributes: &conversation.custom_attributes,
            inbox_id: conversation.inbox.0,
            labels: &conversation.labels,
            muted: false,
            snoozed_until: conversation.snoozed_until.map(iso),
            status: conversation.status.as_str(),
            created_at: seconds(conversation.created_at),
            updated_at: fractional_seconds(conversation.updated_at),
            timestamp: last_activity_at,
            first_reply_created_at: seconds_or_zero(conversation.first_reply_at),
            unread_count: view.unread_count,
            last_non_activity_message: view
                .last_non_activity_message
                .as_ref()
                .map(|message| self.message_push(message, view, None)),
            last_activity_at,
            priority: conversation.priority.map(belfry_domain::channel::Priority::as_str),
            waiting_since: seconds_or_zero(conversation.waiting_since),
            sla_policy_id: None,
        }
    }

    /// A conversation for real-time updates and webhooks.
    pub fn conversation_push<'b>(&self, view: &'b ConversationView) -> ConversationPush<'b> {
        let conversation = &view.conversation;
        let last_activity_at = seconds(conversation.last_activity_at);
        let public = view.last_non_activity_message.iter().filter(|message| message.is_public());
        ConversationPush {
            additional_attributes: &conversation.additional_attributes,
            can_reply: view.can_reply(self.now),
            channel: CHANNEL,
            contact_inbox: self.contact_inbox(&view.session),
            id: conversation.number.0,
            inbox_id: conversation.inbox.0,
            messages: public.map(|message| self.message_push(message, view, None)).collect(),
            labels: &conversation.labels,
            meta: ConversationMetaPush {
                sender: self.contact_push(&view.contact),
                assignee: view.assignee.as_ref().map(|agent| self.user_push(agent)),
                assignee_type: view.assignee.as_ref().map(|_| "User"),
                team: None,
                hmac_verified: view.session.hmac_verified,
            },
            status: conversation.status.as_str(),
            custom_attributes: &conversation.custom_attributes,
            snoozed_until: conversation.snoozed_until.map(iso),
            unread_count: view.unread_count,
            first_reply_created_at: conversation.first_reply_at.map(iso),
            priority: conversation.priority.map(belfry_domain::channel::Priority::as_str),
            waiting_since: seconds_or_zero(conversation.waiting_since),
            agent_last_seen_at: seconds_or_zero(conversation.agent_last_seen_at),
            contact_last_seen_at: seconds_or_zero(conversation.contact_last_seen_at),
            last_activity_at,
            timestamp: last_activity_at,
            created_at: seconds(conversation.created_at),
            updated_at: fractional_seconds(conversation.updated_at),
        }
    }
}
