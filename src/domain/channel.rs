//! Conversations: inboxes, agents, contact sessions, conversations, their messages and events.
//!
//! Must not depend on HTTP, storage, or the JSON that clients receive. Used by the store and by the
//! conversation APIs.

mod agent;
mod attachment;
mod automatic_reply;
mod canned;
mod claim;
mod contact;
mod conversation;
mod event;
#[cfg(any(test, feature = "testing"))]
pub mod fixtures;
mod identifier;
mod inbox;
mod message;
mod query;
mod rejection;
mod time_zone;
mod token;
mod webhook;
pub(crate) mod wire_enum;
mod working_hours;

pub use agent::{
    Agent, AgentDraft, AgentRole, AgentSecrets, Availability, PubsubOwner, SignedInAgent,
    VisibleInboxes,
};
pub use attachment::{
    Attachment, AttachmentFile, Coordinates, FileType, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS,
    NewAttachment, Thumbnail,
};
pub use automatic_reply::LastReplies;
pub use canned::{
    CannedResponse, CannedResponseDraft, MAX_CANNED_CONTENT_CHARS, MAX_SHORT_CODE_CHARS,
};
pub use claim::SessionClaim;
pub use contact::{
    ChannelContact, ContactFields, ContactListPage, ContactListQuery, ContactProfile,
    ContactSession, ContactSort, CreatedContact, Identification, NewContactSession, SessionInbox,
    SessionView, join_name, split_name,
};
pub use conversation::{
    Conversation, ConversationChange, ConversationStatus, ConversationView, CreatedConversation,
    MAX_LABELS, MAX_UNREAD_COUNT, MAX_WATCHED_PER_AGENT, MAX_WATCHERS, NewConversation, Priority,
    SessionConversation, StatusChange, normalize_labels,
};
pub use event::{
    CALLBACK_TEST, ChangedAttribute, ChannelAccess, ConversationEvent, ConversationEventKind,
    EventInbox, Performer, callback_test_body,
};
pub use identifier::{
    AccountWebhookId, AgentId, AttachmentId, CannedResponseId, ContactInboxId, ConversationId,
    ConversationMessageId, ConversationNumber, InboxId, InboxUuid, SiteNumber,
};
pub use inbox::{
    ChannelInbox, InboxSecrets, InboxSettings, InboxWithSecrets, MembersChange, NewInbox,
};
pub use message::{
    ContentType, ConversationMessage, MAX_CONTENT_CHARS, MAX_MESSAGES_PER_MINUTE, MessageKind,
    MessageList, MessageStatus, MessageWindow, NewMessage, PostedMessage,
    REPLIED_MESSAGE_ATTRIBUTE, Sender,
};
pub use query::{
    AssigneeFilter, CONVERSATIONS_PER_PAGE, ConversationAccess, ConversationCounts,
    ConversationList, ConversationQuery, MAX_EXACT_COUNT,
};
pub use rejection::Rejection;
pub(super) use time_zone::bundled as bundled_zone;
pub use time_zone::{LocalTime, time_zones};
pub use token::{ChannelToken, InboxIdentifier, SourceId};
pub use webhook::{AccountWebhook, AccountWebhookDraft, Subscription};
pub use working_hours::{WorkingDay, WorkingHours};
