//! The whole path: a corpus of hostile and of real drawings, and generated drawings. Results are
//! checked by an oracle that shares no code with the sanitizer.

mod corpus;
mod generated;
mod oracle;

use super::super::diagnostics::{File, Problem, Report};
use super::Drawing;

const BELL: &[&str] = &["badge", "count", "unread", "empty"];
const CARD: &[&str] = &[
    "title", "body", "time", "image", "category", "unread", "action-1", "action-2", "action-3",
    "archive",
];

/// The result of a file, the errors, and the warnings.
fn outcome(bytes: &[u8], parts: &[&str]) -> (Option<Drawing>, Vec<Problem>, Vec<Problem>) {
    let mut report = Report::default();
    let drawing = super::read_once(File::Card, bytes, parts, &mut report);
    assert_eq!(drawing.is_none(), report.is_rejected(), "exactly the rejected files have errors");
    let (refused, warnings) = report.into_parts();
    (drawing, refused, warnings)
}

/// Prints the result of a file, and checks that it is stable and harmless.
fn settled(drawing: &Drawing, bytes: &[u8], parts: &[&str]) -> String {
    let printed = drawing.print();
    assert_eq!(oracle::check(&printed), Ok(()), "{printed}");
    assert!(printed.len() <= 2 * bytes.len() + 4096);
    let (again, refused, _) = outcome(printed.as_bytes(), parts);
    let again = again.unwrap_or_else(|| panic!("{refused:?}\n{printed}"));
    assert_eq!(again.print(), printed);
    printed
}
