//! Conversations of App Inbox readers (the "Messages" tab), whose identity the site's token
//! verifies. A session is found or created for them; everything else uses the use cases of
//! sessions.

use super::SessionError;
use crate::{App, AppError, Reader};
use belfry_content::template;
use belfry_domain::{
    ContactId, ContactLookup, Language, MessageId, Site, SiteId,
    channel::{
        ChannelToken, ContactSession, ConversationAccess, ConversationNumber, InboxId,
        NewContactSession, NewConversation, NewMessage, Performer, SourceId,
    },
    negotiate,
};
use belfry_store::StoreError;
use serde_json::{Value, json};

/// An App Inbox message that a reader replies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepliedTo {
    /// The message.
    pub id: MessageId,
    /// Its title, as the reader sees it.
    pub title: String,
}

impl RepliedTo {
    /// As a content attribute.
    pub fn to_attribute(&self) -> Value {
        json!({ "id": self.id, "title": self.title })
    }
}

impl App {
    /// The reader's session; `None` before the first message.
    pub async fn reader_session(
        &self,
        reader: &Reader,
        inbox: InboxId,
    ) -> Result<Option<ContactSession>, SessionError> {
        Ok(self.store.verified_session(reader.site, inbox, reader.contact).await?)
    }

    /// Number of agents' messages that a reader has not seen.
    pub async fn unread_replies(&self, reader: &Reader, inbox: InboxId) -> Result<u32, AppError> {
        Ok(self.store.unread_replies(reader.site, inbox, reader.contact).await?)
    }

    /// The message to reply to; `NotFound` if it is not shown to the reader.
    pub async fn message_to_reply_to(
        &self,
        reader: &Reader,
        site: &Site,
        message: MessageId,
        language: &Language,
    ) -> Result<RepliedTo, AppError> {
        let item = self.item(reader, message).await?;
        let (_, content) =
            negotiate(&item.message.content, language, &site.language).ok_or(AppError::NotFound)?;
        let contact = if template::is_personal(&item.message.content) {
            Some(self.contact(reader.site, &ContactLookup::Id(reader.contact)).await?)
        } else {
            None
        };
        Ok(RepliedTo {
            id: message,
            title: template::fill(content, contact.as_ref()).title.clone(),
        })
    }

    /// Starts a reader's conversation with its first message. If the inbox allows one conversation
    /// per session, the message is added to it.
    pub async fn begin_reader_conversation(
        &self,
        reader: &Reader,
        inbox: InboxId,
        message: NewMessage,
    ) -> Result<ConversationNumber, SessionError> {
        message.check()?;
        // The session and the conversation are two writes.
        let (app, site, contact) = (self.clone(), reader.site, reader.contact);
        let result = self
            .run_detached(async move { app.begin_for_contact(site, contact, inbox, message).await })
            .await;
        result.unwrap_or_else(|| {
            Err(StoreError::Unavailable("the conversation was not begun".to_owned()).into())
        })
    }

    async fn begin_for_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        inbox: InboxId,
        message: NewMessage,
    ) -> Result<ConversationNumber, SessionError> {
        let new = NewContactSession {
            source_id: SourceId::generate(self.rng()),
            pubsub_token: ChannelToken::generate(self.rng()),
        };
        let session =
            self.store.verified_session_or_new(site, inbox, contact, &new, self.now()).await??;
        let draft =
            NewConversation { message: Some(message), ..self.new_conversation_in(&session) };
        let access = ConversationAccess::Session(session.id);
        let created = self
            .store
            .create_conversation(site, access, &draft, &Performer::Contact, self.now())
            .await??;
        Ok(created.view.conversation.number)
    }
}
