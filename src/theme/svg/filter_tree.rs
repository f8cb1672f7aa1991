//! Selects the elements to keep, before any value is checked. References may lead forwards and
//! backwards, so the set of elements must be known before the first one is built. Must not depend
//! on values.

use super::super::diagnostics::{Code, Report};
use super::elements::{self, ElementVerdict};
use super::source_positions::SourcePositions;
use super::{animation, attributes, values};
use belfry_locales::phrases::{theme_drawings, themes};
use roxmltree::Node;

/// A kept element.
pub(super) struct FilteredElement<'a, 'i> {
    pub(super) name: &'static str,
    pub(super) node: Node<'a, 'i>,
    pub(super) children: Vec<Child<'a, 'i>>,
}

/// Its content.
pub(super) enum Child<'a, 'i> {
    Element(FilteredElement<'a, 'i>),
    Text(&'a str),
}

/// An attribute without a namespace. The parser's own lookup finds `xlink:href` for `href` as well.
pub(super) fn own<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes()
        .find(|attribute| attribute.namespace().is_none() && attribute.name() == name)
        .map(|attribute| attribute.value())
}

/// Filters the tree below the root.
pub(super) fn filter_tree<'a, 'i>(
    root: Node<'a, 'i>,
    positions: &SourcePositions,
    report: &mut Report,
) -> Option<FilteredElement<'a, 'i>> {
    let place = positions.place(root.range().start);
    let name = root.tag_name();
    match (name.namespace(), name.name()) {
        (Some(elements::SVG), "svg") => {}
        (None, "svg") => {
            report.reject(Code::Root, place, "<svg>", theme_drawings::ROOT_WITHOUT_NAMESPACE);
            return None;
        }
        (_, other) => {
            report.reject(Code::Root, place, &format!("<{other}>"), theme_drawings::ROOT);
            return None;
        }
    }
    let mut children = Vec::new();
    TreeFilter { positions, report }.children(root, "svg", &mut children);
    Some(FilteredElement { name: "svg", node: root, children })
}

struct TreeFilter<'a> {
    positions: &'a SourcePositions<'a>,
    report: &'a mut Report,
}

