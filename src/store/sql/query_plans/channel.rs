//! Plans of conversation statements: each reaches its rows by a key, and lists are read in order.

use super::{Plans, as_owned};
use crate::sql::channel::statements::ALL;

/// What may be scanned: values that the caller passed, and rows of an earlier subquery.
const SCANNABLE: [&str; 9] =
    ["input", "watcher", "r", "found", "unread", "has", "label", "json_each", "CONSTANT"];

#[tokio::test]
async fn conversation_statements_scan_no_table() {
    let mut plans = Plans::new().await;
    for (name, statement) in as_owned(ALL.iter().copied()) {
        let plan = plans.of(&statement).await;
        assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{name}: {plan:#?}");
        for step in &plan {
            let table = step.strip_prefix("SCAN ").and_then(|scanned| scanned.split(' ').next());
            let given = table.is_none_or(|table| {
                SCANNABLE.contains(&table) || table.starts_with('(')
                    // The few rows of one subquery, and the cleanup queue, which is read from its
                    // end.
                    || (table == "deletion_queue" && !step.contains("TEMP"))
            });
            assert!(given, "{name}: {step} in {plan:#?}");
            assert!(!step.contains("AUTOMATIC"), "{name}: {step} in {plan:#?}");
        }
    }
    plans.close().await;
}

/// Conversations may change in the same millisecond, as those that wake together do.
#[tokio::test]
async fn list_entries_are_deleted_by_the_whole_key() {
    let mut plans = Plans::new().await;
    let plan = plans.of(ALL.iter().find(|(name, _)| *name == "leave lists").unwrap().1).await;
    let key = "(site_id=? AND scope=? AND label=? AND assignee=? AND status=? AND activity=? AND number=?)";
    assert!(plan.iter().any(|step| step.contains(key)), "{plan:#?}");
    plans.close().await;
}

/// If a page had to be sorted, its list would be read to the end first.
#[tokio::test]
async fn lists_are_read_in_order() {
    let mut plans = Plans::new().await;
    for name in [
        "page",
        "messages before",
        "messages after",
        "public messages before",
        "public messages after",
        "unseen",
        "snoozed",
    ] {
        let (_, statement) = ALL.iter().find(|(own, _)| *own == name).unwrap();
        let plan = plans.of(statement).await;
        assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{name}: {plan:#?}");
    }
    let page = plans.of(ALL.iter().find(|(name, _)| *name == "page").unwrap().1).await;
    let key = "(site_id=? AND scope=? AND label=? AND assignee=? AND status=?)";
    assert!(page.iter().any(|step| step.contains(key)), "{page:#?}");
    plans.close().await;
}
