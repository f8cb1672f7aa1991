//! Cases: the steps of the background jobs. The due work is the same in each database; the rest is
//! not due.
//!
//! A run queries each site or endpoint on a read connection, so that query is measured per site or
//! endpoint. What a run costs beyond an empty run is for the due work.

use super::super::{
    dataset,
    scenario::{Scenario, days, expect},
};
use crate::{
    Concurrency, RETENTION_CAP_MESSAGES,
    contract::test_store::{NOW, after},
};
use belfry_domain::{
    ContactId, DeliveryAttempt, DeliveryOutcome, Language, ReaderAction, RetryDecision,
    SiteSettings,
};
use std::fmt::Write as _;

const ROOM: Concurrency = Concurrency { total: 100, endpoint: 3, site: 5, after: 0 };

pub async fn run(s: &Scenario) {
    schedule(s).await;
    deliveries(s).await;
    sweep(s).await;
    forget(s).await;
}

async fn schedule(s: &Scenario) {
    let store = &s.world.store;
    s.measure("advance: nothing", store.advance(NOW)).await;
    let few: Vec<ContactId> = (3..8).map(ContactId).collect();
    for contacts in [None, Some(few.as_slice())] {
        s.publish_as(contacts, |message| message.publish_at = after(10)).await;
        s.publish_as(contacts, |message| message.expires_at = Some(after(10))).await;
        s.publish_as(contacts, |message| {
            (message.publish_at, message.expires_at) = (after(5), Some(after(10)));
        })
        .await;
    }
    s.measure("advance", store.advance(after(20))).await;
    expect(
        s.measure("advance_imports: nothing of the site", store.advance_imports(NOW)).await,
        true,
    );
}

async fn deliveries(s: &Scenario) {
    let store = &s.world.store;
    s.measure("due_deliveries: nothing", store.due_deliveries(NOW.minus(day(1)), &[], ROOM)).await;
    let contact = s.contact("of a delivery").await;
    store
        .apply_reader_action(s.site, contact, &ReaderAction::AllRead(None), after(2))
        .await
        .unwrap();
    let due =
        s.measure("due_deliveries", store.due_deliveries(after(30), &[], ROOM)).await.deliveries;
    expect(due.is_empty(), false);
    let outcome = |number, decision| DeliveryOutcome {
        number,
        at: after(30),
        attempt: DeliveryAttempt::default(),
        decision,
    };
    for (name, verdict) in
        [("again", RetryDecision::RetryAt(after(60))), ("done", RetryDecision::Delivered)]
    {
        let outcomes: Vec<_> = due.iter().take(2).map(|due| outcome(due.number, verdict)).collect();
        s.measure(&format!("finish_deliveries: {name}"), store.finish_deliveries(&outcomes)).await;
    }
    s.measure_each("sweep_deliveries: nothing", sites(s).await, store.sweep_deliveries(NOW)).await;
    for (state, finished, queued) in [("1", 4, 4), ("2", 31, 31), ("0", 0, 4)] {
        let (finished, queued) =
            (NOW.minus(day(finished)).millis(), NOW.minus(day(queued)).millis());
        s.database
            .execute(format!(
                "UPDATE webhook_delivery SET finished_at = CASE state WHEN 0 THEN NULL ELSE {finished} END, queued_at = {queued}
                 WHERE number IN (SELECT number FROM webhook_delivery WHERE endpoint = (SELECT number FROM webhook_endpoint
                    WHERE site_id = x'80808080808080808080808080808080' AND id = x'00000000000000000000000000000003')
                 AND state = {state} ORDER BY number LIMIT 2)"
            ))
            .await;
    }
    expect(
        s.measure_beyond(
            "sweep_deliveries",
            "sweep_deliveries: nothing",
            store.sweep_deliveries(NOW),
        )
        .await,
        6,
    );
}

