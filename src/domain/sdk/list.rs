//! The lists of an agent, and what one client knows of them.
//!
//! Must not know where snapshots and events come from, nor how changes are written out.

use crate::domain::channel::{AgentId, Conversation, ConversationId, ConversationNumber, ConversationStatus, ConversationView, words::words};

/// Conversations in a snapshot.
pub const MAX_LIST: usize = 500;
/// Conversations of one list that a client is told of before it has to read the list again.
pub const MAX_TRACKED: usize = 2 * MAX_LIST;
/// Where a snapshot left some out, the list is read again when no more than these are left.
const MIN_OF_CUT: usize = MAX_LIST / 2;

words!(
    /// A list of conversations as an agent sees it.
    AgentList, "inbox" {
        /// Those that are assigned to the agent and not resolved.
        Mine = "mine",
        /// Open ones that are assigned to nobody.
        New = "new",
        /// Those that the agent watches and that are not resolved.
        Watched = "watched",
    }
);

impl AgentList {
    /// Whether the conversation is in this list of the agent.
    pub fn holds(self, conversation: &Conversation, me: AgentId) -> bool {
        match self {
            Self::Mine => conversation.assignee == Some(me) && conversation.status != ConversationStatus::Resolved,
            Self::New => conversation.assignee.is_none() && conversation.status == ConversationStatus::Open,
            Self::Watched => conversation.watchers.contains(&me) && conversation.status != ConversationStatus::Resolved,
        }
    }
}

/// A list at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ListSnapshot {
    /// The last revision of the site at that moment: every event up to it is part of the list.
    pub revision: i64,
    /// The conversations, the one with the latest activity first; at most [`MAX_LIST`].
    pub conversations: Vec<ConversationView>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// What happens to a conversation in a list. Their order is that in which a client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListChangeKind {
    /// It is in the list no longer.
    Remove,
    /// It is in the list from now on.
    New,
    /// It is in the list, and is not as it was.
    Update,
}

/// A change of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListChange {
    /// Which list.
    pub list: AgentList,
    /// What happened.
    pub kind: ListChangeKind,
    /// To which conversation.
    pub number: ConversationNumber,
    /// The same by its UUID.
    pub id: ConversationId,
    /// Counts what a client is told of the list, from 1, which was the list itself.
    pub seq: u64,
}

/// What one client knows of one list.
#[derive(Debug, Clone)]
struct Known {
    seq: u64,
    /// Everything up to this revision is known.
    revision: i64,
    is_cut: bool,
    /// Sorted.
    conversations: Vec<ConversationNumber>,
}

/// What one client knows of its lists. Whoever has one listens for events first and reads the lists then: events that the lists have already are
/// dropped, and so are those that come a second time.
#[derive(Debug, Clone, Default)]
pub struct ListTracker {
    lists: [Option<Box<Known>>; 3],
}

impl ListTracker {
    /// The client gets this list; gives its number in the count of the list. A list that is read again goes on counting.
    pub fn sync(&mut self, list: AgentList, snapshot: &ListSnapshot) -> u64 {
        let mut conversations: Vec<_> = snapshot.conversations.iter().map(|view| view.conversation.number).collect();
        conversations.sort_unstable();
        let slot = self.slot(list);
        let seq = slot.as_ref().map_or(1, |known| known.seq + 1);
        *slot = Some(Box::new(Known { seq, revision: snapshot.revision, is_cut: snapshot.is_cut, conversations }));
        seq
    }

    /// The client does not want to know of this list any more.
    pub fn unsubscribe(&mut self, list: AgentList) {
        *self.slot(list) = None;
    }

    /// The lists that the client has.
    pub fn lists(&self) -> impl Iterator<Item = AgentList> {
        AgentList::EACH.iter().copied().filter(|list| self.known(*list).is_some())
    }

    /// Whether the client has this conversation in one of its lists.
    pub fn has(&self, number: ConversationNumber) -> bool {
        self.lists.iter().flatten().any(|known| known.place(number).is_ok())
    }

    /// What the client is to be told of a conversation that something happened to: what it leaves, then what it enters, then where it changed.
    pub fn apply(&mut self, view: &ConversationView, me: AgentId) -> Vec<ListChange> {
        self.tell(view, |known, list| known.apply(&view.conversation, list.holds(&view.conversation, me)))
    }

    /// What the client is to be told of a conversation of which something changed that its revision does not count: the contact's name, say.
    pub fn refresh(&mut self, view: &ConversationView) -> Vec<ListChange> {
        self.tell(view, |known, _| known.place(view.conversation.number).is_ok().then_some(ListChangeKind::Update))
    }

    /// The lists that are to be read again: a snapshot that left some out is used up, or a list has grown too long.
    pub fn needs_sync(&self) -> Vec<AgentList> {
        let is_worn = |known: &Known| known.conversations.len() > MAX_TRACKED || (known.is_cut && known.conversations.len() < MIN_OF_CUT);
        AgentList::EACH.iter().copied().filter(|list| self.known(*list).is_some_and(is_worn)).collect()
    }

    fn tell(&mut self, view: &ConversationView, mut change: impl FnMut(&mut Known, AgentList) -> Option<ListChangeKind>) -> Vec<ListChange> {
        let mut changes = Vec::new();
        for &list in AgentList::EACH {
            let Some(known) = self.slot(list) else { continue };
            if let Some(kind) = change(known, list) {
                known.seq += 1;
                changes.push(ListChange { list, kind, number: view.conversation.number, id: view.conversation.uuid, seq: known.seq });
            }
        }
        changes.sort_by_key(|change| change.kind);
        changes
    }

    fn known(&self, list: AgentList) -> Option<&Known> {
        let [mine, new, watched] = &self.lists;
        match list {
            AgentList::Mine => mine,
            AgentList::New => new,
            AgentList::Watched => watched,
        }
        .as_deref()
    }

    fn slot(&mut self, list: AgentList) -> &mut Option<Box<Known>> {
        let [mine, new, watched] = &mut self.lists;
        match list {
            AgentList::Mine => mine,
            AgentList::New => new,
            AgentList::Watched => watched,
        }
    }
}

impl Known {
    /// Where a conversation is, or would be.
    fn place(&self, number: ConversationNumber) -> Result<usize, usize> {
        self.conversations.binary_search(&number)
    }

    fn apply(&mut self, conversation: &Conversation, holds: bool) -> Option<ListChangeKind> {
        // Events come in the order of their revisions, and all events of one act have the same one.
        if conversation.revision <= self.revision {
            return None;
        }
        self.revision = conversation.revision;
        match (self.place(conversation.number), holds) {
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
