//! Checks that no cost grows with the database: for each store verb and each step of a background
//! job, the virtual machine steps and written rows on a small database and on one 100 times larger.
//!
//! Steps and rows are the same on every machine; nothing here is timed. Foreign keys and triggers
//! run inside the same virtual machine and are counted with the statement that caused them;
//! `foreign_keys` proves it. Must depend on the store only.
//!
//! To add a verb: add a case to `cases`. If its cost may grow up to a limit, add it to [`ACCEPTED`]
//! with the reason.

mod cases;
mod counter;
mod foreign_keys;
mod scenario;
mod turns;
mod verbs;
mod volume;

use scenario::{Cost, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The size of the large database relative to the small one.
const FACTOR: i64 = 100;
/// A cost may grow by less than this ratio.
const MAX_RATIO: f64 = 1.5;
/// A cost may always grow by this many steps: one row lookup costs 5 to 10, and a feed or an index
/// may have a few more rows to skip. Even a scan of the small database costs more than this in the
/// large one.
const STEPS_SLACK: f64 = 50.0;
/// A cost may always grow by this many rows: a version or a counter may be written once more.
const ROWS_SLACK: f64 = 1.0;

/// Cases that may grow more, up to a ratio, with the reason: mostly reads that stop at a limit that
/// the small database does not reach. An entry that no longer grows must be removed.
const ACCEPTED: [(&str, f64, &str); 32] = [
    ("add_preview_link", 100.0, "the links of a site are counted, of which it may have two thousand"),
    ("add_segment", 100.0, "the named segments of a site are counted, of which it may have a thousand"),
    ("update_segment: in use", 100.0, "the named segments of a site are counted, of which it may have a thousand"),
    ("put_draft", 100.0, "the versions of a site's theme are counted, of which it may have a thousand"),
    ("put_draft: another", 100.0, "the versions of a site's theme are counted, of which it may have a thousand"),
    ("channel_contacts", 100.0, "contacts are counted up to a thousand"),
    ("conversation_counts", 100.0, "conversations are counted up to a thousand"),
    ("conversations: a common name", 100.0, "the newest thousand that are found are looked at"),
    ("conversations: a common word", 100.0, "the newest thousand that are found are looked at"),
    ("conversations: a label", 100.0, "conversations are counted up to a thousand"),
    ("conversations: all", 100.0, "conversations are counted up to a thousand"),
    ("conversations: assigned", 100.0, "conversations are counted up to a thousand"),
    ("conversations: labels", 100.0, "conversations are counted up to a thousand"),
    ("conversations: later page", 100.0, "conversations are counted up to a thousand"),
    ("conversations: open", 100.0, "conversations are counted up to a thousand"),
    ("conversations: two words", 100.0, "messages with a word are counted up to five thousand, to begin with the rarest"),
    ("conversations: unassigned", 100.0, "conversations are counted up to a thousand"),
    ("delete_segment: all recalled", 20.0, "what went to the segment is read, of which at most the newest thousand are kept"),
    ("due_deliveries", 30.0, "one step for each endpoint that has something to be sent, beside the writer"),
    ("due_deliveries: nothing", 30.0, "one step for each endpoint that has something to be sent, beside the writer"),
    ("keep_picture", 20.0, "the pictures of a site are counted, of which it may have some hundreds"),
    ("keep_picture: kept", 20.0, "the pictures of a site are counted, of which it may have some hundreds"),
    ("messages: category", 3.0, "at least 50 messages are read at a time"),
    ("messages: category, older", 3.0, "at least 50 messages are read at a time"),
    ("messages: recalled", 4.0, "at least 50 messages are read at a time"),
    ("messages: recalled, older", 4.0, "at least 50 messages are read at a time"),
    ("messages: scheduled", 4.0, "at least 50 messages are read at a time"),
    ("messages: scheduled, older", 4.0, "at least 50 messages are read at a time"),
    ("messages: text", 6.0, "500 messages are read at a time, since texts are compared outside of the database"),
    ("messages: text, older", 6.0, "500 messages are read at a time, since texts are compared outside of the database"),
    ("recall_message: last to a segment", 10.0, "what went to the segment is read, of which at most the newest thousand are kept"),
    ("replay_dead", 6.0, "older deliveries that were given up are passed over, of which an endpoint keeps ten thousand"),
];

type Costs = BTreeMap<String, Cost>;

async fn costs(factor: i64) -> Costs {
    let scenario = Scenario::new(factor).await;
    cases::run_all(&scenario).await;
    scenario.close().await
}

fn grows(small: f64, large: f64, ratio: f64, slack: f64) -> bool {
    large > small * ratio && large > small + slack
}

fn cost_grows(small: Cost, large: Cost, ratio: f64) -> bool {
    grows(small.steps, large.steps, ratio, STEPS_SLACK)
        || grows(small.writer_steps, large.writer_steps, ratio, STEPS_SLACK)
        || grows(small.rows, large.rows, ratio, ROWS_SLACK)
}

#[tokio::test]
async fn costs_do_not_grow_with_the_database() {
    let (small, large) = (costs(1).await, costs(FACTOR).await);
    let (mut table, mut grown, mut shrunk) = (String::new(), String::new(), String::new());
    for (name, cost) in &small {
        let other = large[name];
        let line = format!(
            "{name:<50} steps {:>9.0} -> {:>9.0} ({:.2}), of the writer {:>7.0} -> {:>7.0}, rows {:>5.0} -> {:>5.0}",
            cost.steps,
            other.steps,
            other.steps / cost.steps.max(1.0),
            cost.writer_steps,
            other.writer_steps,
            cost.rows,
            other.rows
        );
        let _ = writeln!(table, "{line}");
        let accepted = ACCEPTED.iter().find(|(accepted, ..)| accepted == name);
        if cost_grows(*cost, other, accepted.map_or(MAX_RATIO, |(_, ratio, _)| *ratio)) {
            let _ = writeln!(grown, "{line}");
        }
        if accepted.is_some() && !cost_grows(*cost, other, MAX_RATIO) {
            let _ = writeln!(shrunk, "{line}");
        }
    }
    println!("{table}");
    assert!(grown.is_empty(), "these cost more in a database that is {FACTOR} times larger:\n{grown}");
    assert!(shrunk.is_empty(), "these do not grow any more; take them out of the list of what is accepted:\n{shrunk}");
    assert_eq!(small.len(), large.len());
    assert!(ACCEPTED.iter().all(|(name, ..)| small.contains_key(*name)), "something is accepted that is not measured");
}

/// The verbs are parsed from the trait sources, so a new one fails here by name until it has a
/// case.
#[tokio::test]
async fn every_verb_has_a_case() {
    let verbs = verbs::of_the_traits();
    assert!(verbs.len() > 100, "the sources of the traits are not read as they are written: {verbs:?}");
    let named: BTreeSet<String> = costs(1).await.into_keys().map(|name| name.split(':').next().unwrap_or_default().to_owned()).collect();
    let missing: Vec<_> = verbs.difference(&named).collect();
    assert!(missing.is_empty(), "verbs without a case in src/store/sqlite/operations/cases: {missing:?}");
    let unknown: Vec<_> = named.difference(&verbs).collect();
    assert!(unknown.is_empty(), "cases of verbs that the store does not have: {unknown:?}");
}
