//! What a JWT is exchanged for: an agent, and tokens that are stored as digests.

use super::SdkKeyId;
use crate::{
    Digest, Timestamp,
    channel::{AgentId, ConversationNumber, wire_enum::words},
};
use std::time::Duration;

words!(
    /// An agent's role according to the JWT. Informational: all roles have the same permissions.
    SdkRole, "roles" {
        /// Answers conversations.
        Agent = "agent",
        /// The newer name of `agent`.
        Operator = "operator",
        /// Supervises other agents.
        Supervisor = "supervisor",
    }
);

words!(
    /// Purpose of a stored token.
    SdkTokenKind, "kind" {
        /// Session that replaces the JWT when a client reconnects.
        Session = "session",
        /// Single-use code that opens a window.
        Code = "code",
        /// Session of a window.
        Window = "window",
    }
);

impl SdkTokenKind {
    /// Lifetime.
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::Session | Self::Window => Duration::from_hours(24),
            Self::Code => Duration::from_mins(1),
        }
    }
}

/// An agent as described by a JWT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkAgentDraft {
    /// The claim `id`, unique in the key's scope.
    pub external_id: String,
    /// Display name.
    pub name: String,
    /// E-mail address; may be empty and need not be unique.
    pub email: String,
}

/// A token before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSdkToken {
    /// Digest of the secret.
    pub digest: Digest,
    /// Purpose.
    pub kind: SdkTokenKind,
    /// The key that it depends on: revoking the key revokes the token.
    pub key: SdkKeyId,
    /// The agent.
    pub agent: AgentId,
    /// The roles in the JWT.
    pub roles: Vec<SdkRole>,
    /// The conversation of a code or a window.
    pub conversation: Option<ConversationNumber>,
    /// Invalid from this time on.
    pub expires_at: Timestamp,
    /// Expiry of the session that the JWT started. It limits all tokens that descend from it.
    pub session_until: Timestamp,
}
