//! Actions of a reader, and the counts.

use super::test_store::{NOW, TestStore, after, contact_draft, versions};
use belfry_domain::{
    ContactId, Funnel, InboxEvent, Position, ReaderAction, ReaderActionKind, UnreadCounts,
};
use futures_util::future::join_all;
use std::{slice::from_ref, time::Duration};

pub async fn counts_decrease_with_seen_and_read(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let first = world.publish(site, None).await;
    let second = world.publish(site, Some(&[reader])).await;
    world.publish(site, None).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (3, 3));
    world.act(site, reader, ReaderAction::Seen(None)).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (3, 0));
    world.act(site, reader, ReaderAction::Read(vec![second])).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (2, 0));
    world.act(site, reader, ReaderAction::Clicked(first)).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (1, 0));
    let counts = world.act(site, reader, ReaderAction::AllRead(None)).await;
    assert_eq!((counts.unread, counts.unseen), (0, 0));
    world.publish(site, None).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (1, 1));
    let page = world.page(site, reader, None, 10).await;
    assert_eq!(
        page.items.iter().map(|item| item.is_read).collect::<Vec<_>>(),
        [false, true, true, true]
    );
    assert_eq!(page.counts, world.counts(site, reader).await);
    assert!(world.store.item(site, reader, first, NOW).await.unwrap().unwrap().is_read);
    let marked: Vec<_> = world
        .events
        .take()
        .into_iter()
        .filter(|change| matches!(change, InboxEvent::ReaderActed { .. }))
        .collect();
    assert_eq!(marked.len(), 4);
}

pub async fn counts_stop_at_the_cap(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    for turn in 0..(UnreadCounts::CAP + 10) {
        world.publish(site, if turn % 2 == 0 { None } else { Some(from_ref(&reader)) }).await;
        let expected = (turn + 1).min(UnreadCounts::CAP);
        if turn > 95 {
            assert_eq!(world.unread_and_unseen(site, reader).await, (expected, expected));
        }
    }
    world.act(site, reader, ReaderAction::Seen(None)).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (UnreadCounts::CAP, 0));
    world.publish(site, None).await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (UnreadCounts::CAP, 1));
    // Below the cap the count is exact again.
    let page = world.page(site, reader, None, 50).await;
    world
        .act(
            site,
            reader,
            ReaderAction::Read(page.items.iter().map(|item| item.message.id).collect()),
        )
        .await;
    assert_eq!(world.unread_and_unseen(site, reader).await, (UnreadCounts::CAP + 11 - 50, 0));
}

pub async fn read_is_idempotent(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let (first, second) =
        (world.publish(site, None).await, world.publish(site, Some(&[reader])).await);
    world.act(site, reader, ReaderAction::Read(vec![second])).await;
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    let third = world.publish(site, None).await;
    let marks = [
        ReaderAction::Seen(None),
        ReaderAction::Read(vec![first, second]),
        ReaderAction::Clicked(first),
        ReaderAction::Read(Vec::new()),
    ];
    for mark in marks {
        // Later actions may have an earlier time.
        world
            .store
            .apply_reader_action(site, reader, &mark, NOW.minus(Duration::from_hours(1)))
            .await
            .unwrap();
        for message in [first, second] {
            assert!(
                world.store.item(site, reader, message, NOW).await.unwrap().unwrap().is_read,
                "{mark:?}"
            );
        }
        assert!(!world.store.item(site, reader, third, NOW).await.unwrap().unwrap().is_read);
        assert_eq!(world.unread_and_unseen(site, reader).await.0, 1);
    }
}

