//! The graph of containment and references. Must not depend on the limits.

use super::super::{Drawing, Element, elements, values};
use super::{Cost, Named, sheets};
use belfry_locales::{LocalizedText, phrases::theme_drawings};
use std::collections::HashMap;

/// Maximum comparisons of rules with elements.
const MAX_RULE_COMPARISONS: usize = 500_000;
/// Maximum references added by rules.
const MAX_RULE_REFERENCES: usize = 100_000;

/// The kind of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReferenceKind {
    /// Drawn once at the place of the reference.
    Use,
    /// A layer around the element.
    Layer,
    /// A filter.
    Filter,
    /// A paint, inherited by everything in the element.
    Paint,
    /// A marker at every vertex of everything in the element.
    VertexMarker,
    /// A marker at the ends of everything in the element.
    EndMarker,
}

/// A node of the graph.
pub(super) struct GraphNode<'a> {
    element: &'a Element,
    children: Vec<usize>,
    references: Vec<(ReferenceKind, usize)>,
    vertices: u64,
}

/// All elements; the first one is the root.
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<GraphNode<'a>>,
}

impl<'a> Graph<'a> {
    /// Builds the graph of a drawing, or returns why it is rejected.
    pub(super) fn of(drawing: &'a Drawing) -> Result<Self, LocalizedText> {
        let mut graph = Self { nodes: Vec::new() };
        let mut texts = Vec::new();
        graph.add(&drawing.root, &mut texts);
        let ids: HashMap<&str, usize> = graph
            .nodes
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((item.element.attribute("id")?, index)))
            .collect();
        let elements: Vec<&Element> = graph.nodes.iter().map(|item| item.element).collect();
        for (item, element) in graph.nodes.iter_mut().zip(&elements) {
            let mut found = Vec::new();
            for (name, value) in &element.attributes {
                match *name {
                    "href" => found.extend(
                        value
                            .strip_prefix('#')
                            .filter(|_| element.name != "mpath")
                            .map(|id| (ReferenceKind::Use, id)),
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
            return Err(theme_drawings::hidden_reference(selector));
        }
        graph.add_rules(drawing, &ids)?;
        graph.drop_solid_paints();
        Ok(graph)
    }

    fn add(&mut self, element: &'a Element, texts: &mut Vec<&'a str>) -> usize {
        let index = self.nodes.len();
        self.nodes.push(GraphNode {
            element,
            children: Vec::new(),
            references: Vec::new(),
            vertices: vertices(element),
        });
        let mut children = Vec::new();
        for child in &element.children {
            match child {
                super::super::Node::Element(child) => children.push(self.add(child, texts)),
                super::super::Node::Style(text) => texts.push(text),
                super::super::Node::Text(_) => {}
            }
        }
        if let Some(item) = self.nodes.get_mut(index) {
            item.children = children;
        }
        index
    }

    /// Adds the references made by rules of style sheets.
    fn add_rules(
        &mut self,
        drawing: &Drawing,
        ids: &HashMap<&str, usize>,
    ) -> Result<(), LocalizedText> {
        let mut rules = Vec::new();
        for rule in drawing.rules.iter() {
            let mut found = Vec::new();
            for (name, value) in &rule.declarations {
                collect(name, value, &mut found);
            }
            let matches: Vec<(ReferenceKind, usize)> =
                found.into_iter().filter_map(|(way, id)| Some((way, *ids.get(id)?))).collect();
            if !matches.is_empty() {
                rules.push((&rule.selector, matches));
            }
        }
        if rules.len().saturating_mul(self.nodes.len()) > MAX_RULE_COMPARISONS {
            return Err(theme_drawings::TOO_MANY_REFERENCE_RULES);
        }
        let mut added = 0;
        for item in &mut self.nodes {
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
                return Err(theme_drawings::TOO_MANY_REFERENCE_RULES);
            }
        }
        Ok(())
    }

    /// A gradient that is used often costs nothing more.
    fn drop_solid_paints(&mut self) {
        let names: Vec<&str> = self.nodes.iter().map(|item| item.element.name).collect();
        let is_gradient =
            |index: usize| matches!(names.get(index), Some(&"linearGradient" | &"radialGradient"));
        for item in &mut self.nodes {
            item.references
                .retain(|(way, index)| !(*way == ReferenceKind::Paint && is_gradient(*index)));
        }
    }

    /// A topological order, in which each element follows everything it leads to; or an element
    /// that leads to itself.
    pub(super) fn topological_order(&self) -> Result<Vec<usize>, usize> {
        let mut states = vec![VisitState::New; self.nodes.len()];
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut path = vec![(0_usize, 0_usize)];
        while let Some((index, next)) = path.last_mut() {
            let index = *index;
            let Some(item) = self.nodes.get(index) else { break };
            if let Some(state) = states.get_mut(index) {
                *state = VisitState::InProgress;
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
                    Some(VisitState::InProgress) => return Err(index),
                    _ => {}
                },
            }
        }
        Ok(order)
    }

