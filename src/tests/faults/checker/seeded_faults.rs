//! Tests of the checker: each case corrupts a consistent history and state, and must be detected
//! and named.

use super::{
    super::{
        history::{Action, Operation, Outcome, ReaderAction},
        state::{Inbox, State, Theme},
    },
    check,
};

fn text(text: &str) -> String {
    text.to_owned()
}

fn pair(one: &str, other: &str) -> (String, String) {
    (text(one), text(other))
}

fn publish(title: &str, to: Option<usize>) -> Action {
    Action::Publish { title: text(title), to }
}

fn mark(action: ReaderAction) -> Action {
    Action::Mark { reader: 0, mark: action }
}

fn history() -> Vec<Operation> {
    let done = |id: &str| Outcome::Done(text(id));
    let contacts = vec![text("a"), text("b")];
    let operations = [
        (publish("one", Some(0)), done("m1")),
        (publish("all", None), done("m2")),
        // Requested twice with one key: the first response was lost.
        (publish("key", Some(0)), Outcome::Unknown),
        (publish("key", Some(0)), done("m3")),
        (publish("lost", Some(1)), Outcome::Unknown),
        (publish("no", Some(1)), Outcome::Rejected(507)),
        (mark(ReaderAction::Read(text("m1"))), done("")),
        (mark(ReaderAction::Archive(text("m2"))), done("")),
        (mark(ReaderAction::Unread(text("m1"))), Outcome::Rejected(503)),
        (Action::Token { reader: 1 }, done("bft_1")),
        (Action::UploadTheme { css: text("css") }, done("1")),
        (Action::PublishTheme, done("1")),
        (Action::CreateWebhook { url: text("hook") }, done("w1")),
        (Action::CreateWebhook { url: text("gone") }, done("w2")),
        (Action::DeleteWebhook { id: text("w2") }, done("w2")),
        (Action::Import { contacts }, done("i1")),
    ];
    let numbered = operations.into_iter().enumerate();
    numbered
        .map(|(number, (action, outcome))| Operation {
            started_at: 2 * number,
            ended_at: 2 * number + 1,
            action,
            outcome,
        })
        .collect()
}

fn state() -> State {
    let inboxes = vec![
        Inbox {
            all: vec![(text("m3"), true), (text("m1"), false)],
            unread: vec![text("m3")],
            archived: vec![text("m2")],
            count: 1,
        },
        Inbox {
            all: vec![(text("m2"), true)],
            unread: vec![text("m2")],
            archived: Vec::new(),
            count: 1,
        },
    ];
    let records = [
        ("theme.uploaded", "1"),
        ("theme.published", "1"),
        ("webhook.deleted", "w2"),
        ("import.created", "i1"),
    ];
    let mut audit: std::collections::BTreeMap<_, _> =
        records.map(|(action, subject)| (text(action), vec![text(subject)])).into();
    audit.insert(text("webhook.created"), vec![text("w1"), text("w2")]);
    State {
        messages: vec![pair("m1", "one"), pair("m2", "all"), pair("m3", "key")],
        inboxes,
        themes: vec![Theme { version: text("1"), state: text("inForce"), css: text("css") }],
        webhooks: vec![pair("w1", "hook")],
        contacts: vec![text("reader-0"), text("a"), text("b")],
        imports: vec![text("i1")],
        audit,
        ..State::default()
    }
}

#[test]
fn consistent_history_and_state_pass() {
    assert_eq!(check(&history(), &state()), Vec::<String>::new());
    // Unacknowledged objects may exist.
    let mut more = state();
    more.messages.push(pair("m4", "lost"));
    more.inboxes[1].all.push((text("m4"), true));
    more.inboxes[1].unread.push(text("m4"));
    more.inboxes[1].count = 2;
    assert_eq!(check(&history(), &more), Vec::<String>::new());
    // An unacknowledged action may or may not have taken effect.
    let mut unknown = history();
    unknown[6].outcome = Outcome::Unknown;
    assert_eq!(check(&unknown, &state()), Vec::<String>::new());
    unknown.remove(6);
    assert_ne!(check(&unknown, &state()), Vec::<String>::new());
}

type Corruption = fn(&mut State);

