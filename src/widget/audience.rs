//! Whom an event stream is for: the contact, and in which segments they are, found once for each version of the contact and each rule, however many
//! streams they have open and however many messages come. Called by [`super::events`].

use crate::cache::{Bounds, Cache};
use crate::domain::{Contact, ContactId, Segment, SegmentId, SiteId, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Contacts with open streams that are remembered. One that is not costs memory and time, never an answer.
const MAX_CONTACTS: u64 = 20_000;
/// For how long after a stream of theirs was opened or changed; longer than a stream lives.
const CONTACT_TTL: Duration = Duration::from_mins(40);
/// Segments of which is remembered whether a contact is in them: more than a site may have in use.
const MAX_SEGMENTS: usize = 128;

struct Answer {
    segment: Arc<Segment>,
    is_in: bool,
    since: Timestamp,
    until: Option<Timestamp>,
}

/// A contact as it was when it was last looked up.
pub(super) struct Listener {
    pub(super) contact: Contact,
    answers: Mutex<HashMap<SegmentId, Answer>>,
}

impl Listener {
    fn new(contact: Contact) -> Self {
        Self { contact, answers: Mutex::default() }
    }

    /// Whether this contact is in a segment.
    pub(super) fn is_in(&self, segment: &Arc<Segment>, now: Timestamp) -> bool {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get(&segment.id)
            // To compare two rules costs less than to ask one.
            && (Arc::ptr_eq(&answer.segment, segment) || answer.segment.rule == segment.rule)
            && answer.since <= now
            && answer.until.is_none_or(|until| now < until)
        {
            return answer.is_in;
        }
        if answers.len() >= MAX_SEGMENTS {
            answers.clear();
        }
        let is_in = segment.rule.matches(&self.contact, now);
        let until = segment.rule.next_change(&self.contact, now);
        answers.insert(segment.id, Answer { segment: Arc::clone(segment), is_in, since: now, until });
        is_in
    }
}

/// The contacts with open streams.
pub(super) struct Listeners(Cache<(SiteId, ContactId), Arc<Listener>>);

impl Listeners {
    pub(super) fn new() -> Self {
        Self(Cache::bounded(Bounds::entries(MAX_CONTACTS).for_at_most(CONTACT_TTL)))
    }

    /// The contact as it is now: what was found is kept where nothing of it has changed.
    pub(super) fn of(&self, site: SiteId, contact: Contact) -> Arc<Listener> {
        let key = (site, contact.id);
        if let Some(known) = self.0.get(&key).filter(|known| known.contact == contact) {
            return known;
        }
        let listener = Arc::new(Listener::new(contact));
        self.0.insert(key, Arc::clone(&listener));
        listener
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Condition, Rule, When};

    fn segment(condition: Condition) -> Arc<Segment> {
        let at = Timestamp::from_millis(0);
        Arc::new(Segment { id: SegmentId(1), name: None, rule: Rule::new(condition, Vec::new()).unwrap(), created_at: at, updated_at: at })
    }

    #[test]
    fn a_rule_is_asked_again_when_it_the_contact_or_the_time_has_moved_on() {
        let listeners = Listeners::new();
        let site = SiteId::from_bytes([1; 16]);
        let day = Duration::from_hours(24);
        let begun = Timestamp::from_millis(1_000);
        let contact = Contact { created_at: begun, ..Contact::stranger() };
        let listener = listeners.of(site, contact.clone());
        let new = segment(Condition::CreatedAt(When::WithinDays(1)));
        assert!(listener.is_in(&new, begun));
        assert!(listener.is_in(&new, begun.plus(day)));
        assert!(!listener.is_in(&new, begun.plus(day).plus(Duration::from_millis(1))));
        assert!(listener.is_in(&new, begun), "clocks jump back, too");
        let changed = segment(Condition::Not(Box::new(Condition::CreatedAt(When::WithinDays(1)))));
        assert!(!listener.is_in(&changed, begun), "another rule under the same number");
        assert!(Arc::ptr_eq(&listener, &listeners.of(site, contact.clone())), "nothing has changed");
        let older = Contact { created_at: Timestamp::from_millis(0), ..contact };
        assert!(!Arc::ptr_eq(&listener, &listeners.of(site, older)));
    }
}
