//! The corpus tables: diagnostics and output of each sheet.

use super::super::super::diagnostics::{Problem, Report};
use super::super::super::tests::table::{Case, tables};
use super::{AT, canonical, drawing_sheet, oracle, rename, themed};
use belfry_locales::UiLanguage;

/// Every sheet of the tables with this prefix.
pub(super) fn cases(start: &str) -> Vec<(String, String)> {
    let cases = tables(start).into_iter().flat_map(|table| table.cases);
    cases.map(|Case { name, input, .. }| (name, String::from_utf8(input).unwrap())).collect()
}

/// The lines of a table for these problems.
pub(in super::super::super) fn describe(refused: &[Problem], warnings: &[Problem]) -> Vec<String> {
    let line = |kind: &str, problem: &Problem| {
        let Problem { line, column, code, what, .. } = problem;
        format!("{kind} {code} {line}:{column} {what}").trim_end().to_owned()
    };
    refused
        .iter()
        .map(|problem| line("refused", problem))
        .chain(warnings.iter().map(|problem| line("left out", problem)))
        .collect()
}

/// Checks that every place is inside the source.
fn inside(name: &str, source: &str, problems: &[Problem]) {
    let lines: Vec<&str> = source.split('\n').collect();
    for problem in problems {
        let line =
            lines.get(problem.line as usize - 1).unwrap_or_else(|| panic!("{name}: {problem}"));
        assert!(
            problem.column >= 1 && problem.column as usize <= line.chars().count() + 1,
            "{name}: {problem}"
        );
        assert!(!problem.what.is_empty(), "{name}: {problem}");
        let english = problem.reason.to_string();
        for lang in UiLanguage::all().into_iter().filter(|lang| *lang != UiLanguage::ENGLISH) {
            assert_ne!(problem.reason.t(lang), english, "{name}");
        }
    }
}

fn theme(case: &Case) -> (Vec<String>, Option<String>) {
    let source = String::from_utf8(case.input.clone()).unwrap();
    let (text, refused, warnings) = themed(&source);
    inside(&case.name, &source, &refused);
    inside(&case.name, &source, &warnings);
    assert_eq!(text.is_none(), !refused.is_empty(), "{}", case.name);
    if let Some(text) = &text {
        oracle::theme(text).unwrap_or_else(|wrong| panic!("{} {wrong}\n{text}", case.name));
        let once = canonical(&source, &mut Report::default()).unwrap();
        assert_eq!(canonical(&once, &mut Report::default()).as_ref(), Some(&once), "{}", case.name);
        assert_eq!(themed(&once).0.as_ref(), Some(text), "{}", case.name);
    }
    (describe(&refused, &warnings), text)
}

fn drawing(case: &Case) -> (Vec<String>, Option<String>) {
    let source = String::from_utf8(case.input.clone()).unwrap();
    let mut report = Report::default();
    let sheet = drawing_sheet(&source, AT, &rename, &mut report);
    let (refused, warnings) = report.into_parts();
    assert!(
        refused.iter().chain(&warnings).all(|problem| problem.line >= AT.line),
        "{}",
        case.name
    );
    assert_eq!(sheet.is_none(), !refused.is_empty(), "{}", case.name);
    if let Some(sheet) = &sheet {
        oracle::drawing(&sheet.text)
            .unwrap_or_else(|wrong| panic!("{} {wrong}\n{}", case.name, sheet.text));
        assert_eq!(
            drawing_sheet(&sheet.text, AT, &rename, &mut Report::default()).as_ref(),
            Some(sheet),
            "{}",
            case.name
        );
    }
    (describe(&refused, &warnings), sheet.map(|sheet| sheet.text))
}

fn agree(start: &str, find: impl Fn(&Case) -> (Vec<String>, Option<String>), is_hostile: bool) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for table in tables(start) {
        count += table.cases.len();
        wrong.extend(table.compare(|case| {
            let found = find(case);
            if is_hostile {
                assert!(!found.0.is_empty(), "{} has no diagnostics", case.name);
            } else {
                assert!(found.1.is_some(), "{} is refused: {:?}", case.name, found.0);
            }
            found
        }));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 9, "{start} holds {count} cases");
}

#[test]
fn hostile_themes_match_the_tables() {
    agree("css/hostile", theme, true);
}

#[test]
fn benign_themes_match_the_tables() {
    agree("css/benign", theme, false);
}

#[test]
fn hostile_drawing_sheets_match_the_tables() {
    agree("drawing-css/hostile", drawing, true);
}

#[test]
fn benign_drawing_sheets_match_the_tables() {
    agree("drawing-css/benign", drawing, false);
}
