//! Inboxes with their members, callback URLs, account webhooks and canned responses, and the agents
//! of a site.
//!
//! See [`super`] for what all verbs promise.

use super::ChannelResult;
use crate::{Result, UpdateFn};
use async_trait::async_trait;
use belfry_domain::{
    AccountId, Delivery, Digest, Endpoint, SigningSecret, SiteId, Timestamp,
    channel::{
        AccountWebhook, AccountWebhookDraft, AccountWebhookId, Agent, AgentDraft, AgentId,
        AgentSecrets, Availability, CannedResponse, CannedResponseDraft, CannedResponseId,
        ChannelInbox, ConversationAccess, InboxId, InboxIdentifier, InboxSecrets, InboxSettings,
        InboxUuid, InboxWithSecrets, MembersChange, NewInbox, PubsubOwner, SignedInAgent,
        SiteNumber,
    },
};

/// Stores inboxes and their members.
#[async_trait]
pub trait InboxStore: Send + Sync {
    /// The number of a site (`account_id`).
    async fn site_number(&self, site: SiteId) -> Result<Option<SiteNumber>>;
    /// The site with this number.
    async fn site_of_number(&self, number: SiteNumber) -> Result<Option<SiteId>>;

    /// Adds an inbox; a `Limit` beyond [`super::MAX_INBOXES`]. Emits `InboxCreated`.
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
    /// `Limit` beyond [`super::MAX_AGENTS`].
    async fn create_agent(
        &self,
        site: SiteId,
        draft: &AgentDraft,
        secrets: &AgentSecrets,
        now: Timestamp,
    ) -> ChannelResult<Agent>;
    /// The agents of a site, by id, up to [`super::MAX_AGENTS`]. An agent with a console account is
    /// listed only while the account is an owner, editor or agent of the site, or owns the
    /// instance.
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

/// Stores account webhooks. Their deliveries are those of [`crate::WebhookStore`].
#[async_trait]
pub trait AccountWebhookStore: Send + Sync {
    /// The account webhooks of a site, oldest first.
    async fn account_webhooks(&self, site: SiteId) -> Result<Vec<AccountWebhook>>;
    /// Adds an account webhook. A URL that the site has already is `Taken("url")`; a `Limit` beyond
    /// [`super::MAX_ACCOUNT_WEBHOOKS`].
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
    /// `Limit` beyond [`super::MAX_CANNED_RESPONSES`] or [`super::MAX_CANNED_BYTES`].
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
