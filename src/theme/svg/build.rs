//! Builds the new tree: every accepted element with the attributes whose values are valid. Must not
//! print, and must not count.

mod attribute_values;

use super::super::css;
use super::super::diagnostics::{Code, Place, Report};
use super::attributes::{self, AttributeVerdict, Naming, ValueKind};
use super::filter_tree::{self, Child, FilteredElement};
use super::source_positions::SourcePositions;
use super::values;
use super::{Drawing, Element, Node, Size, elements, ids::Ids, names};
use belfry_locales::phrases::{theme_drawings, themes};
use roxmltree::Document;
use std::collections::HashSet;

/// Maximum side of a drawing, in its own units, and maximum aspect ratio.
const MAX_SIDE_UNITS: f64 = 10_000.0;
const MAX_ASPECT_RATIO: f64 = 100.0;

/// Builds the drawing of a document.
pub(super) fn drawing(
    document: &Document,
    bytes: &[u8],
    parts: &[&str],
    positions: &SourcePositions,
    report: &mut Report,
) -> Option<Drawing> {
    let plan = filter_tree::filter_tree(document.root_element(), positions, report)?;
    let mut builder = Builder {
        positions,
        ids: Ids::new(&plan, bytes),
        parts,
        seen_parts: HashSet::new(),
        rules: Vec::new(),
        report,
    };
    let root = builder.element(&plan, false)?;
    let rules = css::SimpleRules::new(builder.rules);
    let size = size(&root, report)?;
    (!report.is_rejected()).then_some(Drawing { root, rules, size })
}

fn size(root: &Element, report: &mut Report) -> Option<Size> {
    let shown = root.attribute("viewBox").and_then(values::view_box);
    let pixels = |name: &str| root.attribute(name).and_then(values::pixels);
    let Some([min_x, min_y, width, height]) =
        shown.or_else(|| Some([0.0, 0.0, pixels("width")?, pixels("height")?]))
    else {
        report.reject(Code::Size, root.place, "<svg>", themes::NO_SIZE);
        return None;
    };
    if !(width > 0.0 && height > 0.0 && width <= MAX_SIDE_UNITS && height <= MAX_SIDE_UNITS) {
        report.reject(
            Code::Size,
            root.place,
            "<svg>",
            theme_drawings::size_out_of_range(
                width.to_string(),
                height.to_string(),
                MAX_SIDE_UNITS.to_string(),
            ),
        );
        return None;
    }
    if width / height > MAX_ASPECT_RATIO || height / width > MAX_ASPECT_RATIO {
        report.reject(
            Code::Size,
            root.place,
            "<svg>",
            theme_drawings::aspect_ratio(
                width.to_string(),
                height.to_string(),
                MAX_ASPECT_RATIO.to_string(),
            ),
        );
        return None;
    }
    Some(Size { width, height, min_x, min_y })
}

struct Builder<'a> {
    positions: &'a SourcePositions<'a>,
    ids: Ids,
    parts: &'a [&'a str],
    seen_parts: HashSet<&'a str>,
    rules: Vec<css::SimpleRule>,
    report: &'a mut Report,
}

/// An attribute being built.
struct SourceAttribute<'a, 'i> {
    filtered: &'a FilteredElement<'a, 'i>,
    name: &'static str,
    kind: ValueKind,
    value: &'a str,
    source_name: &'a str,
    place: Place,
}

