//! Conversations: created, changed and listed, for agents and for readers.
//!
//! See [`super`] for what all verbs promise.

use super::ChannelResult;
use crate::Result;
use async_trait::async_trait;
use belfry_domain::{
    ContactId, SiteId, Timestamp,
    channel::{
        Agent, AgentId, ContactInboxId, ContactSession, ConversationAccess, ConversationChange,
        ConversationCounts, ConversationId, ConversationList, ConversationNumber,
        ConversationQuery, ConversationView, CreatedConversation, InboxId, NewContactSession,
        NewConversation, Performer, SessionConversation,
    },
    sdk::{AgentList, ListSnapshot, NewInitiatedConversation},
};

/// Stores conversations.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Creates a conversation, optionally with its first message. Emits `ConversationCreated`, and
    /// the events of the message.
    async fn create_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        draft: &NewConversation,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<CreatedConversation>;
    /// One conversation; its session includes the pubsub token.
    async fn conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
    ) -> ChannelResult<ConversationView>;
    /// A page of conversations with the counts.
    async fn conversations(
        &self,
        site: SiteId,
        query: &ConversationQuery,
    ) -> Result<ConversationList>;
    /// The counts only.
    async fn conversation_counts(
        &self,
        site: SiteId,
        query: &ConversationQuery,
    ) -> Result<ConversationCounts>;
    /// The newest visible conversations of a contact, up to [`super::MAX_CONVERSATIONS_OF_CONTACT`].
    async fn conversations_of_contact(
        &self,
        site: SiteId,
        access: ConversationAccess,
        contact: ContactId,
    ) -> Result<Vec<ConversationView>>;
    /// The newest conversations of a session, up to [`super::MAX_CONVERSATIONS_OF_CONTACT`], each
    /// with up to [`super::MAX_SHOWN_MESSAGES`] messages.
    async fn conversations_of_session(
        &self,
        site: SiteId,
        session: ContactInboxId,
    ) -> Result<Vec<SessionConversation>>;
    /// One conversation as a session or a contact sees it, with the newest messages.
    async fn conversation_of_session(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
    ) -> ChannelResult<SessionConversation>;
    /// Changes a conversation, computed from the stored one. Actual changes are written, described
    /// by an activity message (`… resolved by …`, `assigned to …`), and emitted:
    /// `ConversationStatusChanged`, `AssigneeChanged`, `ConversationUpdated`, and `MessageCreated`
    /// for the activity.
    async fn update_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        change: &ConversationChange,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// Marks a conversation as seen by an agent. Emits `ConversationRead`.
    async fn mark_seen_by_agent(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        agent: AgentId,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// Marks a conversation as seen by the contact: outgoing messages so far become read, the
    /// newest [`super::MAX_READ_AT_ONCE`] with one `MessageUpdated` each.
    async fn mark_seen_by_contact(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// Typing started or stopped. Stores only the deliveries to callback URLs and account webhooks.
    /// Emits `TypingOn` or `TypingOff`.
    async fn publish_typing(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        typing: (bool, bool),
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<()>;
    /// Reopens snoozed conversations that are due, in slices of background work. Returns when the
    /// next one is due.
    async fn wake_snoozed(&self, now: Timestamp) -> Result<Option<Timestamp>>;
}

/// Stores the lists of agents.
#[async_trait]
pub trait AgentListStore: Send + Sync {
    /// A list of an agent from one snapshot, with its revision. `access` is `Site`, `Inbox` or
    /// `Agent`.
    async fn agent_list(
        &self,
        site: SiteId,
        access: ConversationAccess,
        agent: AgentId,
        list: AgentList,
    ) -> Result<ListSnapshot>;
    /// The site of the conversation with this UUID; any one of them if imported sites share it.
    async fn site_of_conversation(&self, id: ConversationId) -> Result<Option<SiteId>>;
    /// One conversation by its UUID.
    async fn conversation_by_uuid(
        &self,
        site: SiteId,
        access: ConversationAccess,
        id: ConversationId,
    ) -> ChannelResult<ConversationView>;
    /// Starts or stops watching a conversation for an agent. Beyond [`MAX_WATCHED_PER_AGENT`], the
    /// oldest watched conversation that is resolved is dropped; `ValidationError` if none is, or if
    /// [`MAX_WATCHERS`] agents watch the conversation. Emits `ConversationWatched` if something
    /// changed.
    ///
    /// [`MAX_WATCHED_PER_AGENT`]: belfry_domain::channel::MAX_WATCHED_PER_AGENT
    /// [`MAX_WATCHERS`]: belfry_domain::channel::MAX_WATCHERS
    async fn watch_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        agent: &Agent,
        is_on: bool,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// Starts a conversation of an agent with the contact of this address, which is created if it
    /// does not exist. An unresolved conversation of the contact in the inbox is returned
    /// unchanged. Otherwise one is created, open and assigned to the agent, or, if the inbox allows
    /// one conversation per session, the existing one is reopened. Emits the events of the
    /// corresponding [`ConversationStore`] and [`super::ChannelContactStore`] verbs.
    async fn start_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        new: &NewInitiatedConversation,
        agent: &Agent,
        now: Timestamp,
    ) -> ChannelResult<CreatedConversation>;
}

/// Stores the conversations of App Inbox readers, whose identity the site's token verifies.
#[async_trait]
pub trait ReaderConversationStore: Send + Sync {
    /// The newest verified session of a contact in an inbox.
    async fn verified_session(
        &self,
        site: SiteId,
        inbox: InboxId,
        contact: ContactId,
    ) -> Result<Option<ContactSession>>;
    /// Like [`Self::verified_session`], created if missing. `NotFound` when the inbox or the
    /// contact was deleted.
    async fn verified_session_or_new(
        &self,
        site: SiteId,
        inbox: InboxId,
        contact: ContactId,
        new: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession>;
    /// Public messages of agents that a contact has not seen in its verified sessions of an inbox,
    /// up to [`super::MAX_UNREAD_AGENT_MESSAGES`].
    async fn unread_replies(&self, site: SiteId, inbox: InboxId, contact: ContactId)
    -> Result<u32>;
}
