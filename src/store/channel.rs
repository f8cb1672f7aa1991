//! Conversations: inboxes, agents, contacts with their sessions, conversations, messages,
//! attachments, account webhooks and canned responses.
//!
//! Each verb is one transaction and returns all that a response shows, so that no surface queries
//! twice. A verb that changes something queues the deliveries to callback URLs and account
//! webhooks, and publishes the same events as [`Change::Conversation`] after its commit.
//!
//! A verb that can be rejected returns the [`Rejection`] inside; nothing was changed then. Quotas
//! of a site are [`StoreError::Limit`].
//!
//! [`Change::Conversation`]: belfry_domain::InboxEvent::Conversation
//! [`StoreError::Limit`]: super::StoreError::Limit

mod contacts;
mod conversations;
mod inboxes;
mod messages;

pub use contacts::ChannelContactStore;
pub use conversations::{AgentListStore, ConversationStore, ReaderConversationStore};
pub use inboxes::{AccountWebhookStore, AgentStore, CannedResponseStore, InboxStore};
pub use messages::{AttachmentStore, ConversationMessageStore};

use super::Result;
use belfry_domain::channel::Rejection;

/// The result of a verb that can be rejected without a change.
pub type ChannelResult<T> = Result<std::result::Result<T, Rejection>>;

/// Inboxes of a site.
pub const MAX_INBOXES: u32 = 100;
/// Agents of a site.
pub const MAX_AGENTS: u32 = 500;
/// Account webhooks of a site.
pub const MAX_ACCOUNT_WEBHOOKS: u32 = 20;
/// Canned responses of a site.
pub const MAX_CANNED_RESPONSES: u32 = 1_000;
/// Total bytes of the contents of a site's canned responses.
pub const MAX_CANNED_BYTES: usize = 2_000_000;
/// Sessions of a contact in one inbox.
pub const MAX_SESSIONS_OF_CONTACT: u32 = 100;
/// Conversations of a contact or a session in one response.
pub const MAX_CONVERSATIONS_OF_CONTACT: u32 = 20;
/// Messages of each conversation in one response to the contact.
pub const MAX_SHOWN_MESSAGES: u32 = 20;
/// Cap of the count of agents' messages that a reader has not seen.
pub const MAX_UNREAD_AGENT_MESSAGES: u32 = 100;
/// Messages that one "seen" of a contact marks as read; the next one continues.
pub const MAX_READ_AT_ONCE: u32 = 100;

/// All capabilities for conversations.
pub trait ChannelStore:
    InboxStore
    + AgentStore
    + ChannelContactStore
    + ConversationStore
    + AgentListStore
    + ReaderConversationStore
    + ConversationMessageStore
    + AttachmentStore
    + AccountWebhookStore
    + CannedResponseStore
{
}

impl<T> ChannelStore for T where
    T: InboxStore
        + AgentStore
        + ChannelContactStore
        + ConversationStore
        + AgentListStore
        + ReaderConversationStore
        + ConversationMessageStore
        + AttachmentStore
        + AccountWebhookStore
        + CannedResponseStore
{
}
