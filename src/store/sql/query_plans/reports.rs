//! Plans of senders' lists and reports, and of what finds due messages.

use super::Plans;
use crate::sql::{message_deletion, recipients, reports, retention, stats};

/// A list of messages is read from the index for its filter, in order; retention finds due messages
/// by index.
#[tokio::test]
async fn sender_lists_use_their_indexes() {
    let mut plans = Plans::new().await;
    for (statement, expected) in [
        (reports::LIST, vec!["m USING INDEX message_created (site_id=? AND created_at"]),
        (
            reports::LIST_STATE,
            vec!["m USING INDEX message_state (site_id=? AND state=? AND created_at"],
        ),
        (
            reports::LIST_CATEGORY,
            vec!["m USING INDEX message_category (site_id=? AND category=? AND created_at"],
        ),
        (
            reports::SUMMARY,
            vec![
                "m USING INDEX message_id (site_id=? AND id=?)",
                "recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=?",
            ],
        ),
        (
            stats::SENT,
            vec![
                "message USING INDEX message_published (site_id=? AND publish_at>? AND publish_at<?)",
            ],
        ),
        (
            stats::WATERMARK_MOVES,
            vec![
                "watermark_log USING COVERING INDEX watermark_log_at (site_id=? AND at>? AND at<?)",
            ],
        ),
        (
            stats::READ_RECEIPTS,
            vec![
                "receipt USING COVERING INDEX receipt_read (site_id=? AND read_at>? AND read_at<?)",
            ],
        ),
        (
            retention::DUE,
            vec!["message USING INDEX message_published (site_id=? AND publish_at<?)"],
        ),
        (
            message_deletion::DELETE_RECEIPTS,
            vec![
                "receipt USING COVERING INDEX receipt_message (site_id=? AND message_id=? AND contact_id>?)",
                "receipt USING INDEX receipt_message (site_id=? AND message_id=? AND contact_id=?)",
            ],
        ),
        (
            message_deletion::FIRST_RECIPIENTS,
            vec!["recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=?)"],
        ),
        (
            message_deletion::DELETE_FROM_CONTACTS[2],
            vec!["receipt USING PRIMARY KEY (site_id=? AND contact_id=? AND message_id=?)"],
        ),
        (
            message_deletion::DELETE_FROM_CONTACTS[3],
            vec![
                "recipient USING INDEX recipient_message (site_id=? AND message_id=? AND contact_id=?)",
            ],
        ),
        (
            retention::DELETE_LOG,
            vec![
                "watermark_log USING COVERING INDEX watermark_log_at (site_id=? AND at>? AND at<?)",
                "watermark_log USING PRIMARY KEY",
            ],
        ),
        (
            recipients::DELETE_RECIPIENTS,
            vec![
                "recipient USING INDEX recipient_message (site_id=? AND message_id=? AND contact_id>? AND contact_id<?)",
            ],
        ),
    ] {
        let plan = plans.of(statement).await;
        for part in expected {
            assert!(plan.iter().any(|step| step.contains(part)), "{part}: {plan:#?}");
        }
        for step in &plan {
            let scanned = step.strip_prefix("SCAN ").and_then(|scanned| scanned.split(' ').next());
            assert!(
                !scanned.is_some_and(|table| matches!(
                    table,
                    "m" | "w" | "r" | "message" | "receipt" | "recipient" | "watermark_log"
                )),
                "{plan:#?}"
            );
            assert!(!step.contains("TEMP B-TREE") && !step.contains("AUTOMATIC"), "{plan:#?}");
        }
    }
    plans.close().await;
}

/// The progress of a message is looked up for each contact by key, with or without segments.
#[tokio::test]
async fn message_progress_is_found_by_contact() {
    let mut plans = Plans::new().await;
    for (audience, statements) in
        [("id>?", stats::OF_EVERYONE), ("id=?", stats::OF_NAMED), ("id=?", stats::OF_SEGMENT)]
    {
        for statement in statements {
            let plan = plans.of(statement).await;
            for part in [
                &format!("contact USING PRIMARY KEY (site_id=? AND {audience})"),
                "w USING PRIMARY KEY (site_id=? AND contact_id=? AND kind=? AND to_position>?)",
                "r USING PRIMARY KEY (site_id=? AND contact_id=? AND message_id=?)",
            ] {
                assert!(plan.iter().any(|step| step.contains(part)), "{part}: {plan:#?}");
            }
            let walks = |step: &String| {
                ["SCAN w", "SCAN r", "SCAN recipient", "TEMP B-TREE", "AUTOMATIC"]
                    .iter()
                    .any(|sign| step.contains(sign))
            };
            assert!(!plan.iter().any(walks), "{plan:#?}");
        }
    }
    plans.close().await;
}
