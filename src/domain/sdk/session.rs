//! Sessions of Inbox SDK agents, and authentication errors.

use super::{SdkKeyId, SdkRole, SdkScope};
use crate::{
    Timestamp,
    channel::{ConversationNumber, SignedInAgent},
};

/// An agent who authenticated with a JWT, or with a token that a JWT was exchanged for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkSession {
    /// The agent and what they can access.
    pub caller: SignedInAgent,
    /// Scope of the key that signed the JWT.
    pub scope: SdkScope,
    /// The claim `id`.
    pub external_id: String,
    /// The claim `roles`; `agent` if it is empty.
    pub roles: Vec<SdkRole>,
    /// The key that signed the JWT.
    pub key: SdkKeyId,
    /// Expiry, unless the session is revoked before.
    pub expires_at: Timestamp,
    /// The only conversation that a window session can access; `None` for other sessions.
    pub window: Option<ConversationNumber>,
}

impl SdkSession {
    /// Whether the session's window allows access to the conversation. The agent's own access is
    /// checked separately.
    pub fn allows(&self, number: ConversationNumber) -> bool {
        self.window.is_none_or(|window| window == number)
    }
}

/// Why a credential of the Inbox SDK is rejected. An unknown id and a wrong signature give the same
/// error, so that ids can't be probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SdkAuthError {
    /// Not signed by a key of the claimed inbox or site, or with invalid claims.
    #[error("the token is not valid")]
    InvalidToken,
    /// Expired, or revoked because its key, agent, inbox or site was deleted.
    #[error("the token has expired")]
    TokenExpired,
    /// Names both an inbox and a site, or neither.
    #[error("the token must name either bot_id or environment_id")]
    InvalidScope,
    /// Valid, but not for this purpose.
    #[error("the token is for something else")]
    Unauthorized,
}

impl SdkAuthError {
    /// All errors.
    pub const EACH: [Self; 4] =
        [Self::InvalidToken, Self::TokenExpired, Self::InvalidScope, Self::Unauthorized];

    /// The reason on the wire.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::InvalidToken => "invalid_token",
            Self::TokenExpired => "token_expired",
            Self::InvalidScope => "invalid_scope",
            Self::Unauthorized => "unauthorized",
        }
    }
}
