//! Fault injection: the real server under a mixed load, with every fault that a machine can cause;
//! afterwards the stored state is compared with what was acknowledged. `BELFRY_CRASHES=300` sets
//! the number of crashes, and lets the other faults last longer; `BELFRY_FAULT_SEED` chooses others.

mod checker;
mod clock;
// Limits of another process can be set on Linux only.
mod database_file;
mod database_network;
mod database_proxy;
#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(target_os = "linux")]
mod disk;
mod fixture;
mod history;
mod kill;
mod load;
mod lock;
mod log;
mod newer_schema;
mod private_server;
#[cfg(target_os = "linux")]
mod process_clock;
mod processes;
mod state;
mod tampered;

use crate::server::process::{DataDir, Server};
use fixture::FaultFixture;
use load::Load;
use state::State;
use std::collections::BTreeMap;

/// The number of crashes, if the variable is set.
fn crashes() -> Option<usize> {
    std::env::var("BELFRY_CRASHES")
        .ok()
        .map(|crashes| crashes.parse().expect("BELFRY_CRASHES is a number"))
}

/// The usual number of crashes.
const CRASHES: usize = 12;

/// Calls `run` with a seed and a number of faults, at most `at_once`, until all are injected: `usual`
/// of them, or as many times more as there are more crashes. `BELFRY_FAULT_SEED` is the first seed.
fn for_each_seed(usual: usize, at_once: usize, mut run: impl FnMut(u64, usize)) {
    let first =
        std::env::var("BELFRY_FAULT_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    let mut left = crashes().map_or(usual, |crashes| (crashes * usual).div_ceil(CRASHES));
    for seed in first.. {
        eprintln!("seed {seed}");
        run(seed, left.min(at_once));
        left = left.saturating_sub(at_once);
        if left == 0 {
            break;
        }
    }
}

/// Retries until every request is answered, and compares. Rejections may have had these statuses. On a
/// server a 503 is no rejection: the connection may have been lost while a commit was awaited.
fn compare(
    home: &DataDir,
    server: &Server,
    shop: &FaultFixture,
    load: &mut Load,
    refusals: &[u16],
) {
    load.settle(shop, server.address);
    let mut history = shop.history.operations();
    if home.is_on_server() {
        for operation in &mut history {
            if operation.outcome == history::Outcome::Rejected(503) {
                operation.outcome = history::Outcome::Unknown;
            }
        }
    }
    let odd: Vec<_> =
        history.iter().filter(|operation| matches!(operation.outcome, history::Outcome::Rejected(status) if !refusals.contains(&status))).collect();
    assert!(odd.is_empty(), "refused: {odd:?}");
    let state = State::read(home, server, shop);
    let wrong = checker::check(&history, &state);
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", server.log());
    let mut figures = BTreeMap::<&str, usize>::new();
    for operation in &history {
        let outcome = match operation.outcome {
            history::Outcome::Done(_) => "acknowledged",
            history::Outcome::Rejected(_) => "refused",
            history::Outcome::Unknown => "unknown",
        };
        *figures.entry(outcome).or_default() += 1;
    }
    eprintln!(
        "{figures:?}; {} messages, {} contacts, {} themes",
        state.messages.len(),
        state.contacts.len(),
        state.themes.len()
    );
}

/// Runs the load until this many requests were acknowledged, and longer if `meanwhile` takes
/// longer.
fn work(
    load: &mut Load,
    shop: &FaultFixture,
    server: &Server,
    acknowledged: usize,
    meanwhile: impl FnOnce(),
) {
    let since = shop.history.len();
    load.run(shop, server.address, || {
        shop.history.wait(since, acknowledged, |operation| operation.done().is_some());
        meanwhile();
    });
}
