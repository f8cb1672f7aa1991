//! Layout of a card: from the boxes of the drawn parts to rows that grow with their text, and
//! distances to the sides that stay constant while the card is stretched.
//!
//! Numbers only. Must not depend on CSS or on how anything looks.

use super::{
    slot::{Anchor, Slot},
    stretch::{Band, Features},
};
use kurbo::Rect;

/// Minimum distance between two texts side by side, in pixels.
const MIN_TEXT_GAP_PX: f64 = 8.0;
/// Width reserved for a relative time, in em, and for the pin before it, in pixels.
const TIME_WIDTH_EM: f64 = 6.5;
const PIN_WIDTH_PX: f64 = 20.0;

/// The sides to which a part keeps its distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchoring {
    /// Both: the part is stretched with the card.
    Both,
    /// The inline start.
    Start,
    /// The inline end.
    End,
}

/// The position of one part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PartLayout {
    pub(super) name: String,
    pub(super) row: usize,
    /// The distance to the row's upper edge, including the gap to the previous row.
    pub(super) top: f64,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) anchoring: Anchoring,
    pub(super) area: Rect,
    /// Whether it takes the space of an absent picture.
    pub(super) follows_picture: bool,
    /// Whether it affects the height of its row.
    pub(super) affects_row_height: bool,
}

/// The layout of the whole card.
#[derive(Debug)]
pub(super) struct CardLayout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) horizontal_band: Band,
    pub(super) vertical_band: Band,
    pub(super) parts: Vec<PartLayout>,
    pub(super) top_space: f64,
    pub(super) bottom_space: f64,
    /// By how much the parts next to an absent picture grow, and at which side.
    pub(super) picture_space: Option<(Anchoring, f64)>,
    /// Minimum height of a card with a picture.
    pub(super) min_height_with_picture: f64,
}

/// Parts that form the rows; the others are placed in them.
const ROWS: [&str; 4] = ["title", "body", "actions", "category"];

/// Computes the layout.
pub(super) fn layout(
    mut slots: Vec<Slot>,
    features: &Features,
    width: f64,
    height: f64,
) -> CardLayout {
    join_actions(&mut slots);
    let areas: Vec<Rect> =
        slots.iter().map(|slot| widened_area(slot, &slots, features, width)).collect();
    let area_of = |name: &str| {
        slots.iter().zip(&areas).find(|(slot, _)| slot.name == name).map(|(_, area)| *area)
    };
    let title = area_of("title").unwrap_or(Rect::new(16.0, 16.0, width - 16.0, 36.0));
    let body = area_of("body").unwrap_or(title);
    let shared = (title.x0.max(body.x0), title.x1.min(body.x1));
    let (from, to) = if shared.1 - shared.0 > 16.0 { shared } else { (title.x0, title.x1) };
    let horizontal_band = features.horizontal_band(from, to);
    let vertical_band = features.vertical_band(height, body.y0, body.y1);

    let picture = area_of("image");
    let is_banner = picture.is_some_and(|picture| {
        picture.width() > width * 0.5
            && !slots
                .iter()
                .zip(&areas)
                .any(|(slot, area)| slot.name != "image" && overlap(*area, picture) > 0.0)
    });
    let rows = rows(&slots, &areas, is_banner);
    let top_space = areas.iter().map(|area| area.y0).fold(height, f64::min).max(0.0);
    let last = rows.last().map_or(height, |row| row.1);
    let picture_space = picture
        .filter(|_| !is_banner)
        .and_then(|picture| gain(picture, &slots, &areas, features, width));
    let parts = slots
        .iter()
        .zip(&areas)
        .map(|(slot, area)| {
            let own = rows.iter().position(|row| area.y0 < row.1 - 0.5 && area.y1 > row.0 + 0.5);
            let affects_row_height = own
                .is_some_and(|own| rows.get(own).is_some_and(|row| area.y1 <= row.1 + 0.5))
                && (slot.name != "image" || is_banner)
                && slot.name != "archive";
            let row = if affects_row_height { own.unwrap_or(0) } else { 0 };
            let before = row
                .checked_sub(1)
                .and_then(|before| rows.get(before))
                .map_or(top_space, |row| row.1);
            let anchoring = anchoring(slot, *area, horizontal_band);
            let others = || {
                slots
                    .iter()
                    .zip(&areas)
                    .filter(|(other, _)| other.name != slot.name && other.name != "image")
                    .map(|(_, area)| *area)
            };
            let follows_picture = picture_space.is_some_and(|(side, _)| {
                picture.is_some_and(|picture| follows(*area, picture, side))
                    && is_free(*area, side, others())
            });
            PartLayout {
                name: slot.name.clone(),
                row: row + 1,
                top: area.y0 - before,
                start: area.x0,
                end: width - area.x1,
                anchoring,
                area: *area,
                follows_picture,
                affects_row_height,
            }
        })
        .collect();
    let min_height_with_picture =
        picture.map_or(0.0, |picture| picture.y1 + (height - last).clamp(0.0, 16.0));
    CardLayout {
        width,
        height,
        horizontal_band,
        vertical_band,
        parts,
        top_space,
        bottom_space: (height - last).max(0.0),
        picture_space,
        min_height_with_picture,
    }
}

