//! Limits of segments, and segments in use by messages.

use super::{
    segments::{contact_on_plan, has_plan, publish_to, segment, segment_draft},
    test_store::{NOW, TestStore, after},
};
use crate::{Conflict, DeleteSegmentOutcome, StoreError};
use belfry_domain::{AttributeTest, Condition, MessageAudience, Segment, SiteSettings};
use serde_json::json;

pub async fn names_are_unique_and_used_segments_are_kept(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let made = segment(world, site, Some("pro"), has_plan("pro")).await;
    let again = world
        .store
        .add_segment(site, &segment_draft(Some("pro"), has_plan("free"), Vec::new()), NOW)
        .await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let other = segment(world, site, Some("free"), has_plan("free")).await;
    assert!(matches!(
        world
            .store
            .update_segment(
                site,
                other.id,
                &segment_draft(Some("pro"), has_plan("free"), Vec::new()),
                None,
                NOW
            )
            .await,
        Err(StoreError::Conflict(_))
    ));
    let sent = publish_to(world, site, &made).await;
    assert_eq!(
        world.store.delete_segment(site, made.id).await.unwrap(),
        DeleteSegmentOutcome::InUse
    );
    assert_eq!(
        world.store.delete_segment(site, other.id).await.unwrap(),
        DeleteSegmentOutcome::Done
    );
    assert_eq!(
        world.store.delete_segment(site, other.id).await.unwrap(),
        DeleteSegmentOutcome::Unknown
    );
    world.store.recall_message(site, sent, NOW).await.unwrap();
    assert_eq!(
        world.store.delete_segment(site, made.id).await.unwrap(),
        DeleteSegmentOutcome::Done
    );
    assert_eq!(world.store.segments(site, None, 9).await.unwrap(), []);
    // A message cannot be addressed to a missing one.
    let message = world.message_to(site, MessageAudience::Segment(made.id));
    assert!(matches!(world.store.publish(&message, None, NOW).await, Err(StoreError::Conflict(_))));
}

pub async fn segments_in_use_are_bounded(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = contact_on_plan(world, site, "1", "0").await;
    let mut sent = Vec::new();
    for number in 0..=Segment::IN_USE {
        let segment = segment(world, site, None, has_plan(&number.to_string())).await;
        if number < Segment::IN_USE {
            sent.push(publish_to(world, site, &segment).await);
            continue;
        }
        let message = world.message_to(site, MessageAudience::Segment(segment.id));
        let refused = world.store.publish(&message, None, NOW).await;
        assert!(
            matches!(&refused, Err(StoreError::Conflict(Conflict::TooManySegments))),
            "{refused:?}"
        );
        world.store.recall_message(site, sent[1], NOW).await.unwrap();
        world.publish_at(&message, NOW).await;
    }
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [sent[0]]);
    // A reader who is in all of them is served as well.
    let anyone = world
        .store
        .add_segment(
            site,
            &segment_draft(None, Condition::Not(Box::new(has_plan("none"))), Vec::new()),
            NOW,
        )
        .await
        .unwrap();
    world.store.recall_message(site, sent[2], NOW).await.unwrap();
    let all = publish_to(world, site, &anyone).await;
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [all, sent[0]]);
}

/// As expensive as one rule may be: each word is searched in a whole attribute.
fn costly(seed: usize) -> Condition {
    let words = (0..30).map(|number| AttributeTest::Contains(json!(format!("{seed} {number}"))));
    Condition::Any(
        words.map(|test| Condition::Attribute { path: "plan".to_owned(), test }).collect(),
    )
}

