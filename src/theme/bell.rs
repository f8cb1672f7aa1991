//! Compiles `bell.svg`: one picture for each state of the bell, and the count as real text at its
//! drawn place.
//!
//! The state is an attribute of the document's root (`data-unread`, `data-unseen`), so the rules
//! need no script and no other markup. A drawing that uses only `currentColor` becomes a mask,
//! which follows the page's text colour.

use super::{
    colour::{Paint, css, paint},
    computed_style::Computed,
    css::Scheme,
    diagnostics::{Code, Report},
    geometry::{
        attribute, bounds, children, first, is_definition, length, mean_scale, transform, units,
    },
    picture::Pictures,
    svg::{Drawing, Element, Node, View, print_picture},
};
use belfry_locales::phrases::theme_drawings;
use kurbo::{Affine, Point, Rect};
use std::fmt::Write as _;

/// The meaningful part names of a bell.
pub(super) const PART_NAMES: [&str; 4] = ["badge", "count", "unread", "empty"];
/// Size of the bell's box, in pixels.
const BOX_PX: f64 = 40.0;
/// Display size of a drawing without padding, in pixels.
const ICON_PX: f64 = 24.0;
/// A drawing of at most this many units is displayed at its own size.
const MAX_ICON_UNITS: f64 = 32.0;
/// Distance of a line's middle above the baseline, in em.
const MIDDLE_EM: f64 = 0.345;

/// The states of the bell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BellState {
    Unseen,
    Unread,
    Empty,
}

/// The bell's rules, and whether they may be inlined: a large picture is a file next to the style
/// sheet.
pub(super) fn compile(
    drawing: &Drawing,
    pictures: &mut Pictures,
    report: &mut Report,
) -> (String, bool) {
    let is_mask = uses_only_current_color(drawing);
    let shown = |element: &Element, state: BellState| match element.part.as_deref() {
        Some("count") => false,
        Some("badge") => state == BellState::Unseen,
        Some("unread") => state != BellState::Empty,
        Some("empty") => state == BellState::Empty,
        _ => true,
    };
    let size = &drawing.size;
    let scale = scale(drawing);
    let (width, height) = (size.width * scale, size.height * scale);
    let view = View { width, height, visible: [size.min_x, size.min_y, size.width, size.height] };
    let mut anywhere = true;
    let mut url = |state| {
        let (url, alone) =
            pictures.url(print_picture(&drawing.root, &view, &|element| shown(element, state)));
        anywhere &= alone;
        url
    };
    let (empty, unread, unseen) =
        (url(BellState::Empty), url(BellState::Unread), url(BellState::Unseen));
    let (property, shape) =
        if is_mask { ("mask-image", "mask") } else { ("background-image", "background") };
    let colour = if is_mask { ";background-color:currentColor" } else { "" };
    let mut rules = format!(
        ".bell .icon{{display:none}}.bell::before{{content:\"\";grid-area:1/1;width:{}px;height:{}px;{shape}:{empty} center/100% 100% no-repeat{colour}}}",
        round(width),
        round(height)
    );
    for (state, picture, fallback) in [("unread", &unread, &empty), ("unseen", &unseen, &unread)] {
        if picture != fallback {
            let _ = write!(
                rules,
                ":root:not([data-{state}=\"0\"]) .bell::before{{{property}:{picture}}}"
            );
        }
    }
    let parts = ["badge", "count"].map(|name| find_part(&drawing.root, name));
    match parts {
        [_, Some(count)] => rules.push_str(&count_rules(drawing, count, scale)),
        // The drawing shows the number itself.
        [Some(_), None] => rules.push_str(".badge{display:none}"),
        [None, None] => {}
    }
    if !is_mask && uses_current_color(&drawing.root) {
        report.warn(
            Code::Colour,
            drawing.root.place,
            "currentColor",
            theme_drawings::MIXED_CURRENT_COLOUR,
        );
    }
    (rules, anywhere)
}

/// Display scale: an icon keeps its size; a drawing with padding or a count fills the box.
fn scale(drawing: &Drawing) -> f64 {
    let size = &drawing.size;
    let largest = size.width.max(size.height);
    if largest <= MAX_ICON_UNITS {
        return 1.0;
    }
    let area = bounds(
        &drawing.root,
        Affine::translate((-size.min_x, -size.min_y)),
        (size.width, size.height),
    );
    let is_tight = area.is_none_or(|area| area.width().max(area.height()) > largest * 0.85);
    let has_parts = PART_NAMES.iter().any(|name| find_part(&drawing.root, name).is_some());
    (if is_tight && !has_parts { ICON_PX } else { BOX_PX }) / largest
}

/// The part with this name.
fn find_part<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    if element.part.as_deref() == Some(name) {
        Some(element)
    } else {
        children(element).find_map(|child| find_part(child, name))
    }
}

