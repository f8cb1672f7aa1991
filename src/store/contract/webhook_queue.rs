//! The queue of an endpoint: its bounds, and what is queued by reader actions and messages.

use super::{
    test_store::{NOW, TestStore, after},
    webhooks::{due, endpoint, endpoint_of},
};
use crate::{MAX_PENDING_DELIVERIES, MAX_PENDING_DELIVERIES_OF_CONTACT};
use belfry_domain::{
    DeliveryState, EndpointId, EndpointKind, EventType, MessageEdit, Position, ReaderAction,
    SiteId, WebhookPayload,
};
use futures_util::future::join_all;
use std::collections::BTreeSet;

async fn pending(world: &TestStore, site: SiteId, endpoint: EndpointId) -> u32 {
    world.store.webhook(site, endpoint).await.unwrap().unwrap().pending
}

/// Fills a queue up to this many waiting deliveries with copies of one that waits.
async fn fill_queue(
    world: &TestStore,
    (site, endpoint): (SiteId, EndpointId),
    number: i64,
    until: u32,
) {
    let copies: Vec<u32> = (1..=until - pending(world, site, endpoint).await).collect();
    // With more in one transaction, a server counts them slowly.
    for part in copies.chunks(500) {
        world.backend.copy_delivery(number, part[0], part[part.len() - 1]).await;
    }
    assert_eq!(pending(world, site, endpoint).await, until);
}

/// Queues test events, all at once.
async fn queue_tests(world: &TestStore, site: SiteId, endpoint: EndpointId, count: u32) {
    join_all((0..count).map(|_| world.store.test_webhook(site, endpoint, NOW)))
        .await
        .into_iter()
        .for_each(|test| drop(test.unwrap()));
}

pub async fn queue_is_bounded(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let id = endpoint(world, site, &[EventType::ContactCreated]).await;
    let first = world.store.test_webhook(site, id, NOW).await.unwrap().unwrap();
    fill_queue(world, (site, id), first.number, MAX_PENDING_DELIVERIES - 500).await;
    queue_tests(world, site, id, 501).await;
    assert_eq!(pending(world, site, id).await, MAX_PENDING_DELIVERIES);
    let given_up = world
        .store
        .deliveries(site, id, Some(DeliveryState::Failed), None, 100)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(given_up.iter().map(|delivery| delivery.number).collect::<Vec<_>>(), [first.number]);
    assert!(given_up[0].last_attempt.error.as_ref().unwrap().contains("oldest"));
    assert!(world.store.delete_webhook(site, id).await.unwrap());
}

/// A reader toggles one message between read and unread while nothing is sent.
pub async fn pending_events_on_one_message_are_merged(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let id = endpoint(world, site, &EventType::EACH).await;
    let reader = world.contact(site, "42").await;
    let (toggled, other) = (world.publish(site, None).await, world.publish(site, None).await);
    let waiting = async || world.store.webhook(site, id).await.unwrap().unwrap().pending;
    let before = waiting().await;
    for second in 0..50 {
        for mark in [ReaderAction::Read(vec![toggled]), ReaderAction::Unread(vec![toggled])] {
            world.store.apply_reader_action(site, reader, &mark, after(second)).await.unwrap();
        }
    }
    assert_eq!(waiting().await, before + 1);
    world
        .store
        .apply_reader_action(site, reader, &ReaderAction::Read(vec![other]), after(60))
        .await
        .unwrap();
    world
        .store
        .apply_reader_action(site, reader, &ReaderAction::Archive(vec![toggled]), after(61))
        .await
        .unwrap();
    assert_eq!(waiting().await, before + 3, "another message, and another event");
    // The pending one reports the last state.
    let all = world.store.deliveries(site, id, None, None, 100).await.unwrap().unwrap();
    let read = all.iter().rev().find(|delivery| delivery.kind == "message.read").unwrap();
    let WebhookPayload::Raw(body) = &read.payload else {
        panic!("events are encoded when they are queued")
    };
    assert!(body.contains(&toggled.to_string()) && body.contains("2027-01-15T08:00:49Z"), "{body}");
}

