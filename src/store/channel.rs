//! Conversations: inboxes, agents, contacts with their sessions, conversations, messages,
//! attachments, account webhooks and canned responses.
//!
//! Each verb is one transaction and returns all that a response shows, so that no surface queries
//! twice. A verb that changes something queues the deliveries to callback URLs and account
//! webhooks, and publishes the same events as [`Change::Conversation`] after its commit.
//!
//! A verb that can be rejected returns the [`Rejection`] inside; nothing was changed then. Quotas
//! of a site are [`StoreError::Limit`].
//!
//! [`Change::Conversation`]: belfry_domain::InboxEvent::Conversation
//! [`StoreError::Limit`]: super::StoreError::Limit

use super::{Result, UpdateFn};
use async_trait::async_trait;
use belfry_domain::{
    AccountId, ContactId, Delivery, Digest, Endpoint, SigningSecret, SiteId, Timestamp,
    channel::{
        AccountWebhook, AccountWebhookDraft, AccountWebhookId, Agent, AgentDraft, AgentId,
        AgentSecrets, AttachmentFile, Availability, CannedResponse, CannedResponseDraft,
        CannedResponseId, ChannelInbox, ContactFields, ContactInboxId, ContactListPage,
        ContactListQuery, ContactProfile, ContactSession, ConversationAccess, ConversationChange,
        ConversationCounts, ConversationId, ConversationList, ConversationMessageId,
        ConversationNumber, ConversationQuery, ConversationView, CreatedContact,
        CreatedConversation, Identification, InboxId, InboxIdentifier, InboxSecrets, InboxSettings,
        InboxUuid, InboxWithSecrets, MembersChange, MessageList, MessageStatus, MessageWindow,
        NewContactSession, NewConversation, NewInbox, NewMessage, Performer, PostedMessage,
        PubsubOwner, Rejection, SessionConversation, SessionView, SignedInAgent, SiteNumber,
        SourceId,
    },
    sdk::{AgentList, ListSnapshot, NewInitiatedConversation},
};
use serde_json::{Map, Value};

/// The result of a verb that can be rejected without a change.
pub type ChannelResult<T> = Result<std::result::Result<T, Rejection>>;

/// Inboxes of a site.
pub const MAX_INBOXES: u32 = 100;
/// Agents of a site.
pub const MAX_AGENTS: u32 = 500;
/// Account webhooks of a site.
pub const MAX_ACCOUNT_WEBHOOKS: u32 = 20;
/// Canned responses of a site.
pub const MAX_CANNED_RESPONSES: u32 = 1_000;
/// Total bytes of the contents of a site's canned responses.
pub const MAX_CANNED_BYTES: usize = 2_000_000;
/// Sessions of a contact in one inbox.
pub const MAX_SESSIONS_OF_CONTACT: u32 = 100;
/// Conversations of a contact or a session in one response.
pub const MAX_CONVERSATIONS_OF_CONTACT: u32 = 20;
/// Messages of each conversation in one response to the contact.
pub const MAX_SHOWN_MESSAGES: u32 = 20;
/// Cap of the count of agents' messages that a reader has not seen.
pub const MAX_UNREAD_AGENT_MESSAGES: u32 = 100;
/// Messages that one "seen" of a contact marks as read; the next one continues.
pub const MAX_READ_AT_ONCE: u32 = 100;

/// All capabilities for conversations.
pub trait ChannelStore:
    InboxStore
    + AgentStore
    + ChannelContactStore
    + ConversationStore
    + AgentListStore
    + ReaderConversationStore
    + ConversationMessageStore
    + AttachmentStore
    + AccountWebhookStore
    + CannedResponseStore
{
}

impl<T> ChannelStore for T where
    T: InboxStore
        + AgentStore
        + ChannelContactStore
        + ConversationStore
        + AgentListStore
        + ReaderConversationStore
        + ConversationMessageStore
        + AttachmentStore
        + AccountWebhookStore
        + CannedResponseStore
{
}

