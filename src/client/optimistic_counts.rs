//! The counts of this document, with optimistic updates. Responses and events arrive in any order;
//! versions decide which of them apply.
//!
//! The reader's actions change the displayed counts at once. They are applied on top of the
//! server's counts until the server has confirmed them. A refused action is removed again, and a
//! response that does not contain an action yet does not undo it.

/// One more than the highest displayed count. At this value the exact number is unknown, so it
/// cannot be decremented.
const MAX_KNOWN_COUNT: i32 = 100;

/// What a reader can do to messages. The names are those of the JSON API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ActionKind {
    Seen,
    Read,
    Unread,
    Archive,
    Delete,
    Restore,
    Undelete,
    Clicked,
    AllRead,
    UndoAllRead,
}

#[cfg_attr(
    not(feature = "hydrate"),
    cfg_attr(
        not(test),
        expect(dead_code, reason = "only the browser counts; the server asks its store")
    )
)]
impl ActionKind {
    const ALL: [Self; 10] = [
        Self::Seen,
        Self::Read,
        Self::Unread,
        Self::Archive,
        Self::Delete,
        Self::Restore,
        Self::Undelete,
        Self::Clicked,
        Self::AllRead,
        Self::UndoAllRead,
    ];

    /// The action's name in requests and events.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Archive => "archive",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Undelete => "undelete",
            Self::Clicked => "clicked",
            Self::AllRead => "allRead",
            Self::UndoAllRead => "undoAllRead",
        }
    }

    /// Whether the action moves a message from one list to another instead of marking it in place.
    fn moves(self) -> bool {
        matches!(self, Self::Archive | Self::Delete | Self::Restore | Self::Undelete)
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// An action that the server has not confirmed, with its effect on the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UnconfirmedAction {
    number: u32,
    verb: ActionKind,
    /// The message id; empty if the action is about no single message.
    id: String,
    unread: i32,
    unseen: i32,
}

/// The server's counts with their version, and the actions they may not contain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OptimisticCounts {
    version: i64,
    unread: i32,
    unseen: i32,
    pending: Vec<UnconfirmedAction>,
    numbers: u32,
    /// Version of the last complete counts.
    known: i64,
    /// Version of a later removal whose effect on the counts is unknown; 0 if there is none.
    owed: i64,
}

#[cfg_attr(
    not(feature = "hydrate"),
    cfg_attr(
        not(test),
        expect(dead_code, reason = "only the browser counts; the server asks its store")
    )
)]
impl OptimisticCounts {
    /// The counts that the document was rendered with.
    pub(super) fn new(version: i64, unread: i32, unseen: i32) -> Self {
        Self { version, unread, unseen, known: version, ..Self::default() }
    }

    /// The displayed counts: unread, and of these unseen.
    pub(super) fn shown(&self) -> (u32, u32) {
        let sum = |part: fn(&UnconfirmedAction) -> i32| self.pending.iter().map(part).sum::<i32>();
        let unread = with_change(self.unread, sum(|mark| mark.unread));
        (unread, with_change(self.unseen, sum(|mark| mark.unseen)).min(unread))
    }

    /// Stores counts computed by the server. Those older than the current ones are dropped.
    pub(super) fn take(&mut self, version: i64, unread: i32, unseen: i32) {
        if version >= self.version {
            (self.version, self.known, self.unread, self.unseen) =
                (version, version, unread, unseen);
            if version >= self.owed {
                self.owed = 0;
            }
        }
    }

    /// A change of this version added a message, unless it is counted already.
    pub(super) fn arrived(&mut self, version: i64) {
        if version > self.version {
            let more = |count: i32| (count + 1).min(MAX_KNOWN_COUNT);
            (self.version, self.unread, self.unseen) =
                (version, more(self.unread), more(self.unseen));
        }
    }

    /// A change of this version removed a message. Whether it was counted is unknown here, so the
    /// counts must be requested.
    pub(super) fn removed(&mut self, version: i64) {
        if version > self.known {
            self.owed = self.owed.max(version);
        }
    }

    /// Whether the counts must be requested from the server.
    pub(super) fn is_owed(&self) -> bool {
        self.owed > 0
    }

    /// Applies an action that makes this many more messages unread, or fewer. Returns the action's
    /// number.
    pub(super) fn mark(&mut self, action: ActionKind, id: &str, unread: i32) -> u32 {
        let shown = self.shown();
        let all = |count: u32| -count.cast_signed();
        let (unread, unseen) = match action {
            ActionKind::Seen => (0, all(shown.1)),
            ActionKind::AllRead => (all(shown.0), all(shown.1)),
            _ => (unread, 0),
        };
        self.numbers += 1;
        self.pending.push(UnconfirmedAction {
            number: self.numbers,
            verb: action,
            id: id.to_owned(),
            unread,
            unseen,
        });
        self.numbers
    }

    /// Removes an action that the server has confirmed or refused: its counts are complete either
    /// way.
    pub(super) fn settle(&mut self, number: u32) {
        self.pending.retain(|mark| mark.number != number);
    }

    /// The stream reported an action before its response arrived: the server's counts contain it
    /// now.
    pub(super) fn echo(&mut self, action: ActionKind, id: &str) {
        let told = |mark: &UnconfirmedAction| {
            mark.id == id
                && (mark.verb == action
                    || (mark.verb, action) == (ActionKind::Clicked, ActionKind::Read))
        };
        if let Some(mark) = self.pending.iter_mut().find(|mark| told(mark)) {
            (mark.unread, mark.unseen) = (0, 0);
        }
    }

    /// Whether the stream's state of a message is outdated, because the reader has acted on it
    /// since.
    pub(super) fn is_overtaken(&self, action: ActionKind, id: &str) -> bool {
        self.pending.iter().any(|mark| mark.id == id && mark.verb.moves() == action.moves())
    }
}

fn with_change(count: i32, change: i32) -> u32 {
    let laid = if count >= MAX_KNOWN_COUNT && change > -MAX_KNOWN_COUNT {
        MAX_KNOWN_COUNT
    } else {
        (count + change).clamp(0, MAX_KNOWN_COUNT)
    };
    laid.unsigned_abs()
}

#[cfg(test)]
mod tests;
