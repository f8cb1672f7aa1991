//! Idempotency keys.

use super::test_store::{NOW, World, after};
use crate::domain::{Attempt, Begun, Digest, KeptAnswer, KeptBody};
use futures_util::future::join_all;

fn attempt(key: &str, asks: &str) -> Attempt {
    Attempt { key: key.to_owned(), fingerprint: Digest::of(asks), run: [1; 16] }
}

fn answer(says: KeptBody) -> KeptAnswer {
    KeptAnswer { status: 201, content_type: Some("application/json".to_owned()), says }
}

pub async fn one_of_concurrent_requests_gets_the_reservation(world: &World) {
    let (site, _) = world.site("a").await;
    let (other, _) = world.site("b").await;
    let first = attempt("k", "x");
    let begun = join_all((0..50).map(|_| world.store.begin(site, &first, false, NOW))).await;
    let of = |wanted: Begun| begun.iter().filter(|begun| begun.as_ref().unwrap() == &wanted).count();
    assert_eq!((of(Begun::New), of(Begun::UnderWay)), (1, 49));
    assert_eq!(world.store.begin(site, &attempt("k", "y"), true, NOW).await.unwrap(), Begun::KeyReused);
    assert_eq!(world.store.begin(other, &first, false, NOW).await.unwrap(), Begun::New, "keys are scoped to their site");
}

pub async fn response_is_stored_for_a_day(world: &World) {
    let (site, _) = world.site("a").await;
    for (key, says) in
        [("whole", KeptBody::Whole(vec![0, 255])), ("empty", KeptBody::Whole(Vec::new())), ("sealed", KeptBody::Sealed("7".to_owned()))]
    {
        let (attempt, answer) = (attempt(key, "x"), answer(says));
        assert_eq!(world.store.begin(site, &attempt, false, NOW).await.unwrap(), Begun::New);
        world.store.finish(site, &attempt, Some(&answer)).await.unwrap();
        assert_eq!(world.store.begin(site, &attempt, false, after(86_399)).await.unwrap(), Begun::Answered(answer));
    }
    assert_eq!(world.store.sweep(after(86_399)).await.unwrap(), 0);
    assert_eq!(world.store.begin(site, &attempt("whole", "y"), false, after(86_400)).await.unwrap(), Begun::New);
    assert_eq!(world.store.sweep(after(86_401)).await.unwrap(), 2);
}

pub async fn failed_request_can_be_retried(world: &World) {
    let (site, _) = world.site("a").await;
    let attempt = attempt("k", "x");
    world.store.begin(site, &attempt, false, NOW).await.unwrap();
    world.store.finish(site, &attempt, None).await.unwrap();
    assert_eq!(world.store.begin(site, &attempt, false, NOW).await.unwrap(), Begun::New);
}

pub async fn request_of_a_previous_process_is_interrupted(world: &World) {
    let (site, _) = world.site("a").await;
    let former = attempt("k", "x");
    let later = Attempt { run: [2; 16], ..former.clone() };
    world.store.begin(site, &former, false, NOW).await.unwrap();
    assert_eq!(world.store.begin(site, &later, false, NOW).await.unwrap(), Begun::Interrupted);
    assert_eq!(world.store.begin(site, &later, true, NOW).await.unwrap(), Begun::New);
    world.store.finish(site, &former, Some(&answer(KeptBody::Whole(Vec::new())))).await.unwrap();
    assert_eq!(world.store.begin(site, &later, false, NOW).await.unwrap(), Begun::UnderWay, "the former process no longer owns it");
}
