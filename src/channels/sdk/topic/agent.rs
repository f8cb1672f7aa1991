//! What the agents' topics share: the agent's session, its actions on a conversation, and the
//! mapping of errors.
//!
//! The session is loaded when a topic is joined, and again when it may have changed; each action
//! checks what the agent may see.

use super::{TopicContext, TopicEnded, TopicError};
use crate::sdk::SocketState;
use belfry_app::{
    channel::ChannelError,
    events::{ConversationRecipient, Viewing},
    sdk::SdkError,
};
use belfry_content::wire::{ListedConversation, Renderer, SdkUser};
use belfry_domain::{
    Timestamp,
    channel::{
        ConversationAccess, ConversationChange, ConversationNumber, ConversationStatus,
        ConversationView, InboxId, Rejection, StatusChange, VisibleInboxes,
    },
    sdk::{SdkAuthError, SdkSession},
};
use belfry_runtime::fair_scheduler;
use belfry_store::StoreError;
use serde_json::{Value, json};

/// Maximum length of a member other than a message.
const MAX_MEMBER_BYTES: usize = 1_024;

/// An agent on a topic.
pub(super) struct AgentSession(Box<SdkSession>);

/// An action of an agent on a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AgentAction {
    /// Assigns the conversation to the agent, or to nobody.
    Assign {
        to_me: bool,
    },
    /// Unassigns the conversation if it is assigned to the agent.
    Unassign,
    Close,
    Reopen,
    Watch {
        is_on: bool,
    },
}

impl AgentSession {
    /// Authenticates by the socket's credential. A JWT is exchanged once; from then on the socket
    /// holds the session's token.
    pub(super) async fn authenticate(to: &mut TopicContext<'_>) -> Result<Self, TopicError> {
        let session = load_session(to).await?;
        fair_scheduler::set_current_site(session.caller.site);
        Ok(Self(Box::new(session)))
    }

    /// Reloads the session.
    pub(super) async fn reload(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicEnded> {
        *self.0 = load_session(to).await.map_err(TopicEnded)?;
        Ok(())
    }

    /// Ends the topic if the session has expired.
    pub(super) fn check_expiry(&self, now: Timestamp) -> Result<(), TopicEnded> {
        if self.expires_at <= now {
            Err(TopicEnded(SdkAuthError::TokenExpired.into()))
        } else {
            Ok(())
        }
    }

    /// The hub's recipient for this agent.
    pub(super) fn recipient(&self, viewing: Option<Viewing>) -> ConversationRecipient {
        let (caller, inboxes) = (&self.caller, self.visible_inboxes());
        let (agent, availability) = (caller.agent.id, caller.agent.availability);
        ConversationRecipient::Agent {
            site: caller.site,
            account: caller.account,
            agent,
            availability,
            inboxes,
            viewing,
        }
    }

    /// Whether the agent may see this inbox.
    pub(super) fn can_see(&self, inbox: InboxId) -> bool {
        self.visible_inboxes().contains(inbox)
    }

    fn visible_inboxes(&self) -> VisibleInboxes {
        match self.caller.access {
            ConversationAccess::Site => VisibleInboxes::All,
            ConversationAccess::Inbox(inbox) => VisibleInboxes::Some(vec![inbox]),
            _ => VisibleInboxes::Some(Vec::new()),
        }
    }

    /// The agent and the session, as sent to clients. A reconnecting client uses the token as its
    /// credential.
    pub(super) fn to_json(&self, to: &TopicContext<'_>) -> Value {
        let user = SdkUser::of(self);
        json!({ "session_token": to.connect.credential, "expires_at": self.expires_at.millis().div_euclid(1_000), "user": user })
    }

    /// Finds a conversation by its UUID. One out of scope is not found.
    pub(super) async fn conversation(
        &self,
        to: &TopicContext<'_>,
        id: &str,
    ) -> Result<ConversationView, TopicError> {
        let Ok(id) = id.parse() else { return Err(TopicError::NOT_FOUND) };
        let view = to
            .state
            .app
            .conversation_by_uuid(&self.caller, id)
            .await
            .map_err(|error| channel_rejection(&error))?;
        if self.allows(view.conversation.number) { Ok(view) } else { Err(TopicError::NOT_FOUND) }
    }

    /// Performs an action on a conversation.
    pub(super) async fn act(
        &self,
        to: &TopicContext<'_>,
        number: ConversationNumber,
        act: AgentAction,
    ) -> Result<ConversationView, TopicError> {
        let (inbox, me) = (&to.state.app, self.caller.agent.id);
        let assign = |assignee| ConversationChange {
            assignee: Some(assignee),
            ..ConversationChange::default()
        };
        let status = |status| ConversationChange {
            status: Some(StatusChange::To(status, None)),
            ..ConversationChange::default()
        };
        let change = match act {
            AgentAction::Assign { to_me: true } => assign(Some(me)),
            AgentAction::Assign { to_me: false } => assign(None),
            AgentAction::Unassign => {
                let view = inbox
                    .conversation(&self.caller, number)
                    .await
                    .map_err(|error| channel_rejection(&error))?;
                if view.conversation.assignee != Some(me) {
                    return Ok(view);
                }
                assign(None)
            }
            AgentAction::Close => status(ConversationStatus::Resolved),
            AgentAction::Reopen => status(ConversationStatus::Open),
            AgentAction::Watch { is_on } => {
                let watched = inbox.watch_conversation(&self.caller, number, is_on).await;
                return watched.map_err(|error| channel_rejection(&error));
            }
        };
        inbox
            .update_conversation(&self.caller, number, change)
            .await
            .map_err(|error| channel_rejection(&error))
    }

    /// The conversation as an entry of this agent's list.
    pub(super) fn list_item<'b>(
        &self,
        parts: &SocketState,
        view: &'b ConversationView,
    ) -> ListedConversation<'b> {
        self.renderer(parts)
            .listed_conversation(view, view.conversation.watchers.contains(&self.caller.agent.id))
    }

    /// The renderer for the site's objects.
    pub(super) fn renderer<'b>(&self, parts: &'b SocketState) -> Renderer<'b> {
        Renderer {
            public_url: &parts.public_url,
            site: self.caller.site,
            now: parts.app.now(),
            presence: &*parts.hub,
        }
    }
}

