//! The Inbox SDK: an agent's inbox inside a site's own tools. Signing keys, the sessions of agents who come by a JWT, and what they are refused for;
//! the lists of agents, and the channels on which they begin conversations.
//!
//! On the wire of the SDK an inbox is a `bot`, a site an `environment`, an agent an `operator`; here they have their own names.
//! Must not know of HTTP, sockets or SQL. The store, the use cases and the surface of the SDK use it.

mod channel;
mod key;
mod list;
mod session;
mod token;

pub use channel::{AddressKind, ChannelAddress, InitiateSettings, InitiateableChannel, NewInitiated};
pub use key::{MAX_KEY_LABEL_CHARS, SdkKey, SdkKeyId, SdkOwner, SdkScope, SigningKey, SigningKeys};
pub use list::{AgentList, ListChange, ListChangeKind, ListSnapshot, ListTracker, MAX_LIST, MAX_TRACKED};
pub use session::{SdkRefusal, SdkSession};
pub use token::{NewSdkToken, SdkAgentDraft, SdkRole, SdkTokenKind};
