//! Plans of the statements that find excess messages for the retention cap.

use super::Plans;
use crate::sql::{
    inline_segments, message_deletion, retention, retention_cap, segment, watermark_compaction,
};

/// Contacts above the cap are found by an index of only these. A feed is read by itself, both for
/// its length and to check that it is empty.
#[tokio::test]
async fn excess_messages_are_found_per_feed() {
    let mut plans = Plans::new().await;
    for (statement, expected) in [
        (retention_cap::CONTACTS_OVER_LIMIT, "INDEX contact_over_cap"),
        (retention::PARTLY_DELETED, "INDEX message_deleting"),
        (retention_cap::SHARED_FEEDS, "INDEX segment_in_use"),
        (
            retention_cap::NEWEST_EXCESS[0],
            "recipient USING PRIMARY KEY (site_id=? AND contact_id=? AND position>?)",
        ),
        (
            retention_cap::NEWEST_EXCESS[1],
            "recipient USING COVERING INDEX recipient_pinned (site_id=? AND contact_id=? AND position>?)",
        ),
        (
            retention_cap::EXCESS[0],
            "recipient USING PRIMARY KEY (site_id=? AND contact_id=? AND position>? AND position<?)",
        ),
        (
            retention_cap::EXCESS[1],
            "recipient USING COVERING INDEX recipient_pinned (site_id=? AND contact_id=? AND position>? AND position<?)",
        ),
        (
            retention_cap::DELETE_OWN[0],
            "recipient_message (site_id=? AND message_id=? AND contact_id=?)",
        ),
        (
            retention_cap::DELETE_OWN[1],
            "receipt USING PRIMARY KEY (site_id=? AND contact_id=? AND message_id=?)",
        ),
        (
            retention_cap::DELETE_OWN[2],
            "recipient USING COVERING INDEX recipient_message (site_id=? AND message_id=?)",
        ),
        (
            message_deletion::DELETE_MESSAGE,
            "recipient USING INDEX recipient_message (site_id=? AND message_id=?)",
        ),
        (
            inline_segments::DELETE_MEMBERS,
            "segment_member USING PRIMARY KEY (site_id=? AND segment=?",
        ),
        (
            segment::DELETE_MEMBERS,
            "segment_member USING PRIMARY KEY (site_id=? AND segment=? AND list>? AND list<?)",
        ),
        (inline_segments::UNUSED, "p USING PRIMARY KEY (site_id=? AND contact_id=?)"),
        (inline_segments::DETACH, "p USING PRIMARY KEY (site_id=? AND contact_id=?)"),
        (segment::RENEW_INLINE, "segment USING INDEX segment_hash (site_id=? AND hash=?)"),
        (watermark_compaction::CONTACTS_OVER_LIMIT, "INDEX contact_long_log"),
        (
            watermark_compaction::OLDEST_KEPT,
            "watermark_log USING PRIMARY KEY (site_id=? AND contact_id=? AND kind=?)",
        ),
        (
            watermark_compaction::OLDEST,
            "watermark_log USING PRIMARY KEY (site_id=? AND contact_id=? AND kind=?",
        ),
        (
            watermark_compaction::DELETE,
            "watermark_log USING PRIMARY KEY (site_id=? AND contact_id=? AND kind=?",
        ),
        (watermark_compaction::RECOUNT, "w USING PRIMARY KEY (site_id=? AND contact_id=?)"),
        (retention_cap::RECOUNT, "p USING PRIMARY KEY (site_id=? AND contact_id=? AND position>?)"),
    ] {
        let plan = plans.of(statement).await;
        assert!(plan.iter().any(|step| step.contains(expected)), "{expected}: {plan:#?}");
        let walks = |step: &String| {
            ["SCAN recipient", "SCAN receipt", "SCAN p"].iter().any(|sign| step.contains(sign))
        };
        assert!(!plan.iter().any(walks), "{plan:#?}");
    }
    plans.close().await;
}
