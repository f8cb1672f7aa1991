//! What is wrong with an upload, in words for the person who drew it.

mod code;

pub use code::Code;

use serde::{Deserialize, Serialize};
use std::fmt;

/// Most refusals, and most warnings, that are told of one upload: the first ones are the ones to mend.
const MOST: usize = 50;
/// Longest piece of an upload that is repeated in a problem, in characters.
const LONGEST: usize = 80;

/// A file of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum File {
    /// The icon.
    #[serde(rename = "bell.svg")]
    Bell,
    /// The design of a message.
    #[serde(rename = "card.svg")]
    Card,
    /// Rules for the widget's parts.
    #[serde(rename = "theme.css")]
    Css,
}

impl File {
    /// Every file that a theme may have.
    pub const ALL: [Self; 3] = [Self::Bell, Self::Card, Self::Css];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bell => "bell.svg",
            Self::Card => "card.svg",
            Self::Css => "theme.css",
        }
    }

    /// The most bytes that it may have, without the fonts that it brings along.
    pub fn largest(self) -> usize {
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
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// One thing that is wrong, or was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file.
    pub file: File,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What kind of thing it is, in a stable word.
    #[serde(default)]
    pub code: Code,
    /// The offending thing as it stands in the file, cut where it is long: `<script>`, `onclick`, `@import`.
    pub what: String,
    /// Why, and what to do instead.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}: `{}` {}", self.file.name(), self.line, self.column, self.what, self.reason)
    }
}

/// What was found in an upload so far.
#[derive(Debug, Default)]
pub struct Report {
    refused: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Report {
    /// The whole upload is refused for this.
    pub fn refuse(&mut self, code: Code, place: Place, what: &str, reason: impl Into<String>) {
        note(&mut self.refused, code, place, what, reason.into());
    }

    /// This is left out; the rest holds.
    pub fn warn(&mut self, code: Code, place: Place, what: &str, reason: impl Into<String>) {
        note(&mut self.warnings, code, place, what, reason.into());
    }

    /// Whether no more warnings are kept, so that nobody needs to find out more of them.
    pub(super) fn has_enough_warnings(&self) -> bool {
        self.warnings.len() >= MOST
    }

    /// Whether the upload is refused.
    pub fn is_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Why it is refused, and what would have been left out; in the order of the files.
    pub fn into_parts(self) -> (Vec<Problem>, Vec<Problem>) {
        let sorted = |mut problems: Vec<Problem>| {
            problems.sort_by_key(|problem| (problem.file, problem.line, problem.column));
            problems
        };
        (sorted(self.refused), sorted(self.warnings))
    }
}

fn note(problems: &mut Vec<Problem>, code: Code, place: Place, what: &str, reason: String) {
    let what = shown(what);
    let problem = Problem { file: place.file, line: place.line, column: place.column, code, what, reason };
    // What another program keeps in a file stands in every element; to be told of it once is enough.
    let is_known = |known: &Problem| *known == problem || code == Code::Namespace && known.code == code && known.what == problem.what;
    if problems.len() < MOST && !problems.iter().any(is_known) {
        problems.push(problem);
    }
}

/// A piece of an upload that can be shown and logged: bounded, in one line, nothing invisible.
fn shown(what: &str) -> String {
    let plain = |character: char| if character.is_control() || is_invisible(character) { '\u{fffd}' } else { character };
    let mut text: String = what.trim().chars().take(LONGEST).map(plain).collect();
    if what.trim().chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    if text.is_empty() {
        text.push('…');
    }
    text
}

/// Characters that change what a line seems to say.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
