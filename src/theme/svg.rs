//! Hostile SVG in, a clean tree of our own out.
//!
//! A drawing is never repaired: it is read with an XML parser that knows no document types, and built anew from lists of what a
//! picture needs. What is not on a list is left out when it cannot matter, and refuses the file when it could. Everything that
//! can be large is counted before it is followed, so that no file costs more than its size.
//!
//! Must not know what a drawing is for (the bell, the cards), nor how a style sheet is checked: that is asked of `css`.

mod animation;
mod attributes;
mod budget;
mod build;
mod bytes;
mod elements;
mod ids;
mod names;
mod places;
mod plan;
mod print;
mod prune;
mod raster;
mod scan;
mod values;

#[cfg(test)]
mod tests;

use super::css;
use super::problem::{File, Place, Problem, Report};
pub(super) use print::View;

/// A drawing as it may be shown: built anew, nothing in it that is not on the lists.
pub(super) struct Drawing {
    /// The `<svg>`.
    pub(super) root: Element,
    /// The plain rules of all `<style>` elements, in order.
    pub(super) rules: css::PlainRules,
    /// How large it is, in its own units.
    pub(super) size: Size,
}

/// The part of the plane that a drawing shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    /// Width.
    pub(super) width: f64,
    /// Height.
    pub(super) height: f64,
    /// Left edge.
    pub(super) min_x: f64,
    /// Upper edge.
    pub(super) min_y: f64,
}

/// An element of a drawing.
#[derive(Debug, Clone)]
pub(super) struct Element {
    /// Its name, from the list.
    pub(super) name: &'static str,
    /// Its attributes: names from the list, values cleaned, ids renamed; a `style` attribute is one of them.
    pub(super) attributes: Vec<(&'static str, String)>,
    /// What is in it.
    pub(super) children: Vec<Node>,
    /// The part that it is, one of the names that were asked for.
    pub(super) part: Option<String>,
    /// Where it stood.
    pub(super) place: Place,
}

/// Something in an element.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// An element.
    Element(Element),
    /// Words.
    Text(String),
    /// The cleaned text of a `<style>`.
    Style(String),
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The elements directly in it.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| if let Node::Element(element) = child { Some(element) } else { None })
    }
}

/// Prints a tree as a picture file of this frame, without `data-slot`, and without what nothing shown refers to.
///
/// `keep` says whether an element, with everything in it, is shown.
pub(super) fn print_picture(root: &Element, view: &View, keep: &dyn Fn(&Element) -> bool) -> String {
    prune::print_picture(root, view, keep)
}

/// Reads and cleans. `parts` are the names that mean something in this file.
///
/// Nothing is returned when the file is refused; the report says why.
pub(super) fn read(file: File, bytes: &[u8], parts: &[&str], report: &mut Report) -> Option<Drawing> {
    let drawing = read_once(file, bytes, parts, report)?;
    debug_assert!(is_settled(file, &drawing, parts), "a cleaned drawing comes out of the cleaner as it went in");
    Some(drawing)
}

fn read_once(file: File, bytes: &[u8], parts: &[&str], report: &mut Report) -> Option<Drawing> {
    // A report of its own: the one handed in may have refused another file already.
    let mut own = Report::default();
    let drawing = clean(file, bytes, parts, &mut own);
    let refused = own.is_refused();
    let (refusals, warnings) = own.into_parts();
    for problem in refusals {
        report.refuse(place_of(&problem), &problem.what, problem.reason);
    }
    for problem in warnings {
        report.warn(place_of(&problem), &problem.what, problem.reason);
    }
    drawing.filter(|_| !refused)
}

fn place_of(problem: &Problem) -> Place {
    Place { file: problem.file, line: problem.line, column: problem.column }
}

fn clean(file: File, bytes: &[u8], parts: &[&str], report: &mut Report) -> Option<Drawing> {
    let text = bytes::text(file, bytes, report)?;
    let places = places::Places::new(file, text);
    let scanned = scan::scan(text, &places, report)?;
    let document = build::parse(&scanned, &places, report)?;
    let drawing = build::drawing(&document, bytes, parts, &places, report)?;
    budget::check(&drawing, report)?;
    let length = drawing.print().len();
    if length > (2 * bytes.len() + 4096).min(bytes::LARGEST) {
        report.refuse(drawing.root.place, "<svg>", "becomes too large when it is written out safely; simplify the drawing");
        return None;
    }
    Some(drawing)
}

fn is_settled(file: File, drawing: &Drawing, parts: &[&str]) -> bool {
    let printed = drawing.print();
    let again = read_once(file, printed.as_bytes(), parts, &mut Report::default());
    again.is_some_and(|again| again.print() == printed)
}
