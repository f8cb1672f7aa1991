//! Compares the responses with the stored state: nothing lost, duplicated, invented or
//! partial, and correct counts. Must not depend on how either was determined.

mod administration;
mod messages;
mod seeded_faults;

use super::{history::Operation, state::State};
use std::{collections::BTreeMap, fmt::Display};

/// Returns the violations as text.
pub fn check(history: &[Operation], state: &State) -> Vec<String> {
    let mut wrong = state
        .inconsistencies
        .iter()
        .map(|what| format!("the database is not sound: {what}"))
        .collect();
    messages::check(history, state, &mut wrong);
    administration::check(history, state, &mut wrong);
    wrong
}

/// A requested object: how often it may exist, by the history.
#[derive(Debug, Default)]
struct RequestedObject<'a> {
    /// What was acknowledged, once per acknowledgement.
    created: Vec<&'a str>,
    may_exist: bool,
    started_at: usize,
    ended_at: usize,
}

/// The requests that `name` names. A repeated request lasts from its first attempt to its last.
fn requested_objects<'a>(
    history: &'a [Operation],
    name: impl Fn(&'a Operation) -> Option<&'a str>,
) -> BTreeMap<&'a str, RequestedObject<'a>> {
    let mut wishes = BTreeMap::<&str, RequestedObject<'_>>::new();
    for operation in history {
        let Some(name) = name(operation) else { continue };
        let request = wishes.entry(name).or_insert(RequestedObject {
            started_at: operation.started_at,
            ..RequestedObject::default()
        });
        request.ended_at = request.ended_at.max(operation.ended_at);
        request.created.extend(operation.done());
        request.may_exist |= operation.is_unknown();
    }
    wishes
}

/// Checks the stored objects, as pairs of id and name, against the requests.
fn check_kind(
    kind: &str,
    wishes: &BTreeMap<&str, RequestedObject<'_>>,
    there: &[(String, String)],
    may_be_gone: impl Fn(&str) -> bool,
    wrong: &mut Vec<String>,
) {
    let mut found = BTreeMap::<&str, Vec<&str>>::new();
    for (id, name) in there {
        found.entry(name).or_default().push(id);
    }
    for (name, ids) in &found {
        match wishes.get(name) {
            None => wrong.push(format!("{kind} {name} was invented")),
            Some(request) if request.created.is_empty() && !request.may_exist => {
                wrong.push(format!("{kind} {name} was refused and is there"));
            }
            Some(_) if ids.len() > 1 => {
                wrong.push(format!("{kind} {name} is there {} times", ids.len()));
            }
            Some(request) => {
                wrong.extend(request.created.iter().filter(|made| **made != ids[0]).map(|made| {
                    format!("{kind} {name} was acknowledged as {made} and is {}", ids[0])
                }));
            }
        }
    }
    for (name, wish) in wishes {
        if let Some(made) =
            wish.created.first().filter(|made| !found.contains_key(name) && !may_be_gone(made))
        {
            wrong.push(format!("{kind} {name} is lost: it was acknowledged as {made}"));
        }
    }
}

/// Each of these must occur exactly once in `records`; at most `others` further records may exist.
fn exactly_once<T: Display + Ord>(
    what: &str,
    things: impl IntoIterator<Item = T>,
    records: &[T],
    others: usize,
    wrong: &mut Vec<String>,
) {
    let mut left = BTreeMap::<&T, usize>::new();
    for record in records {
        *left.entry(record).or_default() += 1;
    }
    let things: std::collections::BTreeSet<T> = things.into_iter().collect();
    for thing in &things {
        match left.remove(thing) {
            Some(1) => {}
            times => wrong
                .push(format!("{what} of {thing} is there {} times", times.unwrap_or_default())),
        }
    }
    let strange: usize = left.values().sum();
    if strange > others {
        wrong.push(format!("{what} of {strange} others is there, and at most {others} may be"));
    }
}
