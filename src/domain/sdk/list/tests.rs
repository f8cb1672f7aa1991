use super::*;
use crate::channel::fixtures;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const ME: AgentId = AgentId(1);
const AGENTS: i64 = 3;

fn view(
    number: i64,
    revision: i64,
    assignee: Option<i64>,
    status: ConversationStatus,
    watchers: &[i64],
) -> ConversationView {
    let mut view = fixtures::view();
    view.conversation.number = ConversationNumber(number);
    view.conversation.revision = revision;
    view.conversation.assignee = assignee.map(AgentId);
    view.conversation.status = status;
    view.conversation.watchers = watchers.iter().copied().map(AgentId).collect();
    view
}

fn open(number: i64, revision: i64) -> ConversationView {
    view(number, revision, None, ConversationStatus::Open, &[])
}

fn snapshot(revision: i64, conversations: Vec<ConversationView>) -> ListSnapshot {
    ListSnapshot { revision, conversations, is_truncated: false }
}

fn summary(changes: Vec<ListChange>) -> Vec<(AgentList, ListChangeKind, i64, u64)> {
    changes
        .into_iter()
        .map(|change| (change.list, change.kind, change.number.0, change.seq))
        .collect()
}

use AgentList::{Mine, New, Watched};
use ListChangeKind as Kind;

/// Assignee, status, watchers, and the lists of agent 1 that contain the conversation.
type Case<'a> = (Option<i64>, ConversationStatus, &'a [i64], &'a [AgentList]);

#[test]
fn list_membership() {
    use ConversationStatus::{Open, Pending, Resolved, Snoozed};
    let cases: [Case<'_>; 10] = [
        (None, Open, &[], &[New]),
        (None, Pending, &[], &[]),
        (None, Snoozed, &[], &[]),
        (None, Resolved, &[1], &[]),
        (None, Open, &[1, 2], &[New, Watched]),
        (Some(1), Open, &[2], &[Mine]),
        (Some(1), Pending, &[], &[Mine]),
        (Some(1), Snoozed, &[1], &[Mine, Watched]),
        (Some(1), Resolved, &[1], &[]),
        (Some(2), Open, &[2], &[]),
    ];
    for (assignee, status, watchers, lists) in cases {
        let conversation = view(1, 1, assignee, status, watchers).conversation;
        let holds: Vec<AgentList> = AgentList::EACH
            .iter()
            .copied()
            .filter(|list| list.contains(&conversation, ME))
            .collect();
        assert_eq!(holds, lists, "{assignee:?} {status:?} {watchers:?}");
    }
}

#[test]
fn removal_precedes_addition() {
    let mut tracker = ListTracker::default();
    assert_eq!(summary(tracker.apply(&open(7, 1), ME)), [], "no list is subscribed");
    assert_eq!(tracker.sync(Mine, &snapshot(1, vec![])), 1);
    assert_eq!(tracker.sync(New, &snapshot(1, vec![open(7, 1)])), 1);
    let taken = view(7, 2, Some(1), ConversationStatus::Open, &[]);
    assert_eq!(
        summary(tracker.apply(&taken, ME)),
        [(New, Kind::Remove, 7, 2), (Mine, Kind::New, 7, 2)]
    );
    assert_eq!(summary(tracker.apply(&taken, ME)), [], "another event of the same change");
    assert_eq!(
        summary(tracker.apply(&view(7, 3, Some(1), ConversationStatus::Open, &[]), ME)),
        [(Mine, Kind::Update, 7, 3)]
    );
    assert_eq!(
        summary(tracker.apply(&view(7, 4, Some(2), ConversationStatus::Open, &[]), ME)),
        [(Mine, Kind::Remove, 7, 4)]
    );
    assert_eq!(
        summary(tracker.apply(&view(7, 5, Some(2), ConversationStatus::Resolved, &[]), ME)),
        []
    );
}

#[test]
fn events_in_snapshot_are_dropped() {
    let mut tracker = ListTracker::default();
    tracker.sync(New, &snapshot(5, vec![open(1, 3)]));
    assert_eq!(summary(tracker.apply(&open(2, 4), ME)), [], "older than the snapshot");
    assert_eq!(summary(tracker.apply(&view(1, 5, Some(2), ConversationStatus::Open, &[]), ME)), []);
    assert_eq!(summary(tracker.apply(&open(2, 6), ME)), [(New, Kind::New, 2, 2)]);
    assert_eq!(tracker.sync(New, &snapshot(9, vec![])), 3, "the sequence continues");
    assert_eq!(summary(tracker.apply(&open(2, 9), ME)), []);
    tracker.unsubscribe(New);
    assert_eq!((summary(tracker.apply(&open(3, 10), ME)), tracker.lists().count()), (vec![], 0));
    assert_eq!(
        tracker.sync(New, &snapshot(10, vec![])),
        1,
        "the sequence restarts after unsubscribing"
    );
}

