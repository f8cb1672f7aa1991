//! Messages of conversations, as agents and their programs read and write them.

use super::{ChannelError, contacts::performer, content};
use crate::App;
use belfry_domain::channel::{
    ConversationMessageId, ConversationNumber, MessageList, MessageStatus, MessageWindow,
    NewMessage, PostedMessage, SignedInAgent,
};

/// Length of a stored error message.
const MAX_ERROR_CHARS: usize = 1_000;

impl App {
    /// Adds a message.
    pub async fn post_message(
        &self,
        caller: &SignedInAgent,
        number: ConversationNumber,
        draft: &NewMessage,
    ) -> Result<PostedMessage, ChannelError> {
        content::check(draft)?;
        Ok(self
            .store
            .post_message(caller.site, caller.access, number, draft, &performer(caller), self.now())
            .await??)
    }

    /// Messages of a conversation, oldest first.
    pub async fn conversation_messages(
        &self,
        caller: &SignedInAgent,
        number: ConversationNumber,
        window: MessageWindow,
    ) -> Result<MessageList, ChannelError> {
        Ok(self.store.conversation_messages(caller.site, caller.access, number, window).await??)
    }

    /// One message.
    pub async fn conversation_message(
        &self,
        caller: &SignedInAgent,
        place: (ConversationNumber, ConversationMessageId),
    ) -> Result<PostedMessage, ChannelError> {
        Ok(self.store.conversation_message(caller.site, caller.access, place.0, place.1).await??)
    }

    /// Sets a message's delivery status; without one it is unchanged.
    pub async fn set_message_status(
        &self,
        caller: &SignedInAgent,
        place: (ConversationNumber, ConversationMessageId),
        status: Option<MessageStatus>,
        external_error: Option<&str>,
    ) -> Result<PostedMessage, ChannelError> {
        let access = caller.access;
        let Some(status) = status else {
            return Ok(self
                .store
                .conversation_message(caller.site, access, place.0, place.1)
                .await??);
        };
        let error =
            external_error.map(|text| text.chars().take(MAX_ERROR_CHARS).collect::<String>());
        Ok(self
            .store
            .set_message_status(caller.site, access, place, status, error.as_deref(), self.now())
            .await??)
    }

    /// Deletes a message.
    pub async fn delete_message(
        &self,
        caller: &SignedInAgent,
        place: (ConversationNumber, ConversationMessageId),
    ) -> Result<PostedMessage, ChannelError> {
        Ok(self
            .store
            .delete_message(caller.site, caller.access, place, &performer(caller), self.now())
            .await??)
    }

    /// Retries a failed message.
    pub async fn retry_message(
        &self,
        caller: &SignedInAgent,
        place: (ConversationNumber, ConversationMessageId),
    ) -> Result<PostedMessage, ChannelError> {
        Ok(self.store.retry_message(caller.site, caller.access, place, self.now()).await??)
    }
}
