//! Command output: one line of JSON on standard output for scripts; notes on standard error for
//! people.

use super::Failure;
use serde::Serialize;
use std::io::Write as _;

/// Prints a value as one line of JSON.
pub(super) fn print_json(answer: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(answer).map_err(|error| {
        Failure::failed(format!("the output can't be serialized as JSON: {error}"))
    })?;
    print_text(&text)
}

/// Prints a text and a line break. A closed reader (`| head -1`) is no failure.
pub(super) fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a note on standard error.
pub(super) fn print_note(text: &str) {
    // There is nowhere to report that standard error can't be written.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
