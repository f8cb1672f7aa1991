//! The Inbox SDK: an agent's inbox embedded in a site's own tools. Contains signing keys, agent
//! sessions from JWTs, agents' lists of conversations, and the channels on which agents start
//! conversations.
//!
//! In the SDK's protocol an inbox is a `bot`, a site an `environment` and an agent an `operator`;
//! here they have their own names. Must not depend on HTTP, sockets or SQL. Used by the store, the
//! use cases and the SDK endpoints.

mod channel;
mod key;
mod list;
mod session;
mod token;

pub use channel::{
    AddressKind, ChannelAddress, InitiateSettings, InitiateableChannel, NewInitiatedConversation,
};
pub use key::{
    MAX_KEY_LABEL_CHARS, SdkKey, SdkKeyId, SdkScope, SigningKey, SigningKeyOwner, SigningKeys,
};
pub use list::{
    AgentList, ListChange, ListChangeKind, ListSnapshot, ListTracker, MAX_LISTED_CONVERSATIONS,
    MAX_TRACKED_CONVERSATIONS,
};
pub use session::{SdkAuthError, SdkSession};
pub use token::{NewSdkToken, SdkAgentDraft, SdkRole, SdkTokenKind};
