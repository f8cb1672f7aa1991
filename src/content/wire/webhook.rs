//! Webhooks: the request body of an event for a callback URL or an account webhook.

use super::{
    AccountName, AttachmentJson, ContactWebhook, ConversationPush, Renderer, UserWebhook, iso,
};
use belfry_domain::channel::{
    ConversationEvent, ConversationEventKind as Kind, ConversationView, MessageKind, Performer,
    Sender,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

#[derive(Serialize)]
struct Body<'a> {
    event: &'static str,
    #[serde(flatten)]
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_attributes: Option<Vec<Value>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Message(Box<MessageWebhook<'a>>),
    Conversation(Box<ConversationPush<'a>>),
    Contact(Box<ContactWebhook<'a>>),
    Typing { user: WebhookSender<'a>, conversation: Box<ConversationPush<'a>>, is_private: bool },
    Inbox { id: i64, name: &'a str, account: AccountName<'a> },
}

/// A message in a webhook.
#[derive(Debug, Clone, Serialize)]
struct MessageWebhook<'a> {
    id: i64,
    content: Option<&'a str>,
    content_type: &'static str,
    content_attributes: &'a Map<String, Value>,
    additional_attributes: &'a Map<String, Value>,
    created_at: String,
    message_type: &'static str,
    private: bool,
    source_id: Option<&'a str>,
    sender: Option<WebhookSender<'a>>,
    inbox: InboxName<'a>,
    account: AccountName<'a>,
    conversation: ConversationPush<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentJson<'a>>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct InboxName<'a> {
    id: i64,
    name: &'a str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum WebhookSender<'a> {
    Contact(Box<ContactWebhook<'a>>),
    User(UserWebhook<'a>),
}

/// Whether webhooks get the event. Activities and contact updates without changes are left out.
pub fn is_delivered(event: &ConversationEvent) -> bool {
    event.kind.is_for_webhooks()
        && event.message.as_ref().is_none_or(|message| message.kind != MessageKind::Activity)
        && (event.kind != Kind::ContactUpdated || !event.changed.is_empty())
}

impl Renderer<'_> {
    /// The request body. `None` if the event isn't delivered or lacks data.
    pub fn webhook(&self, event: &ConversationEvent) -> Option<String> {
        let view = event.conversation.as_deref();
        let content = match event.kind {
            _ if !is_delivered(event) => return None,
            Kind::MessageCreated | Kind::MessageUpdated => {
                Content::Message(Box::new(self.message_webhook(event, view?)?))
            }
            Kind::ConversationCreated
            | Kind::ConversationStatusChanged
            | Kind::ConversationUpdated => {
                Content::Conversation(Box::new(self.conversation_push(view?)))
            }
            Kind::ContactCreated | Kind::ContactUpdated => {
                let contact =
                    event.contact.as_deref().or_else(|| view.map(|view| &view.contact))?;
                Content::Contact(Box::new(self.contact_webhook(
                    contact,
                    event.account,
                    &event.site_name,
                )))
            }
            Kind::TypingOn | Kind::TypingOff => Content::Typing {
                user: match &event.performer {
                    Performer::Agent(agent) => WebhookSender::User(self.user_webhook(agent)),
                    Performer::Contact | Performer::System => self.contact_somebody(event, view?),
                },
                conversation: Box::new(self.conversation_push(view?)),
                is_private: event.private,
            },
            Kind::InboxCreated | Kind::InboxUpdated => {
                let inbox = event.inbox.as_ref()?;
                Content::Inbox {
                    id: inbox.id.0,
                    name: &inbox.name,
                    account: AccountName { id: event.account.0, name: &event.site_name },
                }
            }
            _ => return None,
        };
        let tells_changes = matches!(
            event.kind,
            Kind::ConversationStatusChanged
                | Kind::ConversationUpdated
                | Kind::ContactUpdated
                | Kind::InboxUpdated
        );
        let changed = event.changed.iter();
        let changed = changed.map(|changed| json!({ &changed.name: { "previous_value": changed.previous, "current_value": changed.current } }));
        let body = Body {
            event: event.kind.webhook_name(),
            content,
            changed_attributes: tells_changes.then(|| changed.collect()),
        };
        serde_json::to_string(&body).ok()
    }

    fn contact_somebody<'b>(
        &self,
        event: &'b ConversationEvent,
        view: &'b ConversationView,
    ) -> WebhookSender<'b> {
        WebhookSender::Contact(Box::new(self.contact_webhook(
            &view.contact,
            event.account,
            &event.site_name,
        )))
    }

    fn message_webhook<'b>(
        &self,
        event: &'b ConversationEvent,
        view: &'b ConversationView,
    ) -> Option<MessageWebhook<'b>> {
        let message = event.message.as_deref()?;
        Some(MessageWebhook {
            id: message.id.0,
            content: message.content.as_deref(),
            content_type: message.content_type.as_str(),
            content_attributes: &message.content_attributes,
            additional_attributes: &message.additional_attributes,
            created_at: iso(message.created_at),
            message_type: message.kind.as_str(),
            private: message.private,
            source_id: message.source_id.as_deref(),
            sender: message.sender.as_ref().map(|sender| match sender {
                Sender::Contact => self.contact_somebody(event, view),
                Sender::Agent(agent) => WebhookSender::User(self.user_webhook(agent)),
            }),
            inbox: InboxName { id: message.inbox.0, name: &view.inbox_name },
            account: AccountName { id: event.account.0, name: &event.site_name },
            conversation: self.conversation_push(view),
            attachments: self.attachments(message),
        })
    }
}
