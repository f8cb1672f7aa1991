//! What conversations need kept: inboxes, agents, contacts with their sessions, conversations, messages, attachments, account webhooks and
//! canned responses.
//!
//! Each verb is one transaction and returns what an answer shows, so that no surface asks twice for one answer. A verb that changes something
//! queues what callback URLs and account webhooks are to hear of it, and announces the same as [`Change::Conversation`] after its commit.
//!
//! A verb that can be refused returns the [`Rejection`] inside: nothing was changed then. Limits of a site are [`StoreError::Limit`].
//!
//! [`Change::Conversation`]: crate::domain::Change::Conversation
//! [`StoreError::Limit`]: super::StoreError::Limit

use super::{Result, Update};
use crate::domain::{
    AccountId, ContactId, Delivery, Digest, Endpoint, SigningSecret, SiteId, Timestamp,
    channel::{
        AccountWebhook, AccountWebhookDraft, AccountWebhookId, Agent, AgentDraft, AgentId, AgentSecrets, AttachmentFile, Availability,
        CannedResponse, CannedResponseDraft, CannedResponseId, ChannelInbox, ContactFields, ContactInboxId, ContactListPage, ContactListQuery,
        ContactProfile, ContactSession, ConversationAccess, ConversationChange, ConversationCounts, ConversationId, ConversationList,
        ConversationMessageId, ConversationNumber, ConversationQuery, ConversationView, CreatedContact, CreatedConversation, Identification, InboxId,
        InboxIdentifier, InboxSecrets, InboxSettings, InboxUuid, MembersChange, MessageList, MessageStatus, MessageWindow, NewContactSession,
        NewConversation, NewInbox, NewMessage, OpenInbox, Performer, PostedMessage, Rejection, SessionConversation, SessionView, SignedInAgent,
        SiteNumber, SourceId, Subscriber,
    },
    sdk::{AgentList, ListSnapshot, NewInitiated},
};
use async_trait::async_trait;
use serde_json::{Map, Value};

/// The outcome of a verb: done, or rejected without a change.
pub type ChannelResult<T> = Result<std::result::Result<T, Rejection>>;

/// Inboxes that a site may have.
pub const MAX_INBOXES: u32 = 100;
/// Agents that a site may have.
pub const MAX_AGENTS: u32 = 500;
/// Account webhooks that a site may have.
pub const MAX_ACCOUNT_WEBHOOKS: u32 = 20;
/// Canned responses that a site may have.
pub const MAX_CANNED_RESPONSES: u32 = 1_000;
/// Bytes of the contents of a site's canned responses, together.
pub const MAX_CANNED_BYTES: usize = 2_000_000;
/// Sessions that a contact may have in one inbox.
pub const MAX_SESSIONS_OF_CONTACT: u32 = 100;
/// Conversations of a contact or a session in one answer.
pub const MAX_CONVERSATIONS_OF_CONTACT: u32 = 20;
/// Messages of each of them in one answer to the contact.
pub const MAX_SHOWN_MESSAGES: u32 = 20;
/// Highest count of messages of agents that a reader has not seen.
pub const MAX_UNREAD_ANSWERS: u32 = 100;
/// Messages that one look of a contact marks as read; the next look goes on.
pub const MAX_READ_AT_ONCE: u32 = 100;

/// The whole of it.
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

/// The part of the seam that keeps inboxes and their members.
#[async_trait]
pub trait InboxStore: Send + Sync {
    /// The number of a site.
    async fn site_number(&self, site: SiteId) -> Result<Option<SiteNumber>>;
    /// The site with this number.
    async fn site_of_number(&self, number: SiteNumber) -> Result<Option<SiteId>>;