pub async fn queue_of_a_contact_is_bounded(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let id = endpoint(world, site, &EventType::EACH).await;
    let (quiet, loud) = (world.contact(site, "quiet").await, world.contact(site, "loud").await);
    let mut messages = Vec::new();
    for _ in 0..MAX_PENDING_DELIVERIES_OF_CONTACT + 20 {
        messages.push(world.publish(site, None).await);
    }
    world
        .store
        .apply_reader_action(site, quiet, &ReaderAction::Read(vec![messages[0]]), NOW)
        .await
        .unwrap();
    for message in &messages {
        world
            .store
            .apply_reader_action(site, loud, &ReaderAction::Read(vec![*message]), NOW)
            .await
            .unwrap();
    }
    let given_up = world
        .store
        .deliveries(site, id, Some(DeliveryState::Failed), None, 100)
        .await
        .unwrap()
        .unwrap();
    assert!(
        given_up.len() == 21 && given_up.iter().all(|delivery| delivery.contact == Some(loud)),
        "{}",
        given_up.len()
    );
    let waiting = async || {
        let (mut counts, mut before) = ([0, 0], None);
        loop {
            let part = world
                .store
                .deliveries(site, id, Some(DeliveryState::Pending), before, 1_000)
                .await
                .unwrap()
                .unwrap();
            let Some(last) = part.last() else { return counts };
            before = Some(last.number);
            for (count, contact) in counts.iter_mut().zip([loud, quiet]) {
                *count += part.iter().filter(|delivery| delivery.contact == Some(contact)).count();
            }
        }
    };
    assert_eq!(waiting().await, [MAX_PENDING_DELIVERIES_OF_CONTACT as usize, 2]);
    // A full queue gives up a delivery of the contact with the most, not of others.
    world.contact(site, "filler").await;
    let newest = &world.store.deliveries(site, id, None, None, 1).await.unwrap().unwrap()[0];
    fill_queue(world, (site, id), newest.number, MAX_PENDING_DELIVERIES - 100).await;
    join_all(
        (0..100)
            .map(|number| async move { world.contact(site, &format!("filler {number}")).await }),
    )
    .await;
    assert_eq!(waiting().await, [MAX_PENDING_DELIVERIES_OF_CONTACT as usize, 2]);
    assert_eq!(pending(world, site, id).await, MAX_PENDING_DELIVERIES);
    for number in 0..10 {
        world.contact(site, &format!("one more {number}")).await;
    }
    assert_eq!(waiting().await, [MAX_PENDING_DELIVERIES_OF_CONTACT as usize - 10, 2]);
    assert_eq!(pending(world, site, id).await, MAX_PENDING_DELIVERIES);
}

/// For each named contact with an external id, at each message endpoint, with the part in which it
/// receives the message.
pub async fn fan_out_is_queued_once_within_bounds(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (first, second) = (
        endpoint_of(world, site, EndpointKind::Message, &[]).await,
        endpoint_of(world, site, EndpointKind::Message, &[]).await,
    );
    let mut contacts = vec![
        world
            .store
            .upsert_contact(
                site,
                &super::test_store::contact_draft(None, Some("a@b.example"), None),
                NOW,
            )
            .await
            .unwrap(),
    ];
    for number in 0..100 {
        contacts.push(world.contact(site, &number.to_string()).await);
    }
    let queued = async |endpoint| {
        let (mut contacts, mut events, mut before) = (Vec::new(), BTreeSet::new(), None);
        loop {
            let part = world
                .store
                .deliveries(site, endpoint, Some(DeliveryState::Pending), before, 100)
                .await
                .unwrap()
                .unwrap();
            let Some(last) = part.last() else { break };
            before = Some(last.number);
            contacts.extend(
                part.iter()
                    .filter(|delivery| delivery.kind == "message")
                    .filter_map(|delivery| delivery.contact),
            );
            events.extend(part.into_iter().map(|delivery| delivery.event));
        }
        contacts.reverse();
        (contacts, events)
    };
    // Few contacts as well, when the endpoints multiply the deliveries.
    for named in [&contacts[..30], &contacts[..]] {
        let before = queued(first).await.0.len();
        let message = world.publish(site, Some(named)).await;
        assert_eq!(queued(first).await.0.len(), before);
        assert!(world.store.fan_out(NOW).await.unwrap());
        let part = queued(first).await.0.len() - before;
        assert!(part > 0 && part < 30, "{part}");
        while world.store.fan_out(NOW).await.unwrap() {}
        for endpoint in [first, second] {
            assert_eq!(
                queued(endpoint).await.0[before..],
                named[1..],
                "a contact without external id gets no delivery"
            );
        }
        assert_eq!(
            queued(first).await.1,
            queued(second).await.1,
            "an event has one id at all endpoints"
        );
        assert_eq!(queued(first).await.1.len(), queued(first).await.0.len());
        // An edit, or returning after an expiry, queues nothing again.
        let again = MessageEdit { pinned: Some(true), ..MessageEdit::default() };
        world.store.edit_message(site, message, &again, after(1)).await.unwrap().unwrap();
        while world.store.fan_out(NOW).await.unwrap() {}
        assert_eq!(queued(first).await.0.len(), before + named.len() - 1);
    }
    // A contact has its limit, and a full queue gives up the oldest delivery of the contact with
    // the most.
    let loud = [contacts[1], contacts[2]];
    for _ in 0..MAX_PENDING_DELIVERIES_OF_CONTACT {
        world.publish(site, Some(&loud)).await;
    }
    let waiting = queued(first).await.0;
    assert_eq!(
        loud.map(|contact| waiting.iter().filter(|waiting| **waiting == contact).count()),
        [MAX_PENDING_DELIVERIES_OF_CONTACT as usize; 2]
    );
    let test = world.store.test_webhook(site, first, NOW).await.unwrap().unwrap();
    fill_queue(world, (site, first), test.number, MAX_PENDING_DELIVERIES - 50).await;
    let given_up = async || {
        world
            .store
            .deliveries(site, first, Some(DeliveryState::Failed), None, 1_000)
            .await
            .unwrap()
            .unwrap()
            .len()
    };
    let before = given_up().await;
    world.publish(site, Some(&contacts[10..100])).await;
    while world.store.fan_out(NOW).await.unwrap() {}
    assert_eq!(pending(world, site, first).await, MAX_PENDING_DELIVERIES);
    assert_eq!(given_up().await - before, 40);
}

