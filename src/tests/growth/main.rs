//! `make growth`: the cost of each parser and renderer for its worst inputs, at one size, ten times
//! and a hundred times that size.
//!
//! Callgrind counts the instructions while it runs this program, and `.ci/growth` compares the
//! sizes. A quadratic cost is a hundred times as high for ten times the input, on every machine.
//! Between two measurements it calls a function at whose entry callgrind dumps its counters; the
//! names are printed here in the same order.
//!
//! Run by hand, it only checks that all cases still work. Must not measure time.

mod app;
#[path = "../counted_app.rs"]
mod counted_app;
mod data;
mod requests;
mod self_test;
mod text;
mod themes;

use app::App;
use std::{error::Error, hint::black_box, process::ExitCode};

/// Errors are reported, not handled.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How an input is processed.
#[derive(Clone, Copy)]
enum Work {
    /// By a function of this process.
    Call(fn(&str)),
    /// By a request to the router.
    Request(fn(&App, String) -> Outcome<app::Call>),
}

/// One shape of input for one parser or renderer.
struct Case {
    name: String,
    work: Work,
    /// Builds the input with this many repetitions.
    shape: Box<dyn Fn(usize) -> String>,
    /// Repetitions of the medium input; there is one of a tenth and one of ten times of it.
    size: usize,
}

impl Case {
    fn new(
        name: impl Into<String>,
        work: Work,
        size: usize,
        shape: impl Fn(usize) -> String + 'static,
    ) -> Self {
        Self { name: name.into(), work, size, shape: Box::new(shape) }
    }
}

/// An input with `again` repeated `count` times; `#` is replaced by its number.
fn numbered(before: &str, again: &str, after: &str, count: usize) -> String {
    let repeated: String =
        (0..count).map(|number| again.replace('#', &number.to_string())).collect();
    format!("{before}{repeated}{after}")
}

/// The border between two measurements. Callgrind identifies it by name (`--dump-before`), so it
/// must stay a separate function.
#[inline(never)]
fn section_border() {
    black_box(1_u8);
}

/// Arguments: which part of how many, so that each core can run one: `growth 0 2`.
fn main() -> ExitCode {
    let mut numbers =
        std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let (part, parts) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(1).max(1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(count(part, parts))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("growth could not be counted: {error}");
            ExitCode::from(2)
        }
    }
}

async fn count(part: usize, parts: usize) -> Outcome<()> {
    let app = App::prepare().await?;
    let cases =
        [self_test::cases(), text::cases(), data::cases(), themes::cases(), requests::cases()]
            .into_iter()
            .flatten();
    for (_, case) in cases.enumerate().filter(|(number, _)| number % parts == part) {
        // Tables that are built on first use are not counted.
        run(&app, &case, case.size, false).await?;
        for (word, size) in
            [("tenth", case.size / 10), ("once", case.size), ("ten", case.size * 10)]
        {
            run(&app, &case, size, true).await?;
            println!("{} {word}", case.name);
        }
    }
    app.close().await;
    Ok(())
}

async fn run(app: &App, case: &Case, size: usize, counted: bool) -> Outcome<()> {
    let input = (case.shape)(size);
    match case.work {
        Work::Call(call) => {
            border(counted);
            call(black_box(&input));
            border(counted);
        }
        Work::Request(request) => {
            let call = request(app, input).map_err(|error| format!("{}: {error}", case.name))?;
            border(counted);
            let status = app.send(call).await?;
            border(counted);
            if status.is_server_error() {
                return Err(format!("{} was answered with {status}", case.name).into());
            }
        }
    }
    Ok(())
}

fn border(counted: bool) {
    if counted {
        section_border();
    }
}