impl Builder<'_> {
    fn element(&mut self, filtered: &FilteredElement, preserve: bool) -> Option<Element> {
        let place = self.positions.place(filtered.node.range().start);
        let space = filtered.node.attribute(("http://www.w3.org/XML/1998/namespace", "space"));
        let preserve = space.map_or(preserve, |space| space == "preserve");
        let is_preserved = preserve
            && (filtered.name == "text" || space.is_some() && elements::has_words(filtered.name))
            && has_wide_space(filtered);
        let mut attributes = Vec::new();
        let mut names = Vec::new();
        for attribute in filtered.node.attributes() {
            self.attribute(filtered, &attribute, &mut attributes, &mut names);
        }
        if is_preserved {
            self.add_preserved_space(&mut attributes, place);
        }
        let part = if elements::is_graphic(filtered.name) { self.part(names, place) } else { None };
        let children = if filtered.name == "style" {
            vec![Node::Style(self.style(filtered)?)]
        } else {
            let inner = filtered.children.iter();
            inner.filter_map(|child| self.child(child, preserve, is_preserved)).collect()
        };
        Some(Element { name: filtered.name, attributes, children, part, place })
    }

    fn child(&mut self, child: &Child, preserve: bool, is_preserved: bool) -> Option<Node> {
        match child {
            Child::Element(filtered) => self.element(filtered, preserve).map(Node::Element),
            Child::Text("") => None,
            Child::Text(words) if preserve || is_preserved => {
                Some(Node::Text(words.replace(['\n', '\t', '\r'], " ")))
            }
            Child::Text(words) => Some(Node::Text((*words).to_owned())),
        }
    }

    fn attribute<'n>(
        &mut self,
        filtered: &FilteredElement<'n, '_>,
        attribute: &roxmltree::Attribute<'n, '_>,
        attributes: &mut Vec<(&'static str, String)>,
        names: &mut Vec<(Naming, &'n str)>,
    ) {
        let place = self.positions.place(attribute.range().start);
        let (name, value) = (attribute.name(), attribute.value());
        let source_name = self.positions.text().get(attribute.range_qname()).unwrap_or(name);
        match attributes::verdict(filtered.name, attribute.namespace(), name) {
            AttributeVerdict::Reject(code, reason) => {
                self.report.reject(code, place, &quoted(source_name, value), reason);
            }
            AttributeVerdict::DropSilently
                if loads(value) && !name.starts_with("data-") && !name.starts_with("aria-") =>
            {
                self.report.reject(Code::Loads, place, &quoted(source_name, value), themes::LOADS);
            }
            AttributeVerdict::Drop | AttributeVerdict::Foreign
                if values::is_harmful(value) && (loads(value) || !values::contains_url(value)) =>
            {
                self.report.reject(
                    Code::Loads,
                    place,
                    &quoted(source_name, value),
                    theme_drawings::LOOKS_LIKE_LOADING,
                );
            }
            AttributeVerdict::Drop => {
                self.report.warn(Code::Attribute, place, source_name, themes::UNLISTED);
            }
            AttributeVerdict::Foreign => {
                let namespace = attribute.namespace().unwrap_or_default();
                self.report.warn(Code::Namespace, place, namespace, themes::FOREIGN);
            }
            AttributeVerdict::DropSilently | AttributeVerdict::Space => {}
            AttributeVerdict::Name(naming) => names.push((naming, value)),
            AttributeVerdict::Keep("href", _)
                if attribute.namespace().is_some()
                    && filter_tree::own(filtered.node, "href").is_some() =>
            {
                // Browsers use the plain attribute; the other must still be valid on its own.
                let source = SourceAttribute {
                    filtered,
                    name: "href",
                    kind: reference_kind(filtered.name),
                    value,
                    source_name,
                    place,
                };
                self.value(&source);
            }
            AttributeVerdict::Keep(name, kind) => {
                if kind == ValueKind::Id && !self.ids.are_renamed() {
                    names.push((Naming::Id, value));
                }
                let source = SourceAttribute { filtered, name, kind, value, source_name, place };
                if let Some(value) = self.value(&source) {
                    attributes.push((name, value));
                }
            }
        }
    }

    fn part(&mut self, mut names: Vec<(Naming, &str)>, place: Place) -> Option<String> {
        if self.ids.are_renamed() {
            names.retain(|(naming, _)| *naming == Naming::Slot);
        }
        names.sort_by_key(|(naming, _)| *naming);
        let (written, part) =
            names.into_iter().find_map(|(_, name)| Some((name, names::part(name, self.parts)?)))?;
        if self.seen_parts.insert(part) {
            return Some(part.to_owned());
        }
        self.report.warn(
            Code::DuplicatePart,
            place,
            written,
            themes::second_layer(part.to_owned()),
        );
        None
    }

    fn style(&mut self, filtered: &FilteredElement) -> Option<String> {
        let place = self.positions.place(filtered.node.range().start);
        if let Some(kind) = filter_tree::own(filtered.node, "type")
            && !kind.trim().is_empty()
            && !kind.trim().eq_ignore_ascii_case("text/css")
        {
            self.report.warn(Code::Element, place, kind, theme_drawings::NO_STYLE_SHEET);
            return None;
        }
        let texts = || {
            filtered
                .children
                .iter()
                .filter_map(|child| if let Child::Text(text) = child { Some(*text) } else { None })
        };
        let mut source: String = texts().collect();
        let media = filter_tree::own(filtered.node, "media")
            .map(str::trim)
            .filter(|media| !media.is_empty() && !matches!(*media, "all" | "screen"));
        if let Some(media) = media {
            if media.contains(['{', '}', ';', '@', '/', '\\', '<', '"', '\'']) {
                self.report.reject(Code::Condition, place, media, theme_drawings::NO_CONDITION);
                return None;
            }
            source = format!("@media {media}{{{source}}}");
        }
        let start = filtered
            .node
            .children()
            .find(roxmltree::Node::is_text)
            .map_or(filtered.node.range().start, |text| text.range().start);
        let ids = &self.ids;
        let rename = |id: &str| ids.renamed(id).map(str::to_owned);
        let sheet = css::drawing_sheet(&source, self.positions.place(start), &rename, self.report)?;
        self.rules.extend(sheet.rules);
        (!sheet.text.trim().is_empty()).then_some(sheet.text)
    }
}

/// Whether a value contains a URL that leads outside the drawing.
fn loads(value: &str) -> bool {
    let local = values::references(value).count();
    value.contains('\\') && values::contains_url(value)
        || local != value.to_ascii_lowercase().matches("url(").count()
}

fn reference_kind(element: &str) -> ValueKind {
    if element == "image" { ValueKind::Image } else { ValueKind::Reference }
}

/// Whether the element contains white space that would be collapsed.
fn has_wide_space(filtered: &FilteredElement) -> bool {
    filtered.children.iter().any(|child| match child {
        Child::Text(text) => {
            text.contains("  ")
                || text.contains(['\n', '\t'])
                || text.starts_with(' ')
                || text.ends_with(' ')
        }
        Child::Element(filtered) => has_wide_space(filtered),
    })
}

/// An attribute as written in the file, shortened.
fn quoted(name: &str, value: &str) -> String {
    let value: String = value.chars().take(80).collect();
    format!("{name}=\"{value}\"")
}
