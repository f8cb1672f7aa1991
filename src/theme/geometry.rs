//! Geometry of a drawing's shapes: bounding boxes and outlines in the drawing's units, with
//! transforms applied.
//!
//! Exact for shapes, estimated for text. Must not depend on the meaning of a shape.

use super::svg::{Element, Node};
use kurbo::{Affine, BezPath, Circle, Ellipse, Rect, RoundedRect, Shape as _};
use svgtypes::{Length, LengthUnit, SimplePathSegment, SimplifyingPathParser, TransformListParser};

/// Accuracy of curve flattening, in units.
const CURVE_TOLERANCE_UNITS: f64 = 0.1;
/// Elements that are displayed only where they are referenced.
const DEFINITION_ELEMENTS: [&str; 11] = [
    "defs",
    "symbol",
    "clipPath",
    "mask",
    "marker",
    "pattern",
    "linearGradient",
    "radialGradient",
    "filter",
    "title",
    "desc",
];

/// Whether an element is not displayed by itself.
pub(super) fn is_definition(element: &Element) -> bool {
    DEFINITION_ELEMENTS.contains(&element.name)
        || element.name.starts_with("animate")
        || element.name == "set"
}

pub(super) fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

/// A length attribute in units; `whole` is the base of percentages.
pub(super) fn length(element: &Element, name: &str, whole: f64) -> Option<f64> {
    units(attribute(element, name)?, whole)
}

/// A length in units. Relative lengths assume a font size of 16 units.
pub(super) fn units(text: &str, whole: f64) -> Option<f64> {
    let first = text.split([' ', ',']).next()?;
    let Length { number, unit } = first.parse().ok()?;
    let factor = match unit {
        LengthUnit::None | LengthUnit::Px => 1.0,
        LengthUnit::Em | LengthUnit::Pc => 16.0,
        LengthUnit::Ex => 8.0,
        LengthUnit::In => 96.0,
        LengthUnit::Cm => 96.0 / 2.54,
        LengthUnit::Mm => 96.0 / 25.4,
        LengthUnit::Pt => 4.0 / 3.0,
        LengthUnit::Percent => whole / 100.0,
    };
    Some(number * factor)
}

/// An element's `transform`.
pub(super) fn transform(element: &Element) -> Affine {
    let Some(text) = attribute(element, "transform") else { return Affine::IDENTITY };
    let mut whole = Affine::IDENTITY;
    for token in TransformListParser::from(text).map_while(Result::ok) {
        use svgtypes::TransformListToken as Token;
        whole *= match token {
            Token::Matrix { a, b, c, d, e, f } => Affine::new([a, b, c, d, e, f]),
            Token::Translate { tx, ty } => Affine::translate((tx, ty)),
            Token::Scale { sx, sy } => Affine::scale_non_uniform(sx, sy),
            Token::Rotate { angle } => Affine::rotate(angle.to_radians()),
            Token::SkewX { angle } => Affine::skew(angle.to_radians().tan(), 0.0),
            Token::SkewY { angle } => Affine::skew(0.0, angle.to_radians().tan()),
        };
    }
    whole
}

/// The mean scale factor of a transform.
pub(super) fn mean_scale(transform: Affine) -> f64 {
    transform.determinant().abs().sqrt()
}

/// The outline of a basic shape; `None` for other elements.
pub(super) fn outline(element: &Element, size: (f64, f64)) -> Option<BezPath> {
    let (width, height) = size;
    let across = |name| length(element, name, width);
    let down = |name| length(element, name, height);
    let path = match element.name {
        "rect" | "image" => {
            let (x, y) = (across("x").unwrap_or(0.0), down("y").unwrap_or(0.0));
            let rect = Rect::new(x, y, x + across("width")?, y + down("height")?);
            RoundedRect::from_rect(rect, corner_radius(element, size))
                .to_path(CURVE_TOLERANCE_UNITS)
        }
        "circle" => {
            Circle::new((across("cx").unwrap_or(0.0), down("cy").unwrap_or(0.0)), across("r")?)
                .to_path(CURVE_TOLERANCE_UNITS)
        }
        "ellipse" => {
            let radii =
                (across("rx").or_else(|| down("ry"))?, down("ry").or_else(|| across("rx"))?);
            Ellipse::new((across("cx").unwrap_or(0.0), down("cy").unwrap_or(0.0)), radii, 0.0)
                .to_path(CURVE_TOLERANCE_UNITS)
        }
        "line" => {
            let mut path = BezPath::new();
            path.move_to((across("x1").unwrap_or(0.0), down("y1").unwrap_or(0.0)));
            path.line_to((across("x2").unwrap_or(0.0), down("y2").unwrap_or(0.0)));
            path
        }
        "polyline" | "polygon" => {
            let mut path = BezPath::new();
            for (index, point) in
                svgtypes::PointsParser::from(attribute(element, "points")?).enumerate()
            {
                if index == 0 { path.move_to(point) } else { path.line_to(point) }
            }
            path
        }
        "path" => path(attribute(element, "d")?),
        _ => return None,
    };
    (!path.is_empty()).then_some(path)
}

/// The corner radius of a rectangle.
pub(super) fn corner_radius(element: &Element, (width, height): (f64, f64)) -> f64 {
    length(element, "rx", width).or_else(|| length(element, "ry", height)).unwrap_or(0.0).max(0.0)
}

fn path(data: &str) -> BezPath {
    let mut path = BezPath::new();
    for segment in SimplifyingPathParser::from(data).map_while(Result::ok) {
        match segment {
            SimplePathSegment::MoveTo { x, y } => path.move_to((x, y)),
            SimplePathSegment::LineTo { x, y } => path.line_to((x, y)),
            SimplePathSegment::CurveTo { x1, y1, x2, y2, x, y } => {
                path.curve_to((x1, y1), (x2, y2), (x, y));
            }
            SimplePathSegment::Quadratic { x1, y1, x, y } => path.quad_to((x1, y1), (x, y)),
            SimplePathSegment::ClosePath => path.close_path(),
        }
    }
    path
}

/// The bounding box of an element, without strokes and text; `None` if it contains no shape.
pub(super) fn bounds(element: &Element, outer: Affine, size: (f64, f64)) -> Option<Rect> {
    if is_definition(element) {
        return None;
    }
    let current = outer * transform(element);
    if let Some(outline) = outline(element, size) {
        return Some((current * outline).bounding_box());
    }
    children(element)
        .filter_map(|child| bounds(child, current, size))
        .reduce(|one, other| one.union(other))
}

/// The child elements.
pub(super) fn children(element: &Element) -> impl Iterator<Item = &Element> {
    element.children.iter().filter_map(|node| match node {
        Node::Element(child) => Some(child),
        _ => None,
    })
}

/// The element itself or its first descendant of one of these kinds.
pub(super) fn first<'a>(element: &'a Element, names: &[&str]) -> Option<&'a Element> {
    if names.contains(&element.name) {
        Some(element)
    } else {
        children(element).find_map(|child| first(child, names))
    }
}

/// The text content of an element.
pub(super) fn text_content(element: &Element) -> String {
    let mut text = String::new();
    for node in &element.children {
        match node {
            Node::Text(words) => text.push_str(words),
            Node::Element(child) => text.push_str(&words_of(child)),
            Node::Style(_) => {}
        }
    }
    text
}

fn words_of(element: &Element) -> String {
    if is_definition(element) { String::new() } else { text_content(element) }
}
