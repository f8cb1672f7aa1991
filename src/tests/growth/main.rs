//! `make growth`: what each parser and renderer costs for its worst inputs, at a size, ten times that size and a hundred times.
//!
//! Callgrind counts the instructions; it runs this program, and `.ci/growth` compares the sizes. A cost that grows with the square of its
//! input is a hundred times as high for ten times the input, whatever the machine. Between two measurements a function is called at whose
//! entry callgrind writes down what was counted since the last time; their names are printed here in the same order.
//!
//! Run by hand, it only shows that all cases still work. Must not measure time.

mod app;
#[path = "../counted_app.rs"]
mod counted_app;
mod data;
mod planted;
mod requests;
mod text;
mod themes;

use app::App;
use std::{error::Error, hint::black_box, process::ExitCode};

/// What can go wrong is reported, not handled.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What is done with an input.
#[derive(Clone, Copy)]
enum Work {
    /// A function of this process.
    Call(fn(&str)),
    /// A request to the router.
    Request(fn(&App, String) -> Outcome<app::Call>),
}

/// One shape of input for one parser or renderer.
struct Case {
    name: String,
    work: Work,
    /// The input with so many repetitions.
    shape: Box<dyn Fn(usize) -> String>,
    /// Repetitions of the input in the middle; there is one of a tenth and one of ten times of it.
    size: usize,
}

impl Case {
    fn new(name: impl Into<String>, work: Work, size: usize, shape: impl Fn(usize) -> String + 'static) -> Self {
        Self { name: name.into(), work, size, shape: Box::new(shape) }
    }
}

/// An input in which `again` stands so often, each time with its number for `#`.
fn numbered(before: &str, again: &str, after: &str, count: usize) -> String {
    let repeated: String = (0..count).map(|number| again.replace('#', &number.to_string())).collect();
    format!("{before}{repeated}{after}")
}

/// The border between two measurements. Callgrind knows it by its name (`--dump-before`), so it must stay a function of its own.
#[inline(never)]
fn section_border() {
    black_box(1_u8);
}

/// Arguments: which part of how many, so that each core can take one: `growth 0 2`.
fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
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
    let cases = [planted::cases(), text::cases(), data::cases(), themes::cases(), requests::cases()].into_iter().flatten();
    for (_, case) in cases.enumerate().filter(|(number, _)| number % parts == part) {
        // Tables that are made at the first use are no part of the growth.
        run(&app, &case, case.size, false).await?;
        for (word, size) in [("tenth", case.size / 10), ("once", case.size), ("ten", case.size * 10)] {
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
