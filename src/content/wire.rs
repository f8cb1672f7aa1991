//! JSON of conversations for clients of the API channel: contacts, agents, messages, conversations
//! and inboxes, for REST responses, real-time updates and webhooks.
//!
//! Each form is a plain struct that a [`Renderer`] builds from domain types. Doesn't know HTTP,
//! sockets or how anything is sent. Used by the API surfaces, the event hub and the webhook
//! dispatcher.

#![expect(missing_docs, reason = "the contract documents the members")]

mod agent;
mod attachment;
mod chat;
mod contact;
mod conversation;
mod inbox;
mod message;
pub mod push;
mod sdk;
#[cfg(test)]
mod tests;
pub mod webhook;

pub use agent::{AccountJson, AgentJson, UserJson, UserPush, UserWebhook};
pub use attachment::{AttachmentJson, attachment_path};
pub use chat::{
    ChatConversation, ChatEvent, ChatPerson, chat_cursor, chat_user, contact_unread_count,
    parse_chat_cursor,
};
pub use contact::{
    AccountName, ContactInboxJson, ContactJson, ContactPush, ContactWebhook, SourceJson,
};
pub use conversation::{
    ConversationJson, ConversationMeta, ConversationMetaPush, ConversationPush,
};
pub use inbox::{InboxJson, SlimInbox};
pub use message::{MessageJson, MessagePush, PublicMessage, SenderPush};
pub use sdk::{ListedAgent, ListedConversation, SdkUser};

use belfry_domain::{
    ContactId, Origin, SiteId, Timestamp,
    channel::{AgentId, Availability},
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Who is online.
pub trait PresenceView: Send + Sync {
    /// An agent's availability.
    fn agent(&self, site: SiteId, agent: AgentId) -> Availability;
    /// Whether a contact is online.
    fn contact(&self, site: SiteId, contact: ContactId) -> bool;
}

/// Reports everyone as offline.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyOnline;

impl PresenceView for NobodyOnline {
    fn agent(&self, _: SiteId, _: AgentId) -> Availability {
        Availability::Offline
    }

    fn contact(&self, _: SiteId, _: ContactId) -> bool {
        false
    }
}

/// Renders domain types, with the context that the JSON needs.
#[derive(Clone, Copy)]
pub struct Renderer<'a> {
    /// Belfry's public origin, for absolute URLs of files.
    pub public_url: &'a Origin,
    /// The site of all rendered objects.
    pub site: SiteId,
    /// The current time.
    pub now: Timestamp,
    /// Who is online.
    pub presence: &'a dyn PresenceView,
}

/// Whole seconds since the Unix epoch.
pub fn seconds(at: Timestamp) -> i64 {
    at.millis().div_euclid(1_000)
}

/// Whole seconds since the Unix epoch; 0 for `None`.
pub fn seconds_or_zero(at: Option<Timestamp>) -> i64 {
    at.map_or(0, seconds)
}

/// Seconds since the Unix epoch with a fraction.
#[expect(clippy::cast_precision_loss, reason = "exact for the next hundred thousand years")]
pub fn fractional_seconds(at: Timestamp) -> f64 {
    at.millis() as f64 / 1_000.0
}

/// `2026-12-01T08:00:00.000Z`: ISO 8601 in UTC, always with milliseconds. Empty for years that
/// can't be expressed.
pub fn iso(at: Timestamp) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
        .ok()
        .and_then(|at| at.format(FORMAT).ok())
        .unwrap_or_default()
}
