//! Customers of the Inbox SDK's customer protocol, before and after something of them is stored.
//!
//! A customer is a session of the public client API, with its rules: unproven claims give no access
//! to existing data. The customer's token is the session's pubsub token; see [`token`] for tokens
//! without a stored session.

mod token;

use super::{ChannelError, SessionError, placeholder_names};
use crate::App;
use belfry_domain::{
    ExternalId, SiteId, ValidationError,
    channel::{
        ChannelContact, ChannelToken, ContactFields, ContactSession, ConversationAccess,
        ConversationMessage, ConversationMessageId, ConversationNumber, ConversationStatus,
        CreatedConversation, Identification, InboxUuid, InboxWithSecrets, MessageKind,
        MessageWindow, NewContactSession, NewConversation, NewMessage, Performer, PubsubOwner,
        SessionConversation, SessionView, SourceId,
    },
};
use serde_json::{Map, Value};

/// Someone who writes, or may write.
#[derive(Debug, Clone)]
pub struct Customer {
    token: ChannelToken,
    identifier: Option<ExternalId>,
    session: Option<SessionView>,
}

impl Customer {
    /// The secret by which the customer is recognised.
    pub fn token(&self) -> &ChannelToken {
        &self.token
    }

    /// The session; `None` while nothing is stored.
    pub fn session(&self) -> Option<&SessionView> {
        self.session.as_ref()
    }

    /// The contact as the session sees it, without a generated placeholder name.
    pub fn visible_contact(&self) -> Option<ChannelContact> {
        let view = self.session.as_ref()?;
        let mut seen = view.session.visible_contact(&view.contact);
        if placeholder_names::is_placeholder(&seen.name()) {
            (seen.contact.first_name, seen.contact.last_name) = (None, None);
        }
        Some(seen)
    }

    /// Public id: the one that the customer claims, or a random one that reveals nothing.
    pub fn user_id(&self) -> String {
        let of_session = self
            .session
            .as_ref()
            .and_then(|view| view.session.visible_contact(&view.contact).contact.external_id);
        let claimed = of_session
            .or_else(|| self.identifier.as_ref().map(|identifier| identifier.as_str().to_owned()));
        claimed.unwrap_or_else(|| token::public_id(&self.token))
    }
}

/// A message of a customer who is not on a socket.
#[derive(Debug, Clone)]
pub struct OfflineMessage {
    /// Id given by the client.
    pub user_id: Option<String>,
    /// Contact fields, without the identifier.
    pub fields: ContactFields,
    /// The text.
    pub content: String,
}

impl App {
    /// The inbox with this UUID.
    pub async fn inbox_of_uuid(&self, uuid: &str) -> Result<InboxWithSecrets, SessionError> {
        let missing = || ChannelError::not_found("inbox");
        let uuid: InboxUuid = uuid.parse().map_err(|_| missing())?;
        Ok(self.store.inbox_by_uuid(uuid).await?.ok_or_else(missing)?)
    }

    /// The customer with this token; a new one if it is unknown. A new customer's claimed id is not
    /// trusted, and is rejected if the inbox requires proof.
    pub async fn identify_customer(
        &self,
        open: &InboxWithSecrets,
        token: Option<&str>,
        user_id: Option<&str>,
    ) -> Result<Customer, SessionError> {
        if let Some(token) = token
            && let Some(known) = self.existing_customer(open, token).await?
        {
            return Ok(known);
        }
        if open.inbox.settings.hmac_mandatory {
            return Err(SessionError::InvalidHash);
        }
        let identifier = user_id.and_then(token::identifier).map(parse_user_id).transpose()?;
        let token = token::issue(open, identifier.as_ref(), self.rng());
        Ok(Customer { token, identifier, session: None })
    }

    /// The customer of a token, if it is known in this inbox.
    pub async fn existing_customer(
        &self,
        open: &InboxWithSecrets,
        token: &str,
    ) -> Result<Option<Customer>, SessionError> {
        if token.is_empty() || token.len() > token::MAX_TOKEN_CHARS {
            return Ok(None);
        }
        let kept = ChannelToken::from_text(token.to_owned());
        match self.store.subscriber(&kept.digest()).await? {
            Some(PubsubOwner::Session { site, session, contact, .. })
                if site == open.inbox.site && session.inbox == open.inbox.id =>
            {
                let session = SessionView { session: *session, contact: *contact, created: false };
                return Ok(Some(Customer {
                    token: kept,
                    identifier: None,
                    session: Some(session),
                }));
            }
            Some(_) => return Ok(None),
            None => {}
        }
        let claim = token::verify(open, token).filter(|_| !open.inbox.settings.hmac_mandatory);
        Ok(claim.map(|claim| Customer { token: kept, identifier: claim.identifier, session: None }))
    }

