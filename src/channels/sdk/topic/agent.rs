//! What topics of agents share: whose session it is, what it does with a conversation, and how an error is told.
//!
//! The session is looked up when a topic is joined, and again when something of it may have changed; each act then asks what the agent sees.

use super::{Client, Ended, Refusal};
use crate::{
    channels::sdk::Parts,
    content::wire::{ListedConversation, Renderer, SdkUser},
    domain::{
        Timestamp,
        channel::{
            ConversationAccess, ConversationChange, ConversationNumber, ConversationStatus, ConversationView, InboxId, Rejection, StatusChange,
            Visible,
        },
        sdk::{SdkRefusal, SdkSession},
    },
    inbox::{channel::ChannelError, sdk::SdkError},
    live::{ConversationRecipient, Viewing},
    store::StoreError,
    turns,
};
use serde_json::{Value, json};

/// Longest text of a member that is no message.
const MAX_MEMBER_BYTES: usize = 1_024;

/// An agent on a topic.
pub(super) struct AgentSession(Box<SdkSession>);

/// What an agent does with a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Answers it from now on, or nobody does.
    Assign {
        to_me: bool,
    },
    /// Gives it back, where the agent answers it.
    GiveBack,
    Close,
    Reopen,
    Watch {
        is_on: bool,
    },
}

impl AgentSession {
    /// By the credential of the socket. A JWT is exchanged once; from then on the socket has the token of the session.
    pub(super) async fn enter(to: &mut Client<'_>) -> Result<Self, Refusal> {
        let session = look_up(to).await?;
        turns::of_site(session.caller.site);
        Ok(Self(Box::new(session)))
    }

    /// Looks the session up again.
    pub(super) async fn look_again(&mut self, to: &mut Client<'_>) -> Result<(), Ended> {
        *self.0 = look_up(to).await.map_err(Ended)?;
        Ok(())
    }

    /// Ends a topic whose session has ended by its time.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Ended> {
        if self.expires_at <= now { Err(Ended(SdkRefusal::TokenExpired.into())) } else { Ok(()) }
    }

    /// What the hub tells them.
    pub(super) fn recipient(&self, viewing: Option<Viewing>) -> ConversationRecipient {
        let (caller, inboxes) = (&self.caller, self.visible());
        let (agent, availability) = (caller.agent.id, caller.agent.availability);
        ConversationRecipient::Agent { site: caller.site, account: caller.account, agent, availability, inboxes, viewing }
    }

    /// Whether they see this inbox.
    pub(super) fn sees(&self, inbox: InboxId) -> bool {
        self.visible().contains(inbox)
    }

    fn visible(&self) -> Visible {
        match self.caller.access {
            ConversationAccess::Site => Visible::All,
            ConversationAccess::Inbox(inbox) => Visible::Some(vec![inbox]),
            _ => Visible::Some(Vec::new()),
        }
    }

    /// The agent and their session, as clients get them. The token stands for the credential when the client comes back.
    pub(super) fn json(&self, to: &Client<'_>) -> Value {
        let user = SdkUser::of(self);
        json!({ "session_token": to.connect.credential, "expires_at": self.expires_at.millis().div_euclid(1_000), "user": user })
    }

    /// A conversation that the client names by its UUID. One that is out of scope is not there.
    pub(super) async fn conversation(&self, to: &Client<'_>, id: &str) -> Result<ConversationView, Refusal> {
        let Ok(id) = id.parse() else { return Err(Refusal::NOT_FOUND) };
        let view = to.parts.inbox.conversation_by_uuid(&self.caller, id).await.map_err(|error| refusal(&error))?;
        if self.opens(view.conversation.number) { Ok(view) } else { Err(Refusal::NOT_FOUND) }
    }

    /// Does something with a conversation.
    pub(super) async fn act(&self, to: &Client<'_>, number: ConversationNumber, act: Act) -> Result<ConversationView, Refusal> {
        let (inbox, me) = (&to.parts.inbox, self.caller.agent.id);
        let assign = |assignee| ConversationChange { assignee: Some(assignee), ..ConversationChange::default() };
        let status = |status| ConversationChange { status: Some(StatusChange::To(status, None)), ..ConversationChange::default() };
        let change = match act {
            Act::Assign { to_me: true } => assign(Some(me)),
            Act::Assign { to_me: false } => assign(None),
            Act::GiveBack => {
                let view = inbox.conversation(&self.caller, number).await.map_err(|error| refusal(&error))?;
                if view.conversation.assignee != Some(me) {
                    return Ok(view);
                }
                assign(None)
            }
            Act::Close => status(ConversationStatus::Resolved),
            Act::Reopen => status(ConversationStatus::Open),
            Act::Watch { is_on } => {
                let watched = inbox.watch_conversation(&self.caller, number, is_on).await;
                return watched.map_err(|error| refusal(&error));
            }
        };
        inbox.update_conversation(&self.caller, number, change).await.map_err(|error| refusal(&error))
    }

    /// A conversation as the agent has it.
    pub(super) fn listed<'b>(&self, parts: &Parts, view: &'b ConversationView) -> ListedConversation<'b> {
        self.renderer(parts).listed_conversation(view, view.conversation.watchers.contains(&self.caller.agent.id))
    }

    /// What writes out something of their site.
    pub(super) fn renderer<'b>(&self, parts: &'b Parts) -> Renderer<'b> {
        Renderer { public_url: &parts.public_url, site: self.caller.site, now: parts.inbox.now(), presence: &*parts.hub }
    }
}

