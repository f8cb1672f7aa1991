//! Idempotency keys.

use super::test_store::{NOW, TestStore, after};
use belfry_domain::{
    Digest, IdempotencyReservation, IdempotentRequest, ServerRun, StoredBody, StoredResponse,
};
use futures_util::future::join_all;

const RUN: ServerRun = ServerRun([1; 16]);

fn request(key: &str, asks: &str) -> IdempotentRequest {
    IdempotentRequest { key: key.to_owned(), fingerprint: Digest::of(asks) }
}

fn answer(says: StoredBody) -> StoredResponse {
    StoredResponse { status: 201, content_type: Some("application/json".to_owned()), body: says }
}

pub async fn one_of_concurrent_requests_gets_the_reservation(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let first = request("k", "x");
    let begun = join_all((0..50).map(|_| world.store.begin(site, &first, RUN, false, NOW))).await;
    let of = |wanted: IdempotencyReservation| {
        begun.iter().filter(|begun| begun.as_ref().unwrap() == &wanted).count()
    };
    assert_eq!((of(IdempotencyReservation::New), of(IdempotencyReservation::InProgress)), (1, 49));
    assert_eq!(
        world.store.begin(site, &request("k", "y"), RUN, true, NOW).await.unwrap(),
        IdempotencyReservation::KeyReused
    );
    assert_eq!(
        world.store.begin(other, &first, RUN, false, NOW).await.unwrap(),
        IdempotencyReservation::New,
        "keys are scoped to their site"
    );
}

pub async fn response_is_stored_for_two_days(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let two_days = 2 * 24 * 3_600;
    for (key, says) in [
        ("whole", StoredBody::Full(vec![0, 255])),
        ("empty", StoredBody::Full(Vec::new())),
        ("sealed", StoredBody::Redacted("7".to_owned())),
    ] {
        let (request, answer) = (request(key, "x"), answer(says));
        assert_eq!(
            world.store.begin(site, &request, RUN, false, NOW).await.unwrap(),
            IdempotencyReservation::New
        );
        world.store.finish(site, &request, RUN, Some(&answer)).await.unwrap();
        assert_eq!(
            world.store.begin(site, &request, RUN, false, after(two_days)).await.unwrap(),
            IdempotencyReservation::Completed(answer)
        );
    }
    assert_eq!(world.store.sweep(after(two_days)).await.unwrap(), 0);
    let later = after(two_days + 1);
    assert_eq!(world.store.sweep(later).await.unwrap(), 3);
    assert_eq!(
        world.store.begin(site, &request("whole", "y"), RUN, false, later).await.unwrap(),
        IdempotencyReservation::New
    );
}

pub async fn failed_request_can_be_retried(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let request = request("k", "x");
    world.store.begin(site, &request, RUN, false, NOW).await.unwrap();
    world.store.finish(site, &request, RUN, None).await.unwrap();
    assert_eq!(
        world.store.begin(site, &request, RUN, false, NOW).await.unwrap(),
        IdempotencyReservation::New
    );
}

pub async fn request_of_a_previous_process_is_interrupted(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (request, later) = (request("k", "x"), ServerRun([2; 16]));
    world.store.begin(site, &request, RUN, false, NOW).await.unwrap();
    assert_eq!(
        world.store.begin(site, &request, later, false, NOW).await.unwrap(),
        IdempotencyReservation::Interrupted
    );
    assert_eq!(
        world.store.begin(site, &request, later, true, NOW).await.unwrap(),
        IdempotencyReservation::New
    );
    world
        .store
        .finish(site, &request, RUN, Some(&answer(StoredBody::Full(Vec::new()))))
        .await
        .unwrap();
    assert_eq!(
        world.store.begin(site, &request, later, false, NOW).await.unwrap(),
        IdempotencyReservation::InProgress,
        "the former process no longer owns it"
    );
}