/// Name of the violation, and the corruption that causes it.
const SEEDED_FAULTS: [(&str, Corruption); 33] = [
    ("message one is lost", |state| {
        state.messages.remove(0);
        state.inboxes[0].all.remove(1);
    }),
    ("message key is lost", |state| {
        state.messages.remove(2);
        state.inboxes[0] = Inbox {
            all: vec![(text("m1"), false)],
            archived: vec![text("m2")],
            ..Inbox::default()
        };
    }),
    ("message key is there 2 times", |state| {
        state.messages.push(pair("m5", "key"));
        state.inboxes[0].all.push((text("m5"), true));
        state.inboxes[0].unread.push(text("m5"));
        state.inboxes[0].count = 2;
    }),
    ("message other was invented", |state| state.messages.push(pair("m5", "other"))),
    ("message no was refused and is there", |state| {
        state.messages.push(pair("m5", "no"));
        state.inboxes[1].all.push((text("m5"), true));
        state.inboxes[1].unread.push(text("m5"));
        state.inboxes[1].count = 2;
    }),
    ("message one was acknowledged as m1 and is m9", |state| state.messages[0].0 = text("m9")),
    ("message lost is there and reader 1 has it not", |state| {
        state.messages.push(pair("m4", "lost"));
    }),
    ("message all is there and reader 1 has it not", |state| state.inboxes[1] = Inbox::default()),
    ("reader 1 has one, which is not theirs", |state| {
        state.inboxes[1].all.push((text("m1"), false));
    }),
    ("reader 0 has m8, which is no message", |state| {
        state.inboxes[0].all.push((text("m8"), false));
    }),
    ("reader 0 has m1 twice", |state| state.inboxes[0].all.push((text("m1"), false))),
    ("reader 0 has m2 twice", |state| state.inboxes[0].all.push((text("m2"), false))),
    ("reader 0 has one as Unread", |state| {
        state.inboxes[0].all[1].1 = true;
        state.inboxes[0].unread.push(text("m1"));
        state.inboxes[0].count = 2;
    }),
    ("reader 0 has all as Read", |state| {
        state.inboxes[0].archived.clear();
        state.inboxes[0].all.push((text("m2"), false));
    }),
    ("reader 1 has all as Read", |state| {
        state.inboxes[1] = Inbox { all: vec![(text("m2"), false)], ..Inbox::default() }
    }),
    ("reader 0 is told 2 unread and has 1", |state| state.inboxes[0].count = 2),
    ("reader 0 is told 0 unread and has 1", |state| state.inboxes[0].count = 0),
    ("reader 0 has 1 unread among all and 0 in the list", |state| state.inboxes[0].unread.clear()),
    ("reader 0 has 1 unread among all and 2 in the list", |state| {
        state.inboxes[0].unread.push(text("m3"));
    }),
    ("theme css is lost", |state| state.themes.clear()),
    ("theme other was invented", |state| {
        state.themes.push(Theme { version: text("2"), state: text("draft"), css: text("other") });
    }),
    ("themes [] are in force, and Some(\"1\") was published last", |state| {
        state.themes[0].state = text("former");
    }),
    ("the record of the upload of 1 is there 0 times", |state| {
        drop(state.audit.remove("theme.uploaded"));
    }),
    ("the record of the publication of 1 is there 2 times", |state| {
        state.audit.get_mut("theme.published").unwrap().push(text("1"));
    }),
    ("the record of the publication of 1 others", |state| {
        state.audit.get_mut("theme.published").unwrap().push(text("2"));
    }),
    ("webhook hook is lost", |state| state.webhooks.clear()),
    ("webhook w2 was deleted and is there", |state| state.webhooks.push(pair("w2", "gone"))),
    ("the record of the deletion of w2 is there 0 times", |state| {
        drop(state.audit.remove("webhook.deleted"));
    }),
    ("of the import of a there are 1 of 2", |state| drop(state.contacts.pop())),
    ("import i1 is lost", |state| state.contacts.truncate(1)),
    ("contact b is there twice", |state| state.contacts.push(text("b"))),
    ("contact c was invented", |state| state.contacts.push(text("c"))),
    ("2 imports are there, and the contacts of 1", |state| state.imports.push(text("i2"))),
];

#[test]
fn each_seeded_fault_is_detected_and_named() {
    for (said, spoil) in SEEDED_FAULTS {
        let mut spoiled = state();
        spoil(&mut spoiled);
        let wrong = check(&history(), &spoiled);
        assert!(wrong.iter().any(|wrong| wrong.contains(said)), "`{said}` is not among {wrong:?}");
    }
    let dead = State { dead_tokens: vec![text("bft_1")], ..state() };
    let unsound = State { inconsistencies: vec![text("integrity: a page is missing")], ..state() };
    for (said, state) in [
        ("token bft_1 was acknowledged and does not work", dead),
        ("integrity: a page is missing", unsound),
    ] {
        assert!(check(&history(), &state).iter().any(|wrong| wrong.contains(said)), "{said}");
    }
}

#[test]
fn two_responses_to_one_request_must_agree() {
    let mut twice = history();
    twice[2].outcome = Outcome::Done(text("m0"));
    assert_eq!(check(&twice, &state()), ["message key was acknowledged as m0 and is m3"]);
}

#[test]
fn read_all_covers_older_and_maybe_concurrent_messages() {
    let mut both = history();
    let last = both.last().unwrap().ended_at;
    both.push(Operation {
        started_at: last + 1,
        ended_at: last + 2,
        action: mark(ReaderAction::AllRead),
        outcome: Outcome::Done(String::new()),
    });
    assert_eq!(check(&both, &state()).len(), 1, "m3 is still unread");
    let mut read = state();
    read.inboxes[0] = Inbox {
        all: vec![(text("m3"), false), (text("m1"), false)],
        archived: vec![text("m2")],
        ..Inbox::default()
    };
    assert_eq!(check(&both, &read), Vec::<String>::new());
    // Published during the read-all action.
    both[3].ended_at = last + 2;
    assert_eq!(check(&both, &read), Vec::<String>::new());
    assert_eq!(check(&both, &state()), Vec::<String>::new());
}
