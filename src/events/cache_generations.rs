//! Cache generations: whether a cached answer is still valid.
//!
//! A cache takes the generation of what an answer depends on *before* loading it, and stores it
//! with the answer. While the generation is unchanged, no event was published that the answer would
//! have to reflect. Events are published after their commit and before their author gets a
//! response, so nobody reads an answer from before their own change.
//!
//! Must not depend on what is cached. Called by the hub.

use crate::domain::{Change, ContactId, Reach, Revoked, SiteId};
use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash},
    sync::atomic::{AtomicU64, Ordering},
};

/// Counters shared by all dependencies. Two that share one cost an unnecessary load and nothing
/// else.
const COUNTERS: usize = 8_192;

/// What an answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Concern {
    /// Messages to everyone on a site.
    Everyone(SiteId),
    /// Messages to a contact, and the contact's actions.
    Contact(SiteId, ContactId),
    /// Which sessions of a site are valid. One counter for all, since the owner of a session is
    /// known only after the lookup.
    Sessions(SiteId),
    /// Settings and theme of a site.
    Site(SiteId),
}

/// The state at one moment; equal to a later one while no event in between concerned the
/// dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64);

/// How often each dependency has changed since the process started.
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

    /// Of the validity of sessions, except for their expiry.
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
            // `Withdrawn` names many contacts at once, which are not worth separate counters.
            Change::Reconsidered { contact: None, .. } | Change::Withdrawn { .. } => self.count(Concern::Everyone(site)),
            Change::Marked { contact, .. } | Change::Reconsidered { contact: Some(contact), .. } => self.count(Concern::Contact(site, *contact)),
            Change::Ended { revoked, .. } => {
                if let Revoked::Contact(contact) = revoked {
                    self.count(Concern::Contact(site, *contact));
                }
                self.count(Concern::Sessions(site));
            }
            Change::Themed { .. } => self.count(Concern::Site(site)),
            // Conversations occur in no list of a reader.
            Change::Conversation(_) | Change::ChannelAccess { .. } => {}
            // Another process wrote: anything may have changed.
            Change::Unknown { .. } => {
                self.count(Concern::Everyone(site));
                self.count(Concern::Sessions(site));
                self.count(Concern::Site(site));
            }
        }
    }

    /// Counters only grow, so their sum is equal only when each of them is.
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
    fn generation_changes_only_with_its_dependencies() {
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
            (Change::Withdrawn { site }, true, false, false),
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
