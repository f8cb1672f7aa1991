//! The rendering cost of a drawing, computed before anything renders it: a few bytes can reference
//! millions of shapes.
//!
//! Elements form a graph of containment and references. The graph is traversed once, without
//! recursion, and an element's cost is the sum of the costs it leads to. Must not depend on files
//! and text.

mod graph;
mod limits;
mod sheets;

use super::super::diagnostics::{Code, Place, Report};
use super::{Drawing, Element};
use belfry_locales::{LocalizedText, phrases::theme_drawings};
use graph::Graph;

/// Maximum elements drawn through references, in addition to those in the file.
const MAX_EXPANDED_ELEMENTS: u64 = 10_000;
/// Maximum filter steps applied, with all references followed.
const MAX_FILTER_STEPS: u64 = 2_000;
/// Maximum vertices with markers, multiplied by the elements of the marker.
const MAX_MARKERS: u64 = 10_000;
/// Maximum comparisons of elements with selectors that must be evaluated for each of them.
const MAX_SELECTOR_COMPARISONS: usize = 1_000_000;
/// Maximum depth of references.
const MAX_REFERENCE_DEPTH: u32 = 32;
/// Maximum nesting of masks, filters and clip paths, each of which is rendered into a buffer of its
/// own.
const MAX_LAYER_DEPTH: u32 = 24;

/// The cost of an element.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// Elements drawn.
    elements: u64,
    /// The same without inherited paints and markers.
    own_elements: u64,
    /// Vertices of lines.
    vertices: u64,
    /// Elements of markers.
    marker_elements: u64,
    /// Filter steps.
    filter_steps: u64,
    chain: u32,
    layers: u32,
}

/// Rejects a drawing that costs too much.
pub(super) fn check(drawing: &Drawing, report: &mut Report) -> Option<()> {
    limits::check(drawing, report);
    if drawing.rules.compounds().saturating_mul(elements(&drawing.root)) > MAX_SELECTOR_COMPARISONS
    {
        let reason = theme_drawings::TOO_MANY_COMPOUND_RULES;
        report.reject(Code::TooComplex, drawing.root.place, "<style>", reason);
    }
    measured(drawing, report)?;
    (!report.is_rejected()).then_some(())
}

fn elements(root: &Element) -> usize {
    1 + root.elements().map(elements).sum::<usize>()
}

/// Returns the number of steps of the computation, which must grow with the file and not with what
/// it references.
fn measured(drawing: &Drawing, report: &mut Report) -> Option<usize> {
    let graph = match Graph::of(drawing) {
        Ok(graph) => graph,
        Err(reason) => {
            report.reject(Code::TooComplex, drawing.root.place, "<style>", reason);
            return None;
        }
    };
    let order = match graph.topological_order() {
        Ok(order) => order,
        Err(index) => {
            let (name, place) = graph.name_of(index).unwrap_or(("svg", drawing.root.place));
            report.reject(Code::Reference, place, &format!("<{name}>"), theme_drawings::CYCLE);
            return None;
        }
    };
    let mut costs = vec![Cost::default(); graph.nodes.len()];
    for index in order {
        let cost = graph.cost(index, &costs);
        if let Some(slot) = costs.get_mut(index) {
            *slot = cost;
        }
        if let Some(reason) = too_much(&cost, graph.nodes.len()) {
            let (name, place) = graph.name_of(index).unwrap_or(("svg", drawing.root.place));
            report.reject(Code::TooComplex, place, &format!("<{name}>"), reason);
            return None;
        }
    }
    Some(graph.edge_count())
}

fn too_much(cost: &Cost, elements: usize) -> Option<LocalizedText> {
    let elements = u64::try_from(elements).unwrap_or(u64::MAX);
    if cost.elements.saturating_sub(elements) > MAX_EXPANDED_ELEMENTS {
        return Some(theme_drawings::expanded_elements(MAX_EXPANDED_ELEMENTS));
    }
    if cost.marker_elements > MAX_MARKERS {
        return Some(theme_drawings::marker_elements(MAX_MARKERS));
    }
    if cost.filter_steps > MAX_FILTER_STEPS {
        return Some(theme_drawings::filter_steps(MAX_FILTER_STEPS));
    }
    if cost.chain > MAX_REFERENCE_DEPTH {
        return Some(theme_drawings::reference_chain(MAX_REFERENCE_DEPTH));
    }
    if cost.layers > MAX_LAYER_DEPTH {
        return Some(theme_drawings::layer_depth(MAX_LAYER_DEPTH));
    }
    None
}

