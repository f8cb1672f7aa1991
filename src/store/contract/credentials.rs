//! Tokens and sessions.

use super::test_store::{NOW, TestStore, after, session};
use crate::{MAX_SESSIONS, PublishOutcome, StoreError};
use belfry_domain::{Digest, IdempotentRequest, InboxEvent, NewWidgetSession, RevokedSessions};
use std::time::Duration;

pub async fn tokens_and_sessions_are_found_until_they_expire(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let contact = world.contact(site, "1").await;
    let token = world.token(&key, contact);
    world.add_token(&token).await.unwrap();
    let (cookie, bearer) =
        (session(&token, "cookie", after(3_600)), session(&token, "bearer", after(60)));
    world.add_sessions(&[cookie.clone(), bearer.clone()]).await.unwrap();
    let just_before = after(900).minus(Duration::from_millis(1));
    assert_eq!(world.live_token(site, &token.digest, just_before).await, Some(token.clone()));
    assert_eq!(world.live_token(site, &token.digest, after(900)).await, None);
    assert_eq!(world.store.session(site, &cookie.digest, after(60)).await.unwrap(), Some(cookie));
    assert_eq!(world.store.session(site, &bearer.digest, NOW).await.unwrap(), Some(bearer.clone()));
    assert_eq!(world.store.session(site, &bearer.digest, after(60)).await.unwrap(), None);
    // A token is no session, and vice versa.
    assert_eq!(world.store.session(site, &token.digest, NOW).await.unwrap(), None);
    assert_eq!(world.live_token(site, &bearer.digest, NOW).await, None);
    assert_eq!(world.live_token(site, &Digest::of("guess"), NOW).await, None);
}

pub async fn ending_a_family_ends_only_its_sessions(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let contact = world.contact(site, "1").await;
    let (ended, kept) = (world.token(&key, contact), world.token(&key, contact));
    for token in [&ended, &kept] {
        world.add_token(token).await.unwrap();
        world
            .add_sessions(&[
                session(token, "cookie", after(60)),
                session(token, "bearer", after(60)),
            ])
            .await
            .unwrap();
    }
    world.store.revoke_family(site, ended.family).await.unwrap();
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::SessionsRevoked { revoked: RevokedSessions::Family(family), .. }] if *family == ended.family)
    );
    for name in ["cookie", "bearer"] {
        assert_eq!(
            world.store.session(site, &session(&ended, name, NOW).digest, NOW).await.unwrap(),
            None
        );
        assert!(
            world
                .store
                .session(site, &session(&kept, name, NOW).digest, NOW)
                .await
                .unwrap()
                .is_some()
        );
    }
    assert_eq!(world.live_token(site, &ended.digest, NOW).await, None);
    assert_eq!(world.live_token(site, &kept.digest, NOW).await, Some(kept));
}

pub async fn revoked_key_ends_its_tokens_and_sessions(world: &TestStore) {
    let (site, revoked) = world.site("A").await;
    let other = world.key(site);
    world.store.add_key(&other).await.unwrap();
    let contact = world.contact(site, "1").await;
    let (gone, kept) = (world.token(&revoked, contact), world.token(&other, contact));
    for token in [&gone, &kept] {
        world.add_token(token).await.unwrap();
        world.add_sessions(&[session(token, "cookie", after(60))]).await.unwrap();
    }
    assert!(world.store.revoke_key(site, &revoked.id, NOW).await.unwrap());
    assert!(
        matches!(world.events.take().as_slice(), [InboxEvent::SessionsRevoked { revoked: RevokedSessions::Key(key), .. }] if *key == revoked.id)
    );
    assert_eq!(world.live_token(site, &gone.digest, NOW).await, None);
    assert_eq!(
        world.store.session(site, &session(&gone, "cookie", NOW).digest, NOW).await.unwrap(),
        None
    );
    assert!(world.live_token(site, &kept.digest, NOW).await.is_some());
    assert!(
        world
            .store
            .session(site, &session(&kept, "cookie", NOW).digest, NOW)
            .await
            .unwrap()
            .is_some()
    );
}

