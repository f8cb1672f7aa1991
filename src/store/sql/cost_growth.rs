//! Checks that no cost grows with the database: for each store verb and each step of a background
//! job, the virtual machine steps and written rows on a small database and on one 100 times larger.
//!
//! Steps and rows are the same on every machine; nothing here is timed. `postgres::tests::costs` does
//! the same on a server, in pages. Foreign keys and triggers
//! run inside the same virtual machine and are counted with the statement that caused them;
//! `foreign_keys` proves it. Must depend on the store only.
//!
//! To add a verb: add a case to `cases`. If its cost may grow up to a limit, add it to [`ACCEPTED`]
//! with the reason.

mod background_turns;
pub(crate) mod cases;
pub(crate) mod counter;
pub(crate) mod dataset;
mod foreign_keys;
pub(crate) mod scenario;
mod verbs;

use scenario::{Cost, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The size of the large database relative to the small one.
pub(crate) const FACTOR: i64 = 100;
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
pub(crate) const ACCEPTED: [(&str, f64, &str); 33] = [
    ("add_preview_link", 100.0, "counts the preview links of a site, at most 2,000"),
    ("put_shared", 100.0, "counts the values of a kind and site, at most 10,000"),
    ("add_segment", 100.0, "counts the named segments of a site, at most 1,000"),
    ("update_segment: in use", 100.0, "counts the named segments of a site, at most 1,000"),
    ("store_draft", 100.0, "counts the theme versions of a site, at most 1,000"),
    ("store_draft: another", 100.0, "counts the theme versions of a site, at most 1,000"),
    ("channel_contacts", 100.0, "counts at most 1,000 contacts"),
    ("conversation_counts", 100.0, "counts at most 1,000 conversations"),
    ("conversations: a common name", 100.0, "reads at most the newest 1,000 matches"),
    ("conversations: a common word", 100.0, "reads at most the newest 1,000 matches"),
    ("conversations: a label", 100.0, "counts at most 1,000 conversations"),
    ("conversations: all", 100.0, "counts at most 1,000 conversations"),
    ("conversations: assigned", 100.0, "counts at most 1,000 conversations"),
    ("conversations: labels", 100.0, "counts at most 1,000 conversations"),
    ("conversations: later page", 100.0, "counts at most 1,000 conversations"),
    ("conversations: open", 100.0, "counts at most 1,000 conversations"),
    (
        "conversations: two words",
        100.0,
        "counts at most 5,000 messages per word, to start with the rarest",
    ),
    ("conversations: unassigned", 100.0, "counts at most 1,000 conversations"),
    (
        "delete_segment: all recalled",
        20.0,
        "reads the messages of the segment, of which at most the newest 1,000 are stored",
    ),
    (
        "due_deliveries",
        30.0,
        "one step per endpoint with scheduled deliveries, on a read connection",
    ),
    (
        "due_deliveries: nothing",
        30.0,
        "one step per endpoint with scheduled deliveries, on a read connection",
    ),
    ("store_picture", 20.0, "counts the pictures of a site, at most a few hundred"),
    ("store_picture: kept", 20.0, "counts the pictures of a site, at most a few hundred"),
    ("messages: category", 3.0, "reads at least 50 messages at a time"),
    ("messages: category, older", 3.0, "reads at least 50 messages at a time"),
    ("messages: recalled", 4.0, "reads at least 50 messages at a time"),
    ("messages: recalled, older", 4.0, "reads at least 50 messages at a time"),
    ("messages: scheduled", 4.0, "reads at least 50 messages at a time"),
    ("messages: scheduled, older", 4.0, "reads at least 50 messages at a time"),
    (
        "messages: text",
        6.0,
        "reads 500 messages at a time, since texts are compared outside the database",
    ),
    (
        "messages: text, older",
        6.0,
        "reads 500 messages at a time, since texts are compared outside the database",
    ),
    (
        "recall_message: last to a segment",
        10.0,
        "reads the messages of the segment, of which at most the newest 1,000 are stored",
    ),
    (
        "replay_failed",
        6.0,
        "skips older deliveries that were given up, of which an endpoint stores 10,000",
    ),
];

type Costs = BTreeMap<String, Cost>;

async fn costs(factor: i64) -> Costs {
    let scenario = Scenario::new(factor).await;
    cases::run_all(&scenario).await;
    scenario.close().await
}

pub(crate) fn grows(small: f64, large: f64, ratio: f64, slack: f64) -> bool {
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
    assert!(
        grown.is_empty(),
        "these cost more in a database that is {FACTOR} times larger:\n{grown}"
    );
    assert!(shrunk.is_empty(), "these no longer grow; remove them from ACCEPTED:\n{shrunk}");
    assert_eq!(small.len(), large.len());
    assert!(
        ACCEPTED.iter().all(|(name, ..)| small.contains_key(*name)),
        "ACCEPTED names a case that is not measured"
    );
}

/// The verbs are parsed from the trait sources, so a new one fails here by name until it has a
/// case.
#[tokio::test]
async fn every_verb_has_a_case() {
    let verbs = verbs::trait_verbs();
    assert!(verbs.len() > 100, "the trait sources were not parsed: {verbs:?}");
    let named: BTreeSet<String> = costs(1)
        .await
        .into_keys()
        .map(|name| name.split(':').next().unwrap_or_default().to_owned())
        .collect();
    let missing: Vec<_> = verbs.difference(&named).collect();
    assert!(
        missing.is_empty(),
        "verbs without a case in src/store/sql/cost_growth/cases: {missing:?}"
    );
    let unknown: Vec<_> = named.difference(&verbs).collect();
    assert!(unknown.is_empty(), "cases of verbs that the store does not have: {unknown:?}");
}