impl std::ops::Deref for AgentSession {
    type Target = SdkSession;

    fn deref(&self) -> &SdkSession {
        &self.0
    }
}

async fn look_up(to: &mut Client<'_>) -> Result<SdkSession, Refusal> {
    let credential = to.connect.credential.as_deref().ok_or(SdkRefusal::InvalidToken)?;
    let (session, token) = to.parts.inbox.enter_sdk(credential).await.map_err(|error| sdk_refusal(&error))?;
    if let Some(token) = token {
        to.connect.credential = Some(token.reveal().into());
    }
    Ok(session)
}

impl From<SdkRefusal> for Refusal {
    fn from(refused: SdkRefusal) -> Self {
        Self::new(refused.reason())
    }
}

pub(super) fn sdk_refusal(error: &SdkError) -> Refusal {
    match error {
        SdkError::Refused(refused) => (*refused).into(),
        SdkError::Channel(error) => refusal(error),
    }
}

/// How an error of a use case is told.
pub(super) fn refusal(error: &ChannelError) -> Refusal {
    match error {
        ChannelError::Rejected(Rejection::NotFound(_) | Rejection::Forbidden) => Refusal::NOT_FOUND,
        ChannelError::Rejected(Rejection::TooManyMessages) => Refusal::new("too_many_messages"),
        ChannelError::Rejected(Rejection::Invalid(invalid)) => Refusal { field: Some(invalid.field.clone().into()), ..Refusal::new("bad_request") },
        ChannelError::Rejected(_) => Refusal::new("bad_request"),
        ChannelError::Unauthenticated => SdkRefusal::InvalidToken.into(),
        ChannelError::Store(StoreError::Limit(_)) => Refusal::RATE_LIMITED,
        ChannelError::Store(error) => {
            tracing::error!(%error, "a push to a topic failed");
            Refusal::FAILED
        }
    }
}

/// A text that a payload must have.
pub(super) fn text<'a>(payload: &'a Value, field: &'static str) -> Result<&'a str, Refusal> {
    payload.get(field).and_then(Value::as_str).filter(|text| text.len() <= MAX_MEMBER_BYTES).ok_or(Refusal::bad(field))
}

/// A yes or no that a payload must have.
pub(super) fn flag(payload: &Value, field: &'static str) -> Result<bool, Refusal> {
    payload.get(field).and_then(Value::as_bool).ok_or(Refusal::bad(field))
}
