//! Topics: what a client joins on its socket, pushes to, and receives events from.
//!
//! To add a topic:
//! - write a type that implements [`Topic`] in a module below this one,
//! - write its function `join`, which returns the topic and the response, and call it in [`join`],
//! - in `join`, check the credential ([`TopicContext::connect`]), subscribe to the hub **before**
//!   reading from the store ([`TopicContext::subscribe`]), and return the response; events pushed
//!   meanwhile are sent after it,
//! - store the [`ConversationSubscription`](belfry_app::events::ConversationSubscription): dropping
//!   it unsubscribes.
//!
//! From then on the topic receives each push of the client and each event of the hub. A topic never
//! sends: [`TopicContext::push`] queues a frame, which is sent when the topic has returned. Must
//! not depend on sockets; long polling serves the same topics.

mod chat;
mod customer;
mod customer_session;
mod file;
mod visitor;

pub(super) use customer_session::{PageVisit, user_fields};
mod agent;
mod conversation;
mod inbox;

use super::{
    SocketState,
    socket::{Connect, Outbox, Payload},
};
use async_trait::async_trait;
use belfry_app::{
    events::{
        ConversationPush, ConversationRecipient, ConversationSubscription, HubConnection,
        SharedConversationEvent,
    },
    rate_limit::ClientPrefix,
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Why a join or a push was rejected. Clients read the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sdk) struct TopicError {
    /// A stable code.
    pub reason: Cow<'static, str>,
    /// The invalid member of the payload.
    pub field: Option<Cow<'static, str>>,
}

impl TopicError {
    pub const UNMATCHED: Self = Self::new("unmatched topic");
    pub const UNKNOWN_EVENT: Self = Self::new("unknown_event");
    pub const NOT_FOUND: Self = Self::new("not_found");
    pub const RATE_LIMITED: Self = Self::new("rate_limited");
    pub const FAILED: Self = Self::new("failed");

    pub const fn new(reason: &'static str) -> Self {
        Self { reason: Cow::Borrowed(reason), field: None }
    }

    /// A member of the payload is missing or invalid.
    pub const fn invalid_field(field: &'static str) -> Self {
        Self { reason: Cow::Borrowed("bad_request"), field: Some(Cow::Borrowed(field)) }
    }

    /// Whether the socket's credential is the cause.
    pub fn is_credential_error(&self) -> bool {
        matches!(
            &*self.reason,
            "invalid_token" | "invalid_scope" | "unauthorized" | "unmatched topic"
        )
    }

    pub fn to_json(&self) -> Value {
        match &self.field {
            Some(field) => json!({ "reason": self.reason, "field": field }),
            None => json!({ "reason": self.reason }),
        }
    }
}

/// The server ends the topic. The client is sent the reason, and rejoins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sdk) struct TopicEnded(pub TopicError);

/// A joined topic.
#[async_trait]
pub(in crate::sdk) trait Topic: Send {
    /// Handles a push of the client. Every push is answered, an unknown one with
    /// [`TopicError::UNKNOWN_EVENT`].
    async fn push(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &str,
        payload: Value,
    ) -> Result<Payload, TopicError>;

    /// Handles an event of the hub.
    async fn on_hub_event(
        &mut self,
        to: &mut TopicContext<'_>,
        message: ConversationPush,
    ) -> Result<(), TopicEnded>;

    /// Called every few seconds.
    async fn on_heartbeat(&mut self, _to: &mut TopicContext<'_>) -> Result<(), TopicEnded> {
        Ok(())
    }

    /// Called when the client leaves or disconnects.
    async fn on_leave(&mut self, _parts: &SocketState) {}
}

/// Joins the topic with this name.
pub(super) async fn join(
    to: &mut TopicContext<'_>,
    name: &str,
    params: Value,
) -> Result<(Box<dyn Topic>, Payload), TopicError> {
    match name.split_once(':') {
        Some(("conversations", bot)) => customer::join(to, bot, params).await,
        Some(("visitor", bot)) => visitor::join(to, bot, params).await,
        Some(("bot", name)) => chat::join(to, name, params).await,
        Some(("inbox", name)) => inbox::join(to, name).await,
        Some(("conversation", id)) => conversation::join(to, id, &params).await,
        _ => Err(TopicError::UNMATCHED),
    }
}

/// What a topic may use while it handles a call.
pub(in crate::sdk) struct TopicContext<'a> {
    pub state: &'a SocketState,
    /// How the socket was opened.
    pub connect: &'a mut Connect,
    /// The client's address prefix, for rate limits.
    pub prefix: ClientPrefix,
    hub_connection: &'a HubConnection,
    number: u32,
    name: &'a str,
    join_ref: &'a Value,
    outbox: &'a mut Outbox,
}

impl<'a> TopicContext<'a> {
    pub(super) fn new(
        (state, hub_connection, connect, prefix): (
            &'a SocketState,
            &'a HubConnection,
            &'a mut Connect,
            ClientPrefix,
        ),
        (number, name, join_ref): (u32, &'a str, &'a Value),
        outbox: &'a mut Outbox,
    ) -> Self {
        Self { state, connect, prefix, hub_connection, number, name, join_ref, outbox }
    }

    /// Subscribes to the hub, which then calls [`Topic::on_hub_event`]. `None` if the recipient has
    /// too many subscriptions.
    pub fn subscribe(&self, recipient: ConversationRecipient) -> Option<ConversationSubscription> {
        self.hub_connection.subscribe(self.number, recipient)
    }

    /// The event's conversation, serialized as an entry of agents' lists.
    pub fn list_item(&self, shared: &SharedConversationEvent, is_watched: bool) -> Option<Bytes> {
        self.hub_connection.list_item(shared, is_watched)
    }

    /// Queues an event of this topic for the client.
    pub fn push(&mut self, event: &str, payload: impl Into<Payload>) {
        self.outbox.push(self.join_ref, self.name, event, payload.into());
    }
}