#[test]
fn renamed_contact_updates_known_conversations() {
    let mut tracker = ListTracker::default();
    let (mine, other) = (view(1, 1, Some(1), ConversationStatus::Open, &[1]), open(2, 2));
    tracker.sync(Mine, &snapshot(2, vec![mine.clone()]));
    tracker.sync(Watched, &snapshot(2, vec![mine.clone()]));
    assert_eq!(
        summary(tracker.refresh(&mine)),
        [(Mine, Kind::Update, 1, 2), (Watched, Kind::Update, 1, 2)]
    );
    assert_eq!(summary(tracker.refresh(&other)), []);
    assert_eq!(
        (tracker.has(ConversationNumber(1)), tracker.has(ConversationNumber(2))),
        (true, false)
    );
}

#[test]
fn truncated_list_is_resynchronized_in_time() {
    let all =
        |from: i64, to: i64| (from..=to).map(|number| open(number, number)).collect::<Vec<_>>();
    let mut tracker = ListTracker::default();
    tracker.sync(New, &ListSnapshot { is_truncated: true, ..snapshot(600, all(101, 600)) });
    for number in 101..=350 {
        assert_eq!(tracker.needs_sync(), []);
        tracker.apply(&view(number, 600 + number, Some(2), ConversationStatus::Open, &[]), ME);
    }
    assert_eq!(tracker.needs_sync(), [], "250 are left");
    tracker.apply(&view(351, 951, Some(2), ConversationStatus::Open, &[]), ME);
    assert_eq!(tracker.needs_sync(), [New]);
    tracker.sync(New, &snapshot(951, all(1, 100)));
    assert_eq!(tracker.needs_sync(), [], "a complete list is never resynchronized");
    for number in 0..=900 {
        assert_eq!(tracker.needs_sync(), []);
        tracker.apply(&open(1_000 + number, 1_000 + number), ME);
    }
    assert_eq!(tracker.needs_sync(), [New], "a list that is too long");
}

/// A step of the model or of the client.
#[derive(Debug, Clone)]
enum Step {
    Begin {
        assignee: Option<i64>,
    },
    Assign {
        conversation: usize,
        to: Option<i64>,
    },
    SetStatus {
        conversation: usize,
        status: ConversationStatus,
    },
    Watch {
        conversation: usize,
        agent: i64,
        is_on: bool,
    },
    Say {
        conversation: usize,
    },
    /// The client synchronizes a list, possibly with events pending.
    Sync {
        list: AgentList,
    },
    Unsubscribe {
        list: AgentList,
    },
    /// The next pending event arrives.
    Arrive,
    /// An event that was received arrives again.
    Repeat {
        event: usize,
    },
    /// Drops all pending events; the client subscribes and synchronizes its lists again.
    Reconnect,
    /// Delivers all pending events and compares the client's lists with the model's.
    Quiet,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let agent = || 1..=AGENTS;
    let list = || prop::sample::select(AgentList::EACH.to_vec());
    let status = prop::sample::select(ConversationStatus::EACH.to_vec());
    let step = prop_oneof![
        3 => prop::option::of(agent()).prop_map(|assignee| Step::Begin { assignee }),
        4 => (any::<prop::sample::Index>(), prop::option::of(agent())).prop_map(|(at, to)| Step::Assign { conversation: at.index(64), to }),
        4 => (any::<prop::sample::Index>(), status).prop_map(|(at, status)| Step::SetStatus { conversation: at.index(64), status }),
        3 => (any::<prop::sample::Index>(), agent(), any::<bool>())
            .prop_map(|(at, agent, is_on)| Step::Watch { conversation: at.index(64), agent, is_on }),
        2 => any::<prop::sample::Index>().prop_map(|at| Step::Say { conversation: at.index(64) }),
        3 => list().prop_map(|list| Step::Sync { list }),
        1 => list().prop_map(|list| Step::Unsubscribe { list }),
        8 => Just(Step::Arrive),
        2 => any::<prop::sample::Index>().prop_map(|at| Step::Repeat { event: at.index(64) }),
        1 => Just(Step::Reconnect),
        2 => Just(Step::Quiet),
    ];
    prop::collection::vec(step, 1..120)
}

