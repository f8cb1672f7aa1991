//! Every file of the corpus.

use super::super::super::problem::Report;
use super::{AT, canonical, drawing_sheet, oracle, rename, themed, told};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the corpus, found from this file wherever the crate is.
fn folder(name: &str) -> PathBuf {
    let here = Path::new(file!()).ancestors().nth(3).map(|theme| theme.join("corpus/css").join(name));
    let inside = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/theme/corpus/css").join(name);
    here.filter(|folder| folder.is_dir()).unwrap_or(inside)
}

pub(super) fn cases(name: &str) -> Vec<(String, String)> {
    let mut cases: Vec<(String, String)> = fs::read_dir(folder(name))
        .expect("the corpus lies beside the code")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    cases.sort();
    assert!(cases.len() >= 9, "{name} holds cases");
    cases
}

/// Cases whose offending property is unknown here, so that it is left out and the rest is harmless.
const LEFT_OUT: [&str; 2] = ["offset-path", "shape-outside"];

#[test]
fn every_hostile_theme_is_refused_with_a_place_inside_of_it() {
    let mut wrong = Vec::new();
    for (name, source) in cases("hostile") {
        let (text, refused, _) = themed(&source);
        match text {
            Some(text) if LEFT_OUT.contains(&name.as_str()) => oracle::theme(&text).unwrap(),
            Some(text) => wrong.push(format!("{name} was accepted:\n{text}")),
            None if refused.is_empty() => wrong.push(format!("{name} was refused without a reason")),
            None => {
                for problem in refused {
                    let lines: Vec<&str> = source.split('\n').collect();
                    let line = lines.get(problem.line as usize - 1).copied().unwrap_or_default();
                    if problem.line as usize > lines.len() || problem.column as usize > line.chars().count() + 1 {
                        wrong.push(format!("{name} is told of outside of it: {problem}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_benign_theme_is_kept_and_compiles_to_itself() {
    let mut wrong = Vec::new();
    for (name, source) in cases("benign") {
        let (text, refused, warnings) = themed(&source);
        let Some(text) = text else {
            wrong.push(format!("{name}: {}", told(&refused)));
            continue;
        };
        if name != "dropped" && !warnings.is_empty() {
            wrong.push(format!("{name} lost: {}", told(&warnings)));
        }
        oracle::theme(&text).unwrap();
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(folder("expected").join(format!("{name}.css")), &text).unwrap();
        }
        let expected = fs::read_to_string(folder("expected").join(format!("{name}.css"))).unwrap_or_default();
        if text != expected {
            wrong.push(format!("{name} became\n{text}\nand not\n{expected}"));
        }
        let once = canonical(&source, &mut Report::default()).unwrap();
        let twice = canonical(&once, &mut Report::default()).unwrap();
        assert_eq!(once, twice, "{name}");
        assert_eq!(themed(&once).0.unwrap(), text, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_hostile_sheet_of_a_drawing_is_refused() {
    let mut wrong = Vec::new();
    for (name, source) in cases("hostile-drawing") {
        let mut report = Report::default();
        let sheet = drawing_sheet(&source, AT, &rename, &mut report);
        let (refused, _) = report.into_parts();
        if let Some(sheet) = sheet {
            wrong.push(format!("{name} was accepted:\n{}", sheet.text));
        } else if refused.is_empty() || refused.iter().any(|problem| problem.line < AT.line) {
            wrong.push(format!("{name} has no place: {}", told(&refused)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_benign_sheet_of_a_drawing_is_kept_and_compiles_to_itself() {
    let mut wrong = Vec::new();
    for (name, source) in cases("benign-drawing") {
        let mut report = Report::default();
        let sheet = drawing_sheet(&source, AT, &rename, &mut report);
        let (refused, warnings) = report.into_parts();
        let Some(sheet) = sheet else {
            wrong.push(format!("{name}: {}", told(&refused)));
            continue;
        };
        assert!(warnings.iter().all(|warning| warning.line >= AT.line), "{}", told(&warnings));
        oracle::drawing(&sheet.text).unwrap();
        let again = drawing_sheet(&sheet.text, AT, &rename, &mut Report::default()).unwrap();
        assert_eq!(sheet, again, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
