//! Single rules by example, and whole exchanges in every order.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

#[test]
fn outdated_response_changes_nothing() {
    let mut ledger = Ledger::new(5, 3, 2);
    ledger.take(4, 9, 9);
    ledger.arrived(5);
    assert_eq!(ledger.shown(), (3, 2));
    ledger.arrived(6);
    assert_eq!(ledger.shown(), (4, 3));
}

#[test]
fn refused_action_is_reverted_on_newer_counts() {
    let mut ledger = Ledger::new(1, 3, 0);
    let number = ledger.mark(Verb::AllRead, "", 0);
    assert_eq!(ledger.shown(), (0, 0));
    ledger.arrived(2);
    assert_eq!(ledger.shown(), (1, 1));
    ledger.settle(number);
    assert_eq!(ledger.shown(), (4, 1));
}

#[test]
fn response_from_before_an_action_does_not_undo_it() {
    let mut ledger = Ledger::new(1, 3, 0);
    let number = ledger.mark(Verb::Read, "a", -1);
    ledger.take(2, 3, 0);
    assert_eq!(ledger.shown(), (2, 0));
    ledger.take(3, 2, 0);
    ledger.settle(number);
    assert_eq!(ledger.shown(), (2, 0));
}

#[test]
fn action_confirmed_by_the_stream_counts_once() {
    let mut ledger = Ledger::new(1, 3, 0);
    let number = ledger.mark(Verb::Clicked, "a", -1);
    ledger.echo(Verb::Read, "a");
    ledger.take(2, 2, 0);
    assert_eq!(ledger.shown(), (2, 0));
    ledger.settle(number);
    assert_eq!(ledger.shown(), (2, 0));
}

#[test]
fn later_local_action_supersedes_the_stream() {
    let mut ledger = Ledger::new(1, 3, 0);
    let archived = ledger.mark(Verb::Archive, "a", -1);
    let restored = ledger.mark(Verb::Restore, "a", 1);
    ledger.settle(archived);
    assert!(ledger.is_overtaken(Verb::Archive, "a"));
    assert!(!ledger.is_overtaken(Verb::Read, "a"), "an unrelated action");
    assert!(!ledger.is_overtaken(Verb::Archive, "b"));
    ledger.settle(restored);
    assert!(!ledger.is_overtaken(Verb::Archive, "a"));
}

#[test]
fn opening_the_panel_clears_unseen_only() {
    let mut ledger = Ledger::new(1, 3, 2);
    ledger.mark(Verb::Seen, "", 0);
    assert_eq!(ledger.shown(), (3, 0));
}

#[test]
fn capped_counts_are_not_decremented() {
    let mut ledger = Ledger::new(1, CAP, CAP);
    ledger.mark(Verb::Read, "a", -1);
    assert_eq!(ledger.shown().0, 100);
    ledger.mark(Verb::AllRead, "", 0);
    assert_eq!(ledger.shown(), (0, 0));
}

#[test]
fn every_name_round_trips() {
    for verb in Verb::ALL {
        assert_eq!(Verb::of(verb.word()), Some(verb));
    }
    assert_eq!(Verb::of("sing"), None);
}

/// What happens at the server, and what it sends.
#[derive(Debug, Clone)]
enum Deed {
    Publish,
    /// Recalls one of the unread messages.
    Recall,
    /// This tab applies an action.
    Mark(Verb),
    /// Another tab applies an action.
    Elsewhere(Verb),
    /// This tab requests the counts.
    Ask,
    /// The pending response at this index arrives.
    Answer(usize),
    /// The next event arrives.
    Event,
}

fn deed() -> impl Strategy<Value = Deed> {
    let verb = || prop_oneof![Just(Verb::Seen), Just(Verb::Read), Just(Verb::Unread), Just(Verb::Archive), Just(Verb::AllRead)];
    prop_oneof![
        4 => Just(Deed::Publish),
        1 => Just(Deed::Recall),
        3 => verb().prop_map(Deed::Mark),
        2 => verb().prop_map(Deed::Elsewhere),
        1 => Just(Deed::Ask),
        5 => (0..4_usize).prop_map(Deed::Answer),
        5 => Just(Deed::Event),
    ]
}

/// A model of the server that is simple enough to be obviously correct: messages with two flags.
#[derive(Debug, Default)]
struct Server {
    version: i64,
    messages: BTreeMap<u32, (bool, bool)>,
    next: u32,
}

