//! Queries of conversations: access, filters, counts.

use super::{AgentId, ContactInboxId, ConversationStatus, ConversationView, InboxId};
use crate::ContactId;

/// Cap of all counts, which are computed by walking an index up to it.
pub const MAX_EXACT_COUNT: u32 = 1_000;
/// Page size of lists of conversations.
pub const CONVERSATIONS_PER_PAGE: u32 = 25;

/// The conversations that a caller can access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationAccess {
    /// All conversations of the site: for administrators and Belfry itself.
    Site,
    /// Those of the agent's inboxes; others are `Forbidden`.
    Agent(AgentId),
    /// Those of this inbox; others are `NotFound`.
    Inbox(InboxId),
    /// Those of this session; if it is verified, also those of all verified sessions of its contact
    /// in the same inbox. Others are `NotFound`.
    Session(ContactInboxId),
    /// All conversations of this contact; others are `NotFound`.
    Contact(ContactId),
}

/// Filter by assignee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssigneeFilter {
    /// Assigned or not.
    #[default]
    All,
    /// Assigned to the calling agent.
    Me,
    /// Not assigned.
    Unassigned,
    /// Assigned to any agent.
    Assigned,
}

/// A query of a site's conversations, latest activity first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationQuery {
    /// What the caller can access: `Site`, `Inbox` or `Agent`.
    pub access: ConversationAccess,
    /// The calling agent, for [`AssigneeFilter::Me`] and its count.
    pub me: Option<AgentId>,
    /// Only this status.
    pub status: Option<ConversationStatus>,
    /// Filter by assignee.
    pub assignee: AssigneeFilter,
    /// Only this inbox.
    pub inbox: Option<InboxId>,
    /// Only conversations with at least one of these labels.
    pub labels: Vec<String>,
    /// Only conversations that contain all of these words in a message, or in the contact's name,
    /// e-mail address, phone number or identifier.
    pub text: Option<String>,
    /// Page number, from 1.
    pub page: u32,
}

/// Numbers of matches of a query for each [`AssigneeFilter`], capped at [`MAX_EXACT_COUNT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConversationCounts {
    /// Assigned to the calling agent.
    pub mine: u32,
    /// Assigned to any agent.
    pub assigned: u32,
    /// Not assigned.
    pub unassigned: u32,
    /// All.
    pub all: u32,
}

/// A page of conversations, with counts of the same moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationList {
    /// The counts.
    pub counts: ConversationCounts,
    /// The conversations of this page, at most [`CONVERSATIONS_PER_PAGE`].
    pub conversations: Vec<ConversationView>,
}
