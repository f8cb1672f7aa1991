//! What of a parsed file stays, before any value is looked at. References go forwards and backwards, so it has to be known
//! which elements there will be before the first of them is built. Must not know of values.

use super::super::problem::Report;
use super::elements::{self, Verdict};
use super::places::Places;
use super::{attributes, values};
use roxmltree::Node;

/// An element that stays.
pub(super) struct Kept<'a, 'i> {
    pub(super) name: &'static str,
    pub(super) node: Node<'a, 'i>,
    pub(super) children: Vec<Child<'a, 'i>>,
}

/// What is in it.
pub(super) enum Child<'a, 'i> {
    Element(Kept<'a, 'i>),
    Text(&'a str),
}

/// An attribute in no namespace. The parser's own look-up finds `xlink:href` for `href` as well.
pub(super) fn own<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.namespace().is_none() && attribute.name() == name).map(|attribute| attribute.value())
}

/// Chooses what stays of the root.
pub(super) fn plan<'a, 'i>(root: Node<'a, 'i>, places: &Places, report: &mut Report) -> Option<Kept<'a, 'i>> {
    let place = places.at(root.range().start);
    let name = root.tag_name();
    match (name.namespace(), name.name()) {
        (Some(elements::SVG), "svg") => {}
        (None, "svg") => {
            report.refuse(place, "<svg>", "is in no namespace: the file must begin with <svg xmlns=\"http://www.w3.org/2000/svg\">");
            return None;
        }
        (_, other) => {
            report.refuse(place, &format!("<{other}>"), "is not a drawing: the file must begin with <svg xmlns=\"http://www.w3.org/2000/svg\">");
            return None;
        }
    }
    let mut children = Vec::new();
    Planner { places, report }.children(root, "svg", &mut children);
    Some(Kept { name: "svg", node: root, children })
}

struct Planner<'a> {
    places: &'a Places<'a>,
    report: &'a mut Report,
}

impl Planner<'_> {
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
            self.report.warn(self.places.at(text.range().start), words, "is left out: words are only shown in <text>");
        }
    }

    fn element<'a, 'i>(&mut self, node: Node<'a, 'i>, parent: &str, into: &mut Vec<Child<'a, 'i>>) {
        let place = self.places.at(node.range().start);
        let name = node.tag_name();
        let what = format!("<{}>", name.name());
        let verdict = elements::verdict(name.namespace(), name.name());
        if !matches!(verdict, Verdict::Refuse(_)) && parent == "style" {
            self.report.refuse(place, &what, "cannot be in a <style>: only rules can");
            return;
        }
        match verdict {
            Verdict::Refuse(reason) => self.report.refuse(place, &what, reason),
            Verdict::Drop(reason) => {
                if let Some(reason) = reason {
                    self.report.warn(place, &what, reason);
                }
                self.look_into(node);
            }
            _ if elements::has_only_words(parent) => {
                self.report.warn(place, &what, "is left out: only words can be here");
                self.look_into(node);
            }
            Verdict::Unwrap => {
                self.report.warn(place, &what, elements::LINK_LEFT_OUT);
                self.link(node);
                self.children(node, parent, into);
            }
            Verdict::Choose => {
                let mut all = Vec::new();
                self.children(node, "g", &mut all);
                let first = all.into_iter().find(|child| matches!(child, Child::Element(_)));
                into.push(Child::Element(Kept { name: "g", node, children: first.into_iter().collect() }));
            }
            Verdict::Keep(name) => {
                let mut children = Vec::new();
                self.children(node, name, &mut children);
                into.push(Child::Element(Kept { name, node, children }));
            }
        }
    }

    /// What is left out must not hide what would be refused: whoever drew it should know.
    fn look_into(&mut self, node: Node) {
        for inner in node.descendants().filter(Node::is_element) {
            let name = inner.tag_name();
            if matches!(name.namespace(), Some(elements::SVG | "http://www.w3.org/1999/xhtml"))
                && let Verdict::Refuse(reason) = elements::verdict(name.namespace(), name.name())
            {
                self.report.refuse(self.places.at(inner.range().start), &format!("<{}>", name.name()), reason);
            }
        }
    }

    /// A link goes, but one that would run something refuses the file.
    fn link(&mut self, node: Node) {
        for attribute in node.attributes() {
            let place = self.places.at(attribute.range().start);
            if let attributes::Sort::Refuse(reason) = attributes::sort("a", attribute.namespace(), attribute.name()) {
                self.report.refuse(place, attribute.name(), reason);
            }
            if attribute.name() == "href" && values::address(attribute.value()) == values::Address::Other {
                self.report.refuse(place, attribute.value(), "is no address of a page: remove the link");
            }
        }
    }
}
