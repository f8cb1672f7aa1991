//! Agents: the people who answer a site's conversations, and what a real-time subscription belongs to.

use super::{AgentId, ChannelContact, ChannelToken, ContactSession, ConversationAccess, InboxId, SiteNumber, words::words};
use crate::domain::{AccountId, EmailAddress, Invalid, SiteId, Timestamp, sdk::SdkScope};
use serde::{Deserialize, Serialize};

words!(
    /// What an agent may do.
    AgentRole, "role" {
        /// Answers in the inboxes that they are a member of.
        Agent = "agent",
        /// Sees all inboxes and changes them.
        Administrator = "administrator",
    }
);

words!(
    /// What an agent says of themselves.
    Availability, "availability" {
        /// There.
        Online = "online",
        /// Not there.
        Offline = "offline",
        /// There, and not to be disturbed.
        Busy = "busy",
    }
);

/// An agent. One of a console account has the role of the account's membership, at the moment of the look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Their number.
    pub id: AgentId,
    /// Their account in the console; none of one who was made for the API alone.
    pub account: Option<AccountId>,
    /// What they are called.
    pub name: String,
    /// E-mail address, unique in the site but for agents of the Inbox SDK, who may have none.
    pub email: String,
    /// What they may do.
    pub role: AgentRole,
    /// What they say of themselves.
    pub availability: Availability,
    /// Since when.
    pub created_at: Timestamp,
    /// The site's own id of an agent of the Inbox SDK, unique within their scope; none of any other agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What an agent of the Inbox SDK sees; none of any other agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk_scope: Option<SdkScope>,
}

impl Agent {
    /// Which conversations they see.
    pub fn access(&self) -> ConversationAccess {
        match (self.sdk_scope, self.role) {
            (Some(scope), _) => scope.access(),
            (None, AgentRole::Administrator) => ConversationAccess::Site,
            (None, AgentRole::Agent) => ConversationAccess::Agent(self.id),
        }
    }
}

/// An agent on their way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentDraft {
    /// What they are called.
    pub name: String,
    /// E-mail address.
    pub email: EmailAddress,
    /// What they may do.
    pub role: AgentRole,
}

impl AgentDraft {
    /// Reads the parts: a name of 1 to 255 characters.
    pub fn new(name: &str, email: &str, role: AgentRole) -> Result<Self, Invalid> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 255 || name.chars().any(char::is_control) {
            return Err(Invalid::new("name", "must have 1 to 255 printable characters"));
        }
        Ok(Self { name: name.to_owned(), email: EmailAddress::parse(email)?, role })
    }
}

/// What an agent is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSecrets {
    /// The `api_access_token`, of which a digest is kept; none of an agent who only uses the console.
    pub access_token: Option<ChannelToken>,
    /// The token for real-time updates.
    pub pubsub_token: ChannelToken,
}

/// The inboxes that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// All of the site.
    All,
    /// These.
    Some(Vec<InboxId>),
}

impl Visible {
    /// Whether this inbox is among them.
    pub fn contains(&self, inbox: InboxId) -> bool {
        match self {
            Self::All => true,
            Self::Some(inboxes) => inboxes.contains(&inbox),
        }
    }
}

/// An agent who has proven who they are, with what a profile shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedInAgent {
    /// Their site.
    pub site: SiteId,
    /// The number of their site.
    pub account: SiteNumber,
    /// The name of their site.
    pub site_name: String,
    /// Who they are.
    pub agent: Agent,
    /// What they see.
    pub access: ConversationAccess,
    /// The token for real-time updates.
    pub pubsub_token: ChannelToken,
}

/// Whom a pubsub token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscriber {
    /// An agent.
    Agent {
        /// Their site.
        site: SiteId,
        /// The number of their site.
        account: SiteNumber,
        /// Who they are.
        agent: Box<Agent>,
        /// Which inboxes they see.
        inboxes: Visible,
    },
    /// A contact's session.
    Session {
        /// Its site.
        site: SiteId,
        /// The number of its site.
        account: SiteNumber,
        /// The session.
        session: Box<ContactSession>,
        /// The contact.
        contact: Box<ChannelContact>,
    },
}
