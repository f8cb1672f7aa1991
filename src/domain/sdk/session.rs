//! The session of an agent who came by a JWT, and what is told to one who is refused.

use super::{SdkKeyId, SdkRole, SdkScope};
use crate::domain::{
    Timestamp,
    channel::{ConversationNumber, SignedInAgent},
};

/// An agent who came by a JWT, or by a token that a JWT was exchanged for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkSession {
    /// Who they are, and what they see.
    pub caller: SignedInAgent,
    /// What the key is for that signed their JWT.
    pub scope: SdkScope,
    /// The claim `id`.
    pub external_id: String,
    /// The claim `roles`; `agent` where it names none.
    pub roles: Vec<SdkRole>,
    /// The key that signed.
    pub key: SdkKeyId,
    /// When it ends, if nothing ends it before.
    pub expires_at: Timestamp,
    /// The conversation of a window, which sees no other; none of any other session.
    pub window: Option<ConversationNumber>,
}

impl SdkSession {
    /// Whether the session may have to do with this conversation, as far as its window goes; what the agent sees is asked apart from it.
    pub fn opens(&self, number: ConversationNumber) -> bool {
        self.window.is_none_or(|window| window == number)
    }
}

/// Why a credential of the Inbox SDK is refused. An unknown id and a wrong signature are the same to the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SdkRefusal {
    /// It is none of ours: not signed by a key that the claimed inbox or site has, or with claims that are none.
    #[error("the token is not valid")]
    InvalidToken,
    /// It was one, and has ended: by its time, or because its key, agent, inbox or site is gone.
    #[error("the token has expired")]
    TokenExpired,
    /// It names both an inbox and a site, or neither.
    #[error("the token must name either bot_id or environment_id")]
    InvalidScope,
    /// It is valid, and not for this.
    #[error("the token is for something else")]
    Unauthorized,
}

impl SdkRefusal {
    /// All of them.
    pub const EACH: [Self; 4] = [Self::InvalidToken, Self::TokenExpired, Self::InvalidScope, Self::Unauthorized];

    /// The word on the wire.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::InvalidToken => "invalid_token",
            Self::TokenExpired => "token_expired",
            Self::InvalidScope => "invalid_scope",
            Self::Unauthorized => "unauthorized",
        }
    }
}