/// When the basis of a write disappears between its lookup and the write, nothing is written.
pub async fn ended_credentials_authorise_nothing(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let contact = world.contact(site, "1").await;
    let token = world.token(&key, contact);
    world.add_token(&token).await.unwrap();
    world.store.revoke_family(site, token.family).await.unwrap();
    let late = session(&token, "cookie", after(60));
    let refused = world.add_sessions(std::slice::from_ref(&late)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.store.session(site, &late.digest, NOW).await.unwrap(), None);

    let erased = world.contact(site, "2").await;
    world.store.delete_contact(site, erased, NOW).await.unwrap();
    assert!(matches!(
        world.add_token(&world.token(&key, erased)).await,
        Err(StoreError::Conflict(_))
    ));

    world.store.revoke_key(site, &key.id, NOW).await.unwrap();
    let late = world.token(&key, contact);
    assert!(matches!(world.add_token(&late).await, Err(StoreError::Conflict(_))));
    assert_eq!(world.live_token(site, &late.digest, NOW).await, None);
}

pub async fn sweep_removes_only_expired_rows(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let contact = world.contact(site, "1").await;
    let (mut old, mut new) = (world.token(&key, contact), world.token(&key, contact));
    (old.expires_at, new.expires_at) = (after(10), after(11));
    for token in [&old, &new] {
        world.add_token(token).await.unwrap();
    }
    world
        .add_sessions(&[session(&old, "cookie", after(10)), session(&new, "cookie", after(11))])
        .await
        .unwrap();
    let idempotency = IdempotentRequest { key: "k".to_owned(), fingerprint: Digest::of("k") };
    let message = world.message(site, None);
    world.store.publish(&message, Some(&idempotency), NOW).await.unwrap();

    assert_eq!(world.store.sweep(NOW).await.unwrap(), 0);
    assert_eq!(world.store.sweep(after(10)).await.unwrap(), 2);
    assert_eq!(world.live_token(site, &new.digest, NOW).await, Some(new.clone()));
    assert!(
        world
            .store
            .session(site, &session(&new, "cookie", NOW).digest, NOW)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(world.store.sweep(after(11)).await.unwrap(), 2);

    let two_days = after(2 * 24 * 3_600);
    assert_eq!(world.store.sweep(two_days).await.unwrap(), 0);
    assert_eq!(
        world
            .store
            .publish(&world.message(site, None), Some(&idempotency), two_days)
            .await
            .unwrap(),
        PublishOutcome::Duplicate(message.id)
    );
    assert_eq!(world.store.sweep(two_days.plus(Duration::from_secs(1))).await.unwrap(), 1);
    assert!(matches!(
        world
            .store
            .publish(&world.message(site, None), Some(&idempotency), two_days)
            .await
            .unwrap(),
        PublishOutcome::New(_)
    ));
    assert!(world.store.message(site, message.id).await.unwrap().is_some());
}

pub async fn sessions_of_a_contact_are_bounded(world: &TestStore) {
    let (site, key) = world.site("A").await;
    let (contact, other) = (world.contact(site, "1").await, world.contact(site, "2").await);
    let (token, others) = (world.token(&key, contact), world.token(&key, other));
    for token in [&token, &others] {
        world.add_token(token).await.unwrap();
    }
    world.add_sessions(&[session(&others, "of another", after(60))]).await.unwrap();
    // All at the same time, so that only their order tells which is the oldest.
    let mut ended = Vec::new();
    for number in 0..4 * MAX_SESSIONS {
        let new = session(&token, &number.to_string(), after(60));
        let begun =
            [Some(NewWidgetSession { digest: new.digest, expires_at: new.expires_at }), None];
        let gone = world.store.begin_sessions(&token, begun, NOW).await.unwrap().unwrap();
        assert!(!gone.contains(&new.digest), "the new one is there");
        ended.extend(gone);
        assert!((number + 1).saturating_sub(ended.len()) <= MAX_SESSIONS);
    }
    for number in 0..4 * MAX_SESSIONS {
        let digest = session(&token, &number.to_string(), after(60)).digest;
        assert_eq!(
            world.store.session(site, &digest, NOW).await.unwrap().is_some(),
            number >= ended.len(),
            "{number}"
        );
        assert_eq!(ended.contains(&digest), number < ended.len());
    }
    assert!(
        world
            .store
            .session(site, &session(&others, "of another", NOW).digest, NOW)
            .await
            .unwrap()
            .is_some()
    );
}
