//! That background work takes short turns of the writer, however much is due, and lets others write in between.
//!
//! Counted in steps and commits instead of seconds. A full million of rows would be made for minutes in a build that is not optimised;
//! what waits is bounded by one turn, so twenty thousand show the same.

use super::{
    counter::CountedDatabase,
    scenario::{Scenario, days},
    volume,
};
use crate::store::contract::world::NOW;

/// Messages to everyone beyond those that are kept.
const SURPLUS: i64 = 20_000;
/// Token calls beside the sweep.
const CALLS: u64 = 50;
/// What a commit is reckoned at: with its wait for an ordinary disk it takes about as long as this many steps.
const COMMIT_STEPS: u64 = 5_000;
/// The most steps of one turn. Where rows with their indexes are deleted, an optimised build does about five million steps in a second, and
/// more elsewhere: this is 5 ms at most.
const MAX_TURN_STEPS: u64 = 25_000;

/// The mean of what a token call waits for: steps and commits of the writer between asking and the answer.
async fn token_call(s: &Scenario, database: &CountedDatabase) -> u64 {
    let counters = &database.counters;
    let mut total = 0;
    for _ in 0..CALLS {
        let token = s.world.token(&s.key, s.reader);
        let before = counters.writer_steps() + counters.turns() * COMMIT_STEPS;
        s.world.store.add_token(&token).await.unwrap();
        total += counters.writer_steps() + counters.turns() * COMMIT_STEPS - before;
    }
    total / CALLS
}

#[tokio::test]
async fn token_call_beside_a_sweep_costs_at_most_twice() {
    let s = Scenario::new(1).await;
    s.database.execute(volume::messages_to(0, SURPLUS)).await;
    let alone = token_call(&s, &s.database).await;
    let (turns, store) = (s.database.counters.turns(), s.world.store.clone());
    let sweep = tokio::spawn(async move { store.forget_messages(NOW).await });
    while s.database.counters.turns() == turns {
        tokio::task::yield_now().await;
    }
    let beside = token_call(&s, &s.database).await;
    assert!(!sweep.is_finished(), "nothing was left to be done beside the calls");
    sweep.abort();
    println!("a token call alone: {alone} steps, beside a sweep: {beside}");
    assert!(beside <= alone * 2, "{beside} steps beside a sweep and {alone} alone, each commit reckoned at {COMMIT_STEPS}");
}

#[tokio::test]
async fn turns_are_short_however_much_is_due() {
    let s = Scenario::new(20).await;
    let (store, counters) = (&s.world.store, &s.database.counters);
    for lane in [3, 0] {
        s.database.execute(volume::messages_to(lane, 1_500)).await;
    }
    // All that has an end is over, and what is waiting is due.
    let mut longest = Vec::new();
    let mut note = |name: &str| longest.push((name.to_owned(), counters.take_longest_turn()));
    counters.take_longest_turn();
    store.forget_messages(NOW).await.unwrap();
    note("surplus");
    store.advance(days(9)).await.unwrap();
    note("schedule");
    while store.advance_imports(NOW).await.unwrap() {}
    note("imports");
    store.sweep_deliveries(days(40)).await.unwrap();
    note("deliveries");
    store.sweep(days(40)).await.unwrap();
    note("sweep");
    let keeping = crate::domain::SiteSettings::new(vec![crate::domain::Language::english()], Some(1), Vec::new()).unwrap();
    store.update_settings(s.site, &keeping).await.unwrap();
    store.forget_messages(days(40)).await.unwrap();
    note("retention");
    println!("{longest:?}");
    let too_long: Vec<_> = longest.iter().filter(|(_, steps)| *steps > MAX_TURN_STEPS).collect();
    assert!(too_long.is_empty(), "turns of more than {MAX_TURN_STEPS} steps: {too_long:?}");
}
