//! The whole way: a corpus of hostile and of real drawings, and drawings that nobody drew. What comes out is judged by a checker
//! that shares nothing with the cleaner.

mod corpus;
mod generated;
mod oracle;

use super::super::problem::{File, Problem, Report};
use super::Drawing;

const BELL: &[&str] = &["badge", "count", "unread", "empty"];
const CARD: &[&str] = &["title", "body", "time", "image", "category", "unread", "action-1", "action-2", "action-3", "archive"];

/// What is made of a file, why it is refused, and what is left out.
fn outcome(bytes: &[u8], parts: &[&str]) -> (Option<Drawing>, Vec<Problem>, Vec<Problem>) {
    let mut report = Report::default();
    let drawing = super::read_once(File::Card, bytes, parts, &mut report);
    assert_eq!(drawing.is_none(), report.is_refused(), "what is refused says why, and nothing else is");
    let (refused, warnings) = report.into_parts();
    (drawing, refused, warnings)
}

/// Prints what a file becomes, and sees that it stays so and holds nothing that could do harm.
fn settled(drawing: &Drawing, bytes: &[u8], parts: &[&str]) -> String {
    let printed = drawing.print();
    assert_eq!(oracle::check(&printed), Ok(()), "{printed}");
    assert!(printed.len() <= 2 * bytes.len() + 4096);
    let (again, refused, _) = outcome(printed.as_bytes(), parts);
    let again = again.unwrap_or_else(|| panic!("{refused:?}\n{printed}"));
    assert_eq!(again.print(), printed);
    printed
}
