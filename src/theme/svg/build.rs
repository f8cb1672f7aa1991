//! Builds the new tree: every accepted element with the attributes whose values are valid. Must not
//! print, and must not count.

use super::super::css;
use super::super::diagnostics::{Code, Place, Report};
use super::attributes::{self, AttributeVerdict, Naming, ValueKind};
use super::filter_tree::{self, Child, FilteredElement};
use super::source_positions::SourcePositions;
use super::values::{self, Address, InvalidValue};
use super::{Drawing, Element, Node, Size, animation, elements, ids::Ids, names, raster_images};
use belfry_locales::phrases::{theme_drawings, themes};
use roxmltree::{Document, ParsingOptions};
use std::collections::HashSet;

/// Maximum nodes of a file, including comments and text.
const MAX_NODES: u32 = 20_000;
/// Maximum side of a drawing, in its own units, and maximum aspect ratio.
const MAX_SIDE_UNITS: f64 = 10_000.0;
const MAX_ASPECT_RATIO: f64 = 100.0;

/// Parses a text as XML.
pub(super) fn parse<'i>(
    text: &'i str,
    places: &SourcePositions,
    report: &mut Report,
) -> Option<Document<'i>> {
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    match Document::parse_with_options(text, options) {
        Ok(document) => Some(document),
        Err(roxmltree::Error::UnknownEntityReference(name, at)) => {
            let reason = theme_drawings::UNKNOWN_ENTITY;
            report.reject(
                Code::Doctype,
                places.place(places.offset(at.row, at.col)),
                &format!("&{name};"),
                reason,
            );
            None
        }
        Err(error) => {
            let at = error.pos();
            let offset = places.offset(at.row, at.col);
            let near: String = text.get(offset..).unwrap_or_default().chars().take(30).collect();
            let what = if near.trim().is_empty() { "XML" } else { &near };
            let detail: String =
                error.to_string().chars().filter(|c| !c.is_control()).take(160).collect();
            report.reject(
                Code::Syntax,
                places.place(offset),
                what,
                themes::not_well_formed(detail),
            );
            None
        }
    }
}

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

    fn value(&mut self, source: &SourceAttribute) -> Option<String> {
        if source.value.trim().is_empty() {
            return None;
        }
        let target = || filter_tree::own(source.filtered.node, "attributeName");
        let cleaned = match source.kind {
            ValueKind::Id => return self.id(source),
            ValueKind::Style => return self.style_attribute(source.value, source.place),
            ValueKind::Presentation => return self.presentation(source.name, source),
            ValueKind::Reference => return self.reference(source),
            ValueKind::Image => raster_images::clean(source.value).map_err(InvalidValue::Rejected),
            ValueKind::AnimationValue | ValueKind::AnimationValues => {
                match (animation::value_kind(source.filtered.name, target()), source.kind) {
                    (Some(kind), ValueKind::AnimationValue) => values::clean(kind, source.value),
                    (Some(kind), _) => {
                        animation::each(source.value, |value| values::clean(kind, value))
                    }
                    (None, _) if values::contains_url(source.value) => Err(animation::unreadable()),
                    (None, kind) => {
                        return self.animation_value(
                            target().unwrap_or_default(),
                            source,
                            kind == ValueKind::AnimationValues,
                        );
                    }
                }
                .map_err(|wrong| {
                    if wrong == InvalidValue::Malformed { animation::unreadable() } else { wrong }
                })
            }
            ValueKind::AnimationTimes
            | ValueKind::Duration
            | ValueKind::RepeatCount
            | ValueKind::AnimatedAttribute
            | ValueKind::NumberLists => animation::clean(source.kind, source.value),
            kind => values::clean(kind, source.value),
        };
        match cleaned {
            Ok(value) => Some(value),
            Err(InvalidValue::Rejected(reason)) => {
                let code = match source.kind {
                    ValueKind::Image if is_data(source.value) => Code::Picture,
                    ValueKind::Image => Code::Loads,
                    _ if loads(source.value) => Code::Loads,
                    _ => Code::AttributeValue,
                };
                self.report.reject(
                    code,
                    source.place,
                    &quoted(source.source_name, source.value),
                    reason,
                );
                None
            }
            Err(InvalidValue::Malformed | InvalidValue::Unsupported) => {
                self.report.warn(
                    Code::AttributeValue,
                    source.place,
                    &quoted(source.source_name, source.value),
                    themes::UNREADABLE_VALUE,
                );
                None
            }
        }
    }

    fn id(&mut self, source: &SourceAttribute) -> Option<String> {
        let name = self.ids.of(source.value, source.filtered.node.id());
        if name.is_none() {
            self.report.warn(
                Code::Reference,
                source.place,
                &quoted("id", source.value),
                themes::ID_TAKEN,
            );
        }
        name.map(str::to_owned)
    }

    fn style_attribute(&mut self, source: &str, place: Place) -> Option<String> {
        let ids = &self.ids;
        let rename = |id: &str| ids.renamed(id).map(str::to_owned);
        let declarations = css::drawing_style(source, place, &rename, self.report)?;
        let printed: Vec<String> =
            declarations.iter().map(|(property, value)| format!("{property}:{value}")).collect();
        (!printed.is_empty()).then(|| printed.join(";"))
    }

    fn presentation(&mut self, property: &str, source: &SourceAttribute) -> Option<String> {
        let value = source.value;
        let dangles = !loads(value)
            && !value.contains('\\')
            && values::references(value).any(|id| self.ids.renamed(id).is_none());
        let (ids, report) = (&self.ids, &mut *self.report);
        let rename = |id: &str| ids.renamed(id).map(str::to_owned);
        if !dangles {
            return css::drawing_value(property, value, source.place, &rename, report)
                .filter(|value| !value.is_empty());
        }
        report.warn(
            Code::Reference,
            source.place,
            &quoted(source.source_name, value),
            themes::REFERS_TO_NOTHING,
        );
        if !matches!(property, "fill" | "stroke") {
            return None;
        }
        // The fallback paint.
        let instead = value.rsplit_once(')').map_or("", |(_, rest)| rest.trim());
        let instead = if instead.is_empty() { "none" } else { instead };
        css::drawing_value(property, instead, source.place, &rename, report)
            .filter(|value| !value.is_empty())
    }

    fn animation_value(
        &mut self,
        property: &str,
        source: &SourceAttribute,
        several: bool,
    ) -> Option<String> {
        let (ids, report) = (&self.ids, &mut *self.report);
        let rename = |id: &str| ids.renamed(id).map(str::to_owned);
        let mut read = |value: &str| {
            css::drawing_value(property, value, source.place, &rename, report)
                .filter(|value| !value.is_empty())
        };
        if !several {
            return read(source.value);
        }
        match animation::each(source.value, |value| read(value).ok_or(InvalidValue::Malformed)) {
            Ok(values) => Some(values),
            Err(wrong) => {
                let reason = if let InvalidValue::Rejected(reason) = wrong {
                    reason
                } else {
                    theme_drawings::INVALID_ANIMATION_VALUE
                };
                self.report.reject(
                    Code::AttributeValue,
                    source.place,
                    &quoted(source.source_name, source.value),
                    reason,
                );
                None
            }
        }
    }

    fn reference(&mut self, source: &SourceAttribute) -> Option<String> {
        let Some(id) = source.value.trim().strip_prefix('#') else {
            let reason = match values::address(source.value) {
                Address::Other => theme_drawings::REFERENCE_RUNS,
                Address::Page | Address::Here => theme_drawings::REFERENCE_OUTSIDE,
            };
            self.report.reject(
                Code::Loads,
                source.place,
                &quoted(source.source_name, source.value),
                reason,
            );
            return None;
        };
        let refers = matches!(
            source.filtered.name,
            "use"
                | "linearGradient"
                | "radialGradient"
                | "pattern"
                | "filter"
                | "textPath"
                | "mpath"
                | "image"
        );
        let name = self.ids.renamed(id).filter(|_| refers);
        if name.is_none() {
            self.report.warn(
                Code::Reference,
                source.place,
                &quoted(source.source_name, source.value),
                themes::REFERS_TO_NOTHING,
            );
        }
        name.map(|name| format!("#{name}"))
    }

    /// Significant white space, expressed in CSS, which browsers will continue to support.
    fn add_preserved_space(&mut self, attributes: &mut Vec<(&'static str, String)>, place: Place) {
        let style = attributes.iter_mut().find(|(name, _)| *name == "style");
        let source = style.as_ref().map_or_else(String::new, |(_, value)| format!("{value};"));
        if source.contains("white-space") {
            return;
        }
        let Some(declarations) =
            css::drawing_style("white-space:pre", place, &|_| None, self.report)
        else {
            return;
        };
        let added: Vec<String> =
            declarations.iter().map(|(property, value)| format!("{property}:{value}")).collect();
        if added.is_empty() {
            return;
        }
        let value = source + &added.join(";");
        match style {
            Some((_, old)) => *old = value,
            None => attributes.push(("style", value)),
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

fn is_data(value: &str) -> bool {
    value.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
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
