//! What a JWT is exchanged for: an agent, and tokens that are kept by their digests.

use super::SdkKeyId;
use crate::domain::{
    Digest, Timestamp,
    channel::{AgentId, ConversationNumber, words::words},
};
use std::time::Duration;

words!(
    /// What a JWT says that its agent is. It opens nothing: every agent may do the same.
    SdkRole, "roles" {
        /// Answers conversations.
        Agent = "agent",
        /// The same, in newer words.
        Operator = "operator",
        /// Looks after other agents.
        Supervisor = "supervisor",
    }
);

words!(
    /// What a kept token is for.
    SdkTokenKind, "kind" {
        /// The session that reconnects use in place of the JWT.
        Session = "session",
        /// What opens a window once.
        Code = "code",
        /// The session of a window.
        Window = "window",
    }
);

impl SdkTokenKind {
    /// How long one lives.
    pub const fn life(self) -> Duration {
        match self {
            Self::Session | Self::Window => Duration::from_hours(24),
            Self::Code => Duration::from_mins(1),
        }
    }
}

/// An agent as a JWT describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkAgentDraft {
    /// The claim `id`, by which they are known within the key's scope.
    pub external_id: String,
    /// What they are called.
    pub name: String,
    /// E-mail address; may be empty, and others may have the same.
    pub email: String,
}

/// A token on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSdkToken {
    /// Digest of its secret.
    pub digest: Digest,
    /// What it is for.
    pub kind: SdkTokenKind,
    /// The key that it hangs on.
    pub key: SdkKeyId,
    /// Whose it is.
    pub agent: AgentId,
    /// What the JWT called them.
    pub roles: Vec<SdkRole>,
    /// The conversation of a code or a window.
    pub conversation: Option<ConversationNumber>,
    /// From then on it proves nothing.
    pub expires_at: Timestamp,
    /// When the session ends that began with the JWT, and so whatever came from it.
    pub session_until: Timestamp,
}