impl std::ops::Deref for AgentSession {
    type Target = SdkSession;

    fn deref(&self) -> &SdkSession {
        &self.0
    }
}

async fn load_session(to: &mut TopicContext<'_>) -> Result<SdkSession, TopicError> {
    let credential = to.connect.credential.as_deref().ok_or(SdkAuthError::InvalidToken)?;
    let (session, token) =
        to.state.app.authenticate_sdk(credential).await.map_err(|error| sdk_rejection(&error))?;
    if let Some(token) = token {
        to.connect.credential = Some(token.reveal().into());
    }
    Ok(session)
}

impl From<SdkAuthError> for TopicError {
    fn from(refused: SdkAuthError) -> Self {
        Self::new(refused.reason())
    }
}

pub(super) fn sdk_rejection(error: &SdkError) -> TopicError {
    match error {
        SdkError::Unauthorized(refused) => (*refused).into(),
        SdkError::Channel(error) => channel_rejection(error),
    }
}

/// Maps an error of a use case.
pub(super) fn channel_rejection(error: &ChannelError) -> TopicError {
    match error {
        ChannelError::Rejected(Rejection::NotFound(_) | Rejection::Forbidden) => {
            TopicError::NOT_FOUND
        }
        ChannelError::Rejected(Rejection::TooManyMessages) => TopicError::new("too_many_messages"),
        ChannelError::Rejected(Rejection::Invalid(invalid)) => TopicError {
            field: Some(invalid.field.clone().into()),
            ..TopicError::new("bad_request")
        },
        ChannelError::Rejected(_) => TopicError::new("bad_request"),
        ChannelError::Unauthenticated => SdkAuthError::InvalidToken.into(),
        ChannelError::Store(StoreError::Limit(_)) => TopicError::RATE_LIMITED,
        ChannelError::Store(error) => {
            tracing::error!(%error, "a push to a topic failed");
            TopicError::FAILED
        }
    }
}

/// A required string of a payload.
pub(super) fn text<'a>(payload: &'a Value, field: &'static str) -> Result<&'a str, TopicError> {
    payload
        .get(field)
        .and_then(Value::as_str)
        .filter(|text| text.len() <= MAX_MEMBER_BYTES)
        .ok_or(TopicError::invalid_field(field))
}

/// A required boolean of a payload.
pub(super) fn flag(payload: &Value, field: &'static str) -> Result<bool, TopicError> {
    payload.get(field).and_then(Value::as_bool).ok_or(TopicError::invalid_field(field))
}
