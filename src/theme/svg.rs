//! The SVG sanitizer: untrusted SVG in, a clean tree out.
//!
//! A drawing is never repaired. It is read by an XML parser without support for document types and
//! rebuilt from allow-lists. Anything not on a list is dropped if that is harmless; otherwise the
//! file is rejected. Everything that can be large is counted before it is followed, so that the
//! cost of a file is bounded by its size.
//!
//! Must not depend on the use of a drawing (the bell, the cards), nor on how style sheets are
//! checked, which `css` does. Called by [`super::compile`].

mod animation;
mod attributes;
mod budget;
mod build;
mod doctype;
mod elements;
mod encoding;
mod filter_tree;
mod ids;
mod names;
mod parse;
mod print;
mod prune;
mod raster_images;
mod scan;
mod source_positions;
mod values;

#[cfg(test)]
mod tests;

use super::css;
use super::diagnostics::{Code, File, Place, Problem, Report};
use belfry_locales::phrases::theme_drawings;
pub(super) use print::View;

/// A sanitized drawing, which contains only what is on the allow-lists.
pub(super) struct Drawing {
    /// The `<svg>` element.
    pub(super) root: Element,
    /// The simple rules of all `<style>` elements, in order.
    pub(super) rules: css::SimpleRules,
    /// The visible area, in the drawing's units.
    pub(super) size: Size,
}

/// The visible area of a drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The left edge.
    pub(super) min_x: f64,
    /// The upper edge.
    pub(super) min_y: f64,
}

/// An element of a drawing.
#[derive(Debug, Clone)]
pub(super) struct Element {
    /// Its name, from the allow-list.
    pub(super) name: &'static str,
    /// Its attributes, including `style`: allow-listed names, sanitized values, renamed ids.
    pub(super) attributes: Vec<(&'static str, String)>,
    /// Its content.
    pub(super) children: Vec<Node>,
    /// The part that it is, one of the requested names.
    pub(super) part: Option<String>,
    /// Its place in the source.
    pub(super) place: Place,
}

/// A child of an element.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Element(Element),
    /// Text content.
    Text(String),
    /// The sanitized text of a `<style>` element.
    Style(String),
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The child elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| {
            if let Node::Element(element) = child { Some(element) } else { None }
        })
    }
}

/// Prints a tree as a picture file with this view, without `data-slot` and without definitions that
/// nothing displayed references.
///
/// `keep` decides whether an element is displayed, with all its content.
pub(super) fn print_picture(
    root: &Element,
    view: &View,
    keep: &dyn Fn(&Element) -> bool,
) -> String {
    prune::print_picture(root, view, keep)
}

/// Parses and sanitizes a file. `parts` are the meaningful part names of this file.
///
/// Returns `None` if the file is rejected; the report contains the reasons.
pub(super) fn read(
    file: File,
    bytes: &[u8],
    parts: &[&str],
    report: &mut Report,
) -> Option<Drawing> {
    let drawing = read_once(file, bytes, parts, report)?;
    debug_assert!(
        is_settled(file, &drawing, parts),
        "a cleaned drawing comes out of the cleaner as it went in"
    );
    Some(drawing)
}

fn read_once(file: File, bytes: &[u8], parts: &[&str], report: &mut Report) -> Option<Drawing> {
    // A separate report, because the given one may contain errors of another file.
    let mut own = Report::default();
    let drawing = clean(file, bytes, parts, &mut own);
    let refused = own.is_rejected();
    let (refusals, warnings) = own.into_parts();
    for problem in refusals {
        report.reject(problem.code, place_of(&problem), &problem.what, problem.reason);
    }
    for problem in warnings {
        report.warn(problem.code, place_of(&problem), &problem.what, problem.reason);
    }
    drawing.filter(|_| !refused)
}

fn place_of(problem: &Problem) -> Place {
    Place { file: problem.file, line: problem.line, column: problem.column }
}

fn clean(file: File, bytes: &[u8], parts: &[&str], report: &mut Report) -> Option<Drawing> {
    let text = encoding::text(file, bytes, report)?;
    let places = source_positions::SourcePositions::new(file, text);
    let scanned = scan::scan(text, &places, report)?;
    let document = parse::parse(&scanned, &places, report)?;
    let drawing = build::drawing(&document, bytes, parts, &places, report)?;
    budget::check(&drawing, report)?;
    let length = drawing.print().len();
    if length > (2 * bytes.len() + 4096).min(encoding::MAX_BYTES) {
        report.reject(
            Code::TooLarge,
            drawing.root.place,
            "<svg>",
            theme_drawings::PRINTED_TOO_LARGE,
        );
        return None;
    }
    Some(drawing)
}

fn is_settled(file: File, drawing: &Drawing, parts: &[&str]) -> bool {
    let printed = drawing.print();
    let again = read_once(file, printed.as_bytes(), parts, &mut Report::default());
    again.is_some_and(|again| again.print() == printed)
}
