//! Cases: segments.

use super::super::scenario::{Scenario, expect};
use crate::{
    DeleteSegmentOutcome,
    contract::{
        segments::{has_plan, segment_draft},
        test_store::NOW,
    },
};
use belfry_domain::{Condition, ContactId, MessageAudience, SegmentId};

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    let few: Vec<ContactId> = (1..=5).map(ContactId).collect();
    let listed = || segment_draft(Some("listed"), Condition::Contacts(0), vec![few.clone()]);
    let segment = s.measure("add_segment", store.add_segment(s.site, &listed(), NOW)).await;
    s.measure(
        "add_segment: inline",
        store.add_segment(s.site, &segment_draft(None, has_plan("gold"), Vec::new()), NOW),
    )
    .await;
    s.measure(
        "add_segment: existing inline",
        store.add_segment(s.site, &segment_draft(None, has_plan("gold"), Vec::new()), NOW),
    )
    .await;
    s.publish_to(MessageAudience::Segment(segment.id)).await;
    let former = segment.revision();
    expect(
        s.measure(
            "update_segment: in use",
            store.update_segment(s.site, segment.id, &listed(), Some(&former), NOW),
        )
        .await
        .is_some(),
        true,
    );
    expect(s.measure("segment", store.segment(s.site, segment.id)).await.is_some(), true);
    expect(
        s.measure("segment_by_name", store.segment_by_name(s.site, "listed")).await.is_some(),
        true,
    );
    expect(s.measure("segments", store.segments(s.site, None, 3)).await.len(), 3);
    expect(
        s.measure("segments: older", store.segments(s.site, Some(SegmentId(9)), 3)).await.len(),
        3,
    );
    expect(
        s.measure("delete_segment: in use", store.delete_segment(s.site, segment.id)).await,
        DeleteSegmentOutcome::InUse,
    );
    // Many other messages to this segment were cancelled before they were shown.
    let last = s.publish_to(MessageAudience::Segment(SegmentId(6))).await;
    expect(
        s.measure("recall_message: last to a segment", store.recall_message(s.site, last, NOW))
            .await,
        true,
    );
    expect(
        s.measure("delete_segment: all recalled", store.delete_segment(s.site, SegmentId(6))).await,
        DeleteSegmentOutcome::Done,
    );
    let unused = store
        .add_segment(s.site, &segment_draft(Some("unused"), Condition::Contacts(0), vec![few]), NOW)
        .await
        .unwrap();
    expect(
        s.measure("delete_segment", store.delete_segment(s.site, unused.id)).await,
        DeleteSegmentOutcome::Done,
    );
}
