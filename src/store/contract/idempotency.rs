//! Idempotency keys.

use super::test_store::{NOW, TestStore, after};
use crate::domain::{
    Digest, IdempotencyReservation, IdempotentRequest, StoredBody, StoredResponse,
};
use futures_util::future::join_all;

fn attempt(key: &str, asks: &str) -> IdempotentRequest {
    IdempotentRequest { key: key.to_owned(), fingerprint: Digest::of(asks), run: [1; 16] }
}

fn answer(says: StoredBody) -> StoredResponse {
    StoredResponse { status: 201, content_type: Some("application/json".to_owned()), says }
}

pub async fn one_of_concurrent_requests_gets_the_reservation(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let first = attempt("k", "x");
    let begun = join_all((0..50).map(|_| world.store.begin(site, &first, false, NOW))).await;
    let of = |wanted: IdempotencyReservation| {
        begun.iter().filter(|begun| begun.as_ref().unwrap() == &wanted).count()
    };
    assert_eq!((of(IdempotencyReservation::New), of(IdempotencyReservation::UnderWay)), (1, 49));
    assert_eq!(
        world.store.begin(site, &attempt("k", "y"), true, NOW).await.unwrap(),
        IdempotencyReservation::KeyReused
    );
    assert_eq!(
        world.store.begin(other, &first, false, NOW).await.unwrap(),
        IdempotencyReservation::New,
        "keys are scoped to their site"
    );
}

pub async fn response_is_stored_for_a_day(world: &TestStore) {
    let (site, _) = world.site("a").await;
    for (key, says) in [
        ("whole", StoredBody::Whole(vec![0, 255])),
        ("empty", StoredBody::Whole(Vec::new())),
        ("sealed", StoredBody::Sealed("7".to_owned())),
    ] {
        let (attempt, answer) = (attempt(key, "x"), answer(says));
        assert_eq!(
            world.store.begin(site, &attempt, false, NOW).await.unwrap(),
            IdempotencyReservation::New
        );
        world.store.finish(site, &attempt, Some(&answer)).await.unwrap();
        assert_eq!(
            world.store.begin(site, &attempt, false, after(86_399)).await.unwrap(),
            IdempotencyReservation::Answered(answer)
        );
    }
    assert_eq!(world.store.sweep(after(86_399)).await.unwrap(), 0);
    assert_eq!(
        world.store.begin(site, &attempt("whole", "y"), false, after(86_400)).await.unwrap(),
        IdempotencyReservation::New
    );
    assert_eq!(world.store.sweep(after(86_401)).await.unwrap(), 2);
}

pub async fn failed_request_can_be_retried(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let attempt = attempt("k", "x");
    world.store.begin(site, &attempt, false, NOW).await.unwrap();
    world.store.finish(site, &attempt, None).await.unwrap();
    assert_eq!(
        world.store.begin(site, &attempt, false, NOW).await.unwrap(),
        IdempotencyReservation::New
    );
}

pub async fn request_of_a_previous_process_is_interrupted(world: &TestStore) {
    let (site, _) = world.site("a").await;
    let former = attempt("k", "x");
    let later = IdempotentRequest { run: [2; 16], ..former.clone() };
    world.store.begin(site, &former, false, NOW).await.unwrap();
    assert_eq!(
        world.store.begin(site, &later, false, NOW).await.unwrap(),
        IdempotencyReservation::Interrupted
    );
    assert_eq!(
        world.store.begin(site, &later, true, NOW).await.unwrap(),
        IdempotencyReservation::New
    );
    world.store.finish(site, &former, Some(&answer(StoredBody::Whole(Vec::new())))).await.unwrap();
    assert_eq!(
        world.store.begin(site, &later, false, NOW).await.unwrap(),
        IdempotencyReservation::UnderWay,
        "the former process no longer owns it"
    );
}
