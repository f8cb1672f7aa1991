//! What the Inbox SDK needs kept: signing keys, agents who come by a JWT, and the tokens that JWTs are exchanged for.

use super::{ChannelResult, Result};
use crate::domain::{
    Digest, SiteId, Timestamp,
    channel::{ChannelToken, ConversationId},
    sdk::{NewSdkToken, SdkAgentDraft, SdkKey, SdkKeyId, SdkOwner, SdkRole, SdkScope, SdkSession, SigningKey, SigningKeys},
};
use async_trait::async_trait;

/// Signing keys that an inbox may have, and a site beside its inboxes.
pub const MAX_SDK_KEYS: u32 = 20;
/// Agents of the Inbox SDK that a site may have.
pub const MAX_SDK_AGENTS: u32 = 10_000;
/// Sessions that an agent of the Inbox SDK may have at a time, and as many windows; with one more, the oldest end.
pub const MAX_SDK_SESSIONS: u32 = 200;

/// A JWT that was found valid, and the session that it is exchanged for.
#[derive(Debug, Clone)]
pub struct SdkEntry {
    /// The site of the key.
    pub site: SiteId,
    /// The key that signed it.
    pub key: SdkKeyId,
    /// The agent whom it describes.
    pub agent: SdkAgentDraft,
    /// What it calls them.
    pub roles: Vec<SdkRole>,
    /// The token for real-time updates of a new agent.
    pub pubsub_token: ChannelToken,
    /// Digest of the session's token.
    pub session: Digest,
    /// When the session ends.
    pub expires_at: Timestamp,
}

/// The part of the seam that keeps what belongs to the Inbox SDK. What hangs on a key ends with it, at once.
#[async_trait]
pub trait SdkStore: Send + Sync {
    /// Adds a signing key; a `Limit` beyond [`MAX_SDK_KEYS`] of one scope, `NotFound` where the inbox or the site is gone.
    async fn create_sdk_key(&self, site: SiteId, scope: SdkScope, label: &str, secret: &SigningKey, now: Timestamp) -> ChannelResult<SdkKey>;
    /// The signing keys of a site and of its inboxes, those of the site first, oldest first.
    async fn sdk_keys(&self, site: SiteId) -> Result<Vec<SdkKey>>;
    /// Revokes a key; the sessions that it vouched for end. Announces `ChannelAccess`. `false` where the site has no such key.
    async fn revoke_sdk_key(&self, site: SiteId, key: SdkKeyId) -> Result<bool>;
    /// The keys of an inbox or a site, newest first. None where there is no such inbox or site, or it has none.
    async fn signing_keys(&self, owner: SdkOwner) -> Result<Option<SigningKeys>>;

    /// Makes or updates the agent of a JWT and begins a session. One agent has one row for each scope. A `Limit` beyond [`MAX_SDK_AGENTS`]; none
    /// where the key was revoked meanwhile.
    async fn enter_sdk(&self, entry: &SdkEntry, now: Timestamp) -> Result<Option<SdkSession>>;
    /// Keeps a code that opens a window once. `false` where its key is gone.
    async fn add_sdk_code(&self, site: SiteId, code: &NewSdkToken) -> Result<bool>;
    /// Takes a code for this conversation and begins the session of its window, which ends with the session that the code came from. The code is
    /// used up, whatever comes of it. None where it is none, has expired, is for another conversation, or its key is gone.
    async fn exchange_sdk_code(&self, code: &Digest, conversation: ConversationId, window: &Digest, now: Timestamp) -> Result<Option<SdkSession>>;
    /// The session, or the session of a window, with this digest. None where it has expired, or its key, agent, inbox or site is gone.
    async fn sdk_session(&self, digest: &Digest, now: Timestamp) -> Result<Option<SdkSession>>;
}
