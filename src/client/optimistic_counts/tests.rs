//! Single rules by example, and whole exchanges in every order.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

#[test]
fn outdated_response_changes_nothing() {
    let mut ledger = OptimisticCounts::new(5, 3, 2);
    ledger.take(4, 9, 9);
    ledger.arrived(5);
    assert_eq!(ledger.shown(), (3, 2));
    ledger.arrived(6);
    assert_eq!(ledger.shown(), (4, 3));
}

#[test]
fn refused_action_is_reverted_on_newer_counts() {
    let mut ledger = OptimisticCounts::new(1, 3, 0);
    let number = ledger.mark(ActionKind::AllRead, "", 0);
    assert_eq!(ledger.shown(), (0, 0));
    ledger.arrived(2);
    assert_eq!(ledger.shown(), (1, 1));
    ledger.settle(number);
    assert_eq!(ledger.shown(), (4, 1));
}

#[test]
fn response_from_before_an_action_does_not_undo_it() {
    let mut ledger = OptimisticCounts::new(1, 3, 0);
    let number = ledger.mark(ActionKind::Read, "a", -1);
    ledger.take(2, 3, 0);
    assert_eq!(ledger.shown(), (2, 0));
    ledger.take(3, 2, 0);
    ledger.settle(number);
    assert_eq!(ledger.shown(), (2, 0));
}

#[test]
fn action_confirmed_by_the_stream_counts_once() {
    let mut ledger = OptimisticCounts::new(1, 3, 0);
    let number = ledger.mark(ActionKind::Clicked, "a", -1);
    ledger.echo(ActionKind::Read, "a");
    ledger.take(2, 2, 0);
    assert_eq!(ledger.shown(), (2, 0));
    ledger.settle(number);
    assert_eq!(ledger.shown(), (2, 0));
}

#[test]
fn later_local_action_supersedes_the_stream() {
    let mut ledger = OptimisticCounts::new(1, 3, 0);
    let archived = ledger.mark(ActionKind::Archive, "a", -1);
    let restored = ledger.mark(ActionKind::Restore, "a", 1);
    ledger.settle(archived);
    assert!(ledger.is_overtaken(ActionKind::Archive, "a"));
    assert!(!ledger.is_overtaken(ActionKind::Read, "a"), "an unrelated action");
    assert!(!ledger.is_overtaken(ActionKind::Archive, "b"));
    ledger.settle(restored);
    assert!(!ledger.is_overtaken(ActionKind::Archive, "a"));
}

#[test]
fn opening_the_panel_clears_unseen_only() {
    let mut ledger = OptimisticCounts::new(1, 3, 2);
    ledger.mark(ActionKind::Seen, "", 0);
    assert_eq!(ledger.shown(), (3, 0));
}

#[test]
fn capped_counts_are_not_decremented() {
    let mut ledger = OptimisticCounts::new(1, MAX_KNOWN_COUNT, MAX_KNOWN_COUNT);
    ledger.mark(ActionKind::Read, "a", -1);
    assert_eq!(ledger.shown().0, 100);
    ledger.mark(ActionKind::AllRead, "", 0);
    assert_eq!(ledger.shown(), (0, 0));
}

#[test]
fn every_name_round_trips() {
    for action in ActionKind::ALL {
        assert_eq!(ActionKind::of(action.word()), Some(action));
    }
    assert_eq!(ActionKind::of("sing"), None);
}

/// What happens at the server, and what it sends.
#[derive(Debug, Clone)]
enum Step {
    Publish,
    /// Recalls one of the unread messages.
    Recall,
    /// This tab applies an action.
    Mark(ActionKind),
    /// Another tab applies an action.
    Elsewhere(ActionKind),
    /// This tab requests the counts.
    Ask,
    /// The pending response at this index arrives.
    Answer(usize),
    /// The next event arrives.
    Event,
}