/// The buttons are one part, because their number and text lengths depend on the message.
fn join_actions(slots: &mut Vec<Slot>) {
    let is_action = |slot: &Slot| slot.name.starts_with("action-");
    let area = slots
        .iter()
        .filter(|slot| is_action(slot))
        .map(|slot| slot.area)
        .reduce(|one, other| one.union(other));
    if let (Some(area), Some(first)) = (area, slots.iter().find(|slot| is_action(slot)).cloned()) {
        slots.retain(|slot| !is_action(slot));
        slots.push(Slot { name: "actions".to_owned(), area, has_box: true, ..first });
    }
}

/// A text's area extended to the next part or drawn feature, or to the card's margin.
fn widened_area(slot: &Slot, slots: &[Slot], features: &Features, width: f64) -> Rect {
    let mut area = slot.area;
    let beside = |other: &&Slot| other.name != slot.name && overlap(other.area, slot.area) > 1.0;
    let left = slots.iter().map(|slot| slot.area.x0).fold(width, f64::min).clamp(4.0, 32.0);
    let next = |edge: f64| {
        slots
            .iter()
            .filter(beside)
            .map(|other| reserved_area(other).x0)
            .filter(|x| *x > edge)
            .fold(width - left + MIN_TEXT_GAP_PX, f64::min)
            - MIN_TEXT_GAP_PX
    };
    if slot.name == "actions" {
        // Labels are longer in some languages, so they get all the space at their side.
        let (before, after) = (area.x0, width - area.x1);
        if before <= after {
            area.x1 = next(area.x0).max(area.x1);
        } else {
            area.x0 = left;
        }
        return area;
    }
    match slot.text.as_ref().map(|text| text.anchor) {
        Some(Anchor::Start) if !slot.has_box => {
            area.x1 = next(area.x0)
                .min(features.right_of(area) - MIN_TEXT_GAP_PX / 2.0)
                .max(area.x0 + 24.0)
                .min(width);
        }
        Some(Anchor::End) if !slot.has_box => area = reserved_area(slot),
        _ => {}
    }
    area
}

/// The area of an end-aligned text, with space for longer words than the drawn ones.
fn reserved_area(slot: &Slot) -> Rect {
    match &slot.text {
        Some(text) if text.anchor == Anchor::End && !slot.has_box => {
            let min =
                if slot.name == "time" { text.size * TIME_WIDTH_EM + PIN_WIDTH_PX } else { 0.0 };
            Rect { x0: slot.area.x0.min(slot.area.x1 - min).max(0.0), ..slot.area }
        }
        _ => slot.area,
    }
}

