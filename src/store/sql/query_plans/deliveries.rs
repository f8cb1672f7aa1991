//! Plans of webhook delivery statements.

use super::Plans;
use crate::sql::{delivery, due_deliveries, outbox};

/// Neither queueing a delivery nor polling for due ones may cost more when more deliveries wait.
#[tokio::test]
async fn delivery_statements_use_their_indexes() {
    let mut plans = Plans::new().await;
    let statements = [
        outbox::SUBSCRIBED_ENDPOINTS,
        outbox::SNAPSHOT_ENDPOINTS,
        outbox::QUEUE,
        outbox::SCHEDULE_NEXT,
        outbox::COALESCE,
        outbox::BACKLOG,
        outbox::LONGEST_BACKLOG,
        outbox::OLDEST_CONTACT,
        outbox::GIVE_UP_OLDEST,
        outbox::GIVE_UP_OLDEST_OF_NONE,
        outbox::DELETE_OF_CONTACT,
        due_deliveries::BUSY,
        due_deliveries::DUE,
        delivery::LIST,
        delivery::LIST_STATE,
        due_deliveries::REPLAY,
        due_deliveries::DELETE_FINISHED[0],
        due_deliveries::DELETE_FINISHED[1],
        due_deliveries::TO_SWEEP,
        due_deliveries::DELETE_EXCESS,
        due_deliveries::DELETE_OF_ENDPOINT,
        due_deliveries::GIVE_UP_OLD,
    ];
    for statement in statements {
        let plan = plans.of(statement).await;
        // `busy` is the short list that the statement itself builds.
        let scans: Vec<&String> = plan
            .iter()
            .filter(|step| {
                step.starts_with("SCAN") && !step.contains("busy") && !step.contains("CONSTANT")
            })
            .collect();
        assert!(scans.is_empty(), "{statement}: {plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{statement}: {plan:#?}");
    }
    let due = plans.of(due_deliveries::DUE).await;
    assert!(
        due.iter().any(|step| step.contains("webhook_delivery_due (endpoint=? AND next_at<?)")),
        "{due:#?}"
    );
    let feed = plans.of(outbox::SCHEDULE_NEXT).await;
    assert!(
        feed.iter().any(|step| step.contains(
            "webhook_delivery_contact (endpoint=? AND contact_id=? AND state=? AND next_at=?)"
        )),
        "{feed:#?}"
    );
    plans.close().await;
}
