//! What a script reads: one line of JSON on standard output.

use super::Failure;
use crate::domain::Timestamp;
use serde::Serialize;
use std::io::Write as _;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Writes one line.
pub(super) fn line(answer: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(answer).map_err(|error| Failure::failed(format!("the answer can't be written as JSON: {error}")))?;
    plain(&text)
}

/// Writes a text as it is, and a line's end. A reader that went away (`| head -1`) is no failure.
pub(super) fn plain(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::failed(format!("standard output can't be written: {error}"))),
        _ => Ok(()),
    }
}

/// Says a line on standard error, for a person.
pub(super) fn remark(text: &str) {
    // Where nobody can read it, there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A moment as RFC 3339.
pub(super) fn moment(at: Timestamp) -> Option<String> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000).ok()?.format(&Rfc3339).ok()
}