/// The vertical overlap of two areas.
fn overlap(one: Rect, other: Rect) -> f64 {
    one.y1.min(other.y1) - one.y0.max(other.y0)
}

/// The rows from top to bottom. Parts side by side share one row.
fn rows(slots: &[Slot], areas: &[Rect], is_banner: bool) -> Vec<(f64, f64)> {
    let mut rows: Vec<(f64, f64)> = Vec::new();
    let main =
        |slot: &Slot| ROWS.contains(&slot.name.as_str()) || (slot.name == "image" && is_banner);
    let lesser = |slot: &Slot| slot.name == "time";
    for chosen in [&main as &dyn Fn(&Slot) -> bool, &lesser] {
        for (_, area) in slots.iter().zip(areas).filter(|(slot, _)| chosen(slot)) {
            let near = rows.iter_mut().find(|row| {
                area.y1.min(row.1) - area.y0.max(row.0) > 0.5 * area.height().min(row.1 - row.0)
            });
            match near {
                Some(row) => *row = (row.0.min(area.y0), row.1.max(area.y1)),
                None => rows.push((area.y0, area.y1)),
            }
        }
    }
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    // Rows that overlap only by their line spacing are still separate.
    for index in 1..rows.len() {
        let end = rows.get(index - 1).map_or(0.0, |row| row.1);
        if let Some(row) = rows.get_mut(index) {
            row.0 = row.0.max(end.min(row.1 - 1.0));
        }
    }
    rows
}

fn anchoring(slot: &Slot, area: Rect, across: Band) -> Anchoring {
    let middle = f64::midpoint(across.from, across.to);
    // An end-aligned text has space for longer words before it, even beyond the middle.
    let ends = slot.text.as_ref().is_some_and(|text| text.anchor == Anchor::End)
        && slot.name != "actions"
        && area.x1 > middle;
    if ends || area.x0 >= middle {
        Anchoring::End
    } else if area.x1 <= middle {
        Anchoring::Start
    } else {
        Anchoring::Both
    }
}

/// The space gained without a picture, if nothing is drawn at its place.
fn gain(
    picture: Rect,
    slots: &[Slot],
    areas: &[Rect],
    features: &Features,
    width: f64,
) -> Option<(Anchoring, f64)> {
    let beside: Vec<Rect> = slots
        .iter()
        .zip(areas)
        .filter(|(slot, area)| {
            matches!(slot.name.as_str(), "title" | "body") && overlap(**area, picture) > 0.0
        })
        .map(|(_, area)| *area)
        .collect();
    let (side, gain, room) = if picture.x1 < width / 2.0 {
        let next = beside
            .iter()
            .map(|area| area.x0)
            .filter(|x| *x >= picture.x1 - 0.5)
            .fold(f64::INFINITY, f64::min);
        (Anchoring::Start, next - picture.x0, Rect { x1: next, ..picture })
    } else {
        let next = beside
            .iter()
            .map(|area| area.x1)
            .filter(|x| *x <= picture.x0 + 0.5)
            .fold(f64::NEG_INFINITY, f64::max);
        (Anchoring::End, picture.x1 - next, Rect { x0: next, ..picture })
    };
    (gain.is_finite() && features.is_clear(room.inset(-1.0))).then_some((side, gain))
}

/// Whether nothing else is at that side of an area, so that it may extend to the place of a
/// picture.
fn is_free(area: Rect, side: Anchoring, mut others: impl Iterator<Item = Rect>) -> bool {
    !others.any(|other| {
        let beyond = if side == Anchoring::End {
            other.x0 >= area.x1 - 0.5
        } else {
            other.x1 <= area.x0 + 0.5
        };
        beyond && overlap(area, other) > 1.0
    })
}

fn follows(area: Rect, picture: Rect, side: Anchoring) -> bool {
    match side {
        Anchoring::End => area.x1 <= picture.x0 + 0.5,
        _ => area.x0 >= picture.x1 - 0.5,
    }
}
