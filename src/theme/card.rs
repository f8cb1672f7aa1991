//! Compiles `card.svg`: how every message looks, which is a picture behind real text in the drawn
//! layout.
//!
//! The result is rules for the widget's markup. A card is as wide as the panel and as high as its
//! text: the picture is cut and stretched where it is plain, parts drawn at the end side stay
//! there, and parts drawn below the body move down with it.

mod layout;
mod legibility;
mod rules;
mod slot;
mod stretch;

use super::{
    diagnostics::{Code, Place, Report},
    geometry::text_content,
    picture::Pictures,
    svg::{Drawing, Element, View, print_picture},
};
use belfry_locales::phrases::{theme_drawings, themes};
use rules::CardRules;
use stretch::Features;

/// The meaningful part names of a card.
pub(super) const PART_NAMES: [&str; 10] = [
    "title", "body", "time", "image", "category", "unread", "action-1", "action-2", "action-3",
    "archive",
];
/// Drawings of this width, in units, are used as they are; others are scaled to [`PANEL_WIDTH_PX`].
const NATIVE_WIDTH_UNITS: std::ops::RangeInclusive<f64> = 260.0..=520.0;
/// Width of the panel on a desktop, in pixels.
const PANEL_WIDTH_PX: f64 = 400.0;
/// Maximum height of a drawn card, in pixels, so that several fit into the panel.
const MAX_HEIGHT_PX: f64 = 480.0;

/// The card's rules. Larger pictures are added to `pictures`.
pub(super) fn compile(
    drawing: &Drawing,
    has_sheet: bool,
    pictures: &mut Pictures,
    report: &mut Report,
) -> String {
    let scale = if NATIVE_WIDTH_UNITS.contains(&drawing.size.width) {
        1.0
    } else {
        PANEL_WIDTH_PX / drawing.size.width
    };
    let (width, height) =
        ((drawing.size.width * scale).round(), (drawing.size.height * scale).round());
    let slots = slot::slots(drawing, scale);
    let whole = drawing.root.place;
    if height > MAX_HEIGHT_PX {
        report.reject(
            Code::Size,
            whole,
            "<svg>",
            theme_drawings::card_height(height.to_string(), MAX_HEIGHT_PX.to_string()),
        );
    }
    if !slots.iter().any(|slot| slot.name == "title") {
        report.reject(Code::MissingPart, whole, "title", theme_drawings::NO_TITLE);
    }
    if report.is_rejected() {
        return String::new();
    }
    warn_of_absent(&slots, whole, report);

    // Parts that are text or buttons are not part of the picture.
    let shown = |element: &Element, unread: bool| match element.part.as_deref() {
        None => true,
        Some("unread") => unread,
        Some(_) => false,
    };
    let features = Features::of(drawing, scale, &|element| shown(element, true));
    legibility::warn_low_contrast(
        drawing,
        scale,
        &slots,
        &|element| shown(element, false),
        has_sheet,
        report,
    );
    let plain: Vec<_> = slots.iter().filter(|slot| slot.name != "unread").cloned().collect();
    let arrangement = layout::layout(plain, &features, width, height);
    for (band, reason) in [
        (arrangement.horizontal_band, theme_drawings::STRETCHED_SIDEWAYS),
        (arrangement.vertical_band, theme_drawings::STRETCHED_DOWNWARD),
    ] {
        if !band.is_plain {
            report.warn(Code::Stretch, whole, "<svg>", reason);
        }
    }
    let view = View {
        width,
        height,
        visible: [drawing.size.min_x, drawing.size.min_y, drawing.size.width, drawing.size.height],
    };
    let read =
        pictures.url(print_picture(&drawing.root, &view, &|element| shown(element, false))).0;
    let unread =
        pictures.url(print_picture(&drawing.root, &view, &|element| shown(element, true))).0;
    let has_words = has_words(&drawing.root, &|element| shown(element, true));
    rules::write(&CardRules {
        layout: &arrangement,
        slots: &slots,
        read_css: &read,
        unread_css: &unread,
        mirrors_picture: !has_words,
    })
}

fn warn_of_absent(slots: &[slot::Slot], whole: Place, report: &mut Report) {
    for (part, reason) in [
        ("body", themes::NO_BODY),
        ("time", themes::NO_TIME),
        ("image", themes::NO_IMAGE),
        ("category", themes::NO_CATEGORY),
        ("unread", themes::NO_UNREAD),
        ("action-1", themes::NO_ACTION),
        ("archive", themes::NO_ARCHIVE),
    ] {
        if !slots.iter().any(|slot| slot.name == part) {
            report.warn(Code::MissingPart, whole, part, reason);
        }
    }
}

/// Whether a picture contains text, which must not be mirrored.
fn has_words(element: &Element, keep: &dyn Fn(&Element) -> bool) -> bool {
    keep(element)
        && (element.name == "text" && !text_content(element).trim().is_empty()
            || super::geometry::children(element).any(|child| has_words(child, keep)))
}