    /// Adds an inbox; a `Limit` beyond [`MAX_INBOXES`]. Emits `InboxCreated`.
    async fn create_inbox(&self, inbox: &NewInbox, now: Timestamp) -> ChannelResult<ChannelInbox>;
    /// The inboxes of a site that may be seen, by number. `access` is `Site`, `Inbox` or `Agent`.
    async fn channel_inboxes(&self, site: SiteId, access: ConversationAccess) -> Result<Vec<ChannelInbox>>;
    /// One inbox. `access` is `Site`, `Inbox` or `Agent`.
    async fn channel_inbox(&self, site: SiteId, access: ConversationAccess, inbox: InboxId) -> ChannelResult<ChannelInbox>;
    /// The inbox with this public name, with its secrets.
    async fn inbox_by_identifier(&self, identifier: &InboxIdentifier) -> Result<Option<OpenInbox>>;
    /// The inbox with this UUID, with its secrets.
    async fn inbox_by_uuid(&self, uuid: InboxUuid) -> Result<Option<OpenInbox>>;
    /// The secrets of an inbox.
    async fn inbox_secrets(&self, site: SiteId, inbox: InboxId) -> Result<Option<InboxSecrets>>;
    /// Where an inbox's callback URL stands, with its newest deliveries. None where the inbox has no callback URL.
    async fn callback_deliveries(&self, site: SiteId, inbox: InboxId, limit: u32) -> Result<Option<(Endpoint, Vec<Delivery>)>>;
    /// Queues an event for an inbox's callback URL that says nothing, to see whether it is taken. None where nothing is sent there, or where it
    /// would push something else out of a full queue.
    async fn test_callback(&self, site: SiteId, inbox: InboxId, now: Timestamp) -> Result<Option<Delivery>>;
    /// Changes the settings of an inbox by what they are in that moment. Emits `InboxUpdated` where something changed.
    async fn update_inbox(&self, site: SiteId, inbox: InboxId, change: Update<InboxSettings>, now: Timestamp) -> ChannelResult<ChannelInbox>;
    /// Deletes an inbox: it and its conversations are gone at once, and their rows in turns of background work ([`Self::sweep_channel`]).
    async fn delete_inbox(&self, site: SiteId, inbox: InboxId, now: Timestamp) -> Result<bool>;
    /// Removes what deleted inboxes and erased contacts left behind, attachments that no message has, and old queues, in turns of background
    /// work. Gives how many rows that concerned.
    async fn sweep_channel(&self, now: Timestamp) -> Result<u64>;

    /// The members of an inbox, by number. Administrators see it without being members.
    async fn inbox_members(&self, site: SiteId, inbox: InboxId) -> ChannelResult<Vec<Agent>>;
    /// Changes the members and gives them as they are now. An agent of another site is `NotFound`, and nothing is changed.
    async fn change_inbox_members(&self, site: SiteId, inbox: InboxId, change: &MembersChange) -> ChannelResult<Vec<Agent>>;
}

/// The part of the seam that keeps agents.
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// Adds an agent without a console account; an e-mail address that another agent has is `Taken`, one more than [`MAX_AGENTS`] a `Limit`.
    async fn create_agent(&self, site: SiteId, draft: &AgentDraft, secrets: &AgentSecrets, now: Timestamp) -> ChannelResult<Agent>;
    /// The agents of a site, by number, up to [`MAX_AGENTS`]. Of those with a console account, only while it is an owner, editor or agent of the site, or owns
    /// the instance.
    async fn agents(&self, site: SiteId) -> Result<Vec<Agent>>;
    /// One agent.
    async fn agent(&self, site: SiteId, agent: AgentId) -> Result<Option<Agent>>;
    /// The agent with the access token of this digest. None whose account may no longer answer conversations of the site.
    async fn agent_by_token(&self, digest: &Digest) -> Result<Option<SignedInAgent>>;
    /// The agent that a console account is on a site; made with these secrets when it is first needed. Owners of the site and of the instance
    /// are administrators, editors and agents are agents, viewers and strangers none. An agent made before with the account's e-mail address is
    /// taken over.
    async fn agent_of_account(&self, site: SiteId, account: AccountId, secrets: &AgentSecrets, now: Timestamp) -> Result<Option<SignedInAgent>>;
    /// Gives an agent other tokens. Whoever had the former access token could read the one for real-time updates with it, so both are replaced, and
    /// subscriptions with the former one end.
    async fn set_agent_tokens(&self, site: SiteId, agent: AgentId, secrets: &AgentSecrets) -> Result<bool>;
    /// Changes what an agent says of themselves.
    async fn set_availability(&self, site: SiteId, agent: AgentId, availability: Availability) -> Result<Option<Agent>>;
    /// Whom the pubsub token of this digest belongs to.
    async fn subscriber(&self, pubsub: &Digest) -> Result<Option<Subscriber>>;
}

