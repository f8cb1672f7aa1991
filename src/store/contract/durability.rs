//! Acknowledged writes are durable, failed ones leave nothing, and closing is orderly.

use super::test_store::{NOW, RecordingSink, TestStore, after, contact_draft, session, theme};
use crate::{PublishOutcome, StoreError};
use belfry_domain::{
    ContactId, Digest, IdempotentRequest, ReaderAction, ReaderFilter, ReaderPageRequest,
};
use futures_util::future::join_all;
use std::sync::Arc;

pub async fn acknowledged_writes_survive_reopening(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let idempotency = IdempotentRequest { key: "k".to_owned(), fingerprint: Digest::of("k") };
    let message = world.message(site, None);
    world.store.publish(&message, Some(&idempotency), NOW).await.unwrap();
    let second = world.publish(site, Some(&[reader])).await;
    world.act(site, reader, ReaderAction::Read(vec![message.id])).await;
    let token = world.token(&key, reader);
    world.add_token(&token).await.unwrap();
    let cookie = session(&token, "cookie", after(60));
    world.add_sessions(std::slice::from_ref(&cookie)).await.unwrap();
    world.store.store_draft(site, &theme(1), NOW).await.unwrap();
    let published = world.store.publish_theme(site, NOW).await.unwrap();
    let page = world.page(site, reader, None, 10).await;

    // Once while the first is still open, as after a crash; once after an orderly close.
    for turn in 0..2 {
        let store = world.backend.open(Arc::new(RecordingSink::default())).await.unwrap();
        assert_eq!(
            store
                .page(
                    site,
                    reader,
                    ReaderPageRequest { filter: ReaderFilter::All, before: None, limit: 10 },
                    NOW
                )
                .await
                .unwrap(),
            page,
            "{turn}"
        );
        assert_eq!(
            store.publish(&world.message(site, None), Some(&idempotency), NOW).await.unwrap(),
            PublishOutcome::Duplicate(message.id)
        );
        assert_eq!(store.session(site, &cookie.digest, NOW).await.unwrap().as_ref(), Some(&cookie));
        assert_eq!(store.key(&key.digest).await.unwrap().as_ref(), Some(&key));
        assert!(store.message(site, second).await.unwrap().is_some());
        let in_force = store.site(site).await.unwrap().unwrap().theme.unwrap();
        assert_eq!(store.theme(site, in_force).await.unwrap(), published);
        for file in theme(1).files {
            assert_eq!(store.theme_file(site, &file.name).await.unwrap(), Some(file));
        }
        store.close().await;
        world.store.close().await;
    }
}

pub async fn close_finishes_started_writes_and_rejects_others(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    let messages: Vec<_> = (0..100).map(|_| world.message(site, None)).collect();
    let publishing = messages.iter().map(|message| world.store.publish(message, None, NOW));
    let (answers, ()) = futures_util::future::join(join_all(publishing), world.store.close()).await;
    let mut expected: Vec<_> = answers
        .iter()
        .zip(&messages)
        .filter_map(|(answer, message)| match answer {
            Ok(PublishOutcome::New(id)) => {
                assert_eq!(*id, message.id);
                Some(*id)
            }
            Err(StoreError::Unavailable(_)) => None,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(!expected.is_empty());
    assert!(matches!(
        world.store.publish(&world.message(site, None), None, NOW).await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(world.store.ping().await, Err(StoreError::Unavailable(_))));
    world.store.close().await;
    let store = world.backend.open(Arc::new(RecordingSink::default())).await.unwrap();
    let page = store
        .page(
            site,
            reader,
            ReaderPageRequest { filter: ReaderFilter::All, before: None, limit: 200 },
            NOW,
        )
        .await
        .unwrap();
    let mut kept: Vec<_> = page.items.iter().map(|item| item.message.id).collect();
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected);
    store.close().await;
}

/// Failing commands share commits with successful ones.
pub async fn failed_write_does_not_affect_its_batch(world: &TestStore) {
    let (site, _) = world.site("A").await;
    let reader = world.contact(site, "1").await;
    world
        .store
        .upsert_contact(site, &contact_draft(Some("2"), Some("taken@shop.example"), None), NOW)
        .await
        .unwrap();
    let messages: Vec<_> = (0..200)
        .map(|turn| {
            world.message(
                site,
                Some(if turn % 3 == 1 { &[ContactId(77)] } else { std::slice::from_ref(&reader) }),
            )
        })
        .collect();
    world.events.take();
    let answers =
        join_all(messages.iter().map(|message| world.store.publish(message, None, NOW))).await;
    let mut expected = Vec::new();
    for (turn, (answer, message)) in answers.into_iter().zip(&messages).enumerate() {
        match answer {
            Ok(PublishOutcome::New(id)) if turn % 3 != 1 => expected.push(id),
            Err(StoreError::Conflict(_)) if turn % 3 == 1 => {
                assert_eq!(world.store.message(site, message.id).await.unwrap(), None);
            }
            other => panic!("{turn}: {other:?}"),
        }
    }
    assert_eq!(world.events.take().len(), expected.len());
    let mut kept = world.list_ids(site, reader, 50, NOW).await;
    kept.sort();
    expected.sort();
    assert_eq!(kept, expected);
}

pub async fn ping_succeeds(world: &TestStore) {
    world.store.ping().await.unwrap();
    world.site("A").await;
    world.store.ping().await.unwrap();
}