/// Stores inboxes and their members.
#[async_trait]
pub trait InboxStore: Send + Sync {
    /// The number of a site (`account_id`).
    async fn site_number(&self, site: SiteId) -> Result<Option<SiteNumber>>;
    /// The site with this number.
    async fn site_of_number(&self, number: SiteNumber) -> Result<Option<SiteId>>;

    /// Adds an inbox; a `Limit` beyond [`MAX_INBOXES`]. Emits `InboxCreated`.
    async fn create_inbox(&self, inbox: &NewInbox, now: Timestamp) -> ChannelResult<ChannelInbox>;
    /// The visible inboxes of a site, by id. `access` is `Site`, `Inbox` or `Agent`.
    async fn channel_inboxes(
        &self,
        site: SiteId,
        access: ConversationAccess,
    ) -> Result<Vec<ChannelInbox>>;
    /// One inbox. `access` is `Site`, `Inbox` or `Agent`.
    async fn channel_inbox(
        &self,
        site: SiteId,
        access: ConversationAccess,
        inbox: InboxId,
    ) -> ChannelResult<ChannelInbox>;
    /// The inbox with this public identifier, with its secrets.
    async fn inbox_by_identifier(
        &self,
        identifier: &InboxIdentifier,
    ) -> Result<Option<InboxWithSecrets>>;
    /// The inbox with this UUID, with its secrets.
    async fn inbox_by_uuid(&self, uuid: InboxUuid) -> Result<Option<InboxWithSecrets>>;
    /// The secrets of an inbox.
    async fn inbox_secrets(&self, site: SiteId, inbox: InboxId) -> Result<Option<InboxSecrets>>;
    /// The state of an inbox's callback URL with its newest deliveries. `None` when the inbox has
    /// no callback URL.
    async fn callback_deliveries(
        &self,
        site: SiteId,
        inbox: InboxId,
        limit: u32,
    ) -> Result<Option<(Endpoint, Vec<Delivery>)>>;
    /// Queues a test event for an inbox's callback URL. `None` when the callback URL is missing or
    /// disabled, or when the queue is full.
    async fn test_callback(
        &self,
        site: SiteId,
        inbox: InboxId,
        now: Timestamp,
    ) -> Result<Option<Delivery>>;
    /// Changes the settings of an inbox, computed from the stored ones. Emits `InboxUpdated` if
    /// something changed.
    async fn update_inbox(
        &self,
        site: SiteId,
        inbox: InboxId,
        change: UpdateFn<InboxSettings>,
        now: Timestamp,
    ) -> ChannelResult<ChannelInbox>;
    /// Deletes an inbox. It and its conversations disappear at once; their rows are deleted by
    /// [`Self::sweep_channel`].
    async fn delete_inbox(&self, site: SiteId, inbox: InboxId, now: Timestamp) -> Result<bool>;
    /// Deletes the remains of deleted inboxes and erased contacts, orphaned attachments, and old
    /// queue entries, in slices of background work. Returns the number of rows.
    async fn sweep_channel(&self, now: Timestamp) -> Result<u64>;

    /// The members of an inbox, by id. Administrators see it without being members.
    async fn inbox_members(&self, site: SiteId, inbox: InboxId) -> ChannelResult<Vec<Agent>>;
    /// Changes the members and returns them. `NotFound` for an agent of another site; nothing is
    /// changed then.
    async fn change_inbox_members(
        &self,
        site: SiteId,
        inbox: InboxId,
        change: &MembersChange,
    ) -> ChannelResult<Vec<Agent>>;
}

