//! The cases of the corpus, and what must hold for all of them. What was printed is judged by a check that shares no code with
//! what printed it.

mod corpus;
mod drawings;
mod generated;
mod limits;
mod oracle;
mod themes;

use super::super::problem::{File, Place, Problem, Report};
pub(in super::super) use corpus::told as told_lines;

use super::{canonical, drawing_sheet, drawing_style, drawing_value, theme};

const AT: Place = Place { file: File::Card, line: 7, column: 11 };

/// What became of a theme.css: its scoped text, why it was refused, what was left out.
pub(super) fn themed(source: &str) -> (Option<String>, Vec<Problem>, Vec<Problem>) {
    let mut report = Report::default();
    let text = theme(source, &mut report);
    let (refused, warnings) = report.into_parts();
    (text, refused, warnings)
}

pub(super) fn told(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The id `known` is called `x-known`; there is no other.
fn rename(id: &str) -> Option<String> {
    (id == "known" || id == "x-known").then(|| "x-known".to_owned())
}