fn step() -> impl Strategy<Value = Step> {
    let action = || {
        prop_oneof![
            Just(ActionKind::Seen),
            Just(ActionKind::Read),
            Just(ActionKind::Unread),
            Just(ActionKind::Archive),
            Just(ActionKind::AllRead)
        ]
    };
    prop_oneof![
        4 => Just(Step::Publish),
        1 => Just(Step::Recall),
        3 => action().prop_map(Step::Mark),
        2 => action().prop_map(Step::Elsewhere),
        1 => Just(Step::Ask),
        5 => (0..4_usize).prop_map(Step::Answer),
        5 => Just(Step::Event),
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
    fn mark(&mut self, action: ActionKind, id: Option<u32>) {
        self.version += 1;
        match (action, id) {
            (ActionKind::Seen, _) => self.messages.values_mut().for_each(|state| state.1 = true),
            (ActionKind::AllRead, _) => {
                self.messages.values_mut().for_each(|state| *state = (true, true));
            }
            (ActionKind::Archive, Some(id)) => drop(self.messages.remove(&id)),
            (verb, Some(id)) => self
                .messages
                .get_mut(&id)
                .into_iter()
                .for_each(|state| *state = (verb == ActionKind::Read, true)),
            _ => {}
        }
    }
}

#[derive(Debug)]
enum Event {
    Arrived(i64),
    Removed(i64),
    Counts(ActionKind, String, (i64, i32, i32)),
}

#[derive(Debug)]
struct Answer {
    counts: (i64, i32, i32),
    /// The action that this answers.
    number: Option<u32>,
}

fn deliver_event(ledger: &mut OptimisticCounts, event: Event) {
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
    #![proptest_config(belfry_testing::config(256))]

    /// Responses arrive in any order relative to each other and to the events, which keep theirs.
    /// The version never decreases, and once everything has arrived the counts are the server's.
    #[test]
    fn counts_converge_in_every_order(deeds in prop::collection::vec(step(), 1..60)) {
        let mut server = Server::default();
        let mut ledger = OptimisticCounts::default();
        let (mut events, mut answers) = (VecDeque::new(), Vec::new());
        for deed in deeds {
            let version = ledger.version;
            match deed {
                Step::Publish => {
                    server.version += 1;
                    server.next += 1;
                    server.messages.insert(server.next, (false, false));
                    events.push_back(Event::Arrived(server.version));
                }
                Step::Recall => {
                    if let Some(id) = server.first(false) {
                        server.version += 1;
                        server.messages.remove(&id);
                        events.push_back(Event::Removed(server.version));
                    }
                }
                Step::Mark(verb) | Step::Elsewhere(verb) => {
                    let about_one = matches!(verb, ActionKind::Read | ActionKind::Unread | ActionKind::Archive);
                    let id = about_one.then(|| server.first(verb == ActionKind::Unread)).flatten();
                    if about_one && id.is_none() {
                        continue;
                    }
                    let text = id.map(|id| id.to_string()).unwrap_or_default();
                    let number = matches!(deed, Step::Mark(_)).then(|| ledger.mark(verb, &text, if verb == ActionKind::Unread { 1 } else { -1 }));
                    server.mark(verb, id);
                    events.push_back(Event::Counts(verb, text, server.counts()));
                    answers.extend(number.map(|number| Answer { counts: server.counts(), number: Some(number) }));
                }
                Step::Ask => answers.push(Answer { counts: server.counts(), number: None }),
                Step::Answer(place) if place < answers.len() => {
                    let Answer { counts: (version, unread, unseen), number } = answers.remove(place);
                    ledger.take(version, unread, unseen);
                    if let Some(number) = number {
                        ledger.settle(number);
                    }
                }
                Step::Answer(_) => {}
                Step::Event => events.pop_front().into_iter().for_each(|event| deliver_event(&mut ledger, event)),
            }
            prop_assert!(ledger.version >= version, "backwards");
            let (unread, unseen) = ledger.shown();
            prop_assert!(unread <= 100 && unseen <= unread);
        }
        for event in events {
            deliver_event(&mut ledger, event);
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
