//! Plans of fan-out statements: each chunk uses keys, however many contacts the message has.

use super::Plans;
use crate::sql::{contact, fan_out, message_rows, outbox, reports, stats};

#[tokio::test]
async fn chunks_find_their_contacts_by_key() {
    let mut plans = Plans::new().await;
    for (statement, expected) in [
        (fan_out::NEXT_SITE, vec!["fan_out USING COVERING INDEX fan_out_order (site_id>?)"]),
        (
            fan_out::NEXT,
            vec![
                "f USING INDEX fan_out_order (site_id=?)",
                "m USING INDEX message_id (site_id=? AND id=?)",
            ],
        ),
        (fan_out::UNFINISHED, vec!["fan_out USING COVERING INDEX fan_out_order (site_id=?)"]),
        (fan_out::BEGIN, vec!["f USING COVERING INDEX fan_out_order (site_id=? AND priority=?)"]),
        (fan_out::RESTART, vec!["f USING COVERING INDEX fan_out_order (site_id=? AND priority=?)"]),
        (fan_out::REPLACE, vec!["f USING COVERING INDEX fan_out_order (site_id=? AND priority=?)"]),
        (
            fan_out::DELETE_PENDING,
            vec!["fan_out_chunk USING PRIMARY KEY (site_id=? AND message_id=?)"],
        ),
        (
            fan_out::FIRST_PENDING,
            vec!["fan_out_chunk USING PRIMARY KEY (site_id=? AND message_id=?)"],
        ),
        (fan_out::EXISTING, vec!["contact USING PRIMARY KEY (site_id=? AND id=?)"]),
        (
            fan_out::PLACED_AFTER,
            vec![
                "recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=? AND contact_id>?)",
            ],
        ),
        (
            fan_out::REALIGN,
            vec![
                "recipient USING INDEX recipient_message (site_id=? AND message_id=? AND contact_id>? AND contact_id<?)",
            ],
        ),
        (
            fan_out::DELETE_FORMER_RECIPIENTS,
            vec![
                "recipient USING INDEX recipient_message (site_id=? AND message_id=? AND contact_id=?)",
                "recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=? AND contact_id>?)",
            ],
        ),
        (fan_out::PLACE, vec!["contact USING PRIMARY KEY (site_id=? AND id=?)"]),
        (fan_out::SET_VERSIONS, vec!["contact USING PRIMARY KEY (site_id=? AND id=?)"]),
        (
            fan_out::DELETE_WITHOUT_AUDIENCE,
            vec![
                "message USING INDEX message_id (site_id=? AND id=?)",
                "recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=?)",
            ],
        ),
        (
            fan_out::AUDIENCE,
            vec![
                "recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=?)",
                "chunk USING PRIMARY KEY (site_id=? AND message_id=?)",
                "contact USING PRIMARY KEY (site_id=? AND id=?)",
            ],
        ),
        (
            reports::SUMMARY,
            vec![
                "chunk USING PRIMARY KEY (site_id=? AND message_id=?)",
                "f USING PRIMARY KEY (site_id=? AND message_id=?)",
            ],
        ),
        (
            stats::NAMED,
            vec![
                "chunk USING PRIMARY KEY (site_id=? AND message_id=?)",
                "f USING PRIMARY KEY (site_id=? AND message_id=?)",
            ],
        ),
        (
            message_rows::FIRST_RECIPIENTS,
            vec!["recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=?)"],
        ),
        (contact::WITH_EXTERNAL_ID, vec!["contact USING PRIMARY KEY (site_id=? AND id=?)"]),
        (
            outbox::QUEUE_TO_CONTACTS,
            vec![
                "other USING COVERING INDEX webhook_delivery_contact (endpoint=? AND contact_id=? AND state=?)",
            ],
        ),
        (
            outbox::QUEUE_FOR_CONTACT,
            vec![
                "other USING COVERING INDEX webhook_delivery_contact (endpoint=? AND contact_id=? AND state=?)",
            ],
        ),
        (
            outbox::COALESCE_FOR_CONTACT,
            vec![
                "other USING INDEX webhook_delivery_subject (endpoint=? AND contact_id=? AND type=? AND subject=?)",
                "webhook_delivery USING INTEGER PRIMARY KEY (rowid=?)",
            ],
        ),
        (outbox::BACKLOGS, vec!["b USING PRIMARY KEY (endpoint=? AND contact=?)"]),
    ] {
        let plan = plans.of(statement).await;
        for part in expected {
            assert!(plan.iter().any(|step| step.contains(part)), "{part}: {statement}: {plan:#?}");
        }
        for step in &plan {
            let scanned = step.strip_prefix("SCAN ").and_then(|scanned| scanned.split(' ').next());
            assert!(
                scanned.is_none_or(|table| matches!(
                    table,
                    "input" | "chunk" | "snapshot" | "CONSTANT"
                ) && !step.contains("USING")
                    || step.contains("VIRTUAL TABLE")),
                "{statement}: {plan:#?}"
            );
            assert!(
                !step.contains("TEMP B-TREE") && !step.contains("AUTOMATIC"),
                "{statement}: {plan:#?}"
            );
        }
    }
    plans.close().await;
}
