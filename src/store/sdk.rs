//! The Inbox SDK: signing keys, agents from JWTs, and the sessions that JWTs are exchanged for.

use super::{ChannelResult, Result};
use async_trait::async_trait;
use belfry_domain::{
    Digest, SiteId, Timestamp,
    channel::{ChannelToken, ConversationId},
    sdk::{
        NewSdkToken, SdkAgentDraft, SdkKey, SdkKeyId, SdkRole, SdkScope, SdkSession, SigningKey,
        SigningKeyOwner, SigningKeys,
    },
};

/// Signing keys per inbox, and per site in addition to its inboxes.
pub const MAX_SDK_KEYS: u32 = 20;
/// Agents of the Inbox SDK per site.
pub const MAX_SDK_AGENTS: u32 = 10_000;
/// Sessions of an Inbox SDK agent, and as many window sessions; a new one beyond it ends the
/// oldest.
pub const MAX_SDK_SESSIONS: u32 = 200;

/// A verified JWT, and the session that it is exchanged for.
#[derive(Debug, Clone)]
pub struct SdkLogin {
    /// The site of the key.
    pub site: SiteId,
    /// The key that signed it.
    pub key: SdkKeyId,
    /// The agent that it describes.
    pub agent: SdkAgentDraft,
    /// The agent's roles.
    pub roles: Vec<SdkRole>,
    /// The pubsub token, if the agent is new.
    pub pubsub_token: ChannelToken,
    /// Digest of the session's token.
    pub session: Digest,
    /// Expiry of the session.
    pub expires_at: Timestamp,
}

/// Stores Inbox SDK data. Whatever a key authorised ends at once when the key is revoked.
#[async_trait]
pub trait SdkStore: Send + Sync {
    /// Adds a signing key; a `Limit` beyond [`MAX_SDK_KEYS`] of one scope, `NotFound` when the
    /// inbox or the site was deleted.
    async fn create_sdk_key(
        &self,
        site: SiteId,
        scope: SdkScope,
        label: &str,
        secret: &SigningKey,
        now: Timestamp,
    ) -> ChannelResult<SdkKey>;
    /// The signing keys of a site and of its inboxes, those of the site first, oldest first.
    async fn sdk_keys(&self, site: SiteId) -> Result<Vec<SdkKey>>;
    /// Revokes a key and ends its sessions. Publishes `ChannelAccessChanged`. `false` when the site
    /// has no such key.
    async fn revoke_sdk_key(&self, site: SiteId, key: SdkKeyId) -> Result<bool>;
    /// The keys of an inbox or a site, newest first. `None` when it does not exist or has none.
    async fn signing_keys(&self, owner: SigningKeyOwner) -> Result<Option<SigningKeys>>;

    /// Creates or updates the agent of a JWT and begins a session. An agent has one row per scope.
    /// A `Limit` beyond [`MAX_SDK_AGENTS`]; `None` when the key was revoked meanwhile.
    async fn enter_sdk(&self, entry: &SdkLogin, now: Timestamp) -> Result<Option<SdkSession>>;
    /// Stores a single-use code that opens a window. `false` when its key was revoked.
    async fn add_sdk_code(&self, site: SiteId, code: &NewSdkToken) -> Result<bool>;
    /// Exchanges a code for the session of its window, which ends with the session that created the
    /// code. The code is consumed in any case. `None` when it is unknown, expired or for another
    /// conversation, or its key was revoked.
    async fn exchange_sdk_code(
        &self,
        code: &Digest,
        conversation: ConversationId,
        window: &Digest,
        now: Timestamp,
    ) -> Result<Option<SdkSession>>;
    /// The session, or window session, with this digest. `None` when it has expired, or its key,
    /// agent, inbox or site was deleted.
    async fn sdk_session(&self, digest: &Digest, now: Timestamp) -> Result<Option<SdkSession>>;
}