impl Server {
    fn counts(&self) -> (i64, i32, i32) {
        let unread = self.messages.values().filter(|(read, _)| !read).count();
        let unseen = self.messages.values().filter(|(read, seen)| !read && !seen).count();
        (self.version, i32::try_from(unread).unwrap(), i32::try_from(unseen).unwrap())
    }

    fn first(&self, read: bool) -> Option<u32> {
        self.messages.iter().find(|(_, state)| state.0 == read).map(|(id, _)| *id)
    }

    /// Applies an action and returns by how much the unread count changes.
    fn mark(&mut self, verb: Verb, id: Option<u32>) {
        self.version += 1;
        match (verb, id) {
            (Verb::Seen, _) => self.messages.values_mut().for_each(|state| state.1 = true),
            (Verb::AllRead, _) => self.messages.values_mut().for_each(|state| *state = (true, true)),
            (Verb::Archive, Some(id)) => drop(self.messages.remove(&id)),
            (verb, Some(id)) => self.messages.get_mut(&id).into_iter().for_each(|state| *state = (verb == Verb::Read, true)),
            _ => {}
        }
    }
}

#[derive(Debug)]
enum Event {
    Arrived(i64),
    Removed(i64),
    Counts(Verb, String, (i64, i32, i32)),
}

#[derive(Debug)]
struct Answer {
    counts: (i64, i32, i32),
    /// The action that this answers.
    number: Option<u32>,
}

fn hear(ledger: &mut Ledger, event: Event) {
    match event {
        Event::Arrived(version) => ledger.arrived(version),
        Event::Removed(version) => ledger.removed(version),
        Event::Counts(verb, id, (version, unread, unseen)) => {
            ledger.echo(verb, &id);
            ledger.take(version, unread, unseen);
        }
    }
}

proptest! {
    #![proptest_config(crate::property_tests::config(256))]

    /// Responses arrive in any order relative to each other and to the events, which keep theirs.
    /// The version never decreases, and once everything has arrived the counts are the server's.
    #[test]
    fn counts_converge_in_every_order(deeds in prop::collection::vec(deed(), 1..60)) {
        let mut server = Server::default();
        let mut ledger = Ledger::default();
        let (mut events, mut answers) = (VecDeque::new(), Vec::new());
        for deed in deeds {
            let version = ledger.version;
            match deed {
                Deed::Publish => {
                    server.version += 1;
                    server.next += 1;
                    server.messages.insert(server.next, (false, false));
                    events.push_back(Event::Arrived(server.version));
                }
                Deed::Recall => {
                    if let Some(id) = server.first(false) {
                        server.version += 1;
                        server.messages.remove(&id);
                        events.push_back(Event::Removed(server.version));
                    }
                }
                Deed::Mark(verb) | Deed::Elsewhere(verb) => {
                    let about_one = matches!(verb, Verb::Read | Verb::Unread | Verb::Archive);
                    let id = about_one.then(|| server.first(verb == Verb::Unread)).flatten();
                    if about_one && id.is_none() {
                        continue;
                    }
                    let text = id.map(|id| id.to_string()).unwrap_or_default();
                    let number = matches!(deed, Deed::Mark(_)).then(|| ledger.mark(verb, &text, if verb == Verb::Unread { 1 } else { -1 }));
                    server.mark(verb, id);
                    events.push_back(Event::Counts(verb, text, server.counts()));
                    answers.extend(number.map(|number| Answer { counts: server.counts(), number: Some(number) }));
                }
                Deed::Ask => answers.push(Answer { counts: server.counts(), number: None }),
                Deed::Answer(place) if place < answers.len() => {
                    let Answer { counts: (version, unread, unseen), number } = answers.remove(place);
                    ledger.take(version, unread, unseen);
                    if let Some(number) = number {
                        ledger.settle(number);
                    }
                }
                Deed::Answer(_) => {}
                Deed::Event => events.pop_front().into_iter().for_each(|event| hear(&mut ledger, event)),
            }
            prop_assert!(ledger.version >= version, "backwards");
            let (unread, unseen) = ledger.shown();
            prop_assert!(unread <= 100 && unseen <= unread);
        }
        for event in events {
            hear(&mut ledger, event);
        }
        for Answer { counts: (version, unread, unseen), number } in answers {
            ledger.take(version, unread, unseen);
            if let Some(number) = number {
                ledger.settle(number);
            }
        }
        if ledger.is_owed() {
            let (version, unread, unseen) = server.counts();
            ledger.take(version, unread, unseen);
        }
        let (version, unread, unseen) = server.counts();
        prop_assert_eq!((ledger.version, ledger.shown()), (version, (unread.unsigned_abs(), unseen.unsigned_abs())));
    }
}
