//! Whether what someone remembers is still so.
//!
//! Whoever keeps an answer takes a stamp of what it rests on *before* looking it up, and keeps the stamp with it. While the
//! stamp is the same, nothing was announced that the answer would have to show. Changes are announced after their commit and
//! before their author is answered, so nobody gets an answer from before their own change.
//!
//! Must not know what is remembered.

use crate::domain::{Change, ContactId, Reach, Revoked, SiteId};
use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash},
    sync::atomic::{AtomicU64, Ordering},
};

/// Counters that all concerns share. Two that meet in one counter cost a look-up too many and nothing else.
const COUNTERS: usize = 8_192;

/// Something that an answer may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Concern {
    /// Messages for everyone on a site.
    Everyone(SiteId),
    /// Messages for a contact, and what the contact did.
    Contact(SiteId, ContactId),
    /// Which sessions of a site are in force. One for all: whose a session is, one knows only after the look-up.
    Sessions(SiteId),
    /// Settings and theme of a site.
    Site(SiteId),
}

/// What was true at one moment; equal to a later one when nothing in between concerned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64);

/// How often each concern has changed since the process began.
#[derive(Debug)]
pub(super) struct Freshness(Box<[AtomicU64]>);

impl Default for Freshness {
    fn default() -> Self {
        Self((0..COUNTERS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Freshness {
    /// Of a reader's list and counts.
    pub(super) fn of_inbox(&self, site: SiteId, contact: ContactId) -> Stamp {
        self.stamp(&[Concern::Everyone(site), Concern::Contact(site, contact)])
    }

    /// Of sessions being in force, apart from their time.
    pub(super) fn of_sessions(&self, site: SiteId) -> Stamp {
        self.stamp(&[Concern::Sessions(site)])
    }

    /// Of a site's settings and theme.
    pub(super) fn of_site(&self, site: SiteId) -> Stamp {
        self.stamp(&[Concern::Site(site)])
    }

    pub(super) fn note(&self, change: &Change) {
        let site = change.site();
        match change {
            Change::Placed { reach, .. } | Change::Edited { reach, .. } | Change::Removed { reach, .. } => match reach {
                Reach::Everyone | Reach::Segment(_) => self.count(Concern::Everyone(site)),
                Reach::Contacts(named) => named.iter().for_each(|contact| self.count(Concern::Contact(site, *contact))),
            },
            Change::Reconsidered { contact: None, .. } => self.count(Concern::Everyone(site)),
            Change::Marked { contact, .. } | Change::Reconsidered { contact: Some(contact), .. } => self.count(Concern::Contact(site, *contact)),
            Change::Ended { revoked, .. } => {
                if let Revoked::Contact(contact) = revoked {
                    self.count(Concern::Contact(site, *contact));
                }
                self.count(Concern::Sessions(site));
            }
            Change::Themed { .. } => self.count(Concern::Site(site)),
            // No list of a reader shows conversations.
            Change::Conversation(_) | Change::ChannelAccess { .. } => {}
            // Another process did something: anything.
            Change::Unknown { .. } => {
                self.count(Concern::Everyone(site));
                self.count(Concern::Sessions(site));
                self.count(Concern::Site(site));
            }
        }
    }

    /// Counters only grow, so their sum is the same only when each of them is.
    fn stamp(&self, concerns: &[Concern]) -> Stamp {
        Stamp(concerns.iter().filter_map(|concern| self.counter(*concern)).map(|counter| counter.load(Ordering::SeqCst)).sum())
    }

    fn count(&self, concern: Concern) {
        if let Some(counter) = self.counter(concern) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn counter(&self, concern: Concern) -> Option<&AtomicU64> {
        let place = BuildHasherDefault::<DefaultHasher>::default().hash_one(concern);
        self.0.get(usize::try_from(place % COUNTERS as u64).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Family, KeyId, MessageId, Tally, ThemeVersion, Verb};

    #[test]
    fn a_stamp_changes_with_what_it_rests_on_and_with_nothing_else() {
        let site = SiteId::from_bytes([1; 16]);
        let (contact, neighbour) = (ContactId(1), ContactId(2));
        let marked = |contact| Change::Marked { site, contact, verb: Verb::Seen, messages: Vec::new(), tally: Tally::default() };
        let ended = |revoked| Change::Ended { site, revoked };
        let themed = |site| Change::Themed { site, theme: Some(ThemeVersion(1)), sheet: Some("a.css".to_owned()) };
        let elsewhere = SiteId::from_bytes([2; 16]);
        let removed = |reach| Change::Removed { site, message: MessageId::from_bytes([3; 16]), reach, version: 1 };
        for (change, inbox, sessions, settings) in [
            (marked(contact), true, false, false),
            (marked(neighbour), false, false, false),
            (removed(Reach::Everyone), true, false, false),
            (removed(Reach::Contacts(vec![neighbour, contact])), true, false, false),
            (removed(Reach::Contacts(vec![neighbour])), false, false, false),
            (ended(Revoked::Contact(contact)), true, true, false),
            (ended(Revoked::Contact(neighbour)), false, true, false),
            (ended(Revoked::Family(Family([2; 16]))), false, true, false),
            (ended(Revoked::Key(KeyId("key".into()))), false, true, false),
            (Change::Reconsidered { site, contact: None, version: 1 }, true, false, false),
            (Change::Reconsidered { site, contact: Some(contact), version: 1 }, true, false, false),
            (Change::Reconsidered { site, contact: Some(neighbour), version: 1 }, false, false, false),
            (themed(site), false, false, true),
            (themed(elsewhere), false, false, false),
            (Change::Unknown { site }, true, true, true),
            (Change::Unknown { site: elsewhere }, false, false, false),
        ] {
            let freshness = Freshness::default();
            let stamps = || (freshness.of_inbox(site, contact), freshness.of_sessions(site), freshness.of_site(site));
            let before = stamps();
            freshness.note(&change);
            let after = stamps();
            assert_eq!((before.0 != after.0, before.1 != after.1, before.2 != after.2), (inbox, sessions, settings), "{change:?}");
        }
    }
}
