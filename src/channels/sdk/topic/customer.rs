//! `conversations:{bot_id}`: the list of a customer's conversations, and the customer's identity.
//!
//! The list is sent on request only: each change is pushed as a presence change, after which
//! clients request the list.

use super::{
    Payload, Topic, TopicContext, TopicEnded, TopicError,
    customer_session::{CustomerSession, identity, session_rejection, text},
};
use async_trait::async_trait;
use belfry_app::{channel::main_conversation, events::ConversationPush};
use belfry_content::wire::{ChatConversation, NobodyOnline, Renderer, chat_user, iso};
use belfry_domain::{
    Timestamp,
    channel::{
        ConversationEvent, ConversationEventKind as Kind, ConversationId, ConversationNumber,
        ConversationStatus, SessionConversation,
    },
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The client's name for the customer's current conversation.
pub(super) const MAIN: &str = "main";
/// Conversations whose changes are tracked on one topic.
const MAX_TRACKED_CONVERSATIONS: usize = 100;

pub(super) struct ConversationsTopic {
    customer: CustomerSession,
    locale: String,
    /// The last presence that the client was sent of each conversation.
    sent: BTreeMap<ConversationNumber, Meta>,
    count: u64,
    /// Whether the client has requested the list.
    has_requested_list: bool,
}

#[derive(Debug, Clone)]
struct Meta {
    key: ConversationId,
    reference: String,
    at: Timestamp,
}

impl Meta {
    fn to_json(&self) -> Value {
        json!({ "metas": [{ "phx_ref": self.reference, "updated_at": iso(self.at) }] })
    }
}

/// Joins, and returns the customer's identity.
pub(super) async fn join(
    to: &mut TopicContext<'_>,
    bot: &str,
    params: Value,
) -> Result<(Box<dyn Topic>, Payload), TopicError> {
    let customer = CustomerSession::identify(to, bot, &params).await?;
    let mut answer = identity(&customer);
    answer.insert(
        "user".to_owned(),
        customer.visible_contact().map_or(Value::Null, |seen| chat_user(&seen).into()),
    );
    let site = to
        .state
        .app
        .site(customer.site())
        .await
        .map_err(|error| session_rejection(error.into()))?;
    let mut topic = ConversationsTopic {
        customer,
        locale: site.language.to_string(),
        sent: BTreeMap::new(),
        count: 0,
        has_requested_list: false,
    };
    for of in topic.conversations(to).await? {
        topic.record(
            of.view.conversation.number,
            of.view.conversation.uuid,
            of.view.conversation.updated_at,
        );
    }
    topic.push_state(to);
    Ok((Box::new(topic), Payload::json(&answer)))
}

/// The customer's conversations, newest first.
pub(super) async fn conversations_of(
    guest: &CustomerSession,
    to: &TopicContext<'_>,
) -> Result<Vec<SessionConversation>, TopicError> {
    let Some(session) = guest.session() else { return Ok(Vec::new()) };
    to.state.customers.limiter.check_list(session.id)?;
    to.state.app.session_conversations(guest.site(), session).await.map_err(session_rejection)
}

/// The conversations in the clients' format. The current one is always named `main`.
pub(super) fn chat_conversations(
    guest: &CustomerSession,
    to: &TopicContext<'_>,
    locale: &str,
    conversations: &[SessionConversation],
) -> Vec<ChatConversation> {
    let main =
        main_conversation(conversations, guest.inbox.inbox.settings.lock_to_single_conversation)
            .map(|of| of.view.conversation.number);
    let renderer = Renderer {
        public_url: &to.state.public_url,
        site: guest.site(),
        now: to.state.app.now(),
        presence: &NobodyOnline,
    };
    let name = |number| if main == Some(number) { MAIN.to_owned() } else { number.to_string() };
    conversations
        .iter()
        .map(|of| renderer.chat_conversation(of, name(of.view.conversation.number), locale))
        .collect()
}

/// The conversation that `g` names. `None` if it isn't the customer's.
pub(super) fn find_conversation<'a>(
    guest: &CustomerSession,
    conversations: &'a [SessionConversation],
    g: &str,
) -> Option<&'a SessionConversation> {
    if g == MAIN {
        return main_conversation(
            conversations,
            guest.inbox.inbox.settings.lock_to_single_conversation,
        );
    }
    let (number, uuid) = (g.parse::<ConversationNumber>().ok(), g.parse::<ConversationId>().ok());
    conversations.iter().find(|of| {
        Some(of.view.conversation.number) == number || Some(of.view.conversation.uuid) == uuid
    })
}

impl ConversationsTopic {
    async fn conversations(
        &self,
        to: &TopicContext<'_>,
    ) -> Result<Vec<SessionConversation>, TopicError> {
        conversations_of(&self.customer, to).await
    }

