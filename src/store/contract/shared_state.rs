//! Short-lived values and counted attempts that processes share.

use super::test_store::{NOW, TestStore, after};
use crate::{AttemptLimit, SharedValue, SharedValueKind as Kind};
use belfry_domain::{Digest, SiteId};
use futures_util::future::join_all;
use std::time::Duration;

fn value(site: SiteId, kind: Kind, secret: &str, seconds: u64) -> SharedValue {
    let bytes = secret.as_bytes().to_vec();
    SharedValue { site, kind, digest: Digest::of(secret), bytes, expires_at: after(seconds) }
}

pub async fn shared_value_is_taken_once(world: &TestStore) {
    let (site, _) = world.site("a").await;
    world.store.put_shared(&value(site, Kind::StreamTicket, "t", 30)).await.unwrap();
    let digest = Digest::of("t");
    let take = || world.store.take_shared(site, Kind::StreamTicket, &digest, after(29));
    assert_eq!(
        world.store.take_shared(site, Kind::Preview, &digest, NOW).await.unwrap(),
        None,
        "kinds are separate"
    );
    let taken = join_all((0..10).map(|_| take())).await;
    let taken: Vec<_> = taken.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(taken, [b"t".to_vec()]);
}

pub async fn shared_value_is_spent_at_another_site(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    world.store.put_shared(&value(site, Kind::StreamTicket, "t", 30)).await.unwrap();
    for of in [other, site] {
        let taken = world.store.take_shared(of, Kind::StreamTicket, &Digest::of("t"), NOW).await;
        assert_eq!(taken.unwrap(), None);
    }
}

pub async fn shared_value_expires_and_is_swept(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    for secret in ["short", "long"] {
        world.store.put_shared(&value(site, Kind::Preview, secret, 30)).await.unwrap();
    }
    let get = async |of, secret: &str, at, extend| {
        world.store.shared(of, Kind::Preview, &Digest::of(secret), at, extend).await.unwrap()
    };
    assert_eq!(get(site, "long", after(29), Some(after(60))).await, Some(b"long".to_vec()));
    assert_eq!(get(other, "long", after(29), Some(after(60))).await, None);
    assert_eq!(get(site, "short", after(29), None).await, Some(b"short".to_vec()));
    assert_eq!(get(other, "short", after(29), None).await, None);
    assert_eq!(get(site, "short", after(30), Some(after(60))).await, None);
    assert_eq!(get(site, "long", after(59), None).await, Some(b"long".to_vec()));
    assert_eq!(world.store.sweep(after(30)).await.unwrap(), 1);
    assert_eq!(world.store.sweep(after(60)).await.unwrap(), 1);
}

pub async fn shared_values_of_a_site_are_bounded(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    world.store.put_shared(&value(other, Kind::UploadedFile, "other", 1)).await.unwrap();
    for number in 0..60 {
        let file = value(site, Kind::UploadedFile, &number.to_string(), 100 + number);
        world.store.put_shared(&file).await.unwrap();
    }
    let get = async |of, secret: &str| {
        world.store.shared(of, Kind::UploadedFile, &Digest::of(secret), NOW, None).await.unwrap()
    };
    assert!(get(other, "other").await.is_some());
    assert!(get(site, "9").await.is_none() && get(site, "10").await.is_some());
}

pub async fn attempts_are_counted_once_for_all(world: &TestStore) {
    let limit = AttemptLimit { burst: 10, interval: Duration::from_secs(6) };
    let (ann, bob) = (Digest::of("ann"), Digest::of("bob"));
    let count = |subject: Digest, seconds| async move {
        world.store.count_attempt(&subject, limit, after(seconds)).await.unwrap()
    };
    let admitted = join_all((0..30).map(|_| count(ann, 0))).await;
    assert_eq!(admitted.iter().filter(|wait| wait.is_none()).count(), 10);
    assert_eq!(count(ann, 2).await, Some(Duration::from_secs(4)));
    assert_eq!(count(bob, 0).await, None);
    assert_eq!(count(ann, 6).await, None);
    assert!(count(ann, 6).await.is_some());

    // The clock of one process is an hour ahead.
    for _ in 0..20 {
        count(ann, 3_600).await;
    }
    assert!(count(ann, 10).await.is_some());
    assert_eq!(count(ann, 16).await, None, "it does not lock out for an hour");
    assert_eq!(world.store.sweep(after(3_600)).await.unwrap(), 2);
}
