//! The named parts of a card: their boxes, and the style of their text.

use crate::{
    colour::{self, Paint},
    computed_style::Computed,
    css::Scheme,
    diagnostics::Place,
    geometry::{
        attribute, bounds, children, corner_radius, first, length, mean_scale, outline,
        text_content, transform, units,
    },
    svg::{Drawing, Element},
};
use kurbo::{Affine, Rect};

/// Upper estimate of the average letter width, in em.
const MAX_LETTER_WIDTH_EM: f64 = 0.56;
/// Distance of a line's middle above the baseline, in em; similar in most fonts.
const MIDDLE_EM: f64 = 0.345;

/// The alignment of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The style of a drawn text, in pixels of the card.
#[derive(Debug, Clone)]
pub(super) struct TextStyle {
    pub(super) size: f64,
    pub(super) line_height: f64,
    pub(super) weight: Option<String>,
    pub(super) style: Option<String>,
    pub(super) family: Option<String>,
    pub(super) letter_spacing: Option<f64>,
    pub(super) anchor: Anchor,
    pub(super) light: Paint,
    pub(super) dark: Paint,
    pub(super) place: Place,
}

/// The style of a drawn box.
#[derive(Debug, Clone)]
pub(super) struct BoxStyle {
    pub(super) fill: (Paint, Paint),
    pub(super) stroke: (Paint, Paint),
    pub(super) stroke_width: f64,
    pub(super) radius: f64,
}

/// A named part.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) area: Rect,
    /// Whether the sides of the area were drawn rather than estimated from a text.
    pub(super) has_box: bool,
    pub(super) text: Option<TextStyle>,
    pub(super) surface: Option<BoxStyle>,
}

/// All named parts of a card in document order. `scale` converts the drawing's units to pixels.
pub(super) fn slots(drawing: &Drawing, scale: f64) -> Vec<Slot> {
    let mut found = Vec::new();
    let origin =
        Affine::scale(scale) * Affine::translate((-drawing.size.min_x, -drawing.size.min_y));
    let size = (drawing.size.width, drawing.size.height);
    let mut search = Search { drawing, size, slots: &mut found };
    search.visit(&drawing.root, origin, &Computed::default(), &Computed::default());
    found
}

struct Search<'a> {
    drawing: &'a Drawing,
    size: (f64, f64),
    slots: &'a mut Vec<Slot>,
}