/// Rules for the real number at the place of the drawn one.
fn count_rules(drawing: &Drawing, count: &Element, scale: f64) -> String {
    let size = &drawing.size;
    let centred = Affine::translate((
        BOX_PX / 2.0 - size.width * scale / 2.0,
        BOX_PX / 2.0 - size.height * scale / 2.0,
    ));
    let origin = centred * Affine::scale(scale) * Affine::translate((-size.min_x, -size.min_y));
    let Some(CountText { center, font_size, style }) =
        count_text(drawing, &drawing.root, count, origin, &Computed::default())
    else {
        return String::new();
    };
    let mut rules = format!(
        ".badge{{inset:auto;left:{}px;top:{}px;translate:-50% -50%;min-width:0;height:auto;padding:0;border:0;background:none;font-size:{}px;line-height:1;white-space:nowrap;",
        round(center.x),
        round(center.y),
        round(font_size.clamp(7.0, 20.0))
    );
    if let Some(weight) = style
        .get("font-weight")
        .filter(|weight| weight.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    {
        let _ = write!(rules, "font-weight:{weight};");
    }
    match style.get("fill").map_or(Paint::Other, paint) {
        Paint::Solid(colour) => {
            let _ = write!(rules, "color:{};", css(colour));
        }
        Paint::Current => rules.push_str("color:inherit;"),
        Paint::None | Paint::Other => {}
    }
    rules.push('}');
    // Fits "99+" into the space of a drawn digit.
    let _ = write!(
        rules,
        ":root[data-unseen=\"100\"] .badge{{font-size:{}px;letter-spacing:-.04em}}",
        round((font_size * 0.8).clamp(6.5, 16.0))
    );
    rules
}

struct CountText {
    center: Point,
    font_size: f64,
    style: Computed,
}

/// The centre of the drawn count, and its text style.
fn count_text(
    drawing: &Drawing,
    element: &Element,
    count: &Element,
    outer: Affine,
    style: &Computed,
) -> Option<CountText> {
    let style = style.child_style(element, drawing, Scheme::Light);
    if std::ptr::eq(element, count)
        || (element.name == "text" && element.part.as_deref() == Some("count"))
    {
        return text_style(drawing, element, outer, &style);
    }
    let current = outer * transform(element);
    children(element).find_map(|child| count_text(drawing, child, count, current, &style))
}

fn text_style(
    drawing: &Drawing,
    element: &Element,
    outer: Affine,
    style: &Computed,
) -> Option<CountText> {
    let size = (drawing.size.width, drawing.size.height);
    let Some(text) = first(element, &["text"]) else {
        // Without text, the number is centred in the box.
        let area: Rect = bounds(element, outer, size)?;
        return Some(CountText {
            center: area.center(),
            font_size: area.height() * 0.7,
            style: style.clone(),
        });
    };
    let style = if std::ptr::eq(text, element) {
        style.clone()
    } else {
        style.child_style(text, drawing, Scheme::Light)
    };
    let line = first(text, &["tspan"]);
    let style =
        line.map_or_else(|| style.clone(), |line| style.child_style(line, drawing, Scheme::Light));
    let current = outer
        * transform(element)
        * if std::ptr::eq(text, element) { Affine::IDENTITY } else { transform(text) };
    let at = |name| {
        line.and_then(|line| length(line, name, size.0))
            .or_else(|| length(text, name, size.0))
            .unwrap_or(0.0)
    };
    let font = style.get("font-size").and_then(|text| units(text, 16.0)).unwrap_or(16.0);
    let letters = f64::from(
        u32::try_from(super::geometry::text_content(text).trim().chars().count()).unwrap_or(1),
    );
    let half = letters * font * 0.28;
    let x = at("x")
        + match style.get("text-anchor") {
            Some("middle") => 0.0,
            Some("end") => -half,
            _ => half,
        };
    Some(CountText {
        center: current * Point::new(x, at("y") - font * MIDDLE_EM),
        font_size: font * mean_scale(current),
        style,
    })
}

/// Whether everything is painted with `currentColor`.
fn uses_only_current_color(drawing: &Drawing) -> bool {
    let has_paints = drawing
        .rules
        .iter()
        .flat_map(|rule| &rule.declarations)
        .any(|(property, value)| is_paint(property) && !is_plain_paint(value));
    let has_style = has_rules(&drawing.root) && drawing.rules.is_empty();
    !has_paints
        && !has_style
        && mixes_current_or_styled(drawing)
        && is_all_current_color(drawing, &drawing.root, &Computed::default())
}

fn is_paint(property: &str) -> bool {
    matches!(
        property,
        "fill" | "stroke" | "color" | "stop-color" | "flood-color" | "lighting-color"
    )
}

fn is_plain_paint(value: &str) -> bool {
    matches!(paint(value), Paint::None | Paint::Current)
}

fn has_rules(element: &Element) -> bool {
    element.children.iter().any(|node| match node {
        Node::Style(_) => true,
        Node::Element(child) => has_rules(child),
        Node::Text(_) => false,
    })
}

fn mixes_current_or_styled(drawing: &Drawing) -> bool {
    uses_current_color(&drawing.root)
        || drawing
            .rules
            .iter()
            .flat_map(|rule| &rule.declarations)
            .any(|(_, value)| value.eq_ignore_ascii_case("currentcolor"))
}

/// Whether `currentColor` occurs anywhere.
fn uses_current_color(element: &Element) -> bool {
    element.attributes.iter().any(|(_, value)| value.to_ascii_lowercase().contains("currentcolor"))
        || children(element).any(uses_current_color)
}

fn is_all_current_color(drawing: &Drawing, element: &Element, style: &Computed) -> bool {
    if element.part.as_deref() == Some("count") {
        return true;
    }
    // The content of a mask or clip path defines opacity, in colours of its own.
    if matches!(element.name, "mask" | "clipPath") {
        return true;
    }
    let style = style.child_style(element, drawing, Scheme::Light);
    let is_shape = matches!(
        element.name,
        "path"
            | "rect"
            | "circle"
            | "ellipse"
            | "line"
            | "polyline"
            | "polygon"
            | "text"
            | "tspan"
            | "textPath"
    );
    let own = match element.name {
        "image" | "stop" | "feFlood" | "feImage" | "feColorMatrix" => false,
        _ if is_shape => {
            style.get("fill").is_some_and(is_plain_paint)
                && style.get("stroke").is_none_or(is_plain_paint)
        }
        _ => true,
    };
    own && attribute(element, "style")
        .is_none_or(|style| !style.contains("url(") || !is_definition(element))
        && children(element).all(|child| is_all_current_color(drawing, child, &style))
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
