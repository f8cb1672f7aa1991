//! Messages of conversations, and their attachments.
//!
//! See [`super`] for what all verbs promise.

use super::ChannelResult;
use crate::Result;
use async_trait::async_trait;
use belfry_domain::{
    SiteId, Timestamp,
    channel::{
        AttachmentFile, ConversationAccess, ConversationMessageId, ConversationNumber, MessageList,
        MessageStatus, MessageWindow, NewMessage, Performer, PostedMessage,
    },
};
use serde_json::{Map, Value};

/// Stores messages of conversations.
#[async_trait]
pub trait ConversationMessageStore: Send + Sync {
    /// Adds a message. An incoming one reopens a resolved or snoozed conversation and starts the
    /// contact's waiting time; the first public outgoing one of an agent is the first reply and
    /// ends it. `TooManyMessages` beyond [`belfry_domain::channel::MAX_MESSAGES_PER_MINUTE`]. Emits
    /// `MessageCreated`, and the resulting events of the conversation.
    async fn post_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        draft: &NewMessage,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
    /// Messages of a conversation, oldest first.
    async fn conversation_messages(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        window: MessageWindow,
    ) -> ChannelResult<MessageList>;
    /// One message.
    async fn conversation_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        message: ConversationMessageId,
    ) -> ChannelResult<PostedMessage>;
    /// Sets a message's delivery status. A read message does not become delivered again, and only a
    /// failed one keeps an error. Emits `MessageUpdated` if something changed.
    async fn set_message_status(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: (ConversationNumber, ConversationMessageId),
        status: MessageStatus,
        external_error: Option<&str>,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
    /// Deletes a message: its content becomes `This message was deleted`, and its attachments are
    /// deleted. Emits `MessageUpdated`.
    async fn delete_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: (ConversationNumber, ConversationMessageId),
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
    /// Retries a failed message: it becomes `sent` without content attributes, and is queued for
    /// the callback URL again.
    async fn retry_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: (ConversationNumber, ConversationMessageId),
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
    /// Merges values into the content attributes of a message (`submitted_values`). Emits
    /// `MessageUpdated` if something changed.
    async fn merge_content_attributes(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: (ConversationNumber, ConversationMessageId),
        attributes: &Map<String, Value>,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
}

/// Stores files of messages.
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// The bytes of the attachment with this key, or of its thumbnail.
    async fn attachment_file(&self, key: &str, thumbnail: bool) -> Result<Option<AttachmentFile>>;
}
