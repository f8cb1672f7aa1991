//! Plans of statements that search contacts and read their history.

use super::Plans;
use crate::sql::{contact_admin, imports};

/// Each search filter has its own index, which also gives the order.
#[tokio::test]
async fn contact_search_uses_the_index_of_the_filter() {
    let mut plans = Plans::new().await;
    for (way, index) in [
        (contact_admin::ALL, "(site_id=? AND id"),
        (contact_admin::BY_EMAIL, "INDEX contact_email (site_id=? AND email=?"),
        (contact_admin::BY_PHONE, "INDEX contact_phone (site_id=? AND phone=?"),
        (contact_admin::BY_FIRST_NAME, "INDEX contact_first_name (site_id=? AND first_name_key=?"),
        (contact_admin::BY_LAST_NAME, "INDEX contact_last_name (site_id=? AND last_name_key=?"),
        (contact_admin::BY_LANGUAGE, "INDEX contact_language (site_id=? AND language=?"),
        (contact_admin::BY_TEXT, "COVERING INDEX contact_search (site_id=? AND id"),
    ] {
        for statement in [way.newest, way.oldest] {
            let plan = plans.of(statement).await;
            assert!(plan.iter().any(|step| step.contains(index)), "{statement}: {plan:#?}");
            assert!(
                !plan.iter().any(|step| step.contains("TEMP B-TREE")),
                "{statement}: {plan:#?}"
            );
        }
        let plan = plans.of(way.count).await;
        assert!(
            plan.iter().any(|step| step.contains("SEARCH contact")),
            "{}: {plan:#?}",
            way.count
        );
    }
    for (statement, index) in [
        (imports::NEXT, "import_waiting"),
        (imports::LIST, "PRIMARY KEY (site_id=? AND id<?)"),
        (imports::UNFINISHED, "INDEX import_unfinished (site_id=?)"),
        (imports::FINISHED, "INDEX import_finished (finished_at<?)"),
    ] {
        let plan = plans.of(statement).await;
        assert!(plan.iter().all(|step| step.contains(index)), "{statement}: {plan:#?}");
    }
    plans.close().await;
}

/// The times in a contact's history are looked up by key, and only for the returned rows.
#[tokio::test]
async fn history_times_are_read_for_returned_rows_only() {
    let mut plans = Plans::new().await;
    let plan = plans.of(contact_admin::RECEIPTS).await;
    let at = |part: &str| {
        plan.iter()
            .position(|step| step.contains(part))
            .unwrap_or_else(|| panic!("{part}: {plan:#?}"))
    };
    let known = at("MATERIALIZE list");
    assert!(
        at("message USING COVERING INDEX message_id (site_id=? AND id=?)") > known
            && at("SCAN list") > known,
        "{plan:#?}"
    );
    at("SEARCH recipient USING PRIMARY KEY (site_id=? AND contact_id=?)");
    let moves: Vec<_> = plan.iter().filter(|step| step.starts_with("SEARCH w ")).collect();
    assert_eq!(moves.len(), 3, "{plan:#?}");
    assert!(
        moves.iter().all(|step| step
            .contains("PRIMARY KEY (site_id=? AND contact_id=? AND kind=? AND to_position>?)")),
        "{plan:#?}"
    );
    assert!(at("SEARCH w ") > at("SCAN list"), "{plan:#?}");
    plans.close().await;
}