/// Stores agents.
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// Adds an agent without a console account. An e-mail address of another agent is `Taken`; a
    /// `Limit` beyond [`MAX_AGENTS`].
    async fn create_agent(
        &self,
        site: SiteId,
        draft: &AgentDraft,
        secrets: &AgentSecrets,
        now: Timestamp,
    ) -> ChannelResult<Agent>;
    /// The agents of a site, by id, up to [`MAX_AGENTS`]. An agent with a console account is listed
    /// only while the account is an owner, editor or agent of the site, or owns the instance.
    async fn agents(&self, site: SiteId) -> Result<Vec<Agent>>;
    /// One agent.
    async fn agent(&self, site: SiteId, agent: AgentId) -> Result<Option<Agent>>;
    /// The agent whose access token has this digest. `None` when its account may no longer answer
    /// conversations of the site.
    async fn agent_by_token(&self, digest: &Digest) -> Result<Option<SignedInAgent>>;
    /// The agent of a console account on a site; created with these secrets when it is first
    /// needed. Owners of the site and of the instance are administrators, editors and agents are
    /// agents, viewers and non-members have none. An earlier agent with the account's e-mail
    /// address is adopted.
    async fn agent_of_account(
        &self,
        site: SiteId,
        account: AccountId,
        secrets: &AgentSecrets,
        now: Timestamp,
    ) -> Result<Option<SignedInAgent>>;
    /// Replaces both tokens of an agent. The former access token gave access to the pubsub token,
    /// so both are replaced, and subscriptions with the former one end.
    async fn set_agent_tokens(
        &self,
        site: SiteId,
        agent: AgentId,
        secrets: &AgentSecrets,
    ) -> Result<bool>;
    /// Sets an agent's availability.
    async fn set_availability(
        &self,
        site: SiteId,
        agent: AgentId,
        availability: Availability,
    ) -> Result<Option<Agent>>;
    /// The agent or session whose pubsub token has this digest.
    async fn subscriber(&self, pubsub: &Digest) -> Result<Option<PubsubOwner>>;
}

/// Stores contacts of conversations and their sessions.
#[async_trait]
pub trait ChannelContactStore: Send + Sync {
    /// Adds a contact, optionally with a session in an inbox. `Taken` for an identifier, e-mail
    /// address or phone number of another contact, `SourceIdTaken` for a `source_id` of the inbox,
    /// `NotFound` for an unknown inbox. Emits `ContactCreated`.
    async fn create_channel_contact(
        &self,
        site: SiteId,
        fields: &ContactFields,
        session: Option<(InboxId, NewContactSession)>,
        now: Timestamp,
    ) -> ChannelResult<CreatedContact>;
    /// One contact.
    async fn channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> Result<Option<ContactProfile>>;
    /// A page of contacts. A text search scans the site's contacts in slices, so that it does not
    /// block others.
    async fn channel_contacts(
        &self,
        site: SiteId,
        query: &ContactListQuery,
    ) -> Result<ContactListPage>;
    /// Changes a contact. `Taken` as above. Emits `ContactUpdated` if something changed.
    async fn update_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        fields: &ContactFields,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ContactProfile>;
    /// Erases a contact with all its conversations, which disappear at once. Emits
    /// `ContactDeleted`.
    async fn erase_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<bool>;

