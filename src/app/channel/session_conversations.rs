//! What a contact does in conversations through the public client API. Bounded by the session:
//! other conversations are `NotFound`.

use super::SessionError;
use crate::App;
use belfry_domain::{
    SiteId,
    channel::{
        ChannelToken, ContactSession, ContentType, ConversationAccess, ConversationChange,
        ConversationId, ConversationMessage, ConversationMessageId, ConversationNumber,
        ConversationStatus, MessageKind, MessageWindow, NewConversation, NewMessage, Performer,
        Rejection, SessionConversation, StatusChange,
    },
};
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a survey response can be changed.
const SURVEY_EDIT_WINDOW: Duration = Duration::from_hours(14 * 24);

impl App {
    /// A new conversation of a contact in its session.
    pub(super) fn new_conversation_in(&self, session: &ContactSession) -> NewConversation {
        NewConversation::for_session(
            session,
            ConversationId::generate(self.rng()),
            ChannelToken::generate(self.rng()),
        )
    }

    /// Creates a conversation, or returns the existing one if the inbox allows one per session.
    pub async fn begin_session_conversation(
        &self,
        site: SiteId,
        session: &ContactSession,
        custom_attributes: Map<String, Value>,
    ) -> Result<SessionConversation, SessionError> {
        let draft = NewConversation { custom_attributes, ..self.new_conversation_in(session) };
        let access = ConversationAccess::Session(session.id);
        let created = self
            .store
            .create_conversation(site, access, &draft, &Performer::Contact, self.now())
            .await??;
        self.session_conversation(site, session, created.view.conversation.number).await
    }

    /// The newest conversations of a session.
    pub async fn session_conversations(
        &self,
        site: SiteId,
        session: &ContactSession,
    ) -> Result<Vec<SessionConversation>, SessionError> {
        Ok(self.store.conversations_of_session(site, session.id).await?)
    }

    /// One conversation.
    pub async fn session_conversation(
        &self,
        site: SiteId,
        session: &ContactSession,
        number: ConversationNumber,
    ) -> Result<SessionConversation, SessionError> {
        Ok(self
            .store
            .conversation_of_session(site, ConversationAccess::Session(session.id), number)
            .await??)
    }

    /// Resolves a conversation; a resolved one is unchanged.
    pub async fn resolve_session_conversation(
        &self,
        site: SiteId,
        session: &ContactSession,
        number: ConversationNumber,
    ) -> Result<SessionConversation, SessionError> {
        let change = ConversationChange {
            status: Some(StatusChange::To(ConversationStatus::Resolved, None)),
            ..ConversationChange::default()
        };
        let access = ConversationAccess::Session(session.id);
        self.store
            .update_conversation(site, access, number, &change, &Performer::Contact, self.now())
            .await??;
        self.session_conversation(site, session, number).await
    }

    /// Publishes that the contact started or stopped typing.
    pub async fn publish_session_typing(
        &self,
        site: SiteId,
        session: &ContactSession,
        number: ConversationNumber,
        is_on: bool,
    ) -> Result<(), SessionError> {
        let access = ConversationAccess::Session(session.id);
        Ok(self
            .store
            .publish_typing(site, access, number, (is_on, false), &Performer::Contact, self.now())
            .await??)
    }

    /// Marks a conversation as seen by the contact.
    pub async fn mark_seen_in_session(
        &self,
        site: SiteId,
        session: &ContactSession,
        number: ConversationNumber,
    ) -> Result<(), SessionError> {
        self.store
            .mark_seen_by_contact(site, ConversationAccess::Session(session.id), number, self.now())
            .await??;
        Ok(())
    }

    /// The messages that the contact sees, oldest first.
    pub async fn session_messages(
        &self,
        site: SiteId,
        session: &ContactSession,
        number: ConversationNumber,
        before: Option<ConversationMessageId>,
    ) -> Result<Vec<ConversationMessage>, SessionError> {
        let window = MessageWindow { before, after: None, public: true };
        let list = self
            .store
            .conversation_messages(site, ConversationAccess::Session(session.id), number, window)
            .await??;
        Ok(list.messages)
    }

    /// Adds a message of the contact.
    pub async fn post_session_message(
        &self,
        site: SiteId,
        session: &ContactSession,
        number: ConversationNumber,
        draft: NewMessage,
    ) -> Result<ConversationMessage, SessionError> {
        debug_assert!(draft.kind == MessageKind::Incoming && !draft.private);
        draft.check()?;
        let access = ConversationAccess::Session(session.id);
        Ok(self
            .store
            .post_message(site, access, number, &draft, &Performer::Contact, self.now())
            .await??
            .message)
    }

    /// Submits the response to an interactive message. `None` changes nothing.
    pub async fn answer_session_message(
        &self,
        site: SiteId,
        session: &ContactSession,
        place: (ConversationNumber, ConversationMessageId),
        answer: Option<Value>,
    ) -> Result<ConversationMessage, SessionError> {
        let access = ConversationAccess::Session(session.id);
        let message =
            self.store.conversation_message(site, access, place.0, place.1).await??.message;
        if !message.is_public() {
            return Err(Rejection::NotFound("message").into());
        }
        let Some(answer) = answer else { return Ok(message) };
        if message.content_type == ContentType::InputCsat
            && self.now() > message.created_at.plus(SURVEY_EDIT_WINDOW)
        {
            return Err(SessionError::SurveyClosed);
        }
        let attributes = Map::from_iter([("submitted_values".to_owned(), answer)]);
        let posted = self
            .store
            .merge_content_attributes(
                site,
                access,
                place,
                &attributes,
                &Performer::Contact,
                self.now(),
            )
            .await??;
        Ok(posted.message)
    }
}