/// The part of the seam that keeps contacts of conversations and their sessions.
#[async_trait]
pub trait ChannelContactStore: Send + Sync {
    /// Adds a contact, with a session in an inbox where that is asked for. An identifier, e-mail address or phone number that another contact
    /// has is `Taken`, a session's name that the inbox has `SourceIdTaken`, an unknown inbox `NotFound`. Emits `ContactCreated`.
    async fn create_channel_contact(
        &self,
        site: SiteId,
        fields: &ContactFields,
        session: Option<(InboxId, NewContactSession)>,
        now: Timestamp,
    ) -> ChannelResult<CreatedContact>;
    /// One contact.
    async fn channel_contact(&self, site: SiteId, contact: ContactId) -> Result<Option<ContactProfile>>;
    /// A page of contacts. A text is sought in the contacts of the site in turns, so that no search keeps others waiting.
    async fn channel_contacts(&self, site: SiteId, query: &ContactListQuery) -> Result<ContactListPage>;
    /// Changes a contact. `Taken` as above. Emits `ContactUpdated` where something changed.
    async fn update_channel_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        fields: &ContactFields,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ContactProfile>;
    /// Erases a contact with all conversations, which are gone at once. Emits `ContactDeleted`.
    async fn erase_channel_contact(&self, site: SiteId, contact: ContactId, now: Timestamp) -> Result<bool>;