impl TreeFilter<'_> {
    fn children<'a, 'i>(&mut self, of: Node<'a, 'i>, name: &str, into: &mut Vec<Child<'a, 'i>>) {
        for child in of.children() {
            if child.is_element() {
                self.element(child, name, into);
            } else if child.is_text() {
                self.text(child, name, into);
            }
        }
    }

    fn text<'a>(&mut self, text: Node<'a, '_>, parent: &str, into: &mut Vec<Child<'a, '_>>) {
        let words = text.text().unwrap_or_default();
        if parent == "style" || elements::has_words(parent) {
            into.push(Child::Text(words));
        } else if !words.trim().is_empty() {
            self.report.warn(
                Code::Text,
                self.positions.place(text.range().start),
                words,
                themes::WORDS_OUTSIDE_TEXT,
            );
        }
    }

    fn element<'a, 'i>(&mut self, node: Node<'a, 'i>, parent: &str, into: &mut Vec<Child<'a, 'i>>) {
        let place = self.positions.place(node.range().start);
        let name = node.tag_name();
        let what = format!("<{}>", name.name());
        let verdict = elements::verdict(name.namespace(), name.name());
        if !matches!(verdict, ElementVerdict::Reject(..)) && parent == "style" {
            self.report.reject(Code::Element, place, &what, theme_drawings::IN_STYLE);
            return;
        }
        match verdict {
            ElementVerdict::Reject(..) if name.name() == "foreignObject" && is_empty_box(node) => {
                self.report.warn(Code::Element, place, &what, theme_drawings::BACKDROP);
            }
            ElementVerdict::Reject(code, reason) => self.report.reject(code, place, &what, reason),
            ElementVerdict::Drop(reason) => {
                if let Some(reason) = reason {
                    self.report.warn(elements::code_of_left_out(reason), place, &what, reason);
                }
                self.check_dropped(node);
            }
            ElementVerdict::Foreign => {
                self.report.warn(
                    Code::Namespace,
                    place,
                    name.namespace().unwrap_or_default(),
                    themes::FOREIGN,
                );
                self.check_dropped(node);
            }
            _ if elements::has_only_words(parent) => {
                self.report.warn(Code::Element, place, &what, theme_drawings::IN_TITLE);
                self.check_dropped(node);
            }
            ElementVerdict::Unwrap => {
                self.report.warn(Code::Element, place, &what, elements::LINK_LEFT_OUT);
                self.check_link(node);
                self.children(node, parent, into);
            }
            ElementVerdict::FirstDisplayed => {
                let chosen = self.choose_alternative(node);
                into.push(Child::Element(FilteredElement {
                    name: "g",
                    node,
                    children: chosen.into_iter().collect(),
                }));
            }
            ElementVerdict::Keep(name)
                if elements::is_animation(name) && !self.is_kept_animation(node, name, parent) => {}
            ElementVerdict::Keep(name) => {
                let mut children = Vec::new();
                self.children(node, name, &mut children);
                into.push(Child::Element(FilteredElement { name, node, children }));
            }
        }
    }

    /// The child of a `<switch>` that is displayed. A picture is equal for all readers, so a child
    /// for no particular language comes first, and a child that requires extensions is never
    /// chosen.
    fn choose_alternative<'a, 'i>(&mut self, of: Node<'a, 'i>) -> Option<Child<'a, 'i>> {
        let asks =
            |node: Node, what: &str| own(node, what).is_some_and(|value| !value.trim().is_empty());
        let is_other = |node: &Node| {
            asks(*node, "requiredExtensions") || node.tag_name().name() == "foreignObject"
        };
        let (others, mut candidates): (Vec<Node>, Vec<Node>) =
            of.children().filter(Node::is_element).partition(is_other);
        if candidates.is_empty() {
            // Nothing else can be displayed, so these are treated like any other.
            candidates = others;
        } else {
            for other in others {
                let reason = theme_drawings::FOR_OTHER_PROGRAMS;
                self.report.warn(
                    Code::Element,
                    self.positions.place(other.range().start),
                    &format!("<{}>", other.tag_name().name()),
                    reason,
                );
                self.check_alternative(other);
            }
        }
        if let Some(spoken) = candidates.iter().find(|node| asks(**node, "systemLanguage")) {
            let reason = theme_drawings::ONE_LANGUAGE;
            self.report.warn(
                Code::Attribute,
                self.positions.place(spoken.range().start),
                "systemLanguage",
                reason,
            );
        }
        // A stable sort: among those for no language, or for the most common one, the first is
        // displayed.
        let is_foreign = |node: &Node| {
            let spoken = own(*node, "systemLanguage").unwrap_or_default();
            !spoken.trim().is_empty()
                && !spoken
                    .split(',')
                    .any(|language| language.trim().to_ascii_lowercase().starts_with("en"))
        };
        candidates.sort_by_key(is_foreign);
        let mut chosen = None;
        for candidate in candidates {
            if chosen.is_some() {
                self.check_dropped(candidate);
                continue;
            }
            let mut children = Vec::new();
            self.element(candidate, "g", &mut children);
            chosen = children.into_iter().find(|child| matches!(child, Child::Element(_)));
        }
        chosen
    }

    /// Whether an animation is kept. One that begins on user input, or changes what pictures cannot
    /// change, has no use.
    fn is_kept_animation(&mut self, node: Node, name: &str, parent: &str) -> bool {
        let place = self.positions.place(node.range().start);
        let what = format!("<{name}>");
        let target = own(node, "attributeName");
        if target.is_some_and(animation::is_harmful_target) {
            self.report.reject(Code::Script, place, &what, theme_drawings::ANIMATION_RUNS);
            return false;
        }
        let moments = ["begin", "end"].into_iter().filter_map(|name| own(node, name));
        let reason = animation::check(name, parent, target)
            .err()
            .or_else(|| animation::unsupported_timing(moments));
        if let Some(reason) = reason {
            self.report.warn(
                Code::Animation,
                place,
                &what,
                theme_drawings::animation_left_out(reason),
            );
            self.check_dropped(node);
            return false;
        }
        let elsewhere = node.attributes().find(|attribute| attribute.name() == "href");
        if let Some(elsewhere) = elsewhere {
            if elsewhere.value().trim().starts_with('#') {
                self.report.warn(Code::Animation, place, &what, theme_drawings::ANIMATION_OF_OTHER);
            } else {
                self.report.reject(
                    Code::Loads,
                    self.positions.place(elsewhere.range().start),
                    elsewhere.value(),
                    theme_drawings::OUTSIDE,
                );
            }
            return false;
        }
        true
    }

    /// Dropped content must not hide what would be rejected: the designer should know about it.
    fn check_dropped(&mut self, node: Node) {
        for inner in node.descendants().filter(Node::is_element) {
            let name = inner.tag_name();
            if let ElementVerdict::Reject(code, reason) =
                elements::verdict(name.namespace(), name.name())
            {
                self.report.reject(
                    code,
                    self.positions.place(inner.range().start),
                    &format!("<{}>", name.name()),
                    reason,
                );
            }
        }
    }

    /// The same for content that only other viewers display, which may be HTML unless it runs or
    /// loads something.
    fn check_alternative(&mut self, node: Node) {
        for inner in node.descendants().filter(Node::is_element) {
            let name = inner.tag_name();
            if elements::is_harmful(name.namespace(), name.name()) {
                let reason = theme_drawings::ALTERNATIVE_RUNS;
                self.report.reject(
                    Code::Script,
                    self.positions.place(inner.range().start),
                    &format!("<{}>", name.name()),
                    reason,
                );
            }
        }
    }

    /// A link is unwrapped, but one that would run something rejects the file.
    fn check_link(&mut self, node: Node) {
        for attribute in node.attributes() {
            let place = self.positions.place(attribute.range().start);
            if let attributes::AttributeVerdict::Reject(code, reason) =
                attributes::verdict("a", attribute.namespace(), attribute.name())
            {
                self.report.reject(code, place, attribute.name(), reason);
            }
            if attribute.name() == "href"
                && values::address(attribute.value()) == values::Address::Other
            {
                self.report.reject(
                    Code::Script,
                    place,
                    attribute.value(),
                    theme_drawings::LINK_ADDRESS,
                );
            }
        }
    }
}

/// Figma writes an empty HTML box for a background blur.
fn is_empty_box(node: Node) -> bool {
    let plain = |inner: &Node| {
        let name = inner.tag_name();
        name.namespace() == Some(elements::XHTML)
            && matches!(name.name(), "div" | "span")
            && inner.attributes().all(|attribute| {
                attribute.namespace().is_none() && matches!(attribute.name(), "style" | "class")
            })
    };
    let empty = |inner: &Node| {
        if inner.is_text() {
            inner.text().unwrap_or_default().trim().is_empty()
        } else {
            inner.is_comment() || plain(inner)
        }
    };
    let quiet = node.attributes().all(|attribute| {
        !attribute.name().get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"))
    });
    quiet && node.descendants().skip(1).all(|inner| empty(&inner))
}