async fn sites(s: &Scenario) -> usize {
    s.world.store.sites().await.unwrap().len()
}

fn day(number: u64) -> std::time::Duration {
    std::time::Duration::from_hours(number * 24)
}

/// Two expired rows of each kind.
async fn sweep(s: &Scenario) {
    let store = &s.world.store;
    expect(s.measure("sweep: nothing", store.sweep(NOW)).await, 0);
    let mut statements = String::new();
    for (table, key, column, at) in [
        ("widget_session", "digest", "expires_at", 1),
        ("contact_token", "digest", "expires_at", 1),
        ("token_family", "family", "expires_at", 1),
        ("preview_link", "digest", "expires_at", 1),
        ("shared_value", "digest", "expires_at", 1),
        ("idempotency", "key", "created_at", 3),
        ("import", "id", "finished_at", 31),
    ] {
        let at = NOW.minus(day(at)).millis();
        let site = "x'80808080808080808080808080808080'";
        let matching = if table == "import" { "AND state = 2" } else { "" };
        write!(
            statements,
            "UPDATE {table} SET {column} = {at} WHERE site_id = {site} AND {key} IN (SELECT {key} FROM {table} WHERE site_id = {site} {matching} LIMIT 2);"
        )
        .unwrap();
    }
    for (table, key) in [("console_session", "digest"), ("invitation", "digest")] {
        write!(
            statements,
            "UPDATE {table} SET expires_at = 1 WHERE {key} IN (SELECT {key} FROM {table} LIMIT 2);"
        )
        .unwrap();
    }
    statements.push_str(
        "UPDATE attempt SET full_at = 1 WHERE subject IN (SELECT subject FROM attempt LIMIT 2);",
    );
    s.database.execute(statements).await;
    expect(s.measure("sweep", store.sweep(NOW)).await, 20);
}

/// In a site of constant size: a few messages that are too old, with receipts, and a few above the
/// retention cap, of a contact and of everyone.
async fn forget(s: &Scenario) {
    let store = &s.world.store;
    // First deletes what other cases left to the background.
    store.forget_messages(NOW).await.unwrap();
    store.sweep_deliveries(NOW).await.unwrap();
    let empty = "forget_messages: nothing";
    expect(s.measure_each(empty, sites(s).await, store.forget_messages(NOW)).await, 0);
    let keeping =
        |days| SiteSettings::new(vec![Language::english()], Some(days), Vec::new()).unwrap();
    store.update_settings(s.small_site, &keeping(30)).await.unwrap();
    expect(
        s.measure_beyond("forget_messages: nothing due", empty, store.forget_messages(NOW)).await,
        0,
    );

    let site = "x'40404040404040404040404040404040'";
    let old = days(0).minus(day(40)).millis();
    s.database
        .execute(format!(
            "UPDATE message SET publish_at = {old}, created_at = {old} WHERE site_id = {site} AND id IN
                (SELECT message_id FROM receipt WHERE site_id = {site} LIMIT 3)"
        ))
        .await;
    expect(
        s.measure_beyond("forget_messages: too old", empty, store.forget_messages(NOW)).await > 0,
        true,
    );

    for (name, lane) in [("of a contact", 3), ("of everyone", 0)] {
        s.database.execute(dataset::messages_to(lane, i64::from(RETENTION_CAP_MESSAGES) + 5)).await;
        let forgotten = s
            .measure_beyond(
                &format!("forget_messages: excess {name}"),
                empty,
                store.forget_messages(NOW),
            )
            .await;
        expect(forgotten >= 5, true);
    }

    // Two old inline segments that no message is addressed to.
    s.database
        .execute("UPDATE segment SET inline_used_at = 1 WHERE site_id = x'80808080808080808080808080808080' AND number IN (1, 3)".to_owned())
        .await;
    expect(
        s.measure_beyond("forget_messages: inline segments", empty, store.forget_messages(NOW))
            .await,
        2,
    );
}
