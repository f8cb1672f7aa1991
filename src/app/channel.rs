//! Conversations: use cases for inboxes, agents, contacts, conversations and their messages.
//!
//! Must not depend on HTTP, sockets or SQL. Called by `channels`, the console and the command line.
//! Everything is bounded by a site for which the caller has authenticated.

mod agents;
mod attachments;
mod canned_responses;
mod contacts;
mod content;
mod conversations;
mod customers;
mod error;
mod identity;
mod inboxes;
mod messages;
mod placeholder_names;
mod reader_conversations;
mod session_conversations;
mod sessions;
mod settings;
mod webhooks;

pub use agents::CreatedAgent;
pub use attachments::{
    DEFAULT_ATTACHMENT_BYTES, FileUpload, MAX_CONFIGURABLE_ATTACHMENT_BYTES, is_shown_inline,
};
pub use canned_responses::CannedResponseChange;
pub use conversations::{ConversationDraft, ConversationFilter};
pub use customers::{Customer, OfflineMessage, main_conversation};
pub use error::ChannelError;
pub use identity::IdentityProof;
pub use inboxes::CreatedInbox;
pub use reader_conversations::RepliedTo;
pub use sessions::{SessionError, SessionRequest};
pub use webhooks::AccountWebhookChange;
