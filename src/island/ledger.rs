//! The counts as this document knows them. Answers and events come in any order; versions decide which of them count.
//!
//! What the reader does counts at once and is laid over what the server said, until the server has said that it knows. So a
//! refused mark is simply taken off again, and an answer that does not hold it yet takes nothing back.

/// One more than what is shown: beyond it the number is not known, so it can't be counted down.
const CAP: i32 = 100;

/// What a reader does to messages. The words are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
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

#[cfg_attr(not(feature = "hydrate"), cfg_attr(not(test), expect(dead_code, reason = "only the browser counts; the server asks its store")))]
impl Verb {
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

    /// Its word on the wire.
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

    /// Whether it moves a message from one list to another, rather than marking it where it is.
    fn moves(self) -> bool {
        matches!(self, Self::Archive | Self::Delete | Self::Restore | Self::Undelete)
    }

    /// The verb of a word.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.word() == word)
    }
}

/// A mark on its way: what it changes in the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pending {
    number: u32,
    verb: Verb,
    /// The message, where it is about one.
    id: String,
    unread: i32,
    unseen: i32,
}

/// What the server said, with its version, and the marks that it may not know yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ledger {
    version: i64,
    unread: i32,
    unseen: i32,
    pending: Vec<Pending>,
    numbers: u32,
    /// Of which version the last complete counts were.
    known: i64,
    /// A change after that took something away without saying what it counted; 0 for none.
    owed: i64,
}

#[cfg_attr(not(feature = "hydrate"), cfg_attr(not(test), expect(dead_code, reason = "only the browser counts; the server asks its store")))]
impl Ledger {
    /// The counts that the document came with.
    pub(super) fn new(version: i64, unread: i32, unseen: i32) -> Self {
        Self { version, unread, unseen, known: version, ..Self::default() }
    }

    /// What is shown: unread, and of these unseen.
    pub(super) fn shown(&self) -> (u32, u32) {
        let sum = |part: fn(&Pending) -> i32| self.pending.iter().map(part).sum::<i32>();
        let unread = laid(self.unread, sum(|mark| mark.unread));
        (unread, laid(self.unseen, sum(|mark| mark.unseen)).min(unread))
    }

    /// Counts that the server computed. What is older than what is known is dropped.
    pub(super) fn take(&mut self, version: i64, unread: i32, unseen: i32) {
        if version >= self.version {
            (self.version, self.known, self.unread, self.unseen) = (version, version, unread, unseen);
            if version >= self.owed {
                self.owed = 0;
            }
        }
    }

    /// A message arrived by a change of this version, unless it is counted already.
    pub(super) fn arrived(&mut self, version: i64) {
        if version > self.version {
            let more = |count: i32| (count + 1).min(CAP);
            (self.version, self.unread, self.unseen) = (version, more(self.unread), more(self.unseen));
        }
    }

    /// A message went by a change of this version. Whether it counted is not known here: the server must be asked.
    pub(super) fn removed(&mut self, version: i64) {
        if version > self.known {
            self.owed = self.owed.max(version);
        }
    }

    /// Whether the server must be asked for the counts.
    pub(super) fn is_owed(&self) -> bool {
        self.owed > 0
    }

    /// The reader marks something by which this many messages become unread, or fewer. Gives the mark's number.
    pub(super) fn mark(&mut self, verb: Verb, id: &str, unread: i32) -> u32 {
        let shown = self.shown();
        let all = |count: u32| -count.cast_signed();
        let (unread, unseen) = match verb {
            Verb::Seen => (0, all(shown.1)),
            Verb::AllRead => (all(shown.0), all(shown.1)),
            _ => (unread, 0),
        };
        self.numbers += 1;
        self.pending.push(Pending { number: self.numbers, verb, id: id.to_owned(), unread, unseen });
        self.numbers
    }

    /// The server knows this mark, or has refused it: either way its own counts say all.
    pub(super) fn settle(&mut self, number: u32) {
        self.pending.retain(|mark| mark.number != number);
    }

    /// The stream tells of a mark before the answer to it has come: it is in the counts now.
    pub(super) fn echo(&mut self, verb: Verb, id: &str) {
        let told = |mark: &Pending| mark.id == id && (mark.verb == verb || (mark.verb, verb) == (Verb::Clicked, Verb::Read));
        if let Some(mark) = self.pending.iter_mut().find(|mark| told(mark)) {
            (mark.unread, mark.unseen) = (0, 0);
        }
    }

    /// Whether what the stream tells of a message is not the last word: the reader has gone on since then.
    pub(super) fn is_overtaken(&self, verb: Verb, id: &str) -> bool {
        self.pending.iter().any(|mark| mark.id == id && mark.verb.moves() == verb.moves())
    }
}

fn laid(count: i32, change: i32) -> u32 {
    let laid = if count >= CAP && change > -CAP { CAP } else { (count + change).clamp(0, CAP) };
    laid.unsigned_abs()
}

#[cfg(test)]
mod tests;
