//! Extracts a picture from a drawing: the displayed elements, and only the definitions they
//! reference. Must not depend on which parts a picture shows.

use super::{Element, Node, View, elements, print, values};
use std::collections::{HashMap, HashSet};

/// Prints a tree as a picture file. `keep` decides whether an element is displayed, with all its
/// content.
pub(super) fn print_picture(
    root: &Element,
    view: &View,
    keep: &dyn Fn(&Element) -> bool,
) -> String {
    let displayed = filtered(root, keep);
    let needed = Needed::of(&displayed);
    let mut picture = needed.filter(displayed);
    picture
        .attributes
        .retain(|(name, _)| !matches!(*name, "x" | "y" | "width" | "height" | "viewBox"));
    let [min_x, min_y, width, height] = view.visible;
    let frame = [
        ("width", view.width.to_string()),
        ("height", view.height.to_string()),
        ("viewBox", format!("{min_x} {min_y} {width} {height}")),
    ];
    picture.attributes.splice(0..0, frame);
    let mut out = String::new();
    print::element(&mut out, &picture, true);
    out
}

/// The tree without the elements that are not kept, and without titles and descriptions, which
/// pictures do not show.
fn filtered(element: &Element, keep: &dyn Fn(&Element) -> bool) -> Element {
    let children = element.children.iter().filter_map(|child| match child {
        Node::Element(child) if !elements::has_only_words(child.name) && keep(child) => {
            Some(Node::Element(filtered(child, keep)))
        }
        Node::Element(_) => None,
        other => Some(other.clone()),
    });
    Element {
        name: element.name,
        attributes: element.attributes.clone(),
        children: children.collect(),
        part: None,
        place: element.place,
    }
}

/// What the displayed elements reference.
struct Needed {
    ids: HashSet<String>,
    styles: HashSet<String>,
    classes: HashSet<String>,
}

/// The definitions of a drawing.
#[derive(Default)]
struct Definitions<'a> {
    /// Elements that are displayed only by reference.
    elements: Vec<&'a Element>,
    /// The definition that contains each id.
    owners: HashMap<&'a str, usize>,
    styles: Vec<&'a str>,
}

impl Needed {
    fn of(root: &Element) -> Self {
        let mut stock = Definitions::default();
        stock.collect(root, false, None);
        let mut needed =
            Self { ids: HashSet::new(), styles: HashSet::new(), classes: HashSet::new() };
        let mut names = HashSet::from([root.name]);
        let mut taken = HashSet::new();
        let mut pending: Vec<String> = Vec::new();
        needed.collect(root, true, &mut names, &mut pending);
        loop {
            while let Some(id) = pending.pop() {
                let holder = stock.owners.get(id.as_str()).copied();
                if !needed.ids.insert(id) {
                    continue;
                }
                if let Some(index) = holder.filter(|index| taken.insert(*index))
                    && let Some(definition) = stock.elements.get(index)
                {
                    needed.collect(definition, false, &mut names, &mut pending);
                    // Kept whole, so that its own id remains for pruning the tree.
                    needed.ids.extend(definition.attribute("id").map(str::to_owned));
                }
            }
            let applies = |style: &&str| {
                !needed.styles.contains(*style) && needed.stylesheet_applies(style, &names)
            };
            let Some(style) = stock.styles.iter().copied().find(applies) else { break };
            needed.styles.insert(style.to_owned());
            pending.extend(values::references(style).map(str::to_owned));
        }
        needed
    }

    /// Collects the references of an element and everything displayed in it.
    fn collect(
        &mut self,
        element: &Element,
        outside: bool,
        names: &mut HashSet<&'static str>,
        pending: &mut Vec<String>,
    ) {
        names.insert(element.name);
        for (name, value) in &element.attributes {
            match *name {
                "href" => pending.extend(value.strip_prefix('#').map(str::to_owned)),
                "class" => self.classes.extend(value.split(' ').map(str::to_owned)),
                _ => pending.extend(values::references(value).map(str::to_owned)),
            }
        }
        for child in element.elements() {
            if !(outside && (is_stocked(element, child) || child.name == "style")) {
                self.collect(child, outside, names, pending);
            }
        }
    }

    /// Whether a style sheet may apply to what is displayed: it does unless all its selectors name
    /// absent classes and ids.
    fn stylesheet_applies(&self, style: &str, names: &HashSet<&'static str>) -> bool {
        let mut depth = 0_usize;
        let mut selectors = String::new();
        for character in style.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                selectors.push(if character == '}' { ',' } else { character });
            }
        }
        if selectors.contains(['@', '*', '[', ':', '\\', '/', '"', '\'']) {
            return true;
        }
        selectors.split([',', ' ', '>', '+', '~', '\n', '\t']).any(|selector| {
            match selector.split_at_checked(1) {
                Some((".", classes)) => {
                    classes.split(['.', '#']).any(|class| self.classes.contains(class))
                }
                Some(("#", id)) => self.ids.contains(id) || id.contains('.'),
                Some(_) => {
                    selector.split(['.', '#']).next().is_some_and(|name| names.contains(name))
                }
                None => false,
            }
        })
    }

    /// The tree with only what is needed.
    fn filter(&self, element: Element) -> Element {
        let Element { name, mut attributes, children, part, place } = element;
        let cut = |child: Node, parent: &Shape| match child {
            Node::Element(child) if child.name == "style" => {
                let is_needed =
                    |text: &Node| matches!(text, Node::Style(text) if self.styles.contains(text));
                child.children.iter().any(is_needed).then_some(Node::Element(child))
            }
            Node::Element(child) if parent.is_definition(child.name) && !self.contains(&child) => {
                None
            }
            Node::Element(child) => {
                let child = self.filter(child);
                let is_empty = child.children.is_empty()
                    && matches!(child.name, "defs" | "g")
                    && child.attributes.is_empty();
                (!is_empty).then_some(Node::Element(child))
            }
            other => Some(other),
        };
        let shape = Shape { is_defs: name == "defs" };
        let children = children.into_iter().filter_map(|child| cut(child, &shape)).collect();
        attributes.retain(|(name, value)| match *name {
            "id" => self.ids.contains(value),
            "class" => !self.styles.is_empty(),
            _ => true,
        });
        Element { name, attributes, children, part, place }
    }

    /// Whether a definition contains something that is needed.
    fn contains(&self, definition: &Element) -> bool {
        definition.attribute("id").is_some_and(|id| self.ids.contains(id))
            || definition.elements().any(|child| self.contains(child))
    }
}