/// An element's name and place.
type Named = (&'static str, Place);

#[cfg(test)]
mod tests {
    use super::super::super::diagnostics::File;
    use super::*;

    fn outcome(inner: &str) -> (Option<Drawing>, String) {
        let source = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">{inner}</svg>"
        );
        let mut report = Report::default();
        let drawing = super::super::read(File::Bell, source.as_bytes(), &[], &mut report);
        let reason = report.into_parts().0.first().map(ToString::to_string).unwrap_or_default();
        (drawing, reason)
    }

    /// `count` levels, each of which references the previous one ten times.
    fn levels(count: usize, level: impl Fn(usize, usize) -> String) -> String {
        (1..=count).map(|index| level(index, index - 1)).collect()
    }

    #[test]
    fn reference_bomb_is_rejected_in_linear_time() {
        let use_ten = |index: usize, before: usize| {
            format!("<g id=\"l{index}\">{}</g>", format!("<use href=\"#l{before}\"/>").repeat(10))
        };
        for count in [5, 10, 20] {
            let inner = format!(
                "<defs><g id=\"l0\"><rect width=\"1\" height=\"1\"/></g>{}</defs><use href=\"#l{count}\"/>",
                levels(count, use_ten)
            );
            let (drawing, reason) = outcome(&inner);
            assert!(drawing.is_none() && reason.contains("10000 elements"), "{reason}");
        }
        let inner = format!(
            "<defs><g id=\"l0\"><rect width=\"1\" height=\"1\"/></g>{}</defs><use href=\"#l2\"/>",
            levels(2, use_ten)
        );
        let (drawing, reason) = outcome(&inner);
        let drawing = drawing.unwrap_or_else(|| panic!("{reason}"));
        let work = measured(&drawing, &mut Report::default()).unwrap();
        assert!(work < 200, "{work}");
    }

    #[test]
    fn every_kind_of_reference_is_counted() {
        let shapes = "<rect width=\"9\" height=\"9\"/>".repeat(10);
        let by = |element: &str, extra: &str, attribute: &str| {
            let level = |index: usize, before: usize| {
                let inner =
                    format!("<rect width=\"9\" height=\"9\" {attribute}=\"url(#l{before})\"/>")
                        .repeat(10);
                format!("<{element} id=\"l{index}\" {extra}>{inner}</{element}>")
            };
            format!(
                "<{element} id=\"l0\" {extra}>{shapes}</{element}>{}<path d=\"M0 0h1v1\" {attribute}=\"url(#l5)\"/>",
                levels(5, level)
            )
        };
        for inner in [
            by("pattern", "width=\"1\" height=\"1\"", "fill"),
            by("pattern", "width=\"1\" height=\"1\"", "stroke"),
            by("mask", "", "mask"),
            by("clipPath", "", "clip-path"),
            by("mask", "", "style=\"fill:red\" mask"),
        ] {
            let (drawing, reason) = outcome(&inner);
            assert!(drawing.is_none() && reason.contains("asks for more"), "{reason} {inner}");
        }
    }

    #[test]
    fn markers_are_counted_at_every_vertex() {
        let marker = |corners: usize| {
            format!(
                "<marker id=\"m\">{}</marker><g marker-mid=\"url(#m)\"><path d=\"M0 0{}\"/></g>",
                "<rect width=\"1\" height=\"1\"/>".repeat(10),
                "h1".repeat(corners)
            )
        };
        assert!(outcome(&marker(500)).0.is_some());
        let (drawing, reason) = outcome(&marker(2000));
        assert!(drawing.is_none() && reason.contains("markers"), "{reason}");
    }

    #[test]
    fn cycles_and_long_chains_are_rejected() {
        for inner in [
            "<g id=\"a\"><use href=\"#a\"/></g>",
            "<g id=\"a\"><use href=\"#b\"/></g><g id=\"b\"><use href=\"#a\"/></g>",
            "<mask id=\"a\"><rect width=\"1\" height=\"1\" mask=\"url(#a)\"/></mask>",
            "<pattern id=\"a\" width=\"1\" height=\"1\"><rect width=\"1\" height=\"1\" fill=\"url(#a)\"/></pattern>",
            "<linearGradient id=\"a\" href=\"#b\"/><linearGradient id=\"b\" href=\"#a\"/>",
            "<marker id=\"a\"><path d=\"M0 0h1\" marker-end=\"url(#a)\"/></marker>",
        ] {
            let (drawing, reason) = outcome(inner);
            assert!(drawing.is_none() && reason.contains("itself"), "{reason} {inner}");
        }
        let chain = |count: usize| {
            levels(count, |index, before| {
                format!("<linearGradient id=\"l{index}\" href=\"#l{before}\"/>")
            }) + "<linearGradient id=\"l0\"/>"
        };
        assert!(outcome(&chain(20)).0.is_some());
        assert!(outcome(&chain(2000)).1.contains("chain"));
    }
}
