//! Messages, and their readers' actions.

use super::{
    super::{
        fixture::{BROADCAST_PREFIX, SCHEDULED_PREFIX},
        history::{Action, Operation, ReaderAction},
        state::{Inbox, State},
    },
    RequestedObject, check_kind, requested_objects,
};
use std::collections::{BTreeMap, BTreeSet};

/// The maximum displayed count: "99+".
const MAX_COUNT: usize = 100;

/// A reader's state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    Unread,
    Read,
    Archived,
}

pub(super) fn check(history: &[Operation], state: &State, wrong: &mut Vec<String>) {
    let published = requested_objects(history, |operation| {
        if let Action::Publish { title, .. } = &operation.action { Some(title) } else { None }
    });
    check_kind("message", &published, &state.messages, |_| false, wrong);
    let audience: BTreeMap<&str, Option<usize>> = history
        .iter()
        .filter_map(|operation| {
            if let Action::Publish { title, to } = &operation.action {
                Some((&**title, *to))
            } else {
                None
            }
        })
        .collect();
    for (reader, inbox) in state.inboxes.iter().enumerate() {
        counted(reader, inbox, wrong);
        let mut found = shown(reader, inbox, wrong);
        for (id, title) in &state.messages {
            let (Some(request), Some(to)) = (published.get(&**title), audience.get(&**title))
            else {
                continue;
            };
            match (found.remove(&**id), to.is_none_or(|to| to == reader)) {
                (Some(shown), true) => {
                    let comes_later = [BROADCAST_PREFIX, SCHEDULED_PREFIX]
                        .iter()
                        .any(|prefix| title.starts_with(prefix));
                    let possible = possible(history, reader, id, request, comes_later);
                    if !possible.contains(&shown) {
                        wrong.push(format!("reader {reader} has {title} as {shown:?}, and it must be of {possible:?}"));
                    }
                }
                (None, true) => {
                    wrong.push(format!("message {title} is there and reader {reader} has it not"));
                }
                (Some(_), false) => {
                    wrong.push(format!("reader {reader} has {title}, which is not theirs"));
                }
                (None, false) => {}
            }
        }
        wrong.extend(
            found.keys().map(|id| format!("reader {reader} has {id}, which is no message")),
        );
    }
}

/// The messages of a reader's lists.
fn shown<'a>(reader: usize, inbox: &'a Inbox, wrong: &mut Vec<String>) -> BTreeMap<&'a str, Shown> {
    let all = inbox
        .all
        .iter()
        .map(|(id, unread)| (&**id, if *unread { Shown::Unread } else { Shown::Read }));
    let archived = inbox.archived.iter().map(|id| (&**id, Shown::Archived));
    let mut found = BTreeMap::new();
    for (id, shown) in all.chain(archived) {
        if found.insert(id, shown).is_some() {
            wrong.push(format!("reader {reader} has {id} twice"));
        }
    }
    found
}

fn counted(reader: usize, inbox: &Inbox, wrong: &mut Vec<String>) {
    let shown: BTreeSet<&str> =
        inbox.all.iter().filter(|(_, unread)| *unread).map(|(id, _)| &**id).collect();
    let listed: BTreeSet<&str> = inbox.unread.iter().map(|id| &**id).collect();
    if shown != listed || listed.len() != inbox.unread.len() {
        wrong.push(format!(
            "reader {reader} has {} unread among all and {} in the list of the unread",
            shown.len(),
            inbox.unread.len()
        ));
    }
    if shown.len().min(MAX_COUNT) != inbox.count {
        wrong.push(format!(
            "reader {reader} is told {} unread and has {}",
            inbox.count,
            shown.len()
        ));
    }
}

/// The possible states after a reader's actions. A broadcast or a scheduled message arrives some time
/// after its acknowledgement, and earlier actions don't affect it.
fn possible(
    history: &[Operation],
    reader: usize,
    id: &str,
    published: &RequestedObject<'_>,
    comes_later: bool,
) -> BTreeSet<Shown> {
    let mut possible = BTreeSet::from([Shown::Unread]);
    for operation in history {
        let Action::Mark { reader: by, mark } = &operation.action else { continue };
        if *by != reader || operation.is_rejected() {
            continue;
        }
        let (to, certain) = match mark {
            ReaderAction::Read(of) if of == id => (Shown::Read, true),
            ReaderAction::Unread(of) if of == id => (Shown::Unread, true),
            ReaderAction::Archive(of) if of == id => (Shown::Archived, true),
            // A message published during the action may or may not be included.
            ReaderAction::AllRead if published.started_at < operation.ended_at => {
                (Shown::Read, published.ended_at < operation.started_at)
            }
            _ => continue,
        };
        let changed = possible
            .iter()
            .map(|from| if *from == Shown::Archived { Shown::Archived } else { to })
            .collect();
        if operation.is_unknown() || !certain || comes_later {
            possible.extend::<BTreeSet<_>>(changed);
        } else {
            possible = changed;
        }
    }
    possible
}
