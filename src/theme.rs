//! A designer's SVG and CSS become the bell and the cards: uploaded files in, checked style sheet and pictures out.
//!
//! Everything uploaded is hostile until it was compiled. A drawing is parsed, rebuilt from an allow-list and printed anew; it
//! only ever becomes a *picture* (a background or a mask), never markup of a page. What is text in a card becomes rules for
//! the real text that the widget has anyway. A theme's own rules are parsed, allow-listed, scoped and printed anew. So a
//! themed card has the HTML of any other card, and a theme is one style sheet.
//!
//! What is refused is refused as a whole, with file, line, column, the offending thing and why; what is harmless and not
//! understood is dropped with a warning. Must not know of HTTP, sites, storage or messages.

mod bell;
mod card;
mod colour;
mod css;
mod excess;
mod geometry;
mod picture;
mod problem;
pub mod shipped;
mod style;
mod svg;
#[cfg(test)]
mod tests;

pub use excess::Excess;
pub use picture::Artifact;
pub use problem::{Code, File, Problem, Report};

use picture::Pictures;
use problem::Place;

/// The files of a theme, as they were uploaded; any of them may be absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Upload<'a> {
    /// `bell.svg`.
    pub bell: Option<&'a [u8]>,
    /// `card.svg`.
    pub card: Option<&'a [u8]>,
    /// `theme.css`.
    pub css: Option<&'a [u8]>,
}

/// A theme that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// A style for the very first response: the bell, when its drawing is small. Safe inside of a style element.
    pub first: String,
    /// The style sheet.
    pub sheet: Artifact,
    /// The larger pictures, which the style sheet refers to by their names.
    pub pictures: Vec<Artifact>,
    /// What each file came to, for the eyes of whoever uploaded it.
    pub cleaned: Vec<(File, String)>,
    /// What was left out, and what may be hard to see or read.
    pub warnings: Vec<Problem>,
}

/// Why a theme can't be shown, and what else would have been said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Each thing that must be mended; never empty.
    pub problems: Vec<Problem>,
    /// What would have been left out.
    pub warnings: Vec<Problem>,
}

/// Compiles a theme. Time and memory are bounded by the limits on what is uploaded, which are looked at first.
pub fn compile(upload: &Upload<'_>) -> Result<Compiled, Refusal> {
    let mut report = Report::default();
    let mut pictures = Pictures::default();
    let mut cleaned = Vec::new();
    let (mut bell, mut card, mut rules) = ((String::new(), true), String::new(), String::new());
    if upload.bell.is_none() && upload.card.is_none() && upload.css.is_none() {
        let place = Place { file: File::Css, line: 1, column: 1 };
        report.refuse(Code::NoFile, place, "theme", "has no file: give at least one of bell.svg, card.svg and theme.css");
    }
    if let Some(drawing) = upload.bell.and_then(|bytes| svg::read(File::Bell, bytes, &bell::PARTS, &mut report)) {
        bell = bell::compile(&drawing, &mut pictures, &mut report);
        cleaned.push((File::Bell, drawing.print()));
    }
    if let Some(drawing) = upload.card.and_then(|bytes| svg::read(File::Card, bytes, &card::PARTS, &mut report)) {
        card = card::compile(&drawing, upload.css.is_some(), &mut pictures, &mut report);
        cleaned.push((File::Card, drawing.print()));
    }
    if let Some(source) = upload.css.and_then(|bytes| text(bytes, &mut report)) {
        if let Some(canonical) = css::canonical(source, &mut Report::default()) {
            cleaned.push((File::Css, canonical));
        }
        rules = css::theme(source, &mut report).unwrap_or_default();
    }
    if report.is_refused() {
        let (problems, warnings) = report.into_parts();
        return Err(Refusal { problems, warnings });
    }
    let (bell, anywhere) = bell;
    let sheet = format!("@layer guard,base,drawing,theme;@layer drawing{{{bell}{card}}}@layer theme{{{rules}}}");
    // It stands inside of a style element, where a tag would be one: the writers above leave none, and this line makes sure.
    let first = if anywhere && !bell.is_empty() && !bell.contains('<') { format!("@layer drawing{{{bell}}}") } else { String::new() };
    let (_, warnings) = report.into_parts();
    Ok(Compiled { first, sheet: Artifact::new(sheet, "css"), pictures: pictures.into_files(), cleaned, warnings })
}

/// A style sheet's text, which must be UTF-8.
fn text<'a>(bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    std::str::from_utf8(bytes)
        .inspect_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            let place = Place { file: File::Css, line: u32::try_from(line).unwrap_or(u32::MAX), column: 1 };
            report.refuse(Code::Encoding, place, "text", "is not UTF-8: save the file in that encoding");
        })
        .ok()
}
