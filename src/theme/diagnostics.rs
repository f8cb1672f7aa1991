//! Errors and warnings about an upload, written for its designer.
//!
//! A reason is a phrase with arguments ([`LocalizedText`]), never a finished sentence, so that each
//! has a sentence in every language.

mod code;

pub use code::Code;

use belfry_locales::{LocalizedText, StoredText};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A reason in a table of constants.
pub(super) type FixedReason = &'static LocalizedText;

/// Maximum number of errors, and of warnings, reported for one upload.
const MAX_PROBLEMS: usize = 50;
/// Maximum length of an excerpt of the upload in a problem, in characters.
const MAX_EXCERPT_CHARS: usize = 80;

/// A file of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum File {
    /// `bell.svg`, the bell icon.
    #[serde(rename = "bell.svg")]
    Bell,
    /// `card.svg`, the design of a message.
    #[serde(rename = "card.svg")]
    Card,
    /// `theme.css`, rules for the widget's parts.
    #[serde(rename = "theme.css")]
    Css,
}

impl File {
    /// Every file that a theme may have.
    pub const ALL: [Self; 3] = [Self::Bell, Self::Card, Self::Css];

    /// The file name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bell => "bell.svg",
            Self::Card => "card.svg",
            Self::Css => "theme.css",
        }
    }

    /// The size limit in bytes, without embedded fonts.
    pub fn max_bytes(self) -> usize {
        match self {
            Self::Bell | Self::Card => 256 * 1_024,
            Self::Css => 64 * 1_024,
        }
    }
}

/// A place in a file: line and column count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: File,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub file: File,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// The kind of problem, as a stable code.
    pub code: Code,
    /// The offending text, shortened: `<script>`, `onclick`, `@import`.
    pub what: String,
    /// The reason, and how to fix it. In JSON it is in English.
    #[serde(serialize_with = "in_english")]
    pub reason: LocalizedText,
}

fn in_english<S: Serializer>(reason: &LocalizedText, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}:{}:{}: `{}` {}",
            self.file.name(),
            self.line,
            self.column,
            self.what,
            self.reason
        )
    }
}

/// A problem as it is stored with a theme, in no language.
#[derive(Serialize, Deserialize)]
struct StoredProblem {
    file: File,
    line: u32,
    column: u32,
    #[serde(default)]
    code: Code,
    what: String,
    reason: StoredText,
}

/// The warnings about a theme as JSON, to be stored with it.
pub fn store_warnings(warnings: &[Problem]) -> serde_json::Result<String> {
    let stored = |problem: &Problem| StoredProblem {
        file: problem.file,
        line: problem.line,
        column: problem.column,
        code: problem.code,
        what: problem.what.clone(),
        reason: StoredText::from(&problem.reason),
    };
    serde_json::to_string(&warnings.iter().map(stored).collect::<Vec<_>>())
}

/// The warnings that were stored with a theme; none if they can't be read. A reason that this
/// program does not know is said by the phrase of its code.
pub fn stored_warnings(json: &str) -> Vec<Problem> {
    let restored = |StoredProblem { file, line, column, code, what, reason }| Problem {
        file,
        line,
        column,
        code,
        what,
        reason: reason.restore().unwrap_or_else(|| code.phrase()),
    };
    let stored: Vec<StoredProblem> = serde_json::from_str(json).unwrap_or_default();
    stored.into_iter().map(restored).collect()
}

/// The errors and warnings of an upload so far.
#[derive(Debug, Default)]
pub struct Report {
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Report {
    /// Reports an error, which rejects the whole upload.
    pub fn reject(
        &mut self,
        code: Code,
        place: Place,
        what: &str,
        reason: impl Into<LocalizedText>,
    ) {
        note(&mut self.errors, code, place, what, reason.into());
    }

    /// Reports a warning: the construct is dropped and the rest stays valid.
    pub fn warn(&mut self, code: Code, place: Place, what: &str, reason: impl Into<LocalizedText>) {
        note(&mut self.warnings, code, place, what, reason.into());
    }

    /// Whether further warnings would be discarded, so that callers can skip looking for them.
    pub(super) fn has_enough_warnings(&self) -> bool {
        self.warnings.len() >= MAX_PROBLEMS
    }

    /// Whether the upload is rejected.
    pub fn is_rejected(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The errors and the warnings, in the order of the files.
    pub fn into_parts(self) -> (Vec<Problem>, Vec<Problem>) {
        let sorted = |mut problems: Vec<Problem>| {
            problems.sort_by_key(|problem| (problem.file, problem.line, problem.column));
            problems
        };
        (sorted(self.errors), sorted(self.warnings))
    }
}

fn note(problems: &mut Vec<Problem>, code: Code, place: Place, what: &str, reason: LocalizedText) {
    let what = excerpt(what);
    let problem =
        Problem { file: place.file, line: place.line, column: place.column, code, what, reason };
    // Other programs' data occurs on every element; one warning about it is enough.
    let is_known = |known: &Problem| {
        *known == problem
            || code == Code::Namespace && known.code == code && known.what == problem.what
    };
    if problems.len() < MAX_PROBLEMS && !problems.iter().any(is_known) {
        problems.push(problem);
    }
}

/// An excerpt of an upload that is safe to display and to log: bounded, on one line, without
/// invisible characters.
fn excerpt(what: &str) -> String {
    let plain = |character: char| {
        if character.is_control() || is_invisible(character) { '\u{fffd}' } else { character }
    };
    let mut text: String = what.trim().chars().take(MAX_EXCERPT_CHARS).map(plain).collect();
    if what.trim().chars().nth(MAX_EXCERPT_CHARS).is_some() {
        text.push('…');
    }
    if text.is_empty() {
        text.push('…');
    }
    text
}

/// Characters that are invisible or change the direction of text.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_locales::phrases::{theme_numbers, theme_values};

    #[test]
    fn stored_warnings_are_restored() {
        let problem = Problem {
            file: File::Css,
            line: 2,
            column: 3,
            code: Code::Limit,
            what: "9".to_owned(),
            reason: theme_values::in_property("z-index", theme_numbers::STACKING),
        };
        let json = store_warnings(std::slice::from_ref(&problem)).unwrap();
        assert_eq!(stored_warnings(&json), std::slice::from_ref(&problem));
        let unknown = json.replace("theme-numbers.stacking", "theme-numbers.gone");
        assert_ne!(unknown, json);
        assert_eq!(
            stored_warnings(&unknown),
            [Problem { reason: Code::Limit.phrase(), ..problem }]
        );
    }
}