    /// Creates a session for a customer without one, with the given fields.
    pub async fn ensure_customer_session(
        &self,
        uuid: InboxUuid,
        customer: &mut Customer,
        fields: ContactFields,
    ) -> Result<SessionView, SessionError> {
        if let Some(session) = &customer.session {
            return Ok(session.clone());
        }
        // The inbox may have been deleted or changed meanwhile.
        let open = self
            .store
            .inbox_by_uuid(uuid)
            .await?
            .ok_or_else(|| ChannelError::not_found("inbox"))?;
        let again = self
            .existing_customer(&open, customer.token.reveal())
            .await?
            .ok_or(SessionError::InvalidHash)?;
        let session = match again.session {
            Some(session) => session,
            None => {
                self.begin_customer(
                    &open,
                    token::source_id(&customer.token),
                    &customer.token,
                    (again.identifier, fields),
                )
                .await?
            }
        };
        customer.session = Some(session.clone());
        Ok(session)
    }

    async fn begin_customer(
        &self,
        open: &InboxWithSecrets,
        source_id: SourceId,
        token: &ChannelToken,
        (identifier, mut fields): (Option<ExternalId>, ContactFields),
    ) -> Result<SessionView, SessionError> {
        if identifier.is_some() {
            fields.identifier = identifier.map(Some);
        }
        if fields.name.as_ref().and_then(Option::as_ref).is_none_or(|name| name.trim().is_empty()) {
            fields.name = Some(Some(placeholder_names::random(self.rng())));
        }
        let session =
            NewContactSession { source_id: source_id.clone(), pubsub_token: token.clone() };
        let request = Identification {
            source_id: Some(source_id),
            fields: fields.validate()?,
            verified: false,
            session,
        };
        Ok(self
            .store
            .identify_contact(open.inbox.site, open.inbox.id, &request, self.now())
            .await??)
    }

    /// Changes the contact fields of a customer with a session.
    pub async fn update_customer(
        &self,
        site: SiteId,
        session: &ContactSession,
        fields: &ContactFields,
    ) -> Result<SessionView, SessionError> {
        Ok(self
            .store
            .update_session_contact(site, session.id, fields, session.hmac_verified, self.now())
            .await??)
    }

    /// Starts a conversation with a customer's message. If the inbox allows one conversation per
    /// session, the message is added to it.
    pub async fn begin_customer_conversation(
        &self,
        site: SiteId,
        session: &ContactSession,
        additional_attributes: Map<String, Value>,
        message: NewMessage,
    ) -> Result<CreatedConversation, SessionError> {
        debug_assert!(message.kind == MessageKind::Incoming && !message.private);
        message.check()?;
        let draft = NewConversation {
            additional_attributes,
            message: Some(message),
            ..self.new_conversation_in(session)
        };
        let access = ConversationAccess::Session(session.id);
        Ok(self
            .store
            .create_conversation(site, access, &draft, &Performer::Contact, self.now())
            .await??)
    }

    /// Starts a conversation of a new customer with this message.
    pub async fn leave_message(
        &self,
        open: &InboxWithSecrets,
        left: OfflineMessage,
    ) -> Result<CreatedConversation, SessionError> {
        let mut customer = self.identify_customer(open, None, left.user_id.as_deref()).await?;
        // Validated before anything is stored.
        let message = NewMessage::text(MessageKind::Incoming, left.content);
        message.check()?;
        let view =
            self.ensure_customer_session(open.inbox.uuid, &mut customer, left.fields).await?;
        self.begin_customer_conversation(open.inbox.site, &view.session, Map::new(), message).await
    }

    /// The messages after a given one, oldest first, as the contact sees them: up to 100.
    pub async fn session_messages_after(
        &self,
        site: SiteId,
        session: &ContactSession,
        number: ConversationNumber,
        after: ConversationMessageId,
    ) -> Result<Vec<ConversationMessage>, SessionError> {
        let window = MessageWindow { before: None, after: Some(after), public: true };
        let list = self
            .store
            .conversation_messages(site, ConversationAccess::Session(session.id), number, window)
            .await??;
        Ok(list.messages)
    }
}

/// The conversation that a customer continues, from a list that is newest first: the newest one
/// that is not closed, or the only one if the inbox allows one per session.
pub fn main_conversation(
    conversations: &[SessionConversation],
    has_one: bool,
) -> Option<&SessionConversation> {
    conversations
        .iter()
        .find(|of| has_one || of.view.conversation.status != ConversationStatus::Resolved)
}

fn parse_user_id(user_id: &str) -> Result<ExternalId, ValidationError> {
    ExternalId::parse(user_id).map_err(|invalid| ValidationError::new("user_id", invalid.reason))
}
