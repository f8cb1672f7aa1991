//! The corpus and the invariants of every case. Printed results are checked by an oracle that
//! shares no code with the printer.

mod corpus;
mod drawings;
mod generated;
mod limits;
mod oracle;
mod themes;

use super::super::diagnostics::{File, Place, Problem, Report};
pub(in super::super) use corpus::describe as diagnostic_lines;

use super::{canonical, drawing_sheet, drawing_style, drawing_value, theme};

const AT: Place = Place { file: File::Card, line: 7, column: 11 };

/// The result of a `theme.css`: its scoped text, the errors, the warnings.
pub(super) fn themed(source: &str) -> (Option<String>, Vec<Problem>, Vec<Problem>) {
    let mut report = Report::default();
    let text = theme(source, &mut report);
    let (refused, warnings) = report.into_parts();
    (text, refused, warnings)
}

pub(super) fn describe(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Renames the id `known` to `x-known`; no other id exists.
fn rename(id: &str) -> Option<String> {
    (id == "known" || id == "x-known").then(|| "x-known".to_owned())
}
