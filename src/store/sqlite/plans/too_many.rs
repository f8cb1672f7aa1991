//! Plans of the statements that find excess messages for the retention cap.

use super::Plans;
use crate::store::sqlite::{described, moves, retention, segment, surplus};

/// Contacts above the cap are found by an index of only these. A feed is read by itself, both for
/// its length and to check that it is empty.
#[tokio::test]
async fn excess_messages_are_found_per_feed() {
    let mut plans = Plans::new().await;
    for (statement, expected) in [
        (surplus::FULL, "INDEX contact_full"),
        (retention::LEAVING, "INDEX message_leaving"),
        (surplus::SHARED, "INDEX segment_in_use"),
        (surplus::NEWEST_SURPLUS[0], "placement USING PRIMARY KEY (site_id=? AND contact_id=? AND position>?)"),
        (surplus::NEWEST_SURPLUS[1], "placement USING COVERING INDEX placement_pinned (site_id=? AND contact_id=? AND position>?)"),
        (surplus::SURPLUS[0], "placement USING PRIMARY KEY (site_id=? AND contact_id=? AND position>? AND position<?)"),
        (surplus::SURPLUS[1], "placement USING COVERING INDEX placement_pinned (site_id=? AND contact_id=? AND position>? AND position<?)"),
        (surplus::DELETE_OWN[0], "placement_message (site_id=? AND message_id=? AND contact_id=?)"),
        (surplus::DELETE_OWN[1], "receipt USING PRIMARY KEY (site_id=? AND contact_id=? AND message_id=?)"),
        (surplus::DELETE_OWN[2], "placement USING COVERING INDEX placement_message (site_id=? AND message_id=?)"),
        (retention::DELETE_MESSAGE, "placement USING INDEX placement_message (site_id=? AND message_id=?)"),
        (described::DELETE_MEMBERS, "segment_member USING PRIMARY KEY (site_id=? AND segment=?"),
        (segment::DELETE_MEMBERS, "segment_member USING PRIMARY KEY (site_id=? AND segment=? AND list>? AND list<?)"),
        (described::UNUSED, "p USING PRIMARY KEY (site_id=? AND contact_id=?)"),
        (described::DETACH, "p USING PRIMARY KEY (site_id=? AND contact_id=?)"),
        (segment::AGAIN, "segment USING INDEX segment_hash (site_id=? AND hash=?)"),
        (moves::FULL, "INDEX contact_moved"),
        (moves::LAST_KEPT, "watermark_log USING PRIMARY KEY (site_id=? AND contact_id=? AND kind=?)"),
        (moves::OLDEST, "watermark_log USING PRIMARY KEY (site_id=? AND contact_id=? AND kind=?"),
        (moves::DELETE, "watermark_log USING PRIMARY KEY (site_id=? AND contact_id=? AND kind=?"),
        (moves::RECOUNT, "w USING PRIMARY KEY (site_id=? AND contact_id=?)"),
        (surplus::RECOUNT, "p USING PRIMARY KEY (site_id=? AND contact_id=? AND position>?)"),
    ] {
        let plan = plans.of(statement).await;
        assert!(plan.iter().any(|step| step.contains(expected)), "{expected}: {plan:#?}");
        let walks = |step: &String| ["SCAN placement", "SCAN receipt", "SCAN p"].iter().any(|sign| step.contains(sign));
        assert!(!plan.iter().any(walks), "{plan:#?}");
    }
    plans.close().await;
}
