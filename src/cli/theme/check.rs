//! `belfry theme check`: compiles files without a site. For designers, and for scripts such as CI.

use super::{files, report};
use crate::cli::{Failure, output};
use belfry_app::ThemeUpload;
use belfry_theme::{File, Problem};
use clap::Args;
use std::path::PathBuf;

/// The files.
#[derive(Args)]
pub(in crate::cli) struct Check {
    /// The icon
    #[arg(long, value_name = "FILE")]
    bell: Option<PathBuf>,
    /// The design of a message card
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// Style rules for the parts of the widget
    #[arg(long, value_name = "FILE")]
    css: Option<PathBuf>,
}

pub(super) fn run(check: &Check) -> Result<(), Failure> {
    let mut upload = ThemeUpload::default();
    let mut given = Vec::new();
    for (file, path) in
        [(File::Bell, &check.bell), (File::Card, &check.card), (File::Css, &check.css)]
    {
        if let Some(path) = path {
            let bytes = files::read_file(file, path)?;
            given.push((file, bytes.len()));
            *upload.file_mut(file) = Some(bytes);
        }
    }
    if given.is_empty() {
        return Err(Failure::invalid(
            "give at least one file: --bell, --card or --css; see `belfry theme check --help`",
        ));
    }
    match upload.compile() {
        Ok(compiled) => {
            for (file, text) in &compiled.sanitized {
                if given.len() > 1 {
                    output::print_text(&format!("--- {}", file.name()))?;
                }
                output::print_text(text.trim_end_matches('\n'))?;
            }
            report::print_diagnostics(&[], &compiled.warnings);
            for (file, before) in given {
                let after = compiled
                    .sanitized
                    .iter()
                    .find(|(other, _)| *other == file)
                    .map(|(_, text)| text.len());
                output::print_note(&summary(file, before, after, &[], &compiled.warnings));
            }
            Ok(())
        }
        Err(rejection) => {
            report::print_diagnostics(&rejection.problems, &rejection.warnings);
            for (file, before) in given {
                output::print_note(&summary(
                    file,
                    before,
                    None,
                    &rejection.problems,
                    &rejection.warnings,
                ));
            }
            Err(Failure::already_reported())
        }
    }
}

/// The result of one file, in one line.
fn summary(
    file: File,
    before: usize,
    after: Option<usize>,
    problems: &[Problem],
    warnings: &[Problem],
) -> String {
    let of = |all: &[Problem]| all.iter().filter(|problem| problem.file == file).count();
    let (problems, warnings) =
        (report::count(of(problems), "error"), report::count(of(warnings), "warning"));
    let size =
        after.map(|after| format!(" → {} bytes", report::grouped(after))).unwrap_or_default();
    let verdict = if problems.is_some() { "invalid" } else { "valid" };
    let counts = [problems, warnings]
        .into_iter()
        .flatten()
        .fold(String::new(), |text, count| text + ", " + &count);
    format!("{}: {} bytes{size}; {verdict}{counts}", file.name(), report::grouped(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_is_one_line_per_file() {
        let problem = |file| Problem {
            file,
            line: 1,
            column: 1,
            code: belfry_theme::Code::Element,
            what: "x".to_owned(),
            reason: belfry_locales::phrases::themes::FOREIGN,
        };
        let warnings = [problem(File::Card), problem(File::Card), problem(File::Css)];
        assert_eq!(
            summary(File::Card, 2_310, Some(1_874), &[], &warnings),
            "card.svg: 2,310 bytes → 1,874 bytes; valid, 2 warnings"
        );
        assert_eq!(
            summary(File::Bell, 310, Some(174), &[], &warnings),
            "bell.svg: 310 bytes → 174 bytes; valid"
        );
        let problems = [problem(File::Card)];
        assert_eq!(
            summary(File::Card, 2_310, None, &problems, &warnings),
            "card.svg: 2,310 bytes; invalid, 1 error, 2 warnings"
        );
        assert_eq!(
            summary(File::Css, 12, None, &problems, &warnings),
            "theme.css: 12 bytes; valid, 1 warning"
        );
    }
}