pub async fn rule_cost_is_bounded(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (other, _) = world.site("B").await;
    let refused = |outcome: Result<(), StoreError>, at: &str| {
        assert!(
            matches!(&outcome, Err(StoreError::Limit(invalid)) if invalid.field == at),
            "{outcome:?}"
        );
    };
    let mut sent = Vec::new();
    while sent.len() * costly(0).cost() + costly(0).cost() <= Segment::IN_USE_COST {
        let made = segment(world, site, None, costly(sent.len())).await;
        sent.push(publish_to(world, site, &made).await);
    }
    assert!(sent.len() > 2, "{}", sent.len());
    let one_more = segment(world, site, None, costly(999)).await;
    let message = world.message_to(site, MessageAudience::Segment(one_more.id));
    refused(world.store.publish(&message, None, NOW).await.map(drop), "audience.segment");
    // Cheap ones are accepted until one of them becomes expensive while it is in use.
    let cheap = segment(world, site, Some("cheap"), has_plan("pro")).await;
    publish_to(world, site, &cheap).await;
    let change = segment_draft(Some("cheap"), costly(998), Vec::new());
    refused(
        world.store.update_segment(site, cheap.id, &change, None, NOW).await.map(drop),
        "condition",
    );
    assert_eq!(
        world.store.segment(site, cheap.id).await.unwrap().unwrap().rule,
        cheap.rule,
        "no row of it remains"
    );
    let elsewhere = segment(world, other, None, costly(1)).await;
    publish_to(world, other, &elsewhere).await;
    world.store.recall_message(site, sent[0], NOW).await.unwrap();
    world.publish_at(&message, NOW).await;
    // A report evaluates all named segments.
    let mut named = 0;
    let last = loop {
        let made = world
            .store
            .add_segment(
                other,
                &segment_draft(Some(&named.to_string()), costly(named), Vec::new()),
                NOW,
            )
            .await;
        if made.is_err() {
            break made;
        }
        named += 1;
    };
    refused(last.map(drop), "condition");
    assert_eq!(named, Segment::NAMED_COST / costly(0).cost());
}

pub async fn inline_segment_is_deleted_with_its_last_message(world: &TestStore) {
    const DAY: u64 = 86_400;
    let (site, _) = world.site("A").await;
    let (other, _) = world.site("B").await;
    let settings = SiteSettings::new(Vec::new(), Some(10), Vec::new()).unwrap();
    world.store.update_settings(site, &settings).await.unwrap();
    let reader = contact_on_plan(world, site, "1", "pro").await;
    let named = segment(world, site, Some("named"), has_plan("pro")).await;
    let (sent, recalled, never) = (
        segment(world, site, None, has_plan("pro")).await,
        segment(world, site, None, has_plan("a")).await,
        segment(world, site, None, has_plan("b")).await,
    );
    let foreign = segment(world, other, None, has_plan("pro")).await;
    let message = publish_to(world, site, &sent).await;
    let back = publish_to(world, site, &recalled).await;
    publish_to(world, other, &foreign).await;
    world.store.recall_message(site, back, NOW).await.unwrap();
    let there =
        async |segment: &Segment| world.store.segment(site, segment.id).await.unwrap().is_some();
    // It exists before its message does.
    assert_eq!(world.store.forget_messages(after(DAY)).await.unwrap(), 0);
    assert!(there(&never).await);
    // Adding it again creates a new one.
    let again = world
        .store
        .add_segment(site, &segment_draft(None, has_plan("b"), Vec::new()), after(DAY))
        .await
        .unwrap();
    assert_eq!(again, never);
    assert_eq!(world.store.forget_messages(after(DAY + 1)).await.unwrap(), 0);
    assert_eq!(world.store.forget_messages(after(2 * DAY + 1)).await.unwrap(), 1);
    assert!(!there(&never).await && there(&recalled).await && there(&sent).await);
    // With the messages, recalled and used segments are deleted, too.
    assert_eq!(world.list_ids(site, reader, 5, after(2 * DAY)).await, [message]);
    world.store.forget_messages(after(10 * DAY + 1)).await.unwrap();
    assert!(!there(&recalled).await && !there(&sent).await && there(&named).await);
    assert_eq!(world.store.segment(other, foreign.id).await.unwrap(), Some(foreign));
    assert_eq!(world.list_ids(site, reader, 5, after(10 * DAY + 1)).await, []);
    // Defining it once more creates a new one.
    let anew = world
        .store
        .add_segment(site, &segment_draft(None, has_plan("pro"), Vec::new()), after(11 * DAY))
        .await
        .unwrap();
    let message = publish_to(world, site, &anew).await;
    assert!(anew.id > sent.id);
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [message]);
}

pub async fn another_process_sees_segments_in_use(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = contact_on_plan(world, site, "1", "pro").await;
    let other = world.backend.open(world.events.clone()).await.unwrap();
    let segment = segment(world, site, Some("some"), has_plan("pro")).await;
    let sent = publish_to(world, site, &segment).await;
    assert_eq!(other.counts(site, reader, NOW).await.unwrap().unread, 1);
    world
        .store
        .update_segment(
            site,
            segment.id,
            &segment_draft(Some("some"), has_plan("free"), Vec::new()),
            None,
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(other.counts(site, reader, NOW).await.unwrap().unread, 0);
    other
        .update_segment(
            site,
            segment.id,
            &segment_draft(Some("some"), has_plan("pro"), Vec::new()),
            None,
            NOW,
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(world.list_ids(site, reader, 5, NOW).await, [sent]);
    other.close().await;
}