    fn record(
        &mut self,
        number: ConversationNumber,
        key: ConversationId,
        at: Timestamp,
    ) -> (Option<Meta>, Meta) {
        self.count += 1;
        let meta = Meta { key, reference: self.count.to_string(), at };
        let former = self.sent.insert(number, meta.clone());
        if self.sent.len() > MAX_TRACKED_CONVERSATIONS {
            self.sent.pop_first();
        }
        (former, meta)
    }

    fn push_state(&self, to: &mut TopicContext<'_>) {
        let state: Map<String, Value> =
            self.sent.values().map(|meta| (meta.key.to_string(), meta.to_json())).collect();
        to.push("presence_state", Value::Object(state));
    }

    /// Pushes the change of a conversation.
    fn push_change(
        &mut self,
        to: &mut TopicContext<'_>,
        number: ConversationNumber,
        key: ConversationId,
        at: Timestamp,
    ) {
        let (former, meta) = self.record(number, key, at);
        let entry = |meta: Option<&Meta>| {
            meta.map(|meta| (meta.key.to_string(), meta.to_json()))
                .into_iter()
                .collect::<Map<String, Value>>()
        };
        to.push(
            "presence_diff",
            json!({ "joins": entry(Some(&meta)), "leaves": entry(former.as_ref()) }),
        );
    }

    /// Pushes all conversations that changed since the last push.
    async fn push_all(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicError> {
        for of in self.conversations(to).await? {
            let conversation = &of.view.conversation;
            self.push_change(to, conversation.number, conversation.uuid, conversation.updated_at);
        }
        Ok(())
    }

    async fn close(&mut self, to: &TopicContext<'_>, g: &str) -> Result<(), TopicError> {
        let conversations = self.conversations(to).await?;
        let (of, session) = find_conversation(&self.customer, &conversations, g)
            .zip(self.customer.session())
            .ok_or(TopicError::NOT_FOUND)?;
        if of.view.conversation.status != ConversationStatus::Resolved {
            let number = of.view.conversation.number;
            to.state
                .app
                .resolve_session_conversation(self.customer.site(), session, number)
                .await
                .map_err(session_rejection)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Topic for ConversationsTopic {
    async fn push(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &str,
        payload: Value,
    ) -> Result<Payload, TopicError> {
        if self.customer.refresh(to).await? {
            self.push_all(to).await?;
        }
        match event {
            "list_conversations" => {
                let conversations = self.conversations(to).await?;
                // Clients subscribe to presence after the join, some too late for what follows it,
                // and then request the list. Without the presence state they would wait for it and
                // ignore every change.
                if !std::mem::replace(&mut self.has_requested_list, true) {
                    self.push_state(to);
                }
                Ok(Payload::json(
                    &json!({ "conversations": chat_conversations(&self.customer, to, &self.locale, &conversations) }),
                ))
            }
            "put_user_info" => {
                let Some(Value::Object(info)) = payload.get("info") else {
                    return Err(TopicError::invalid_field("info"));
                };
                self.customer.update_contact(to, info).await?;
                Ok(Payload::json(
                    &self
                        .customer
                        .visible_contact()
                        .map(|seen| chat_user(&seen))
                        .unwrap_or_default(),
                ))
            }
            "close_conversation" => {
                let g = text(&payload, "g").ok_or(TopicError::invalid_field("g"))?;
                self.close(to, &g).await?;
                Ok(Payload::empty())
            }
            _ => Err(TopicError::UNKNOWN_EVENT),
        }
    }

    async fn on_hub_event(
        &mut self,
        to: &mut TopicContext<'_>,
        message: ConversationPush,
    ) -> Result<(), TopicEnded> {
        match message {
            ConversationPush::Event(shared, _) => {
                if let Some((number, key, at)) = change_of(shared.event()) {
                    self.push_change(to, number, key, at);
                }
                Ok(())
            }
            ConversationPush::Recheck => self.customer.reload(to).await,
            _ => Ok(()),
        }
    }

    async fn on_heartbeat(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicEnded> {
        self.customer.on_heartbeat();
        if self.customer.refresh(to).await.map_err(TopicEnded)? {
            self.push_all(to).await.map_err(TopicEnded)?;
        }
        Ok(())
    }
}

/// The conversation of the customer's list that an event changes.
fn change_of(event: &ConversationEvent) -> Option<(ConversationNumber, ConversationId, Timestamp)> {
    let is_shown = match event.kind {
        Kind::MessageCreated | Kind::MessageUpdated => {
            event.message.as_ref().is_some_and(|message| message.is_public())
        }
        Kind::ConversationCreated | Kind::ConversationStatusChanged | Kind::ConversationUpdated => {
            true
        }
        _ => false,
    };
    let conversation = &event.conversation.as_ref().filter(|_| is_shown)?.conversation;
    Some((conversation.number, conversation.uuid, event.at))
}