struct Shape {
    is_defs: bool,
}

impl Shape {
    fn is_definition(&self, child: &str) -> bool {
        child != "style" && (self.is_defs || elements::is_definition(child))
    }
}

impl<'a> Definitions<'a> {
    fn collect(&mut self, element: &'a Element, is_stocked: bool, holder: Option<usize>) {
        let holder = if is_stocked && holder.is_none() {
            self.elements.push(element);
            Some(self.elements.len() - 1)
        } else {
            holder
        };
        if let (Some(holder), Some(id)) = (holder, element.attribute("id")) {
            self.owners.insert(id, holder);
        }
        for child in &element.children {
            match child {
                Node::Element(child) => {
                    self.collect(child, self::is_stocked(element, child), holder);
                }
                Node::Style(text) => self.styles.push(text),
                Node::Text(_) => {}
            }
        }
    }
}

/// Whether an element is only displayed by reference.
fn is_stocked(parent: &Element, child: &Element) -> bool {
    Shape { is_defs: parent.name == "defs" }.is_definition(child.name)
}

#[cfg(test)]
mod tests {
    use super::super::super::diagnostics::{File, Report};
    use super::*;

    fn picture(inner: &str, keep: &dyn Fn(&Element) -> bool) -> String {
        let source = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\" width=\"48\">{inner}</svg>"
        );
        let mut report = Report::default();
        let drawing = super::super::read(File::Bell, source.as_bytes(), &["badge"], &mut report);
        let drawing = drawing.unwrap_or_else(|| panic!("{:?}", report.into_parts().0));
        let view = View { width: 48.0, height: 24.5, visible: [0.0, -1.0, 24.0, 12.25] };
        let printed = print_picture(&drawing.root, &view, keep);
        let document = roxmltree::Document::parse(&printed).unwrap();
        assert_eq!(document.root_element().attribute("viewBox"), Some("0 -1 24 12.25"));
        printed
    }

    #[test]
    fn prints_only_displayed_and_referenced_elements() {
        let drawing = "<defs><linearGradient id=\"a\" href=\"#b\"/><linearGradient id=\"b\"><stop/></linearGradient>\
            <linearGradient id=\"c\"/><g><path id=\"deep\" d=\"M1 1h1\"/></g></defs><clipPath id=\"d\"><rect/></clipPath>\
            <g id=\"badge\" fill=\"url(#c)\" clip-path=\"url(#d)\"/><path id=\"own\" d=\"M0 0h1\" fill=\"url(#a)\"/><title>t</title>";
        let without = picture(drawing, &|element| element.part.is_none());
        assert_eq!(without.matches("<linearGradient").count(), 2, "{without}");
        assert!(
            !without.contains("clipPath")
                && !without.contains("-own")
                && !without.contains("deep")
                && !without.contains("<title"),
            "{without}"
        );
        let whole = picture(drawing, &|_| true);
        assert_eq!(whole.matches("<linearGradient").count(), 3, "{whole}");
        assert!(whole.contains("clipPath") && !whole.contains("data-slot"), "{whole}");
        let deep = picture(&format!("{drawing}<use href=\"#deep\"/>"), &|_| true);
        assert!(deep.contains("-deep\" d=") && deep.contains('#'), "{deep}");
    }

    #[test]
    fn style_sheet_is_kept_while_it_applies() {
        let drawing = "<style>.a{fill:url(#p)}</style><style>.b{fill:red}</style><defs><pattern id=\"p\" width=\"1\" height=\"1\"/></defs>\
            <path class=\"a\" d=\"M0 0h1\"/><g id=\"badge\"><path class=\"b\" d=\"M2 2h1\"/></g>";
        let without = picture(drawing, &|element| element.part.is_none());
        assert!(
            without.contains(".a") && without.contains("<pattern") && !without.contains(".b"),
            "{without}"
        );
        let only = picture(drawing, &|element| element.attribute("class") != Some("a"));
        assert!(
            !only.contains(".a") && !only.contains("<pattern") && only.contains(".b"),
            "{only}"
        );
        let none =
            picture("<style>.c{fill:red}</style><path class=\"a\" d=\"M0 0h1\"/>", &|_| true);
        assert!(!none.contains("<style") && !none.contains("class="), "{none}");
    }
}
