//! `make bench`: measures the budgets of this project, each with its baseline in the same run, and
//! prints one report.
//!
//! Speeds are only comparable within one run, because machines differ. The exit code depends on the
//! sizes only, which are the same on every machine; the rest is for people to read.
//!
//! The load comes from another process than the server: this program starts `belfry serve`, and
//! itself under a hidden first argument as the load generator, as the baseline server, and as the
//! readers with open streams.
//!
//! `cargo bench --bench budgets -- --quick` measures with small numbers, `-- --only list` one
//! scenario, `-- --only curves --largest 1000000` the curves up to that size, `-- --postgres` on the
//! `PostgreSQL` server of the environment; `BELFRY_BIN` selects another server binary.

mod baseline;
mod cable_clients;
mod client;
mod conversations;
mod databases;
mod fixtures;
mod load;
mod report;
mod scenarios;
mod server;
mod stream_clients;

use report::Table;
use scenarios::Scale;
use std::{env, error::Error, process::ExitCode};

/// Errors are reported, not handled.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let rest = words.get(1).map(String::as_str).unwrap_or_default();
    let outcome = match words.first().map(String::as_str) {
        Some(load::ROLE) => block_on(false, load::play(rest)).map(|()| true),
        Some(stream_clients::ROLE) => block_on(false, stream_clients::play(rest)).map(|()| true),
        Some(cable_clients::ROLE) => block_on(false, cable_clients::play(rest)).map(|()| true),
        Some(baseline::ROLE) => block_on(true, baseline::play(rest)).map(|()| true),
        _ => block_on(true, measure(&words)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("the measurement failed: {error}");
            ExitCode::from(2)
        }
    }
}

fn block_on<T>(parallel: bool, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let mut builder = if parallel {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()?.block_on(work)
}

/// Measures, prints the report, and returns whether the sizes are within their budgets.
async fn measure(words: &[String]) -> Outcome<bool> {
    let after = |option| words.iter().skip_while(|word| *word != option).nth(1);
    let mut scale =
        if words.iter().any(|word| word == "--quick") { Scale::quick() } else { Scale::full() };
    if words.iter().any(|word| word == "--postgres") {
        databases::use_postgres();
    }
    let only = after("--only");
    if let Some(largest) = after("--largest") {
        let largest: i64 = largest.parse()?;
        scale.curves.retain(|size| *size <= largest);
    }
    let mut table = Table::default();
    scenarios::all(&scale, only.map(String::as_str), &mut table).await?;
    print!("{table}");
    Ok(table.check_sizes())
}
