//! Cases: messages to many named contacts. The number of these contacts, of waiting messages and of
//! other contacts differs between the databases; the writer's cost of a command and of a chunk must
//! not.
//!
//! In store tests a turn is one chunk.

use super::super::scenario::{Scenario, days, expect};
use crate::{
    CancelOutcome, MAX_FAN_OUTS,
    contract::test_store::{NOW, after},
};
use belfry_domain::{
    Audience, ContactFilter, ContactId, ContactLookup, Message, MessageEdit, SiteId,
};

/// The audience of a message that waits with others: a little more than one chunk.
const SMALL_AUDIENCE: usize = 70;

pub async fn run(s: &Scenario) {
    let store = &s.world.store;
    expect(s.measure("fan_out: nothing", store.fan_out(NOW)).await, false);
    let stored = store.count_contacts(s.site, &ContactFilter::default(), 1_000_000).await.unwrap();
    let many = usize::try_from(stored).unwrap() + 100;
    let site = s.crowd(s.site, many).await;
    publish(s, &site).await;
    parts(s, s.site, &site, "collected").await;
    let small_site = s.crowd(s.small_site, many).await;
    parts(s, s.small_site, &small_site, "plain").await;
}

async fn to_end(s: &Scenario) {
    while s.world.store.fan_out(NOW).await.unwrap() {}
}

async fn publish(s: &Scenario, many: &[ContactId]) {
    let store = &s.world.store;
    let message = s.world.message(s.site, Some(&many[..100]));
    s.measure("publish: to a hundred", store.publish(&message, None, NOW)).await;
    s.measure("wait_for_fan_out", async {
        store.wait_for_fan_out().await;
        Ok(())
    })
    .await;
    to_end(s).await;
    let message = Message { publish_at: days(1), ..s.world.message(s.site, Some(&many[..100])) };
    s.measure("publish: to a hundred, later", store.publish(&message, None, NOW)).await;
    to_end(s).await;
    let named = |contacts: &[ContactId]| {
        Some(Audience::Contacts(contacts.iter().copied().map(ContactLookup::Id).collect()))
    };
    let edit = MessageEdit { audience: named(&many[10..100]), ..MessageEdit::default() };
    expect(
        s.measure(
            "edit_message: audience, to ninety",
            store.edit_message(s.site, message.id, &edit, NOW),
        )
        .await
        .is_some(),
        true,
    );
    expect(s.measure("fan_out: former audience", store.fan_out(NOW)).await, true);
    to_end(s).await;
    let waiting = s.publish_as(Some(many), |message| message.publish_at = days(1)).await;
    to_end(s).await;
    expect(
        s.measure("cancel_message: to many", store.cancel_message(s.site, waiting, NOW)).await,
        CancelOutcome::Done,
    );
}

async fn parts(s: &Scenario, site: SiteId, many: &[ContactId], name: &str) {
    let store = &s.world.store;
    let message = s.world.message(site, Some(many));
    store.publish(&message, None, NOW).await.unwrap();
    for _ in 0..(many.len() / 100).min(MAX_FAN_OUTS as usize - 1) {
        store
            .publish(&s.world.message(site, Some(&many[..SMALL_AUDIENCE])), None, NOW)
            .await
            .unwrap();
    }
    expect(s.measure(&format!("fan_out: {name}"), store.fan_out(NOW)).await, true);
    expect(
        s.measure_each(
            &format!("message: to many, {name}"),
            many.len(),
            store.message(site, message.id),
        )
        .await
        .is_some(),
        true,
    );
    to_end(s).await;
    let edit = MessageEdit { pinned: Some(true), ..MessageEdit::default() };
    let edited = s
        .measure_each(
            &format!("edit_message: to many, {name}"),
            many.len(),
            store.edit_message(site, message.id, &edit, after(1)),
        )
        .await;
    expect(edited.is_some(), true);
    expect(s.measure(&format!("fan_out: edited, {name}"), store.fan_out(NOW)).await, true);
    expect(
        s.measure(
            &format!("recall_message: to many, {name}"),
            store.recall_message(site, message.id, after(2)),
        )
        .await,
        true,
    );
    expect(s.measure(&format!("fan_out: recalled, {name}"), store.fan_out(NOW)).await, true);
    to_end(s).await;
}
