//! Prints errors and warnings of a theme in the format of compilers: `card.svg:12:5: error: …`.

use crate::cli::output;
use belfry_theme::Problem;

/// Prints all errors and warnings in the order of the files.
pub(super) fn print_diagnostics(problems: &[Problem], warnings: &[Problem]) {
    for line in lines(problems, warnings) {
        output::print_note(&line);
    }
}

fn lines(problems: &[Problem], warnings: &[Problem]) -> Vec<String> {
    let mut all: Vec<(&Problem, &str)> =
        problems.iter().map(|problem| (problem, "error")).collect();
    all.extend(warnings.iter().map(|warning| (warning, "warning")));
    all.sort_by_key(|(problem, _)| (problem.file, problem.line, problem.column));
    let line = |(Problem { file, line, column, code, what, reason }, kind): (&Problem, &str)| {
        format!("{}:{line}:{column}: {kind}: `{what}` {reason} [{code}]", file.name())
    };
    all.into_iter().map(line).collect()
}

/// `2 warnings`, `1 error`; `None` for zero.
pub(super) fn count(number: usize, noun: &str) -> Option<String> {
    (number > 0)
        .then(|| format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" }))
}

/// A number with thousands separators: `12,310`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_locales::phrases::themes;
    use belfry_theme::{Code, File};

    fn problem(file: File, line: u32, what: &str) -> Problem {
        Problem {
            file,
            line,
            column: 5,
            code: Code::Element,
            what: what.to_owned(),
            reason: themes::FOREIGN,
        }
    }

    #[test]
    fn lines_are_in_file_order() {
        let problems = [problem(File::Bell, 9, "<script>"), problem(File::Card, 12, "onclick")];
        let warnings = [problem(File::Bell, 2, "foo"), problem(File::Css, 1, "float")];
        assert_eq!(
            lines(&problems, &warnings),
            [
                "bell.svg:2:5: warning: `foo` is another program's, so all of it is left out [element]",
                "bell.svg:9:5: error: `<script>` is another program's, so all of it is left out [element]",
                "card.svg:12:5: error: `onclick` is another program's, so all of it is left out [element]",
                "theme.css:1:5: warning: `float` is another program's, so all of it is left out [element]",
            ]
        );
    }

    #[test]
    fn numbers_have_separators_and_plurals() {
        for (number, text) in [
            (0, "0"),
            (7, "7"),
            (999, "999"),
            (1_000, "1,000"),
            (262_144, "262,144"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(
            (count(0, "error"), count(1, "error").as_deref(), count(2, "error").as_deref()),
            (None, Some("1 error"), Some("2 errors"))
        );
    }
}
