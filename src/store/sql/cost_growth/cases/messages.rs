//! Cases: messages as senders see them: published, read, edited, recalled and counted.

use super::super::scenario::{Scenario, days, expect};
use crate::{
    CancelOutcome, PublishOutcome,
    contract::{
        segments::{has_plan, segment_draft},
        test_store::{NOW, after},
    },
};
use belfry_domain::{
    Audience, ContactId, ContactLookup, Digest, IdempotentRequest, Message, MessageAudience,
    MessageEdit, MessageQuery, MessageState,
};

pub async fn run(s: &Scenario) {
    published(s).await;
    changed(s).await;
    listed(s).await;
    counted(s).await;
}

async fn published(s: &Scenario) {
    let store = &s.world.store;
    let message = |contacts: Option<&[ContactId]>| s.world.message(s.site, contacts);
    let to_segment = |segment| s.world.message_to(s.site, MessageAudience::Segment(segment));
    let pro = store.segment_by_name(s.site, "pro").await.unwrap().unwrap();
    let few: Vec<ContactId> = (3..8).map(ContactId).collect();
    let one = message(Some(&[s.reader]));
    s.measure("publish: to one", store.publish(&one, None, NOW)).await;
    s.measure("publish: to five", store.publish(&message(Some(&few)), None, NOW)).await;
    s.measure("publish: to everyone", store.publish(&message(None), None, NOW)).await;
    s.measure("publish: to a segment", store.publish(&to_segment(pro.id), None, NOW)).await;
    let gold = store
        .add_segment(s.site, &segment_draft(None, has_plan("gold"), Vec::new()), NOW)
        .await
        .unwrap();
    s.measure("publish: to a segment not in use", store.publish(&to_segment(gold.id), None, NOW))
        .await;
    s.measure(
        "publish: later",
        store.publish(&Message { publish_at: days(1), ..message(None) }, None, NOW),
    )
    .await;
    let key = IdempotentRequest { key: "order-7".to_owned(), fingerprint: Digest::of("same") };
    let keyed = message(None);
    s.measure("publish: with a key", store.publish(&keyed, Some(&key), NOW)).await;
    expect(
        s.measure("publish: repeated", store.publish(&message(None), Some(&key), NOW)).await,
        PublishOutcome::Duplicate(keyed.id),
    );
    expect(
        s.measure("earlier_publish", store.earlier_publish(s.site, &key)).await,
        Some(PublishOutcome::Duplicate(keyed.id)),
    );
    expect(s.measure("message", store.message(s.site, one.id)).await.is_some(), true);
}

async fn changed(s: &Scenario) {
    let store = &s.world.store;
    let few: Vec<ContactId> = (3..8).map(ContactId).collect();
    let pro = store.segment_by_name(s.site, "pro").await.unwrap().unwrap();
    let pinned = MessageEdit {
        pinned: Some(true),
        category: Some(Some("orders".to_owned())),
        ..MessageEdit::default()
    };
    let over = MessageEdit { expires_at: Some(Some(NOW)), ..MessageEdit::default() };
    let back = MessageEdit { expires_at: Some(None), ..MessageEdit::default() };
    let to_few = MessageEdit {
        audience: Some(Audience::Contacts(few.iter().copied().map(ContactLookup::Id).collect())),
        ..MessageEdit::default()
    };
    let shown = [
        ("to five", MessageAudience::Contacts(few.clone())),
        ("to everyone", MessageAudience::Everyone),
        ("to a segment", MessageAudience::Segment(pro.id)),
    ];
    let later = async |audience| {
        s.publish_as(None, |message| {
            (message.audience, message.publish_at) = (audience, days(1));
        })
        .await
    };
    for (name, audience) in shown {
        let id = s.publish_to(audience.clone()).await;
        for (change, edit) in [("pinned", &pinned), ("over", &over), ("back", &back)] {
            let edited = s
                .measure(
                    &format!("edit_message: {change}, {name}"),
                    store.edit_message(s.site, id, edit, after(1)),
                )
                .await;
            expect(edited.is_some(), true);
        }
        expect(
            s.measure(
                &format!("recall_message: {name}"),
                store.recall_message(s.site, id, after(1)),
            )
            .await,
            true,
        );
        let id = s.publish_to(audience.clone()).await;
        let former = store.message(s.site, id).await.unwrap().unwrap().revision();
        let edited = s
            .measure(
                &format!("edit_message_if_unchanged: {name}"),
                store.edit_message_if_unchanged(s.site, id, &former, &pinned, after(1)),
            )
            .await;
        expect(edited.is_some(), true);
        let waiting = later(audience.clone()).await;
        let edited = s
            .measure(
                &format!("edit_message: audience, {name}"),
                store.edit_message(s.site, waiting, &to_few, NOW),
            )
            .await;
        expect(edited.is_some(), true);
        let waiting = later(audience.clone()).await;
        expect(
            s.measure(
                &format!("cancel_message: {name}"),
                store.cancel_message(s.site, waiting, NOW),
            )
            .await,
            CancelOutcome::Done,
        );
    }
}

async fn listed(s: &Scenario) {
    let store = &s.world.store;
    let newest = || MessageQuery::newest(3);
    // Each queried property also matches other messages of the site, so the page fills at once.
    for (name, query) in [
        ("newest", newest()),
        ("live", MessageQuery { state: Some(MessageState::Live), ..newest() }),
        ("scheduled", MessageQuery { state: Some(MessageState::Scheduled), ..newest() }),
        ("recalled", MessageQuery { state: Some(MessageState::Recalled), ..newest() }),
        ("category", MessageQuery { category: Some("news".to_owned()), ..newest() }),
        ("text", MessageQuery { text: Some("message".to_owned()), ..newest() }),
        ("span", MessageQuery { from: Some(NOW), to: Some(after(5)), ..newest() }),
    ] {
        let page =
            s.measure(&format!("messages: {name}"), store.messages(s.site, &query, NOW)).await;
        expect(page.items.is_empty(), false);
        if let Some(next) = page.next {
            let older = MessageQuery { before: Some(next), ..query };
            s.measure(&format!("messages: {name}, older"), store.messages(s.site, &older, NOW))
                .await;
        }
    }
}

/// Counting reads the whole audience, so the cost is per contact of it.
async fn counted(s: &Scenario) {
    let store = &s.world.store;
    let few: Vec<ContactId> = (3..8).map(ContactId).collect();
    let pro = store.segment_by_name(s.site, "pro").await.unwrap().unwrap();
    let contacts = usize::try_from(
        store
            .count_contacts(s.site, &belfry_domain::ContactFilter::default(), 1_000_000)
            .await
            .unwrap(),
    )
    .unwrap();
    // The split is by each named segment.
    let segments = store.segments(s.site, None, 10_000).await.unwrap().len();
    for (name, audience, count) in [
        ("five", MessageAudience::Contacts(few), 1),
        ("everyone", MessageAudience::Everyone, contacts),
        ("segment", MessageAudience::Segment(pro.id), contacts),
    ] {
        let id = s.publish_to(audience).await;
        s.measure_each(
            &format!("message_stats: {name}"),
            count,
            store.message_stats(s.site, id, NOW),
        )
        .await;
        s.measure_each(
            &format!("message_stats_by_segment: {name}"),
            count.max(segments),
            store.message_stats_by_segment(s.site, id, NOW),
        )
        .await;
    }
    s.measure_each("site_stats", contacts, store.site_stats(s.site, NOW, days(1))).await;
}