/// A new reader gets many messages to everyone at once; each is sent once, in order.
pub async fn messages_of_a_new_reader_are_queued_in_order(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let nameless = world
        .store
        .upsert_contact(
            site,
            &super::test_store::contact_draft(None, Some("a@b.example"), None),
            NOW,
        )
        .await
        .unwrap();
    let endpoints = [
        endpoint_of(world, site, EndpointKind::Message, &[]).await,
        endpoint_of(world, site, EndpointKind::Message, &[]).await,
    ];
    let queued = async |endpoint| {
        let mut all = world
            .store
            .deliveries(site, endpoint, Some(DeliveryState::Pending), None, 1_000)
            .await
            .unwrap()
            .unwrap();
        all.reverse();
        all
    };
    for _ in 0..10 {
        world.publish(site, None).await;
    }
    for contact in [reader, nameless, reader] {
        world.act(site, contact, ReaderAction::Delivered(Position::MAX)).await;
    }
    let [first, second] = [queued(endpoints[0]).await, queued(endpoints[1]).await];
    assert_eq!((first.len(), second.len()), (10, 10));
    assert!(
        first.iter().all(|delivery| delivery.kind == "message" && delivery.contact == Some(reader))
    );
    let [events, others] = [&first, &second]
        .map(|all| all.iter().map(|delivery| delivery.event.clone()).collect::<BTreeSet<_>>());
    assert_eq!((events.len(), &events), (10, &others), "an event has one id at all endpoints");
    // One delivery per contact is due, the first.
    world.act(site, other, ReaderAction::Delivered(Position::MAX)).await;
    let due: Vec<_> = due(world, NOW, &[]).await.into_iter().map(|due| due.number).collect();
    let firsts = [queued(endpoints[0]).await, queued(endpoints[1]).await]
        .map(|all| [all[0].number, all[10].number]);
    assert_eq!(due.iter().collect::<BTreeSet<_>>(), firsts.iter().flatten().collect(), "{due:?}");
    // The limit per contact holds however many arrive at once.
    for _ in 0..MAX_PENDING_DELIVERIES_OF_CONTACT {
        world.publish(site, None).await;
    }
    world.act(site, reader, ReaderAction::Delivered(Position::MAX)).await;
    let waiting = world.store.webhook(site, endpoints[0]).await.unwrap().unwrap().pending;
    assert_eq!(waiting, 10 + MAX_PENDING_DELIVERIES_OF_CONTACT);
}