    /// The cost of an element, given the costs of everything it leads to.
    pub(super) fn cost(&self, index: usize, costs: &[Cost]) -> Cost {
        let of = |index: usize| costs.get(index).copied().unwrap_or_default();
        let Some(item) = self.nodes.get(index) else { return Cost::default() };
        let mut sum =
            Cost { elements: 1, own_elements: 1, vertices: item.vertices, ..Cost::default() };
        for child in &item.children {
            sum = sum.add_child(of(*child));
        }
        let mut layers = 0;
        for (way, target) in &item.references {
            let cost = of(*target);
            match way {
                ReferenceKind::Use => sum = sum.add_child(cost),
                ReferenceKind::Layer | ReferenceKind::Filter => {
                    sum = sum.add_times(cost, 1);
                    layers += 1;
                }
                ReferenceKind::Paint | ReferenceKind::VertexMarker | ReferenceKind::EndMarker => {}
            }
            if *way == ReferenceKind::Filter {
                sum.filter_steps = sum.filter_steps.saturating_add(self.filter_steps(*target));
            }
            sum.chain = sum.chain.max(cost.chain + 1);
        }
        // Inherited references apply to everything in the element, which is summed up by now.
        for (way, target) in &item.references {
            let cost = of(*target);
            match way {
                ReferenceKind::Paint => sum = sum.add_times(cost, sum.own_elements),
                ReferenceKind::VertexMarker => {
                    sum.marker_elements = sum
                        .marker_elements
                        .saturating_add(cost.elements.saturating_mul(sum.vertices));
                }
                ReferenceKind::EndMarker => {
                    sum.marker_elements = sum
                        .marker_elements
                        .saturating_add(cost.elements.saturating_mul(sum.own_elements));
                }
                ReferenceKind::Use | ReferenceKind::Layer | ReferenceKind::Filter => {}
            }
        }
        sum.layers += layers;
        sum
    }

    /// The steps of a filter.
    fn filter_steps(&self, filter: usize) -> u64 {
        self.nodes
            .get(filter)
            .map_or(0, |item| u64::try_from(item.children.len()).unwrap_or(u64::MAX))
    }

    /// An element's name and place.
    pub(super) fn name_of(&self, index: usize) -> Option<Named> {
        self.nodes.get(index).map(|item| (item.element.name, item.element.place))
    }

    /// The number of edges.
    pub(super) fn edge_count(&self) -> usize {
        self.nodes.iter().map(|item| 1 + item.children.len() + item.references.len()).sum()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VisitState {
    New,
    InProgress,
    Done,
}

impl Cost {
    /// Adds the cost of a child, which inherits this element's paints and markers.
    fn add_child(self, other: Self) -> Self {
        let own_elements = self.own_elements.saturating_add(other.own_elements);
        let vertices = self.vertices.saturating_add(other.vertices);
        Self { own_elements, vertices, ..self.add_times(other, 1) }
    }

    /// Adds another cost several times.
    fn add_times(self, other: Self, times: u64) -> Self {
        Self {
            elements: self.elements.saturating_add(other.elements.saturating_mul(times)),
            marker_elements: self
                .marker_elements
                .saturating_add(other.marker_elements.saturating_mul(times)),
            filter_steps: self
                .filter_steps
                .saturating_add(other.filter_steps.saturating_mul(times)),
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
        "marker" | "marker-mid" => ReferenceKind::VertexMarker,
        "marker-start" | "marker-end" => ReferenceKind::EndMarker,
        "filter" => ReferenceKind::Filter,
        "mask" | "clip-path" | "mask-image" | "-webkit-mask" => ReferenceKind::Layer,
        _ => ReferenceKind::Use,
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
