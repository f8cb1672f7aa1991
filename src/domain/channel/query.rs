//! Which conversations somebody asks for, and how many there are.

use super::{AgentId, ContactInboxId, ConversationStatus, ConversationView, InboxId};
use crate::domain::ContactId;

/// Highest count that is told; it is found by going that far along an index.
pub const MAX_COUNT: u32 = 1_000;
/// Conversations on a page.
pub const PAGE_SIZE: u32 = 25;

/// Which conversations somebody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationAccess {
    /// All of the site: an administrator, or Belfry itself.
    Site,
    /// Those of the inboxes that this agent is a member of; any other is `Forbidden`.
    Agent(AgentId),
    /// Those of this inbox; any other is `NotFound`.
    Inbox(InboxId),
    /// Those of this session and, when it is verified, of all verified sessions of its contact in the same inbox; any other is `NotFound`.
    Session(ContactInboxId),
    /// All of this contact; any other is `NotFound`.
    Contact(ContactId),
}

/// Whose conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssigneeFilter {
    /// Everybody's and nobody's.
    #[default]
    All,
    /// Those of the agent who asks.
    Me,
    /// Nobody's.
    Unassigned,
    /// Anybody's.
    Assigned,
}

/// Which conversations of a site, the one with the latest activity first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationQuery {
    /// Which may be seen; `Site`, `Inbox` or `Agent`.
    pub access: ConversationAccess,
    /// The agent who asks, for [`AssigneeFilter::Me`] and the count of theirs.
    pub me: Option<AgentId>,
    /// Only those with this status.
    pub status: Option<ConversationStatus>,
    /// Whose.
    pub assignee: AssigneeFilter,
    /// Only those of this inbox.
    pub inbox: Option<InboxId>,
    /// Only those with one of these labels.
    pub labels: Vec<String>,
    /// Only those with all of these words in a message, or in the contact's name, e-mail address, phone number or identifier.
    pub text: Option<String>,
    /// Which page, from 1.
    pub page: u32,
}

/// How many conversations fit a query but for its [`AssigneeFilter`], each up to [`MAX_COUNT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConversationCounts {
    /// Of the agent who asks.
    pub mine: u32,
    /// Of anybody.
    pub assigned: u32,
    /// Of nobody.
    pub unassigned: u32,
    /// All.
    pub all: u32,
}

/// A page of conversations with the counts, all of one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationList {
    /// How many there are.
    pub counts: ConversationCounts,
    /// Those of this page, [`PAGE_SIZE`] at most.
    pub conversations: Vec<ConversationView>,
}
