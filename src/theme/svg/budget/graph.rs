//! The graph of containment and references. Must not depend on the limits.

use super::super::{Drawing, Element, elements, values};
use super::{Cost, Named, sheets};
use std::collections::HashMap;

/// Maximum comparisons of rules with elements.
const MAX_RULE_COMPARISONS: usize = 500_000;
/// Maximum references added by rules.
const MAX_RULE_REFERENCES: usize = 100_000;

const TOO_MANY_RULES: &str = "has too many rules that refer to something: set fewer of them";

/// The kind of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReferenceKind {
    /// Drawn once at the place of the reference.
    Once,
    /// A layer around the element.
    Layer,
    /// A filter.
    Filter,
    /// A paint, inherited by everything in the element.
    Paint,
    /// A marker at every vertex of everything in the element.
    Corners,
    /// A marker at the ends of everything in the element.
    Ends,
}

/// A node of the graph.
pub(super) struct GraphNode<'a> {
    element: &'a Element,
    children: Vec<usize>,
    references: Vec<(ReferenceKind, usize)>,
    corners: u64,
}

/// All elements; the first one is the root.
pub(super) struct Graph<'a> {
    pub(super) items: Vec<GraphNode<'a>>,
}

impl<'a> Graph<'a> {
    /// Builds the graph of a drawing, or returns why it is rejected.
    pub(super) fn of(drawing: &'a Drawing) -> Result<Self, String> {
        let mut graph = Self { items: Vec::new() };
        let mut texts = Vec::new();
        graph.add(&drawing.root, &mut texts);
        let ids: HashMap<&str, usize> = graph
            .items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((item.element.attribute("id")?, index)))
            .collect();
        let elements: Vec<&Element> = graph.items.iter().map(|item| item.element).collect();
        for (item, element) in graph.items.iter_mut().zip(&elements) {
            let mut found = Vec::new();
            for (name, value) in &element.attributes {
                match *name {
                    "href" => found.extend(
                        value
                            .strip_prefix('#')
                            .filter(|_| element.name != "mpath")
                            .map(|id| (ReferenceKind::Once, id)),
                    ),
                    "style" => {
                        for (name, value) in value.split(';').filter_map(|one| one.split_once(':'))
                        {
                            collect(name.trim(), value, &mut found);
                        }
                    }
                    name => collect(name, value, &mut found),
                }
            }
            item.references
                .extend(found.into_iter().filter_map(|(way, id)| Some((way, *ids.get(id)?))));
        }
        if let Some(selector) = texts.into_iter().find_map(sheets::hidden_reference) {
            return Err(format!(
                "refers to something by the rule `{selector}`, which is no plain one: name the shape by a class"
            ));
        }
        graph.add_rules(drawing, &ids)?;
        graph.drop_plain_paints();
        Ok(graph)
    }

    fn add(&mut self, element: &'a Element, texts: &mut Vec<&'a str>) -> usize {
        let index = self.items.len();
        self.items.push(GraphNode {
            element,
            children: Vec::new(),
            references: Vec::new(),
            corners: vertices(element),
        });
        let mut children = Vec::new();
        for child in &element.children {
            match child {
                super::super::Node::Element(child) => children.push(self.add(child, texts)),
                super::super::Node::Style(text) => texts.push(text),
                super::super::Node::Text(_) => {}
            }
        }
        if let Some(item) = self.items.get_mut(index) {
            item.children = children;
        }
        index
    }

    /// Adds the references made by rules of style sheets.
    fn add_rules(&mut self, drawing: &Drawing, ids: &HashMap<&str, usize>) -> Result<(), String> {
        let mut rules = Vec::new();
        for rule in drawing.rules.iter() {
            let mut found = Vec::new();
            for (name, value) in &rule.declarations {
                collect(name, value, &mut found);
            }
            let found: Vec<(ReferenceKind, usize)> =
                found.into_iter().filter_map(|(way, id)| Some((way, *ids.get(id)?))).collect();
            if !found.is_empty() {
                rules.push((&rule.selector, found));
            }
        }
        if rules.len().saturating_mul(self.items.len()) > MAX_RULE_COMPARISONS {
            return Err(TOO_MANY_RULES.to_owned());
        }
        let mut added = 0;
        for item in &mut self.items {
            let element = item.element;
            let classes: Vec<&str> = element
                .attribute("class")
                .map(|classes| classes.split(' ').collect())
                .unwrap_or_default();
            let before = item.references.len();
            for (selector, found) in &rules {
                let fits = selector
                    .element
                    .as_deref()
                    .is_none_or(|name| name == "*" || name == element.name)
                    && selector.id.as_deref().is_none_or(|id| element.attribute("id") == Some(id))
                    && selector.classes.iter().all(|class| classes.contains(&class.as_str()));
                if fits {
                    item.references.extend(found);
                }
            }
            added += item.references.len() - before;
            if added > MAX_RULE_REFERENCES {
                return Err(TOO_MANY_RULES.to_owned());
            }
        }
        Ok(())
    }

    /// A gradient that is used often costs nothing more.
    fn drop_plain_paints(&mut self) {
        let names: Vec<&str> = self.items.iter().map(|item| item.element.name).collect();
        let is_gradient =
            |index: usize| matches!(names.get(index), Some(&"linearGradient" | &"radialGradient"));
        for item in &mut self.items {
            item.references
                .retain(|(way, index)| !(*way == ReferenceKind::Paint && is_gradient(*index)));
        }
    }

    /// A topological order, in which each element follows everything it leads to; or an element
    /// that leads to itself.
    pub(super) fn order(&self) -> Result<Vec<usize>, usize> {
        let mut states = vec![VisitState::New; self.items.len()];
        let mut order = Vec::with_capacity(self.items.len());
        let mut path = vec![(0_usize, 0_usize)];
        while let Some((index, next)) = path.last_mut() {
            let index = *index;
            let Some(item) = self.items.get(index) else { break };
            if let Some(state) = states.get_mut(index) {
                *state = VisitState::Open;
            }
            let target = item.children.get(*next).or_else(|| {
                item.references
                    .get(next.checked_sub(item.children.len())?)
                    .map(|(_, target)| target)
            });
            *next += 1;
            match target {
                None => {
                    path.pop();
                    order.push(index);
                    if let Some(state) = states.get_mut(index) {
                        *state = VisitState::Done;
                    }
                }
                Some(target) => match states.get(*target) {
                    Some(VisitState::New) => path.push((*target, 0)),
                    Some(VisitState::Open) => return Err(index),
                    _ => {}
                },
            }
        }
        Ok(order)
    }

    /// The cost of an element, given the costs of everything it leads to.
    pub(super) fn cost(&self, index: usize, costs: &[Cost]) -> Cost {
        let of = |index: usize| costs.get(index).copied().unwrap_or_default();
        let Some(item) = self.items.get(index) else { return Cost::default() };
        let mut sum = Cost { drawn: 1, base: 1, corners: item.corners, ..Cost::default() };
        for child in &item.children {
            sum = sum.holding(of(*child));
        }
        let mut layers = 0;
        for (way, target) in &item.references {
            let cost = of(*target);
            match way {
                ReferenceKind::Once => sum = sum.holding(cost),
                ReferenceKind::Layer | ReferenceKind::Filter => {
                    sum = sum.and(cost, 1);
                    layers += 1;
                }
                ReferenceKind::Paint | ReferenceKind::Corners | ReferenceKind::Ends => {}
            }
            if *way == ReferenceKind::Filter {
                sum.steps = sum.steps.saturating_add(self.steps(*target));
            }
            sum.chain = sum.chain.max(cost.chain + 1);
        }
        // Inherited references apply to everything in the element, which is summed up by now.
        for (way, target) in &item.references {
            let cost = of(*target);
            match way {
                ReferenceKind::Paint => sum = sum.and(cost, sum.base),
                ReferenceKind::Corners => {
                    sum.marks = sum.marks.saturating_add(cost.drawn.saturating_mul(sum.corners));
                }
                ReferenceKind::Ends => {
                    sum.marks = sum.marks.saturating_add(cost.drawn.saturating_mul(sum.base));
                }
                ReferenceKind::Once | ReferenceKind::Layer | ReferenceKind::Filter => {}
            }
        }
        sum.layers += layers;
        sum
    }

    /// The steps of a filter.
    fn steps(&self, filter: usize) -> u64 {
        self.items
            .get(filter)
            .map_or(0, |item| u64::try_from(item.children.len()).unwrap_or(u64::MAX))
    }

    /// An element's name and place.
    pub(super) fn named(&self, index: usize) -> Option<Named> {
        self.items.get(index).map(|item| (item.element.name, item.element.place))
    }

    /// The number of edges.
    pub(super) fn work(&self) -> usize {
        self.items.iter().map(|item| 1 + item.children.len() + item.references.len()).sum()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VisitState {
    New,
    Open,
    Done,
}

impl Cost {
    /// Adds the cost of a child, which inherits this element's paints and markers.
    fn holding(self, other: Self) -> Self {
        let base = self.base.saturating_add(other.base);
        let corners = self.corners.saturating_add(other.corners);
        Self { base, corners, ..self.and(other, 1) }
    }

    /// Adds another cost several times.
    fn and(self, other: Self, times: u64) -> Self {
        Self {
            drawn: self.drawn.saturating_add(other.drawn.saturating_mul(times)),
            marks: self.marks.saturating_add(other.marks.saturating_mul(times)),
            steps: self.steps.saturating_add(other.steps.saturating_mul(times)),
            layers: self.layers.max(other.layers),
            chain: self.chain.max(other.chain),
            ..self
        }
    }
}

/// Collects the references of a declaration.
fn collect<'v>(property: &str, value: &'v str, into: &mut Vec<(ReferenceKind, &'v str)>) {
    let way = match property {
        "fill" | "stroke" => ReferenceKind::Paint,
        "marker" | "marker-mid" => ReferenceKind::Corners,
        "marker-start" | "marker-end" => ReferenceKind::Ends,
        "filter" => ReferenceKind::Filter,
        "mask" | "clip-path" | "mask-image" | "-webkit-mask" => ReferenceKind::Layer,
        _ => ReferenceKind::Once,
    };
    into.extend(values::references(value).map(|id| (way, id)));
}

/// The vertices of a line; a shape without vertices counts as one.
fn vertices(element: &Element) -> u64 {
    let count = match element.name {
        "path" => element.attribute("d").map_or(0, |d| svgtypes::PathParser::from(d).count()),
        "polyline" | "polygon" => element
            .attribute("points")
            .map_or(0, |points| svgtypes::PointsParser::from(points).count()),
        "line" => 2,
        name => usize::from(elements::is_graphic(name) && !matches!(name, "svg" | "g" | "use")),
    };
    u64::try_from(count).unwrap_or(u64::MAX)
}
