//! Cache generations: whether a cached answer is still valid.
//!
//! A cache takes the generation of what an answer depends on *before* loading it, and stores it
//! with the answer. While the generation is unchanged, no event was published that the answer would
//! have to reflect. Events are published after their commit and before their author gets a
//! response, so nobody reads an answer from before their own change.
//!
//! Must not depend on what is cached. Called by the hub.

use crate::domain::{ContactId, InboxEvent, Recipients, RevokedSessions, SiteId};
use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash},
    sync::atomic::{AtomicU64, Ordering},
};

/// Counters shared by all dependencies. Two that share one cost an unnecessary load and nothing
/// else.
const GENERATION_COUNTERS: usize = 8_192;

/// What an answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Dependency {
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
pub struct Generation(u64);

/// How often each dependency has changed since the process started.
#[derive(Debug)]
pub(super) struct CacheGenerations(Box<[AtomicU64]>);

impl Default for CacheGenerations {
    fn default() -> Self {
        Self((0..GENERATION_COUNTERS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl CacheGenerations {
    /// Of a reader's list and counts.
    pub(super) fn of_inbox(&self, site: SiteId, contact: ContactId) -> Generation {
        self.stamp(&[Dependency::Everyone(site), Dependency::Contact(site, contact)])
    }

    /// Of the validity of sessions, except for their expiry.
    pub(super) fn of_sessions(&self, site: SiteId) -> Generation {
        self.stamp(&[Dependency::Sessions(site)])
    }

    /// Of a site's settings and theme.
    pub(super) fn of_site(&self, site: SiteId) -> Generation {
        self.stamp(&[Dependency::Site(site)])
    }

    pub(super) fn note(&self, change: &InboxEvent) {
        let site = change.site();
        match change {
            InboxEvent::Placed { reach, .. }
            | InboxEvent::Edited { reach, .. }
            | InboxEvent::Removed { reach, .. } => match reach {
                Recipients::Everyone | Recipients::Segment(_) => {
                    self.count(Dependency::Everyone(site));
                }
                Recipients::Contacts(named) => {
                    for contact in named {
                        self.count(Dependency::Contact(site, *contact));
                    }
                }
            },
            // `Withdrawn` names many contacts at once, which are not worth separate counters.
            InboxEvent::Reconsidered { contact: None, .. } | InboxEvent::Withdrawn { .. } => {
                self.count(Dependency::Everyone(site));
            }
            InboxEvent::Marked { contact, .. }
            | InboxEvent::Reconsidered { contact: Some(contact), .. } => {
                self.count(Dependency::Contact(site, *contact));
            }
            InboxEvent::Ended { revoked, .. } => {
                if let RevokedSessions::Contact(contact) = revoked {
                    self.count(Dependency::Contact(site, *contact));
                }
                self.count(Dependency::Sessions(site));
            }
            InboxEvent::Themed { .. } => self.count(Dependency::Site(site)),
            // Conversations occur in no list of a reader.
            InboxEvent::Conversation(_) | InboxEvent::ChannelAccess { .. } => {}
            // Another process wrote: anything may have changed.
            InboxEvent::Unknown { .. } => {
                self.count(Dependency::Everyone(site));
                self.count(Dependency::Sessions(site));
                self.count(Dependency::Site(site));
            }
        }
    }

    /// Counters only grow, so their sum is equal only when each of them is.
    fn stamp(&self, concerns: &[Dependency]) -> Generation {
        Generation(
            concerns
                .iter()
                .filter_map(|concern| self.counter(*concern))
                .map(|counter| counter.load(Ordering::SeqCst))
                .sum(),
        )
    }

    fn count(&self, concern: Dependency) {
        if let Some(counter) = self.counter(concern) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn counter(&self, concern: Dependency) -> Option<&AtomicU64> {
        let place = BuildHasherDefault::<DefaultHasher>::default().hash_one(concern);
        self.0.get(usize::try_from(place % GENERATION_COUNTERS as u64).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        KeyId, MessageId, ReaderActionKind, ThemeVersion, TokenFamily, UnreadCounts,
    };

    #[test]
    fn generation_changes_only_with_its_dependencies() {
        let site = SiteId::from_bytes([1; 16]);
        let (contact, neighbour) = (ContactId(1), ContactId(2));
        let marked = |contact| InboxEvent::Marked {
            site,
            contact,
            verb: ReaderActionKind::Seen,
            messages: Vec::new(),
            tally: UnreadCounts::default(),
        };
        let ended = |revoked| InboxEvent::Ended { site, revoked };
        let themed = |site| InboxEvent::Themed {
            site,
            theme: Some(ThemeVersion(1)),
            sheet: Some("a.css".to_owned()),
        };
        let elsewhere = SiteId::from_bytes([2; 16]);
        let removed = |reach| InboxEvent::Removed {
            site,
            message: MessageId::from_bytes([3; 16]),
            reach,
            version: 1,
        };
        for (change, inbox, sessions, settings) in [
            (marked(contact), true, false, false),
            (marked(neighbour), false, false, false),
            (removed(Recipients::Everyone), true, false, false),
            (removed(Recipients::Contacts(vec![neighbour, contact])), true, false, false),
            (removed(Recipients::Contacts(vec![neighbour])), false, false, false),
            (ended(RevokedSessions::Contact(contact)), true, true, false),
            (ended(RevokedSessions::Contact(neighbour)), false, true, false),
            (ended(RevokedSessions::Family(TokenFamily([2; 16]))), false, true, false),
            (ended(RevokedSessions::Key(KeyId("key".into()))), false, true, false),
            (InboxEvent::Reconsidered { site, contact: None, version: 1 }, true, false, false),
            (InboxEvent::Withdrawn { site }, true, false, false),
            (
                InboxEvent::Reconsidered { site, contact: Some(contact), version: 1 },
                true,
                false,
                false,
            ),
            (
                InboxEvent::Reconsidered { site, contact: Some(neighbour), version: 1 },
                false,
                false,
                false,
            ),
            (themed(site), false, false, true),
            (themed(elsewhere), false, false, false),
            (InboxEvent::Unknown { site }, true, true, true),
            (InboxEvent::Unknown { site: elsewhere }, false, false, false),
        ] {
            let freshness = CacheGenerations::default();
            let stamps = || {
                (
                    freshness.of_inbox(site, contact),
                    freshness.of_sessions(site),
                    freshness.of_site(site),
                )
            };
            let before = stamps();
            freshness.note(&change);
            let after = stamps();
            assert_eq!(
                (before.0 != after.0, before.1 != after.1, before.2 != after.2),
                (inbox, sessions, settings),
                "{change:?}"
            );
        }
    }
}
