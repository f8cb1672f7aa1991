//! Contacts with open event streams, and the segments they are in. Evaluated once for each version
//! of the contact and each rule, however many streams they have open and however many messages
//! arrive. Called by [`super::events`].

use belfry_domain::{Contact, ReaderKey, Segment, SegmentId, SiteId, Timestamp};
use belfry_runtime::cache::{Bounds, Cache};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Contacts with open streams that are cached. A missing entry costs time, and never changes a
/// response.
const MAX_CONTACTS: u64 = 20_000;
/// How long a contact is cached after a stream was opened or the contact changed; longer than a
/// stream lives.
const CONTACT_TTL: Duration = Duration::from_mins(40);
/// Cached segment memberships of one contact: more than a site may use.
const MAX_SEGMENTS: usize = 128;

struct SegmentMembership {
    segment: Arc<Segment>,
    is_member: bool,
    valid_from: Timestamp,
    valid_until: Option<Timestamp>,
}

/// A contact, as of the last lookup.
pub(super) struct StreamContact {
    pub(super) contact: Contact,
    memberships: Mutex<HashMap<SegmentId, SegmentMembership>>,
}

impl StreamContact {
    fn new(contact: Contact) -> Self {
        Self { contact, memberships: Mutex::default() }
    }

    /// Whether the contact is in a segment.
    pub(super) fn is_in(&self, segment: &Arc<Segment>, now: Timestamp) -> bool {
        let mut answers = self.memberships.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get(&segment.id)
            // Comparing two rules costs less than evaluating one.
            && (Arc::ptr_eq(&answer.segment, segment) || answer.segment.rule == segment.rule)
            && answer.valid_from <= now
            && answer.valid_until.is_none_or(|until| now < until)
        {
            return answer.is_member;
        }
        if answers.len() >= MAX_SEGMENTS {
            answers.clear();
        }
        let is_member = segment.rule.matches(&self.contact, now);
        let valid_until = segment.rule.next_change(&self.contact, now);
        answers.insert(
            segment.id,
            SegmentMembership {
                segment: Arc::clone(segment),
                is_member,
                valid_from: now,
                valid_until,
            },
        );
        is_member
    }
}

/// The contacts with open streams.
pub(super) struct StreamContacts(Cache<ReaderKey, Arc<StreamContact>>);

impl StreamContacts {
    pub(super) fn new() -> Self {
        Self(Cache::new(Bounds::entries(MAX_CONTACTS).with_ttl(CONTACT_TTL)))
    }

    /// The cached contact if it has not changed, else a new entry.
    pub(super) fn of(&self, site: SiteId, contact: Contact) -> Arc<StreamContact> {
        let key = ReaderKey { site, contact: contact.id };
        if let Some(cached) = self.0.get(&key).filter(|cached| cached.contact == contact) {
            return cached;
        }
        let listener = Arc::new(StreamContact::new(contact));
        self.0.insert(key, Arc::clone(&listener));
        listener
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::{Condition, Rule, TimeTest};

    fn segment(condition: Condition) -> Arc<Segment> {
        let at = Timestamp::from_millis(0);
        Arc::new(Segment {
            id: SegmentId(1),
            name: None,
            rule: Rule::new(condition, Vec::new()).unwrap(),
            created_at: at,
            updated_at: at,
        })
    }

    #[test]
    fn membership_is_reevaluated_after_any_change() {
        let listeners = StreamContacts::new();
        let site = SiteId::from_bytes([1; 16]);
        let day = Duration::from_hours(24);
        let start = Timestamp::from_millis(1_000);
        let contact = Contact { created_at: start, ..Contact::anonymous() };
        let listener = listeners.of(site, contact.clone());
        let new = segment(Condition::CreatedAt(TimeTest::WithinDays(1)));
        assert!(listener.is_in(&new, start));
        assert!(listener.is_in(&new, start.plus(day)));
        assert!(!listener.is_in(&new, start.plus(day).plus(Duration::from_millis(1))));
        assert!(listener.is_in(&new, start), "the clock may be set back");
        let changed =
            segment(Condition::Not(Box::new(Condition::CreatedAt(TimeTest::WithinDays(1)))));
        assert!(!listener.is_in(&changed, start), "a changed rule with the same id");
        assert!(
            Arc::ptr_eq(&listener, &listeners.of(site, contact.clone())),
            "unchanged contacts share one entry"
        );
        let older = Contact { created_at: Timestamp::from_millis(0), ..contact };
        assert!(!Arc::ptr_eq(&listener, &listeners.of(site, older)));
    }
}
