//! Property test of token rotation, over random schedules of events.
//!
//! Any number of clients start with one token, each within the overlap of its first use. Each then
//! uses the newest token that it has seen, with any concurrency; responses arrive in any order, but
//! none later than the overlap; pauses are shorter than a token's lifetime. Such a client is never
//! rejected. A client that then presents a token that was replaced longer ago than the overlap, and
//! whose successor was used, revokes the whole family.

use super::shop;
use crate::support::TestApp;
use belfry_app::TOKEN_OVERLAP;
use belfry_domain::{Clock as _, Timestamp};
use std::{collections::HashMap, time::Duration};

/// A linear congruential generator: the same schedule in each run.
struct TestRng(u64);

impl TestRng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A response that hasn't reached its client yet.
struct InFlight {
    token: String,
    /// End of the overlap of the request's token: the response arrives before it.
    deadline: Timestamp,
}

struct Client {
    newest: String,
    seen_at: Timestamp,
    in_flight: Vec<InFlight>,
}

impl Client {
    fn receive(&mut self, index: usize, now: Timestamp) {
        self.newest = self.in_flight.remove(index).token;
        self.seen_at = now;
    }
}

async fn run_schedule(seed: u64) {
    let app = TestApp::new().await;
    let site = shop(&app).await;
    let mut course = TestRng(seed);
    let first = app.token(&site, "42").await;
    let mut used: HashMap<String, Timestamp> = HashMap::new();
    let mut successors: Vec<(String, String)> = Vec::new();
    let mut clients: Vec<Client> = Vec::new();
    let count = 1 + course.below(5);
    for _ in 0..count {
        app.clock.advance(Duration::from_millis(course.below(20_000 / count)));
        let (_, next) = app
            .app
            .rotate_token(site.site.id, &first)
            .await
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        used.entry(first.clone()).or_insert(app.clock.now());
        successors.push((first.clone(), next.reveal().to_owned()));
        clients.push(Client {
            newest: next.reveal().to_owned(),
            seen_at: app.clock.now(),
            in_flight: Vec::new(),
        });
    }
    for step in 0..80 {
        let now = app.clock.now();
        let index = usize::try_from(course.below(count)).unwrap();
        let client = &mut clients[index];
        match course.below(4) {
            // Sends a request, perhaps with others in flight.
            0 | 1 => {
                let shown = client.newest.clone();
                let (_, next) = app
                    .app
                    .rotate_token(site.site.id, &shown)
                    .await
                    .unwrap_or_else(|error| panic!("seed {seed}, step {step}: {error}"));
                successors.push((shown.clone(), next.reveal().to_owned()));
                let began = *used.entry(shown).or_insert(now);
                client.in_flight.push(InFlight {
                    token: next.reveal().to_owned(),
                    deadline: began.plus(TOKEN_OVERLAP),
                });
            }
            2 if !client.in_flight.is_empty() => {
                let one = usize::try_from(course.below(client.in_flight.len() as u64)).unwrap();
                client.receive(one, now);
            }
            _ => {
                let pause =
                    [10, 3_000, 19_000, 60_000, 600_000][usize::try_from(course.below(5)).unwrap()];
                let then = now.plus(Duration::from_millis(1 + course.below(pause)));
                for client in &mut clients {
                    while let Some(due) =
                        client.in_flight.iter().position(|answer| answer.deadline < then)
                    {
                        client.receive(due, now);
                    }
                }
                // No client is idle for longer than a token's lifetime.
                if clients.iter().all(|client| client.seen_at.plus(Duration::from_mins(14)) > then)
                {
                    app.clock.advance(now.until(then));
                } else {
                    for client in &mut clients {
                        let (_, next) = app
                            .app
                            .rotate_token(site.site.id, &client.newest)
                            .await
                            .unwrap_or_else(|error| panic!("seed {seed}, step {step}: {error}"));
                        used.entry(client.newest.clone()).or_insert(now);
                        successors.push((client.newest.clone(), next.reveal().to_owned()));
                        next.reveal().clone_into(&mut client.newest);
                        client.seen_at = now;
                    }
                }
            }
        }
    }
    // Any token that was replaced long enough ago.
    app.clock.advance(Duration::from_secs(1));
    let now = app.clock.now();
    let answered = |token: &String| {
        successors.iter().any(|(shown, next)| shown == token && used.contains_key(next))
    };
    let old = used.iter().filter(|(token, at)| at.plus(TOKEN_OVERLAP) < now && answered(token));
    let mut old: Vec<&String> = old.map(|(token, _)| token).collect();
    old.sort();
    if old.is_empty() {
        return;
    }
    let replayed = old[usize::try_from(course.below(old.len() as u64)).unwrap()];
    assert!(app.app.rotate_token(site.site.id, replayed).await.is_err(), "seed {seed}");
    for client in &clients {
        assert!(app.app.rotate_token(site.site.id, &client.newest).await.is_err(), "seed {seed}");
        for answer in &client.in_flight {
            assert!(
                app.app.rotate_token(site.site.id, &answer.token).await.is_err(),
                "seed {seed}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newest_token_always_works_and_replay_revokes_family() {
    for seed in 0..40 {
        run_schedule(seed).await;
    }
}