    /// The session for the public client API: the existing one with the given `source_id`,
    /// unchanged; otherwise a new session of the contact with the identifier, then the e-mail
    /// address, then the phone number, or of a new contact. With a verified identifier only the
    /// identifier decides, and an e-mail address or phone number of another contact is ignored. The
    /// given fields are stored as the session's claim; an existing contact is not changed.
    /// `NotFound` when the inbox was deleted.
    async fn identify_contact(
        &self,
        site: SiteId,
        inbox: InboxId,
        request: &Identification,
        now: Timestamp,
    ) -> ChannelResult<SessionView>;
    /// A session by its `source_id`, with its pubsub token.
    async fn contact_session(
        &self,
        site: SiteId,
        inbox: InboxId,
        source_id: &SourceId,
    ) -> Result<Option<SessionView>>;
    /// Adds a session of a contact; returns the existing one with this `source_id`.
    async fn add_contact_session(
        &self,
        site: SiteId,
        contact: ContactId,
        inbox: InboxId,
        session: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession>;
    /// Marks a session as verified. From then on no unverified session can change the contact.
    async fn verify_session(
        &self,
        site: SiteId,
        session: ContactInboxId,
        now: Timestamp,
    ) -> Result<bool>;
    /// Changes the session's claim and, if [`ContactSession::may_change_contact`], the contact. An
    /// e-mail address or phone number of another contact is `Taken`; unproven fields never merge
    /// contacts.
    async fn update_session_contact(
        &self,
        site: SiteId,
        session: ContactInboxId,
        fields: &ContactFields,
        verified: bool,
        now: Timestamp,
    ) -> ChannelResult<SessionView>;
}

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
    /// The newest visible conversations of a contact, up to [`MAX_CONVERSATIONS_OF_CONTACT`].
    async fn conversations_of_contact(
        &self,
        site: SiteId,
        access: ConversationAccess,
        contact: ContactId,
    ) -> Result<Vec<ConversationView>>;
    /// The newest conversations of a session, up to [`MAX_CONVERSATIONS_OF_CONTACT`], each with up
    /// to [`MAX_SHOWN_MESSAGES`] messages.
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
    /// newest [`MAX_READ_AT_ONCE`] with one `MessageUpdated` each.
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
    /// corresponding [`ConversationStore`] and [`ChannelContactStore`] verbs.
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
    /// up to [`MAX_UNREAD_AGENT_MESSAGES`].
    async fn unread_replies(&self, site: SiteId, inbox: InboxId, contact: ContactId)
    -> Result<u32>;
}

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

/// Stores account webhooks. Their deliveries are those of [`super::WebhookStore`].
#[async_trait]
pub trait AccountWebhookStore: Send + Sync {
    /// The account webhooks of a site, oldest first.
    async fn account_webhooks(&self, site: SiteId) -> Result<Vec<AccountWebhook>>;
    /// Adds an account webhook. A URL that the site has already is `Taken("url")`; a `Limit` beyond
    /// [`MAX_ACCOUNT_WEBHOOKS`].
    async fn create_account_webhook(
        &self,
        site: SiteId,
        draft: &AccountWebhookDraft,
        secret: &SigningSecret,
        now: Timestamp,
    ) -> ChannelResult<AccountWebhook>;
    /// Changes an account webhook, computed from the stored one; its secret is kept.
    async fn update_account_webhook(
        &self,
        site: SiteId,
        webhook: AccountWebhookId,
        change: UpdateFn<AccountWebhookDraft>,
    ) -> ChannelResult<AccountWebhook>;
    /// Deletes an account webhook with its pending deliveries.
    async fn delete_account_webhook(&self, site: SiteId, webhook: AccountWebhookId)
    -> Result<bool>;
}

/// Stores canned responses.
#[async_trait]
pub trait CannedResponseStore: Send + Sync {
    /// The canned responses of a site, by short code. With a text, those whose short code or
    /// content contains it, case-insensitively: first short codes that start with it, then short
    /// codes that contain it, then the others.
    async fn canned_responses(
        &self,
        site: SiteId,
        text: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CannedResponse>>;
    /// One canned response.
    async fn canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
    ) -> Result<Option<CannedResponse>>;
    /// Adds a canned response. A short code that the site has already is `Taken("short_code")`; a
    /// `Limit` beyond [`MAX_CANNED_RESPONSES`] or [`MAX_CANNED_BYTES`].
    async fn create_canned_response(
        &self,
        site: SiteId,
        draft: &CannedResponseDraft,
        now: Timestamp,
    ) -> ChannelResult<CannedResponse>;
    /// Changes a canned response, computed from the stored one. `Taken` and `Limit` as above.
    async fn update_canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
        change: UpdateFn<CannedResponseDraft>,
        now: Timestamp,
    ) -> ChannelResult<CannedResponse>;
    /// Deletes a canned response.
    async fn delete_canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
    ) -> Result<bool>;
}
