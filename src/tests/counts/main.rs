//! `make counts`: the fixed calls whose processor instructions are counted by callgrind, which runs this program.
//!
//! Everything is in one process and repeatable: the real router without sockets, a single-threaded runtime, a clock that stands still,
//! random numbers that are the same in each run. Between two sections a function is called at whose entry callgrind writes down what
//! was counted since the last time; `.ci/counts` reads those files in the order of the names that are printed here.
//!
//! Run by hand, it only shows that all calls still work. Must not measure time.

mod app;
#[path = "../counted_app.rs"]
mod counted_app;
mod sections;

use app::App;
use sections::Streams;
use std::{error::Error, hint::black_box, process::ExitCode};

/// What can go wrong is reported, not handled.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Calls before those that are counted: caches are filled and statements prepared by them.
const WARM_UP: usize = 20;
/// Calls that are counted.
const COUNTED: usize = 100;

/// The border between two sections. Callgrind knows it by its name (`--dump-before`), so it must stay a function of its own.
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