    /// The session of the public client API: that of the given name, unchanged; otherwise a new one of the contact who has the identifier, then
    /// the e-mail address, then the phone number, or of a new contact. A verified identifier alone decides: an e-mail address or phone number that
    /// another contact has is left out. What is said is kept as the session's claim; a contact that is there is left as it is. `NotFound` where the
    /// inbox is gone.
    async fn identify_contact(&self, site: SiteId, inbox: InboxId, request: &Identification, now: Timestamp) -> ChannelResult<SessionView>;
    /// A session by its name, with its token.
    async fn contact_session(&self, site: SiteId, inbox: InboxId, source_id: &SourceId) -> Result<Option<SessionView>>;
    /// Adds a session of a contact. One that the contact has in the inbox by this name is given back.
    async fn add_contact_session(
        &self,
        site: SiteId,
        contact: ContactId,
        inbox: InboxId,
        session: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession>;
    /// Notes that the contact of a session has proven who they are. From now on no unverified session changes the contact, whoever made it.
    async fn verify_session(&self, site: SiteId, session: ContactInboxId, now: Timestamp) -> Result<bool>;
    /// Changes what is said of a contact in a session: the session's claim and, where [`ContactSession::may_change_contact`], the contact. An e-mail
    /// address or phone number that another contact has is `Taken`; contacts are never merged by what somebody says of themselves.
    async fn update_session_contact(
        &self,
        site: SiteId,
        session: ContactInboxId,
        fields: &ContactFields,
        verified: bool,
        now: Timestamp,
    ) -> ChannelResult<SessionView>;
}

/// The part of the seam that keeps conversations.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Begins a conversation, with its first message where there is one. Emits `ConversationCreated`, and what a message emits.
    async fn create_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        draft: &NewConversation,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<CreatedConversation>;
    /// One conversation; its session with the token for real-time updates.
    async fn conversation(&self, site: SiteId, access: ConversationAccess, number: ConversationNumber) -> ChannelResult<ConversationView>;
    /// A page of conversations with the counts.
    async fn conversations(&self, site: SiteId, query: &ConversationQuery) -> Result<ConversationList>;
    /// The counts alone.
    async fn conversation_counts(&self, site: SiteId, query: &ConversationQuery) -> Result<ConversationCounts>;
    /// The newest conversations of a contact that may be seen, up to [`MAX_CONVERSATIONS_OF_CONTACT`].
    async fn conversations_of_contact(&self, site: SiteId, access: ConversationAccess, contact: ContactId) -> Result<Vec<ConversationView>>;
    /// The newest conversations that a session sees, up to [`MAX_CONVERSATIONS_OF_CONTACT`], each with up to [`MAX_SHOWN_MESSAGES`] messages.
    async fn conversations_of_session(&self, site: SiteId, session: ContactInboxId) -> Result<Vec<SessionConversation>>;
    /// One conversation as a session or a contact sees it, with the newest messages.
    async fn conversation_of_session(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
    ) -> ChannelResult<SessionConversation>;
    /// Changes a conversation by what it is in that moment. What really changed is written, told with an activity message (`… resolved by …`,
    /// `assigned to …`), and emitted: `ConversationStatusChanged`, `AssigneeChanged`, `ConversationUpdated`, `MessageCreated` of the activity.
    async fn update_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        change: &ConversationChange,
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// An agent has looked. Emits `ConversationRead`.
    async fn seen_by_agent(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        agent: AgentId,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// The contact has looked: outgoing messages up to now are read, the newest [`MAX_READ_AT_ONCE`] with one `MessageUpdated` each.
    async fn seen_by_contact(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// Somebody began or stopped writing. Nothing is kept of it but what callback URLs and account webhooks are to hear. Emits `TypingOn` or
    /// `TypingOff`.
    async fn announce_typing(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        typing: (bool, bool),
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<()>;
    /// Opens snoozed conversations whose time has come, in turns of background work. Gives when the next one is due.
    async fn wake_snoozed(&self, now: Timestamp) -> Result<Option<Timestamp>>;
}

/// The part of the seam that keeps the lists of agents.
#[async_trait]
pub trait AgentListStore: Send + Sync {
    /// A list of an agent, of one moment with its revision. `access` is `Site`, `Inbox` or `Agent`.
    async fn agent_list(&self, site: SiteId, access: ConversationAccess, agent: AgentId, list: AgentList) -> Result<ListSnapshot>;
    /// The site of the conversation with this UUID; one of them, where sites that were imported have the same.
    async fn site_of_conversation(&self, id: ConversationId) -> Result<Option<SiteId>>;
    /// One conversation by its UUID.
    async fn conversation_by_uuid(&self, site: SiteId, access: ConversationAccess, id: ConversationId) -> ChannelResult<ConversationView>;
    /// An agent watches a conversation from now on, or no longer does. Who watches [`MAX_WATCHED`] stops watching the oldest that is resolved;
    /// `Invalid` where none is, or where [`MAX_WATCHERS`] watch the conversation. Emits `ConversationWatched` where something changed.
    ///
    /// [`MAX_WATCHED`]: crate::domain::channel::MAX_WATCHED
    /// [`MAX_WATCHERS`]: crate::domain::channel::MAX_WATCHERS
    async fn watch_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        number: ConversationNumber,
        agent: &Agent,
        is_on: bool,
        now: Timestamp,
    ) -> ChannelResult<ConversationView>;
    /// An agent begins a conversation with whoever has this address; a contact is made where nobody has. An unresolved conversation of the contact in
    /// the inbox is given back as it is; otherwise one begins, open and assigned to the agent, or the only one that the inbox lets a session have is
    /// opened again. Emits what [`ConversationStore`] and [`ChannelContactStore`] do for the same.
    async fn start_conversation(
        &self,
        site: SiteId,
        access: ConversationAccess,
        new: &NewInitiated,
        agent: &Agent,
        now: Timestamp,
    ) -> ChannelResult<CreatedConversation>;
}

/// The part of the seam that keeps the conversations of readers of an App Inbox, whom the site's token has proven.
#[async_trait]
pub trait ReaderConversationStore: Send + Sync {
    /// The newest proven session of a contact in an inbox.
    async fn proven_session(&self, site: SiteId, inbox: InboxId, contact: ContactId) -> Result<Option<ContactSession>>;
    /// The same; made where there is none. `NotFound` where the inbox or the contact is gone.
    async fn proven_session_or_new(
        &self,
        site: SiteId,
        inbox: InboxId,
        contact: ContactId,
        new: &NewContactSession,
        now: Timestamp,
    ) -> ChannelResult<ContactSession>;
    /// Public messages of agents that a contact has not seen in their proven sessions of an inbox, up to [`MAX_UNREAD_ANSWERS`].
    async fn unread_answers(&self, site: SiteId, inbox: InboxId, contact: ContactId) -> Result<u32>;
}

/// The part of the seam that keeps messages of conversations.
#[async_trait]
pub trait ConversationMessageStore: Send + Sync {
    /// Adds a message. An incoming one reopens a resolved or snoozed conversation, and the contact waits from then on; the first public
    /// outgoing one of an agent is the first reply, and nobody waits any more. `TooManyMessages` beyond
    /// [`crate::domain::channel::MESSAGES_PER_MINUTE`]. Emits `MessageCreated`, and what follows for the conversation.
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
    /// Changes how far a message has come; one that was read is not delivered again, and only a failed one keeps an error. Emits
    /// `MessageUpdated` where something changed.
    async fn set_message_status(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: (ConversationNumber, ConversationMessageId),
        status: MessageStatus,
        external_error: Option<&str>,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
    /// Takes a message back: `This message was deleted` stands in its place, and its attachments are gone. Emits `MessageUpdated`.
    async fn delete_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: (ConversationNumber, ConversationMessageId),
        performer: &Performer,
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
    /// Sends a failed message once more: it is `sent` without content attributes, and goes to the callback URL again.
    async fn retry_message(
        &self,
        site: SiteId,
        access: ConversationAccess,
        place: (ConversationNumber, ConversationMessageId),
        now: Timestamp,
    ) -> ChannelResult<PostedMessage>;
    /// Merges these into the content attributes of a message (`submitted_values`). Emits `MessageUpdated` where something changed.
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

/// The part of the seam that keeps files of messages.
#[async_trait]
pub trait AttachmentStore: Send + Sync {
    /// The bytes of the attachment with this key, or of its thumbnail.
    async fn attachment_file(&self, key: &str, thumbnail: bool) -> Result<Option<AttachmentFile>>;
}

/// The part of the seam that keeps account webhooks. Their deliveries are those of [`super::WebhookStore`].
#[async_trait]
pub trait AccountWebhookStore: Send + Sync {
    /// The account webhooks of a site, oldest first.
    async fn account_webhooks(&self, site: SiteId) -> Result<Vec<AccountWebhook>>;
    /// Adds one; an address that the site has is `Taken("url")`, one more than [`MAX_ACCOUNT_WEBHOOKS`] a `Limit`.
    async fn create_account_webhook(
        &self,
        site: SiteId,
        draft: &AccountWebhookDraft,
        secret: &SigningSecret,
        now: Timestamp,
    ) -> ChannelResult<AccountWebhook>;
    /// Changes one by what it is in that moment; its secret stays.
    async fn update_account_webhook(
        &self,
        site: SiteId,
        webhook: AccountWebhookId,
        change: Update<AccountWebhookDraft>,
    ) -> ChannelResult<AccountWebhook>;
    /// Deletes one with what is still to be sent to it.
    async fn delete_account_webhook(&self, site: SiteId, webhook: AccountWebhookId) -> Result<bool>;
}

/// The part of the seam that keeps canned responses.
#[async_trait]
pub trait CannedResponseStore: Send + Sync {
    /// The canned responses of a site, by short code. With a text, those whose short code or content has it, whatever the case of its letters: first
    /// those whose short code begins with it, then those whose short code has it, then the others.
    async fn canned_responses(&self, site: SiteId, text: Option<&str>, limit: u32) -> Result<Vec<CannedResponse>>;
    /// One canned response.
    async fn canned_response(&self, site: SiteId, response: CannedResponseId) -> Result<Option<CannedResponse>>;
    /// Adds one; a short code that the site has is `Taken("short_code")`, one more than [`MAX_CANNED_RESPONSES`] or more text than
    /// [`MAX_CANNED_BYTES`] a `Limit`.
    async fn create_canned_response(&self, site: SiteId, draft: &CannedResponseDraft, now: Timestamp) -> ChannelResult<CannedResponse>;
    /// Changes one by what it is in that moment. `Taken` and `Limit` as above.
    async fn update_canned_response(
        &self,
        site: SiteId,
        response: CannedResponseId,
        change: Update<CannedResponseDraft>,
        now: Timestamp,
    ) -> ChannelResult<CannedResponse>;
    /// Deletes one.
    async fn delete_canned_response(&self, site: SiteId, response: CannedResponseId) -> Result<bool>;
}
