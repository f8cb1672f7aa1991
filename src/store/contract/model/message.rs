//! A message in the model: its audience, and the readers' actions.

use belfry_domain::{Funnel, MessageId, ReaderActionKind, ReaderFilter, Timestamp};
use std::collections::BTreeSet;

#[derive(Debug)]
pub(super) struct ModelMessage {
    pub(super) id: MessageId,
    pub(super) to: Option<BTreeSet<usize>>,
    pub(super) segment: bool,
    /// Number of named contacts besides the readers.
    pub(super) crowd: usize,
    pub(super) pinned: bool,
    pub(super) publish_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) recalled: bool,
    /// Its index among the shown messages.
    pub(super) is_shown: Option<usize>,
    /// The readers who acted on it.
    pub(super) read: BTreeSet<usize>,
    pub(super) seen: BTreeSet<usize>,
    pub(super) archived: BTreeSet<usize>,
    pub(super) deleted: BTreeSet<usize>,
    pub(super) delivered: BTreeSet<usize>,
    pub(super) clicked: BTreeSet<usize>,
    pub(super) category: Option<&'static str>,
    /// The readers who currently mute it.
    pub(super) muted: BTreeSet<usize>,
}

impl ModelMessage {
    pub(super) fn visible(&self, reader: usize, now: Timestamp) -> bool {
        self.is_for(reader, now) && !self.muted.contains(&reader)
    }

    /// Whether it is visible apart from mutes.
    pub(super) fn is_for(&self, reader: usize, now: Timestamp) -> bool {
        self.is_shown.is_some()
            && !self.recalled
            && self.expires_at.is_none_or(|end| end > now)
            && self.to.as_ref().is_none_or(|to| to.contains(&reader))
    }

    /// Applies a reader's action; `true` when it changed something.
    pub(super) fn change(&mut self, reader: usize, action: ReaderActionKind) -> bool {
        let Self { read, archived, deleted, .. } = self;
        match action {
            ReaderActionKind::Undelete => deleted.remove(&reader),
            _ if deleted.contains(&reader) => false,
            ReaderActionKind::Read => read.insert(reader),
            ReaderActionKind::Unread => read.remove(&reader),
            ReaderActionKind::Archive => archived.insert(reader),
            ReaderActionKind::Restore => archived.remove(&reader),
            ReaderActionKind::Delete => deleted.insert(reader),
            ReaderActionKind::Seen | ReaderActionKind::AllRead | ReaderActionKind::UndoAllRead => {
                unreachable!("they name no message")
            }
        }
    }

    pub(super) fn as_item(&self, reader: usize) -> (MessageId, bool, bool) {
        (self.id, self.read.contains(&reader), self.archived.contains(&reader))
    }

    /// The expected funnel for this number of readers.
    pub(super) fn funnel(&self, readers: usize) -> Funnel {
        let archived: BTreeSet<_> = self.archived.difference(&self.deleted).copied().collect();
        let read = &self.read | &self.clicked;
        let seen = &self.seen | &read;
        let reached = &(&self.delivered | &seen) | &archived;
        let [reached, seen, read, clicked, archived] =
            [&reached, &seen, &read, &self.clicked, &archived].map(|readers| readers.len() as u64);
        Funnel {
            audience: self.to.as_ref().map_or(readers, |to| to.len() + self.crowd) as u64,
            reached,
            seen,
            read,
            clicked,
            archived,
        }
    }

    pub(super) fn passes(&self, reader: usize, filter: ReaderFilter) -> bool {
        let (read, archived) = (self.read.contains(&reader), self.archived.contains(&reader));
        !self.deleted.contains(&reader)
            && match filter {
                ReaderFilter::All => !archived,
                ReaderFilter::Unread => !archived && !read,
                ReaderFilter::Archived => archived,
            }
    }
}