#[derive(Default)]
struct Model {
    conversations: Vec<ConversationView>,
    revision: i64,
}

impl Model {
    /// Changes a conversation, if there is one, and returns its events; some changes have several.
    fn act(&mut self, at: usize, change: impl FnOnce(&mut Conversation)) -> Vec<ConversationView> {
        let count = self.conversations.len();
        let Some(view) = self.conversations.get_mut(at.checked_rem(count).unwrap_or(0)) else {
            return Vec::new();
        };
        self.revision += 1;
        view.conversation.revision = self.revision;
        change(&mut view.conversation);
        vec![view.clone(); 1 + usize::try_from(self.revision % 3).unwrap()]
    }

    fn list(&self, list: AgentList) -> Vec<ConversationView> {
        self.conversations
            .iter()
            .filter(|view| list.contains(&view.conversation, ME))
            .cloned()
            .collect()
    }

    fn snapshot(&self, list: AgentList) -> ListSnapshot {
        snapshot(self.revision, self.list(list))
    }
}

/// A client that applies the changes that it receives.
#[derive(Default)]
struct Client {
    tracker: ListTracker,
    lists: BTreeMap<AgentList, (u64, BTreeSet<ConversationNumber>)>,
}

impl Client {
    fn sync(&mut self, list: AgentList, snapshot: &ListSnapshot) {
        let seq = self.tracker.sync(list, snapshot);
        assert_eq!(seq, self.lists.get(&list).map_or(1, |(seq, _)| seq + 1));
        self.lists.insert(
            list,
            (seq, snapshot.conversations.iter().map(|view| view.conversation.number).collect()),
        );
    }

    fn receive(&mut self, view: &ConversationView) {
        let changes = self.tracker.apply(view, ME);
        assert!(changes.is_sorted_by_key(|change| change.kind), "{changes:?}");
        for change in changes {
            let (seq, list) = self.lists.get_mut(&change.list).expect("the list is not subscribed");
            *seq += 1;
            assert_eq!(change.seq, *seq);
            assert!(match change.kind {
                Kind::Remove => list.remove(&change.number),
                Kind::New => list.insert(change.number),
                Kind::Update => list.contains(&change.number),
            });
        }
    }
}

fn run(steps: Vec<Step>) {
    let (mut model, mut client) = (Model::default(), Client::default());
    let (mut pending, mut received): (VecDeque<ConversationView>, Vec<ConversationView>) =
        Default::default();
    for step in steps {
        match step {
            Step::Begin { assignee } => {
                let number = i64::try_from(model.conversations.len()).unwrap() + 1;
                model.conversations.push(view(number, 0, assignee, ConversationStatus::Open, &[]));
                pending.extend(model.act(model.conversations.len() - 1, |_| {}));
            }
            Step::Assign { conversation, to } => {
                pending.extend(model.act(conversation, |target| target.assignee = to.map(AgentId)));
            }
            Step::SetStatus { conversation, status } => {
                pending.extend(model.act(conversation, |target| target.status = status));
            }
            Step::Watch { conversation, agent, is_on } => {
                pending.extend(model.act(conversation, |target| {
                    target.watchers.retain(|watcher| watcher.0 != agent);
                    target.watchers.extend(is_on.then_some(AgentId(agent)));
                }));
            }
            Step::Say { conversation } => pending.extend(model.act(conversation, |_| {})),
            Step::Sync { list } => client.sync(list, &model.snapshot(list)),
            Step::Unsubscribe { list } => {
                client.tracker.unsubscribe(list);
                client.lists.remove(&list);
            }
            Step::Arrive => {
                if let Some(event) = pending.pop_front() {
                    client.receive(&event);
                    received.push(event);
                }
            }
            Step::Repeat { event } => {
                if let Some(event) = received.get(event) {
                    client.receive(event);
                }
            }
            Step::Reconnect => {
                pending.clear();
                let lists: Vec<AgentList> = client.tracker.lists().collect();
                for list in lists {
                    client.sync(list, &model.snapshot(list));
                }
            }
            Step::Quiet => {
                for event in pending.drain(..) {
                    client.receive(&event);
                    received.push(event);
                }
                for (list, (_, known)) in &client.lists {
                    let expected = model
                        .list(*list)
                        .iter()
                        .map(|view| view.conversation.number)
                        .collect::<BTreeSet<_>>();
                    assert_eq!(*known, expected, "{list:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(belfry_testing::config(512))]

    #[test]
    fn client_lists_equal_the_model(mut steps in steps()) {
        steps.push(Step::Quiet);
        run(steps);
    }
}
