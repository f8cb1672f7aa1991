//! Prints a tree. Must not decide anything: everything in the tree is printed, and a parser reads
//! the same tree from the result.

use super::{Drawing, Element, Node, elements};

/// The size and visible area of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct View {
    /// Width in CSS pixels.
    pub(in super::super) width: f64,
    /// Height in CSS pixels.
    pub(in super::super) height: f64,
    /// The visible part of the drawing, in its own units: left, top, width, height.
    pub(in super::super) visible: [f64; 4],
}

impl Drawing {
    /// The sanitized file: the whole tree, with `data-slot` on the parts.
    pub(in super::super) fn print(&self) -> String {
        let mut out = String::new();
        element(&mut out, &self.root, true);
        out
    }
}

/// Prints an element with its content; the outermost `<svg>` gets the namespace.
pub(super) fn element(out: &mut String, element: &Element, is_root: bool) {
    out.push('<');
    out.push_str(element.name);
    if is_root {
        attribute(out, "xmlns", elements::SVG);
    }
    for (name, value) in &element.attributes {
        attribute(out, name, value);
    }
    if let Some(part) = &element.part {
        attribute(out, "data-slot", part);
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in &element.children {
        match child {
            Node::Element(child) => self::element(out, child, false),
            Node::Text(words) | Node::Style(words) => text(out, words),
        }
    }
    out.push_str("</");
    out.push_str(element.name);
    out.push('>');
}

fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for character in value.chars() {
        match character {
            '\t' | '\n' => numbered(out, character),
            _ => escaped(out, character),
        }
    }
    out.push('"');
}

fn text(out: &mut String, words: &str) {
    words.chars().for_each(|character| escaped(out, character));
}

fn escaped(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\t' | '\n' => out.push(character),
        _ if character.is_control() => numbered(out, character),
        _ => out.push(character),
    }
}

fn numbered(out: &mut String, character: char) {
    out.push_str("&#");
    out.push_str(&u32::from(character).to_string());
    out.push(';');
}

#[cfg(test)]
mod tests {
    use super::super::super::diagnostics::{File, Place};
    use super::*;

    #[test]
    fn printed_tree_parses_to_the_same_tree() {
        let words = "a<b>&\"'\u{7f}\r\n\t\u{85}]]>é";
        let place = Place { file: File::Bell, line: 1, column: 1 };
        let attributes = vec![("id", words.to_owned())];
        let inner = Element {
            name: "text",
            attributes,
            children: vec![Node::Text(words.to_owned())],
            part: None,
            place,
        };
        let mut out = String::new();
        element(&mut out, &inner, true);
        let document = roxmltree::Document::parse(&out).unwrap();
        assert_eq!(document.root_element().attribute("id"), Some(words));
        assert_eq!(document.root_element().text(), Some(words));
        assert_eq!(document.root_element().tag_name().namespace(), Some(elements::SVG));
    }
}
