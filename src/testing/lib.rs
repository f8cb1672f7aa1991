//! Test support: a NATS server ([`NatsServer`]), and the configuration of property tests: the same
//! inputs in each run, so that a failure is caused by a change, or new inputs to find more.
//!
//! With `BELFRY_PROPERTY_SEED=new`, as `make fuzz` sets it, every run has other inputs; a number
//! repeats one such run. `BELFRY_PROPERTY_CASES` multiplies the number of cases. A failing input is
//! written next to the test, into a file that ends in `.regressions`, and is run first from then
//! on. Must not depend on what is tested.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "called by tests only")]

mod nats_server;

pub use nats_server::NatsServer;

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};

/// The configuration of a property test with `cases` cases.
pub fn config(cases: u32) -> Config {
    let rng_seed = match std::env::var("BELFRY_PROPERTY_SEED").ok().as_deref() {
        None | Some("") => RngSeed::Fixed(1),
        Some("new") => RngSeed::Random,
        Some(number) => {
            RngSeed::Fixed(number.parse().expect("BELFRY_PROPERTY_SEED is a number or `new`"))
        }
    };
    let times = std::env::var("BELFRY_PROPERTY_CASES")
        .ok()
        .and_then(|times| times.parse().ok())
        .unwrap_or(1);
    Config {
        cases: cases.saturating_mul(times),
        rng_seed,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    }
}

/// A runner for a property test inside an ordinary test function; `source` is the file that
/// contains it.
pub fn runner(cases: u32, source: &'static str) -> TestRunner {
    TestRunner::new(Config { source_file: Some(source), ..config(cases) })
}
