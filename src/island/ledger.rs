//! The counts as this document knows them. Answers and events come in any order; versions decide which of them count.

/// One more than what is shown: beyond it the number is not known, so it can't be counted down.
const CAP: u32 = 100;

/// Counts with the version they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ledger {
    pub(super) version: i64,
    pub(super) unread: u32,
    pub(super) unseen: u32,
}

#[cfg_attr(not(feature = "hydrate"), cfg_attr(not(test), expect(dead_code, reason = "only the browser counts; the server asks its store")))]
impl Ledger {
    /// Counts that the server computed. What is older than what is known is dropped.
    pub(super) fn take(&mut self, version: i64, unread: u32, unseen: u32) {
        if version >= self.version {
            *self = Self { version, unread, unseen };
        }
    }

    /// A message arrived by a change of this version, unless it is counted already.
    pub(super) fn arrived(&mut self, version: i64) {
        if version > self.version {
            self.version = version;
            self.unread = (self.unread + 1).min(CAP);
            self.unseen = (self.unseen + 1).min(CAP);
        }
    }

    /// The reader read so many messages; the server will be told.
    pub(super) fn read(&mut self, messages: u32) {
        if self.unread < CAP {
            self.unread = self.unread.saturating_sub(messages);
        }
        self.unseen = self.unseen.min(self.unread);
    }

    /// The reader read everything.
    pub(super) fn all_read(&mut self) {
        self.unread = 0;
        self.unseen = 0;
    }

    /// The reader opened the panel.
    pub(super) fn seen(&mut self) {
        self.unseen = 0;
    }

    /// The server refused: what was counted off is counted again, on top of what came meanwhile.
    pub(super) fn put_back(&mut self, before: Self, after: Self) {
        self.unread = (self.unread + before.unread.saturating_sub(after.unread)).min(CAP);
        self.unseen = (self.unseen + before.unseen.saturating_sub(after.unseen)).min(self.unread);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_older_answer_changes_nothing() {
        let mut ledger = Ledger { version: 5, unread: 3, unseen: 2 };
        ledger.take(4, 9, 9);
        ledger.arrived(5);
        assert_eq!(ledger, Ledger { version: 5, unread: 3, unseen: 2 });
        ledger.arrived(6);
        assert_eq!(ledger, Ledger { version: 6, unread: 4, unseen: 3 });
    }

    #[test]
    fn a_refused_mark_is_counted_again_on_top_of_what_came_meanwhile() {
        let mut ledger = Ledger { version: 1, unread: 3, unseen: 0 };
        let before = ledger;
        ledger.all_read();
        let after = ledger;
        ledger.arrived(2);
        ledger.put_back(before, after);
        assert_eq!((ledger.unread, ledger.unseen), (4, 1));
    }

    #[test]
    fn opening_the_panel_clears_the_bell_and_reads_nothing() {
        let mut ledger = Ledger { version: 1, unread: 3, unseen: 2 };
        ledger.seen();
        assert_eq!((ledger.unread, ledger.unseen), (3, 0));
    }

    #[test]
    fn beyond_the_cap_nothing_is_counted_down() {
        let mut ledger = Ledger { version: 1, unread: CAP, unseen: CAP };
        ledger.read(1);
        assert_eq!(ledger.unread, CAP);
    }

    proptest! {
        /// The server's answers, each complete, shuffled: the newest wins whatever the order.
        #[test]
        fn the_newest_answer_wins_in_every_order(mut answers in prop::collection::vec((1i64..50, 0u32..100), 1..20), seed in any::<u64>()) {
            answers.sort_by_key(|answer| answer.0);
            answers.dedup_by_key(|answer| answer.0);
            let newest = answers[answers.len() - 1];
            let mut state = seed;
            for index in (1..answers.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                answers.swap(index, usize::try_from(state >> 33).unwrap() % (index + 1));
            }
            let mut ledger = Ledger::default();
            let mut last = 0;
            for (version, unread) in answers {
                ledger.take(version, unread, 0);
                prop_assert!(ledger.version >= last);
                last = ledger.version;
            }
            prop_assert_eq!((ledger.version, ledger.unread), newest);
        }
    }
}