pub async fn invisible_messages_are_ignored(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let (reader, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let visible = world.publish(site, None).await;
    let others = world.publish(site, Some(&[other])).await;
    let recalled = world.publish(site, None).await;
    world.store.recall_message(site, recalled, NOW).await.unwrap();
    let mut later = world.message(site, None);
    later.publish_at = after(60);
    world.publish_at(&later, NOW).await;
    let mut over = world.message(site, None);
    over.expires_at = Some(after(5));
    world.publish_at(&over, NOW).await;
    world.events.take();
    let rows = world.backend.find_traces(site, reader).await;
    let unseen = vec![others, recalled, later.id, over.id, world.message(site, None).id];
    world
        .store
        .apply_reader_action(site, reader, &ReaderAction::Read(unseen.clone()), after(5))
        .await
        .unwrap();
    for message in unseen.clone() {
        world
            .store
            .apply_reader_action(site, reader, &ReaderAction::Clicked(message), after(5))
            .await
            .unwrap();
    }
    assert!(world.events.take().is_empty());
    assert_eq!(world.backend.find_traces(site, reader).await, rows);
    // A visible one among others is marked, and only that one is published.
    let marked = world
        .store
        .apply_reader_action(
            site,
            reader,
            &ReaderAction::Read([unseen, vec![visible, visible]].concat()),
            after(5),
        )
        .await
        .unwrap();
    let counts = marked.unwrap().counts;
    assert_eq!(counts.unread, 0);
    assert!(marked.unwrap().since < counts.version);
    match world.events.take().as_slice() {
        [InboxEvent::ReaderActed { site: at, contact, action: verb, messages, counts: told }] => {
            assert_eq!(
                (*at, *contact, *verb, messages.as_slice(), *told),
                (site, reader, ReaderActionKind::Read, [visible].as_slice(), counts)
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.store.counts(site, other, after(5)).await.unwrap().unread, 2);
    world.store.advance(after(60)).await.unwrap();
    assert_eq!(world.store.counts(site, reader, after(60)).await.unwrap().unread, 1);
}

pub async fn action_without_effect_publishes_nothing(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    for mark in [ReaderAction::Seen(None), ReaderAction::AllRead(None)] {
        world.act(site, reader, mark).await;
    }
    assert!(world.events.take().is_empty());
    let message = world.publish(site, None).await;
    world.events.take();
    for mark in [
        ReaderAction::Seen(None),
        ReaderAction::Read(vec![message]),
        ReaderAction::Clicked(message),
    ] {
        let before = world.store.counts(site, reader, NOW).await.unwrap().version;
        let marked =
            world.store.apply_reader_action(site, reader, &mark, NOW).await.unwrap().unwrap();
        assert_eq!(marked.since, before, "{mark:?}");
        let first = marked.counts;
        assert_eq!(world.events.take().len(), 1, "{mark:?}");
        assert_eq!(world.act(site, reader, mark.clone()).await, first);
        assert!(world.events.take().is_empty(), "{mark:?}");
    }
    let second = world.publish(site, None).await;
    world.events.take();
    world.act(site, reader, ReaderAction::AllRead(None)).await;
    assert!(matches!(
        world.events.take().as_slice(),
        [InboxEvent::ReaderActed { action: ReaderActionKind::AllRead, .. }]
    ));
    for mark in [
        ReaderAction::AllRead(None),
        ReaderAction::Seen(None),
        ReaderAction::Read(vec![message, second]),
    ] {
        world.act(site, reader, mark.clone()).await;
        assert!(world.events.take().is_empty(), "{mark:?}");
    }
}

pub async fn single_receipts_and_the_watermark_agree(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let mut messages = Vec::new();
    for turn in 0..12 {
        messages.push(
            world.publish(site, if turn % 3 == 0 { Some(from_ref(&reader)) } else { None }).await,
        );
    }
    // In an order that closes gaps from below, from above and in the middle.
    let mut read = Vec::new();
    for index in [5, 0, 1, 3, 2, 11, 4, 6, 9, 10, 8, 7] {
        read.push(messages[index]);
        world.act(site, reader, ReaderAction::Read(vec![messages[index]])).await;
        let page = world.page(site, reader, None, 20).await;
        for item in &page.items {
            assert_eq!(item.is_read, read.contains(&item.message.id), "after {index}");
        }
        assert_eq!(page.counts.unread as usize, 12 - read.len());
    }
    let next = world.publish(site, Some(&[reader])).await;
    assert!(!world.store.item(site, reader, next, NOW).await.unwrap().unwrap().is_read);
    assert_eq!(world.unread_and_unseen(site, reader).await, (1, 1));
}

pub async fn deliveries_to_many_readers_are_recorded(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut readers = Vec::new();
    for name in ["1", "2", "3"] {
        readers.push(world.contact(site, name).await);
    }
    let message = world.publish(site, None).await;
    let position = world.store.message(site, message).await.unwrap().unwrap().position;
    world.events.take();
    // One below the message, and one of a contact that does not exist.
    let reached = [
        (readers[0], position),
        (readers[1], Position(position.0 - 1)),
        (ContactId(999), position),
    ];
    for _ in 0..2 {
        world.store.record_delivered(site, &reached, NOW).await.unwrap();
    }
    assert!(world.events.take().is_empty());
    let total = world.store.message_stats(site, message, NOW).await.unwrap().unwrap().total;
    assert_eq!(total, Funnel { audience: 3, reached: 1, ..Funnel::default() });
}

pub async fn thousand_concurrent_actions_are_stored(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let mut readers = Vec::new();
    for number in 0..1_000 {
        readers.push(contact_draft(Some(&number.to_string()), None, None));
    }
    let readers =
        join_all(readers.iter().map(|draft| world.store.upsert_contact(site, draft, NOW))).await;
    let readers: Vec<_> = readers.into_iter().map(Result::unwrap).collect();
    let message = world.publish(site, None).await;
    world.events.take();
    let mark = ReaderAction::Read(vec![message]);
    let tallies = join_all(
        readers.iter().map(|reader| world.store.apply_reader_action(site, *reader, &mark, NOW)),
    )
    .await;
    assert!(tallies.into_iter().all(|marked| marked.unwrap().unwrap().counts.unread == 0));
    let versions = versions(&world.events.take());
    assert_eq!(versions.len(), 1_000);
    assert!(versions.is_sorted_by(|one, two| one < two));
    for reader in readers {
        assert_eq!(world.unread_and_unseen(site, reader).await, (0, 0));
    }
}
