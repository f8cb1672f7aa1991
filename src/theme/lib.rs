//! The theme compiler: turns a designer's SVG and CSS into a checked style sheet and pictures for
//! the bell and the cards.
//!
//! All uploads are untrusted until compiled. A drawing is parsed, rebuilt from an allow-list and
//! printed again; it only ever becomes a *picture* (a background or a mask), never markup of a
//! page. Text in a card becomes rules for the real text of the widget. A theme's own rules are
//! parsed, allow-listed, scoped and printed again. So a themed card has the same HTML as any other
//! card, and a theme is one style sheet.
//!
//! A theme is rejected as a whole, with file, line, column, the offending text and a reason for
//! each error. Harmless constructs that are not supported are dropped with a warning. Must not
//! depend on HTTP, sites, storage or messages. Called by `app`.

mod bell;
pub mod builtin;
mod card;
mod colour;
mod computed_style;
mod css;
mod diagnostics;
mod file_size;
mod geometry;
mod picture;
mod svg;
#[cfg(test)]
mod tests;

use belfry_locales::phrases::theme_sheets;
pub use diagnostics::{Code, File, Problem, Report, store_warnings, stored_warnings};
pub use file_size::FileTooLarge;
pub use picture::Artifact;

use diagnostics::Place;
use picture::Pictures;

/// The uploaded files of a theme; each is optional.
#[derive(Debug, Clone, Copy, Default)]
pub struct Upload<'a> {
    /// `bell.svg`.
    pub bell: Option<&'a [u8]>,
    /// `card.svg`.
    pub card: Option<&'a [u8]>,
    /// `theme.css`.
    pub css: Option<&'a [u8]>,
}

/// A compiled theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompiledTheme {
    /// Inline style for the first response: the bell, if its drawing is small. Safe inside a
    /// `<style>` element.
    pub critical_css: String,
    /// The style sheet.
    pub stylesheet: Artifact,
    /// The larger pictures, which the style sheet references by name.
    pub pictures: Vec<Artifact>,
    /// The sanitized text of each file, for display to the uploader.
    pub sanitized: Vec<(File, String)>,
    /// Dropped constructs, and possible problems of visibility or legibility.
    pub warnings: Vec<Problem>,
}

/// Why a theme is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    /// The errors; never empty.
    pub problems: Vec<Problem>,
    /// The warnings that would have been reported.
    pub warnings: Vec<Problem>,
}

/// Compiles a theme. Time and memory are bounded by the size limits of the files, which are checked
/// first.
pub fn compile(upload: &Upload<'_>) -> Result<CompiledTheme, Diagnostics> {
    let mut report = Report::default();
    let mut pictures = Pictures::default();
    let mut sanitized = Vec::new();
    let (mut bell, mut card, mut rules) = ((String::new(), true), String::new(), String::new());
    if upload.bell.is_none() && upload.card.is_none() && upload.css.is_none() {
        let place = Place { file: File::Css, line: 1, column: 1 };
        report.reject(Code::NoFile, place, "theme", theme_sheets::NO_FILE);
    }
    if let Some(drawing) =
        upload.bell.and_then(|bytes| svg::read(File::Bell, bytes, &bell::PART_NAMES, &mut report))
    {
        bell = bell::compile(&drawing, &mut pictures, &mut report);
        sanitized.push((File::Bell, drawing.print()));
    }
    if let Some(drawing) =
        upload.card.and_then(|bytes| svg::read(File::Card, bytes, &card::PART_NAMES, &mut report))
    {
        card = card::compile(&drawing, upload.css.is_some(), &mut pictures, &mut report);
        sanitized.push((File::Card, drawing.print()));
    }
    if let Some(source) = upload.css.and_then(|bytes| text(bytes, &mut report)) {
        if let Some(canonical) = css::canonical(source, &mut Report::default()) {
            sanitized.push((File::Css, canonical));
        }
        rules = css::theme(source, &mut report).unwrap_or_default();
    }
    if report.is_rejected() {
        let (problems, warnings) = report.into_parts();
        return Err(Diagnostics { problems, warnings });
    }
    let (bell, anywhere) = bell;
    let sheet = format!(
        "@layer guard,base,drawing,theme;@layer drawing{{{bell}{card}}}@layer theme{{{rules}}}"
    );
    // A `<` inside a `<style>` element could start a tag. The printers never emit one; this check
    // is a second line of defense.
    let critical_css = if anywhere && !bell.is_empty() && !bell.contains('<') {
        format!("@layer drawing{{{bell}}}")
    } else {
        String::new()
    };
    let (_, warnings) = report.into_parts();
    Ok(CompiledTheme {
        critical_css,
        stylesheet: Artifact::new(sheet, "css"),
        pictures: pictures.into_files(),
        sanitized,
        warnings,
    })
}

/// The text of a style sheet, which must be UTF-8.
fn text<'a>(bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    std::str::from_utf8(bytes)
        .inspect_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            let place =
                Place { file: File::Css, line: u32::try_from(line).unwrap_or(u32::MAX), column: 1 };
            report.reject(Code::Encoding, place, "text", theme_sheets::NOT_UTF8);
        })
        .ok()
}