impl Search<'_> {
    fn visit(&mut self, element: &Element, around: Affine, light: &Computed, dark: &Computed) {
        let (light, dark) = (
            light.child_style(element, self.drawing, Scheme::Light),
            dark.child_style(element, self.drawing, Scheme::Dark),
        );
        if let Some(name) = &element.part {
            let slot = self.slot(name, element, around, &light, &dark);
            self.slots.extend(slot);
        } else {
            let here = around * transform(element);
            children(element).for_each(|child| self.visit(child, here, &light, &dark));
        }
    }

    fn slot(
        &self,
        name: &str,
        element: &Element,
        around: Affine,
        light: &Computed,
        dark: &Computed,
    ) -> Option<Slot> {
        let text = self.find_first(element, &["text"], around, light, dark);
        let shape = self.find_first(
            element,
            &["rect", "path", "circle", "ellipse", "polygon", "image"],
            around,
            light,
            dark,
        );
        let drawn =
            shape.as_ref().and_then(|found| bounds(found.element, found.transform, self.size));
        let lettering = text.as_ref().and_then(|found| self.text_style(found));
        let area = match (drawn, &lettering) {
            (Some(area), _) => area,
            (None, Some((_, area))) => *area,
            (None, None) => bounds(element, around, self.size)?,
        };
        let surface = shape.map(|found| self.surface(&found));
        Some(Slot {
            name: name.to_owned(),
            area,
            has_box: drawn.is_some(),
            text: lettering.map(|(text, _)| text),
            surface,
        })
    }

    /// The first element of one of these kinds, with its transform and computed style.
    fn find_first<'e>(
        &self,
        element: &'e Element,
        names: &[&str],
        outer: Affine,
        light: &Computed,
        dark: &Computed,
    ) -> Option<StyledElement<'e>> {
        if names.contains(&element.name) {
            return Some(StyledElement {
                element,
                transform: outer,
                light: light.clone(),
                dark: dark.clone(),
            });
        }
        let here = outer * transform(element);
        children(element).find_map(|child| {
            let light = light.child_style(child, self.drawing, Scheme::Light);
            let dark = dark.child_style(child, self.drawing, Scheme::Dark);
            self.find_first(child, names, here, &light, &dark)
        })
    }

    fn surface(&self, found: &StyledElement<'_>) -> BoxStyle {
        let stroke = |style: &Computed| style.get("stroke").map_or(Paint::None, colour::paint);
        let scale = mean_scale(found.transform * transform(found.element));
        let width = found
            .light
            .get("stroke-width")
            .and_then(|text| units(text, self.size.0))
            .unwrap_or(1.0);
        BoxStyle {
            fill: (colour::fill(&found.light), colour::fill(&found.dark)),
            stroke: (stroke(&found.light), stroke(&found.dark)),
            stroke_width: width * scale,
            radius: if found.element.name == "rect" {
                corner_radius(found.element, self.size) * scale
            } else {
                rounding(found, self.size)
            },
        }
    }

    fn text_style(&self, found: &StyledElement<'_>) -> Option<(TextStyle, Rect)> {
        let text = found.element;
        let here = found.transform * transform(text);
        // Editors store the style of a text on its first line.
        let line = first(text, &["tspan"]).filter(|line| !text_content(line).trim().is_empty());
        let (light, dark) = match line {
            Some(line) => (
                found.light.child_style(line, self.drawing, Scheme::Light),
                found.dark.child_style(line, self.drawing, Scheme::Dark),
            ),
            None => (found.light.clone(), found.dark.clone()),
        };
        let at = |name: &str| {
            line.and_then(|line| length(line, name, self.size.0))
                .or_else(|| length(text, name, self.size.0))
                .unwrap_or(0.0)
        };
        let start = here * kurbo::Point::new(at("x"), at("y"));
        let scale = mean_scale(here);
        let size =
            light.get("font-size").and_then(|text| units(text, 16.0)).unwrap_or(16.0) * scale;
        if !(4.0..=96.0).contains(&size) {
            return None;
        }
        let (lines, drawn) = leading(text, size / scale);
        let line_height = drawn.map_or((size * 1.43).round(), |leading| leading * scale);
        let anchor = match light.get("text-anchor") {
            Some("middle") => Anchor::Middle,
            Some("end") => Anchor::End,
            _ => Anchor::Start,
        };
        let longest = text_content(text).trim().chars().count().div_ceil(lines);
        let width =
            f64::from(u32::try_from(longest).unwrap_or(u32::MAX)) * size * MAX_LETTER_WIDTH_EM;
        let left = match anchor {
            Anchor::Start => start.x,
            Anchor::Middle => start.x - width / 2.0,
            Anchor::End => start.x - width,
        };
        let top = start.y - line_height / 2.0 - size * MIDDLE_EM;
        let height = line_height * f64::from(u32::try_from(lines).unwrap_or(1));
        let own = |property: &str| light.get(property).map(str::to_owned);
        let lettering = TextStyle {
            size,
            line_height,
            weight: own("font-weight"),
            style: own("font-style"),
            family: own("font-family"),
            letter_spacing: light
                .get("letter-spacing")
                .and_then(|text| spacing(text, size / scale))
                .map(|spacing| spacing * scale),
            anchor,
            light: colour::fill(&light),
            dark: colour::fill(&dark),
            place: text.place,
        };
        Some((lettering, Rect::new(left, top, left + width, top + height)))
    }
}

struct StyledElement<'e> {
    element: &'e Element,
    transform: Affine,
    light: Computed,
    dark: Computed,
}

/// The number of drawn lines, and the distance between the first two.
fn leading(text: &Element, size: f64) -> (usize, Option<f64>) {
    let mut down = Vec::new();
    let mut now = None;
    for line in children(text).filter(|child| child.name == "tspan") {
        if let Some(y) = length(line, "y", size) {
            now = Some(y);
        } else if let Some(dy) = length(line, "dy", size).or_else(|| ems(line, "dy", size)) {
            now = Some(now.unwrap_or(0.0) + dy);
        }
        if let Some(y) = now
            && !down.iter().any(|known: &f64| (known - y).abs() < 0.5)
        {
            down.push(y);
        }
    }
    match down.as_slice() {
        [one, two, ..] if (two - one) > size * 0.8 && (two - one) < size * 3.0 => {
            (down.len(), Some(two - one))
        }
        _ => (1, None),
    }
}

fn ems(element: &Element, name: &str, size: f64) -> Option<f64> {
    attribute(element, name)?.strip_suffix("em")?.parse::<f64>().ok().map(|ems| ems * size)
}

fn spacing(text: &str, size: f64) -> Option<f64> {
    let spacing = match text.strip_suffix("em") {
        Some(ems) => ems.parse::<f64>().ok()? * size,
        None => units(text, size)?,
    };
    (spacing.abs() > 0.001 && spacing.abs() < size).then_some(spacing)
}

/// The corner radius of a path that is a rounded box, derived from the distance between its first
/// straight side and the corner.
fn rounding(found: &StyledElement<'_>, size: (f64, f64)) -> f64 {
    let Some(path) = outline(found.element, size) else { return 0.0 };
    let path = found.transform * transform(found.element) * path;
    let around = kurbo::Shape::bounding_box(&path);
    let top = path.segments().filter_map(|segment| match segment {
        kurbo::PathSeg::Line(line)
            if (line.p0.y - around.y0).abs() < 0.5 && (line.p1.y - around.y0).abs() < 0.5 =>
        {
            Some(line.p0.x.min(line.p1.x) - around.x0)
        }
        _ => None,
    });
    top.reduce(f64::min).unwrap_or_else(|| around.height() / 2.0).clamp(0.0, around.height() / 2.0)
}
