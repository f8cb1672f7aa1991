//! Agents: the people who answer a site's conversations, and the owners of real-time subscriptions.

use super::{
    AgentId, ChannelContact, ChannelToken, ContactSession, ConversationAccess, InboxId, SiteNumber,
    wire_enum::words,
};
use crate::{AccountId, EmailAddress, SiteId, Timestamp, ValidationError, sdk::SdkScope};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};

words!(
    /// Role of an agent.
    AgentRole, "role" {
        /// Answers in the inboxes that they are a member of.
        Agent = "agent",
        /// Sees and manages all inboxes.
        Administrator = "administrator",
    }
);

words!(
    /// Availability that an agent has chosen.
    Availability, "availability" {
        /// Available.
        Online = "online",
        /// Unavailable.
        Offline = "offline",
        /// Online, but should not be disturbed.
        Busy = "busy",
    }
);

/// An agent. An agent with a console account has the role of the account's membership, evaluated at
/// look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Number, unique in the instance.
    pub id: AgentId,
    /// Console account; `None` for an agent that was created for the API or the Inbox SDK.
    pub account: Option<AccountId>,
    /// Display name.
    pub name: String,
    /// E-mail address, unique in the site. Inbox SDK agents are exempt and may have none.
    pub email: String,
    /// Role.
    pub role: AgentRole,
    /// Chosen availability.
    pub availability: Availability,
    /// Creation time.
    pub created_at: Timestamp,
    /// The site's own id of an Inbox SDK agent, unique in its scope; `None` for other agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What an Inbox SDK agent can access; `None` for other agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk_scope: Option<SdkScope>,
}

impl Agent {
    /// The conversations that the agent can access.
    pub fn access(&self) -> ConversationAccess {
        match (self.sdk_scope, self.role) {
            (Some(scope), _) => scope.access(),
            (None, AgentRole::Administrator) => ConversationAccess::Site,
            (None, AgentRole::Agent) => ConversationAccess::Agent(self.id),
        }
    }
}

/// An agent before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentDraft {
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: EmailAddress,
    /// Role.
    pub role: AgentRole,
}

impl AgentDraft {
    /// Validates the parts: a name of 1 to 255 characters, an e-mail address.
    pub fn new(name: &str, email: &str, role: AgentRole) -> Result<Self, ValidationError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
            return Err(ValidationError::new("name", errors::printable_characters(255)));
        }
        Ok(Self { name: name.to_owned(), email: EmailAddress::parse(email)?, role })
    }
}

/// Tokens of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSecrets {
    /// The `api_access_token`, stored as a digest; `None` for an agent who only uses the console.
    pub access_token: Option<ChannelToken>,
    /// Token for real-time subscriptions.
    pub pubsub_token: ChannelToken,
}

/// The inboxes that an agent can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisibleInboxes {
    /// All inboxes of the site.
    All,
    /// The listed inboxes.
    Some(Vec<InboxId>),
}

impl VisibleInboxes {
    /// Whether the inbox is visible.
    pub fn contains(&self, inbox: InboxId) -> bool {
        match self {
            Self::All => true,
            Self::Some(inboxes) => inboxes.contains(&inbox),
        }
    }
}

/// An authenticated agent, with the data of a profile response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInAgent {
    /// The site.
    pub site: SiteId,
    /// The site's number.
    pub account: SiteNumber,
    /// The site's name.
    pub site_name: String,
    /// The agent.
    pub agent: Agent,
    /// The conversations that the agent can access.
    pub access: ConversationAccess,
    /// Token for real-time subscriptions.
    pub pubsub_token: ChannelToken,
}

/// The owner of a pubsub token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PubsubOwner {
    /// An agent.
    Agent {
        /// The site.
        site: SiteId,
        /// The site's number.
        account: SiteNumber,
        /// The agent.
        agent: Box<Agent>,
        /// The inboxes that the agent can see.
        inboxes: VisibleInboxes,
    },
    /// A contact's session.
    Session {
        /// The site.
        site: SiteId,
        /// The site's number.
        account: SiteNumber,
        /// The session.
        session: Box<ContactSession>,
        /// The contact.
        contact: Box<ChannelContact>,
    },
}
