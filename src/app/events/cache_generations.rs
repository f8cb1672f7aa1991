//! Cache generations: whether a cached answer is still valid.
//!
//! A cache takes the generation of what an answer depends on *before* loading it, and stores it
//! with the answer. While the generation is unchanged, no event was published that the answer would
//! have to reflect. Events are published after their commit and before their author gets a
//! response, so nobody reads an answer from before their own change.
//!
//! Must not depend on what is cached. Called by the hub.

use belfry_domain::{ContactId, InboxEvent, Recipients, RevokedSessions, SiteId};
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
        self.generation(&[Dependency::Everyone(site), Dependency::Contact(site, contact)])
    }

    /// Of the validity of sessions, except for their expiry.
    pub(super) fn of_sessions(&self, site: SiteId) -> Generation {
        self.generation(&[Dependency::Sessions(site)])
    }

    /// Of a site's settings and theme.
    pub(super) fn of_site(&self, site: SiteId) -> Generation {
        self.generation(&[Dependency::Site(site)])
    }

    pub(super) fn apply(&self, change: &InboxEvent) {
        let site = change.site();
        match change {
            InboxEvent::MessagePublished { recipients, .. }
            | InboxEvent::MessageEdited { recipients, .. }
            | InboxEvent::MessageRemoved { recipients, .. } => match recipients {
                Recipients::Everyone | Recipients::Segment(_) => {
                    self.increment(Dependency::Everyone(site));
                }
                Recipients::Contacts(named) => {
                    for contact in named {
                        self.increment(Dependency::Contact(site, *contact));
                    }
                }
            },
            // `MessageUnlisted` names many contacts at once, which are not worth separate counters.
            InboxEvent::Invalidated { contact: None, .. } | InboxEvent::MessageUnlisted { .. } => {
                self.increment(Dependency::Everyone(site));
            }
            InboxEvent::ReaderActed { contact, .. }
            | InboxEvent::Invalidated { contact: Some(contact), .. } => {
                self.increment(Dependency::Contact(site, *contact));
            }
            InboxEvent::SessionsRevoked { revoked, .. } => {
                if let RevokedSessions::Contact(contact) = revoked {
                    self.increment(Dependency::Contact(site, *contact));
                }
                self.increment(Dependency::Sessions(site));
            }
            InboxEvent::ThemeChanged { .. } => self.increment(Dependency::Site(site)),
            // Conversations occur in no list of a reader.
            InboxEvent::Conversation(_)
            | InboxEvent::ChannelAccessChanged { .. }
            | InboxEvent::EventsMissed { .. }
            | InboxEvent::Present { .. } => {}
            // Another process wrote: anything may have changed.
            InboxEvent::ExternalWrite { .. } => {
                self.increment(Dependency::Everyone(site));
                self.increment(Dependency::Sessions(site));
                self.increment(Dependency::Site(site));
            }
        }
    }

    /// Counters only grow, so their sum is equal only when each of them is.
    fn generation(&self, concerns: &[Dependency]) -> Generation {
        Generation(
            concerns
                .iter()
                .filter_map(|concern| self.counter(*concern))
                .map(|counter| counter.load(Ordering::SeqCst))
                .sum(),
        )
    }

    fn increment(&self, concern: Dependency) {
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
    use belfry_domain::{
        KeyId, MessageId, ReaderActionKind, ThemeVersion, TokenFamily, UnreadCounts, Version,
    };

    #[test]
    fn generation_changes_only_with_its_dependencies() {
        let site = SiteId::from_bytes([1; 16]);
        let (contact, neighbour) = (ContactId(1), ContactId(2));
        let marked = |contact| InboxEvent::ReaderActed {
            site,
            contact,
            action: ReaderActionKind::Seen,
            messages: Vec::new(),
            counts: UnreadCounts::default(),
        };
        let ended = |revoked| InboxEvent::SessionsRevoked { site, revoked };
        let themed = |site| InboxEvent::ThemeChanged {
            site,
            theme: Some(ThemeVersion(1)),
            stylesheet: Some("a.css".to_owned()),
        };
        let elsewhere = SiteId::from_bytes([2; 16]);
        let removed = |recipients| InboxEvent::MessageRemoved {
            site,
            message: MessageId::from_bytes([3; 16]),
            recipients,
            version: Version(1),
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
            (
                InboxEvent::Invalidated { site, contact: None, version: Version(1) },
                true,
                false,
                false,
            ),
            (InboxEvent::MessageUnlisted { site }, true, false, false),
            (
                InboxEvent::Invalidated { site, contact: Some(contact), version: Version(1) },
                true,
                false,
                false,
            ),
            (
                InboxEvent::Invalidated { site, contact: Some(neighbour), version: Version(1) },
                false,
                false,
                false,
            ),
            (themed(site), false, false, true),
            (themed(elsewhere), false, false, false),
            (InboxEvent::ExternalWrite { site }, true, true, true),
            (InboxEvent::ExternalWrite { site: elsewhere }, false, false, false),
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
            freshness.apply(&change);
            let after = stamps();
            assert_eq!(
                (before.0 != after.0, before.1 != after.1, before.2 != after.2),
                (inbox, sessions, settings),
                "{change:?}"
            );
        }
    }
}
