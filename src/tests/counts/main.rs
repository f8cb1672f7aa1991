//! `make counts`: fixed calls whose processor instructions callgrind counts while it runs this
//! program.
//!
//! Everything is in one process and deterministic: the real router without sockets, a
//! single-threaded runtime, a stopped clock, and fixed random numbers. Between two sections it
//! calls a function at whose entry callgrind dumps its counters; `.ci/counts` reads those files in
//! the order of the names printed here.
//!
//! Run by hand, it only checks that all calls still work. Must not measure time.

mod app;
#[path = "../counted_app.rs"]
mod counted_app;
mod sections;

use app::App;
use sections::Streams;
use std::{error::Error, hint::black_box, process::ExitCode};

/// Errors are reported, not handled.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Uncounted calls that fill caches and prepare statements.
const WARM_UP: usize = 20;
/// Counted calls.
const COUNTED: usize = 100;

/// The border between two sections. Callgrind identifies it by name (`--dump-before`), so it must
/// stay a separate function.
#[inline(never)]
fn section_border() {
    black_box(1_u8);
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(count()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the count failed: {error}");
            ExitCode::from(2)
        }
    }
}

async fn count() -> Outcome<()> {
    let app = App::prepare().await?;
    for section in sections::ALL {
        section.prepare(&app).await?;
        for number in 0..WARM_UP {
            section.call(&app, number).await?;
        }
        section_border();
        for number in WARM_UP..WARM_UP + COUNTED {
            section.call(&app, number).await?;
        }
        section_border();
        println!("{} {COUNTED}", section.name());
    }
    let mut streams = Streams::open(&app).await?;
    streams.deliver(&app, 0).await?;
    section_border();
    streams.deliver(&app, 1).await?;
    section_border();
    println!("{} 1", Streams::NAME);
    drop(streams);
    app.close().await;
    Ok(())
}
