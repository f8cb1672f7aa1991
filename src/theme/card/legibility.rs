//! Contrast warnings for the text of a card (WCAG 2.2, level AA).
//!
//! Checked only where the result is certain: one text colour over the topmost shape, if that has
//! one opaque colour. Text over pictures and gradients is not checked.

use super::slot::Slot;
use crate::{
    colour::{self, MIN_CONTRAST, MIN_CONTRAST_LARGE_TEXT, Paint},
    computed_style::Computed,
    css::Scheme,
    diagnostics::{Code, Report},
    geometry::{bounds, children, is_definition, outline, transform},
    svg::{Drawing, Element},
};
use belfry_locales::phrases::theme_drawings;
use kurbo::{Affine, Point, Shape as _};
use svgtypes::Color;

/// The widget's background behind a card without a surface of its own.
fn panel_color(scheme: Scheme) -> Color {
    match scheme {
        Scheme::Light => Color::new_rgb(255, 255, 255),
        Scheme::Dark => Color::new_rgb(0x1a, 0x1c, 0x20),
    }
}

/// The widget's text colour, for `currentColor` in a drawing.
fn text_color(scheme: Scheme) -> Color {
    match scheme {
        Scheme::Light => Color::new_rgb(0x15, 0x18, 0x1e),
        Scheme::Dark => Color::new_rgb(0xec, 0xee, 0xf2),
    }
}

/// Warns about text with too little contrast. If the theme contains a style sheet, that may set the
/// background of cards, so text directly on it is not checked.
pub(super) fn warn_low_contrast(
    drawing: &Drawing,
    scale: f64,
    slots: &[Slot],
    keep: &dyn Fn(&Element) -> bool,
    has_sheet: bool,
    report: &mut Report,
) {
    for scheme in [Scheme::Light, Scheme::Dark] {
        for slot in slots {
            let Some(text) = &slot.text else { continue };
            let behind = match slot.surface.as_ref().map(|surface| {
                if scheme == Scheme::Light { surface.fill.0 } else { surface.fill.1 }
            }) {
                Some(Paint::Solid(colour))
                    if colour.alpha == u8::MAX && slot.name.starts_with("action") =>
                {
                    Some(colour)
                }
                _ => background_at(drawing, scale, slot.area.center(), scheme, keep, has_sheet),
            };
            let front = match if scheme == Scheme::Light { text.light } else { text.dark } {
                Paint::Solid(colour) => colour,
                Paint::Current => text_color(scheme),
                Paint::None | Paint::Other => continue,
            };
            let is_bold = text.weight.as_deref().is_some_and(|weight| {
                weight == "bold" || weight.parse::<u32>().is_ok_and(|weight| weight >= 700)
            });
            let min = if text.size >= 24.0 || (is_bold && text.size >= 18.66) {
                MIN_CONTRAST_LARGE_TEXT
            } else {
                MIN_CONTRAST
            };
            let Some(found) = behind.map(|behind| colour::contrast(front, behind)) else {
                continue;
            };
            if found < min {
                let (found, min) = (format!("{found:.1}"), min.to_string());
                let reason = match scheme {
                    Scheme::Light => theme_drawings::contrast_light(found, min),
                    Scheme::Dark => theme_drawings::contrast_dark(found, min),
                };
                report.warn(Code::Contrast, text.place, &slot.name, reason);
            }
        }
    }
}

/// The colour at a point; `None` if it is not a single colour.
fn background_at(
    drawing: &Drawing,
    scale: f64,
    at: Point,
    scheme: Scheme,
    keep: &dyn Fn(&Element) -> bool,
    has_sheet: bool,
) -> Option<Color> {
    let origin =
        Affine::scale(scale) * Affine::translate((-drawing.size.min_x, -drawing.size.min_y));
    let mut color = (!has_sheet).then(|| panel_color(scheme));
    topmost_color(
        drawing,
        &drawing.root,
        origin,
        &Computed::default(),
        at,
        scheme,
        keep,
        &mut color,
    );
    color
}

#[expect(clippy::too_many_arguments, reason = "one walk through a tree, and what it carries")]
fn topmost_color(
    drawing: &Drawing,
    element: &Element,
    outer: Affine,
    style: &Computed,
    at: Point,
    scheme: Scheme,
    keep: &dyn Fn(&Element) -> bool,
    found: &mut Option<Color>,
) {
    if is_definition(element) || !keep(element) {
        return;
    }
    let style = style.child_style(element, drawing, scheme);
    let size = (drawing.size.width, drawing.size.height);
    // An outline around the text is not behind it.
    let covers = match outline(element, size) {
        Some(outline) => (outer * transform(element) * outline).contains(at),
        None => {
            element.name == "use"
                && bounds(element, outer, size).is_some_and(|area| area.contains(at))
        }
    };
    if covers {
        match colour::fill(&style) {
            Paint::Solid(colour) if colour.alpha == u8::MAX && element.name != "image" => {
                *found = Some(colour);
            }
            Paint::None => {}
            Paint::Solid(colour) if colour.alpha == 0 => {}
            _ => *found = None,
        }
    }
    let current = outer * transform(element);
    children(element)
        .for_each(|child| topmost_color(drawing, child, current, &style, at, scheme, keep, found));
}
