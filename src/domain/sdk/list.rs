//! Agents' lists of conversations, and the state of them that one client knows.
//!
//! Doesn't know where snapshots and events come from or how changes are sent.

use crate::channel::{
    AgentId, Conversation, ConversationId, ConversationNumber, ConversationStatus,
    ConversationView, wire_enum::words,
};

/// Maximum number of conversations in a snapshot.
pub const MAX_LISTED_CONVERSATIONS: usize = 500;
/// Maximum number of conversations of one list that are tracked for a client. Beyond that the list
/// must be synchronized again.
pub const MAX_TRACKED_CONVERSATIONS: usize = 2 * MAX_LISTED_CONVERSATIONS;
/// A truncated list is synchronized again when it has fewer conversations than this.
const RESYNC_BELOW: usize = MAX_LISTED_CONVERSATIONS / 2;

words!(
    /// An agent's list of conversations.
    AgentList, "inbox" {
        /// Unresolved conversations that are assigned to the agent.
        Mine = "mine",
        /// Open, unassigned conversations.
        New = "new",
        /// Unresolved conversations that the agent watches.
        Watched = "watched",
    }
);

impl AgentList {
    /// Whether the conversation belongs to this list of the agent.
    pub fn contains(self, conversation: &Conversation, me: AgentId) -> bool {
        match self {
            Self::Mine => {
                conversation.assignee == Some(me)
                    && conversation.status != ConversationStatus::Resolved
            }
            Self::New => {
                conversation.assignee.is_none() && conversation.status == ConversationStatus::Open
            }
            Self::Watched => {
                conversation.watchers.contains(&me)
                    && conversation.status != ConversationStatus::Resolved
            }
        }
    }
}

/// A list at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ListSnapshot {
    /// The site's revision at that moment. All events up to it are included.
    pub revision: i64,
    /// The conversations, latest activity first; at most [`MAX_LISTED_CONVERSATIONS`].
    pub conversations: Vec<ConversationView>,
    /// Whether the list was truncated.
    pub is_truncated: bool,
}

/// Kind of a change. The order is the one in which changes are sent to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListChangeKind {
    /// The conversation left the list.
    Remove,
    /// The conversation entered the list.
    New,
    /// The conversation is in the list and was updated.
    Update,
}

/// A change of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListChange {
    /// The list.
    pub list: AgentList,
    /// Kind.
    pub kind: ListChangeKind,
    /// The conversation's number.
    pub number: ConversationNumber,
    /// The conversation's UUID.
    pub id: ConversationId,
    /// Sequence number of what was sent about the list; the snapshot was 1.
    pub seq: u64,
}

/// What one client knows of one list.
#[derive(Debug, Clone)]
struct ListState {
    seq: u64,
    /// All changes up to this revision were sent.
    revision: i64,
    is_truncated: bool,
    /// Sorted.
    conversations: Vec<ConversationNumber>,
}

/// What one client knows of its lists. To miss nothing, subscribe to events first and read the
/// lists afterwards: events that are included in a snapshot and duplicates are dropped.
#[derive(Debug, Clone, Default)]
pub struct ListTracker {
    lists: [Option<Box<ListState>>; 3],
}

impl ListTracker {
    /// Records a snapshot that is sent to the client; returns its sequence number. The sequence
    /// continues if the list is sent again.
    pub fn sync(&mut self, list: AgentList, snapshot: &ListSnapshot) -> u64 {
        let mut conversations: Vec<_> =
            snapshot.conversations.iter().map(|view| view.conversation.number).collect();
        conversations.sort_unstable();
        let slot = self.slot(list);
        let seq = slot.as_ref().map_or(1, |state| state.seq + 1);
        *slot = Some(Box::new(ListState {
            seq,
            revision: snapshot.revision,
            is_truncated: snapshot.is_truncated,
            conversations,
        }));
        seq
    }

    /// Stops tracking a list.
    pub fn unsubscribe(&mut self, list: AgentList) {
        *self.slot(list) = None;
    }

    /// The lists that the client has subscribed to.
    pub fn lists(&self) -> impl Iterator<Item = AgentList> {
        AgentList::EACH.iter().copied().filter(|list| self.state(*list).is_some())
    }

    /// Whether the conversation is in one of the client's lists.
    pub fn has(&self, number: ConversationNumber) -> bool {
        self.lists.iter().flatten().any(|state| state.search(number).is_ok())
    }

    /// The changes to send after an event of a conversation: removals first, then additions, then
    /// updates.
    pub fn apply(&mut self, view: &ConversationView, me: AgentId) -> Vec<ListChange> {
        self.record_change(view, |state, list| {
            state.apply(&view.conversation, list.contains(&view.conversation, me))
        })
    }

    /// The changes to send for an update that doesn't have a revision, such as the contact's name.
    pub fn refresh(&mut self, view: &ConversationView) -> Vec<ListChange> {
        self.record_change(view, |state, _| {
            state.search(view.conversation.number).is_ok().then_some(ListChangeKind::Update)
        })
    }

    /// Lists that must be synchronized again: a truncated list became too short, or a list too
    /// long.
    pub fn needs_sync(&self) -> Vec<AgentList> {
        let needs_sync = |state: &ListState| {
            state.conversations.len() > MAX_TRACKED_CONVERSATIONS
                || (state.is_truncated && state.conversations.len() < RESYNC_BELOW)
        };
        AgentList::EACH
            .iter()
            .copied()
            .filter(|list| self.state(*list).is_some_and(needs_sync))
            .collect()
    }

    fn record_change(
        &mut self,
        view: &ConversationView,
        mut change: impl FnMut(&mut ListState, AgentList) -> Option<ListChangeKind>,
    ) -> Vec<ListChange> {
        let mut changes = Vec::new();
        for &list in AgentList::EACH {
            let Some(state) = self.slot(list) else { continue };
            if let Some(kind) = change(state, list) {
                state.seq += 1;
                changes.push(ListChange {
                    list,
                    kind,
                    number: view.conversation.number,
                    id: view.conversation.uuid,
                    seq: state.seq,
                });
            }
        }
        changes.sort_by_key(|change| change.kind);
        changes
    }

    fn state(&self, list: AgentList) -> Option<&ListState> {
        let [mine, new, watched] = &self.lists;
        match list {
            AgentList::Mine => mine,
            AgentList::New => new,
            AgentList::Watched => watched,
        }
        .as_deref()
    }

    fn slot(&mut self, list: AgentList) -> &mut Option<Box<ListState>> {
        let [mine, new, watched] = &mut self.lists;
        match list {
            AgentList::Mine => mine,
            AgentList::New => new,
            AgentList::Watched => watched,
        }
    }
}

impl ListState {
    /// The index of a conversation, or where it would be inserted.
    fn search(&self, number: ConversationNumber) -> Result<usize, usize> {
        self.conversations.binary_search(&number)
    }

    fn apply(&mut self, conversation: &Conversation, holds: bool) -> Option<ListChangeKind> {
        // Events arrive in the order of their revisions, and all events of one change have the same
        // revision.
        if conversation.revision <= self.revision {
            return None;
        }
        self.revision = conversation.revision;
        match (self.search(conversation.number), holds) {
            (Ok(_), true) => Some(ListChangeKind::Update),
            (Ok(place), false) => {
                self.conversations.remove(place);
                Some(ListChangeKind::Remove)
            }
            (Err(place), true) => {
                self.conversations.insert(place, conversation.number);
                Some(ListChangeKind::New)
            }
            (Err(_), false) => None,
        }
    }
}

#[cfg(test)]
mod tests;
