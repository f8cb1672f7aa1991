//! Topics: what a client joins on its socket, pushes to, and hears from.
//!
//! To add one, write a type that implements [`Topic`] in a module below this one, with a function
//! `join(to: &mut Client<'_>, name: &str, params: Value) -> Result<(Box<dyn Topic>, Payload), Refusal>`, and give it a line in [`join`].
//! `join` looks at the credential ([`Client::connect`]), takes its place in the hub **before** it reads ([`Client::listen`]), and answers what the
//! client gets as the response. What it pushes meanwhile is sent after the answer. From then on the topic gets each push of the client, and each
//! delivery of the hub for its place. It gives up its place when it is dropped, so it keeps its [`Membership`].
//!
//! A topic never sends: [`Client::push`] puts a message into the outbox, which the socket sends when the topic has returned. Must not know of sockets;
//! the same topics are served over long polling.

mod chat;
mod customer;
mod file;
mod guest;
mod visitor;

pub(super) use guest::{Visit, user_fields};
mod agent;
mod conversation;
mod inbox;

use super::{
    Parts,
    socket::{Connect, Outbox, Payload},
};
use crate::{
    allowance::Subscriber as ClientPrefix,
    live::{ConversationPush, ConversationRecipient, Line, Membership, SharedEvent},
};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Why a join or a push did nothing. Clients read the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::channels::sdk) struct Refusal {
    /// A stable word.
    pub reason: Cow<'static, str>,
    /// The member of the payload that was wrong.
    pub field: Option<Cow<'static, str>>,
}

impl Refusal {
    pub const UNMATCHED: Self = Self::new("unmatched topic");
    pub const UNKNOWN_EVENT: Self = Self::new("unknown_event");
    pub const NOT_FOUND: Self = Self::new("not_found");
    pub const RATE_LIMITED: Self = Self::new("rate_limited");
    pub const FAILED: Self = Self::new("failed");

    pub const fn new(reason: &'static str) -> Self {
        Self { reason: Cow::Borrowed(reason), field: None }
    }

    /// A member of the payload is missing or wrong.
    pub const fn bad(field: &'static str) -> Self {
        Self { reason: Cow::Borrowed("bad_request"), field: Some(Cow::Borrowed(field)) }
    }

    /// Whether the credential of the socket is nobody's.
    pub fn is_of_credential(&self) -> bool {
        matches!(&*self.reason, "invalid_token" | "invalid_scope" | "unauthorized" | "unmatched topic")
    }

    pub fn json(&self) -> Value {
        match &self.field {
            Some(field) => json!({ "reason": self.reason, "field": field }),
            None => json!({ "reason": self.reason }),
        }
    }
}

/// The end of a topic that the server ends. The client is told the reason, and joins again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::channels::sdk) struct Ended(pub Refusal);

/// What a client has joined.
#[async_trait]
pub(in crate::channels::sdk) trait Topic: Send {
    /// The client pushes an event. Every push is answered, an unknown one with [`Refusal::UNKNOWN_EVENT`].
    async fn push(&mut self, to: &mut Client<'_>, event: &str, payload: Value) -> Result<Payload, Refusal>;

    /// Something happened in the hub.
    async fn deliver(&mut self, to: &mut Client<'_>, message: ConversationPush) -> Result<(), Ended>;

    /// Some seconds have passed.
    async fn beat(&mut self, _to: &mut Client<'_>) -> Result<(), Ended> {
        Ok(())
    }

    /// The client leaves, or its socket is gone.
    async fn leave(&mut self, _parts: &Parts) {}
}

/// Opens the topic of this name.
pub(super) async fn join(to: &mut Client<'_>, name: &str, params: Value) -> Result<(Box<dyn Topic>, Payload), Refusal> {
    match name.split_once(':') {
        Some(("conversations", bot)) => customer::join(to, bot, params).await,
        Some(("visitor", bot)) => visitor::join(to, bot, params).await,
        Some(("bot", name)) => chat::join(to, name, params).await,
        Some(("inbox", name)) => inbox::join(to, name).await,
        Some(("conversation", id)) => conversation::join(to, id, &params).await,
        _ => Err(Refusal::UNMATCHED),
    }
}

/// The client of a topic, while the topic is asked something.
pub(in crate::channels::sdk) struct Client<'a> {
    pub parts: &'a Parts,
    /// How the socket was opened.
    pub connect: &'a mut Connect,
    /// From where.
    pub prefix: ClientPrefix,
    line: &'a Line,
    number: u32,
    name: &'a str,
    join_ref: &'a Value,
    outbox: &'a mut Outbox,
}

impl<'a> Client<'a> {
    pub(super) fn new(
        (parts, line, connect, prefix): (&'a Parts, &'a Line, &'a mut Connect, ClientPrefix),
        (number, name, join_ref): (u32, &'a str, &'a Value),
        outbox: &'a mut Outbox,
    ) -> Self {
        Self { parts, connect, prefix, line, number, name, join_ref, outbox }
    }

    /// Takes a place in the hub; what is for it goes to [`Topic::deliver`]. `None` when too many listen for the same.
    pub fn listen(&self, recipient: ConversationRecipient) -> Option<Membership> {
        self.line.join(self.number, recipient)
    }

    /// The conversation of an event as lists of agents have it, who watch it or not.
    pub fn listed(&self, shared: &SharedEvent, is_watched: bool) -> Option<Bytes> {
        self.line.listed(shared, is_watched)
    }

    /// Sends the client an event of this topic.
    pub fn push(&mut self, event: &str, payload: impl Into<Payload>) {
        self.outbox.push(self.join_ref, self.name, event, payload.into());
    }
}
