//! Where a card's picture may be cut and stretched: the widest band without an edge, a corner or a
//! curve.
//!
//! The picture is displayed as a nine-part border image. Its corners keep their size, and the band
//! between the two cuts of each direction is stretched, so the cuts must run through plain areas.
//! Must not depend on the meaning of parts.

use crate::{
    geometry::{
        attribute, bounds, children, first, is_definition, length, outline, text_content,
        transform, units,
    },
    svg::{Drawing, Element},
};
use kurbo::{Affine, PathSeg, Rect, Shape as _};
use std::collections::HashMap;

/// Minimum distance of a cut from an edge, in pixels.
const MIN_EDGE_DISTANCE_PX: f64 = 1.0;
/// Minimum width of a stretched band, in pixels.
const MIN_BAND_PX: f64 = 2.0;

/// A part of the picture that stretching would distort.
#[derive(Debug, Clone, Copy)]
struct Feature {
    area: Rect,
    /// Whether horizontal stretching would distort it.
    blocks_horizontal: bool,
    /// Whether vertical stretching would distort it.
    blocks_vertical: bool,
}

/// A band that may be stretched, from its first pixel to its last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    pub(super) from: f64,
    pub(super) to: f64,
    /// Whether nothing in it would be visibly distorted.
    pub(super) is_plain: bool,
}

impl Band {
    fn length(self) -> f64 {
        self.to - self.from
    }
}

/// All features of a picture.
pub(super) struct Features(Vec<Feature>);

impl Features {
    /// Collects the features of the elements that `keep` selects, in pixels.
    pub(super) fn of(drawing: &Drawing, scale: f64, keep: &dyn Fn(&Element) -> bool) -> Self {
        let mut ids = HashMap::new();
        index(&drawing.root, &mut ids);
        let origin =
            Affine::scale(scale) * Affine::translate((-drawing.size.min_x, -drawing.size.min_y));
        let mut collect = Collect {
            ids,
            size: (drawing.size.width, drawing.size.height),
            keep,
            features: Vec::new(),
        };
        collect.visit(&drawing.root, origin, 0.0);
        Self(collect.features)
    }

    /// Whether an area contains no feature.
    pub(super) fn is_clear(&self, area: Rect) -> bool {
        !self.0.iter().any(|feature| {
            feature.area.x0 < area.x1
                && feature.area.x1 > area.x0
                && feature.area.y0 < area.y1
                && feature.area.y1 > area.y0
        })
    }

    /// The left edge of the nearest feature to the right of an area.
    pub(super) fn right_of(&self, area: Rect) -> f64 {
        let beside =
            self.0.iter().filter(|feature| feature.area.y0 < area.y1 && feature.area.y1 > area.y0);
        beside
            .map(|feature| feature.area.x0)
            .filter(|x| *x >= area.x1)
            .fold(f64::INFINITY, f64::min)
    }

    /// The band for horizontal stretching, within these limits.
    pub(super) fn horizontal_band(&self, from: f64, to: f64) -> Band {
        let blocked = self
            .0
            .iter()
            .filter(|feature| feature.blocks_horizontal)
            .map(|feature| (feature.area.x0, feature.area.x1))
            .collect();
        widest_gap(blocked, from, to, Band::length)
    }

    /// The band for vertical stretching: it overlaps the given part and extends as far as there is
    /// no feature.
    pub(super) fn vertical_band(&self, height: f64, from: f64, to: f64) -> Band {
        let blocked = self
            .0
            .iter()
            .filter(|feature| feature.blocks_vertical)
            .map(|feature| (feature.area.y0, feature.area.y1))
            .collect();
        let within = |band: Band| band.to.min(to) - band.from.max(from);
        let band = widest_gap(blocked, 0.0, height, |band| {
            if within(band) < MIN_BAND_PX { 0.0 } else { band.length() }
        });
        if band.is_plain {
            band
        } else {
            Band { from, to: to.max(from + MIN_BAND_PX), is_plain: false }
        }
    }
}

fn index<'e>(element: &'e Element, ids: &mut HashMap<&'e str, &'e Element>) {
    if let Some(id) = attribute(element, "id") {
        ids.entry(id).or_insert(element);
    }
    children(element).for_each(|child| index(child, ids));
}

struct Collect<'e, 'k> {
    ids: HashMap<&'e str, &'e Element>,
    size: (f64, f64),
    keep: &'k dyn Fn(&Element) -> bool,
    features: Vec<Feature>,
}

impl<'e> Collect<'e, '_> {
    fn visit(&mut self, element: &'e Element, outer: Affine, blur: f64) {
        if is_definition(element) || !(self.keep)(element) {
            return;
        }
        let current = outer * transform(element);
        let blur = blur
            + self
                .referenced_element(element, "filter")
                .map_or(0.0, |filter| filter_reach(filter) * current.determinant().abs().sqrt());
        for cutter in ["clip-path", "mask"]
            .map(|name| self.referenced_element(element, name))
            .into_iter()
            .flatten()
        {
            children(cutter).for_each(|child| self.shape(child, current * transform(child), 0.0));
        }
        match element.name {
            "use" => {
                let target = attribute(element, "href")
                    .and_then(|href| self.ids.get(href.trim_start_matches('#')).copied());
                let moved = current
                    * Affine::translate((
                        length(element, "x", 0.0).unwrap_or(0.0),
                        length(element, "y", 0.0).unwrap_or(0.0),
                    ));
                // A symbol is not displayed by itself, but its content is displayed here.
                let area = target.and_then(|target| {
                    children(target)
                        .chain([target])
                        .filter_map(|part| bounds(part, moved, self.size))
                        .reduce(|one, other| one.union(other))
                });
                self.add_feature(area, blur);
            }
            "text" => self.text(element, current, blur),
            "image" => self.add_feature(bounds(element, outer, self.size), blur),
            _ => {
                self.shape(element, current, blur);
                children(element).for_each(|child| self.visit(child, current, blur));
            }
        }
    }

    /// The element referenced by an attribute or style.
    fn referenced_element(&self, element: &Element, name: &str) -> Option<&'e Element> {
        let style = attribute(element, "style").unwrap_or_default();
        let value = attribute(element, name)
            .or_else(|| style.split(';').find_map(|part| part.trim().strip_prefix(name)))?;
        let (_, rest) = value.split_once('#')?;
        self.ids.get(rest.split([')', '"', '\'']).next()?).copied()
    }

    fn add_feature(&mut self, area: Option<Rect>, blur: f64) {
        self.features.extend(area.map(|area| Feature {
            area: area.inflate(blur, blur),
            blocks_horizontal: true,
            blocks_vertical: true,
        }));
    }

    fn text(&mut self, text: &Element, current: Affine, blur: f64) {
        let line = first(text, &["tspan"]).unwrap_or(text);
        let at = |name| length(line, name, 0.0).or_else(|| length(text, name, 0.0)).unwrap_or(0.0);
        let size = attribute(text, "font-size").and_then(|text| units(text, 16.0)).unwrap_or(16.0);
        let width =
            f64::from(u32::try_from(text_content(text).trim().chars().count()).unwrap_or(u32::MAX))
                * size
                * 0.6;
        // Covers every `text-anchor`.
        let area =
            Rect::new(at("x") - width, at("y") - size, at("x") + width, at("y") + size / 3.0);
        self.add_feature(Some(current.transform_rect_bbox(area)), blur);
    }

    fn shape(&mut self, element: &Element, current: Affine, blur: f64) {
        let Some(outline) = outline(element, self.size) else { return };
        let drawn = attribute(element, "stroke").is_some_and(|stroke| stroke != "none")
            || attribute(element, "style").is_some_and(|style| style.contains("stroke"));
        let thickness = length(element, "stroke-width", self.size.0).unwrap_or(1.0);
        let recipients =
            blur + if drawn { thickness * current.determinant().abs().sqrt() / 2.0 } else { 0.0 };
        for segment in (current * outline).segments() {
            let area = segment.bounding_box();
            let straight = matches!(segment, PathSeg::Line(_));
            let (level, upright) =
                (straight && area.height() < 0.01, straight && area.width() < 0.01);
            let point = |x, y| Rect::new(x, y, x, y).inflate(recipients, recipients);
            // A horizontal line may be stretched horizontally except at its ends; a vertical line
            // likewise.
            self.features.push(Feature {
                area: area.inflate(recipients, recipients),
                blocks_horizontal: !level,
                blocks_vertical: !upright,
            });
            if level || upright {
                for (x, y) in [(area.x0, area.y0), (area.x1, area.y1)] {
                    self.features.push(Feature {
                        area: point(x, y),
                        blocks_horizontal: true,
                        blocks_vertical: true,
                    });
                }
            }
        }
    }
}

/// How far a filter extends beyond its element, in the drawing's units.
fn filter_reach(filter: &Element) -> f64 {
    let most = |element: &Element, name: &str| {
        attribute(element, name).map_or(0.0, |text| {
            text.split([' ', ','])
                .filter_map(|part| part.parse::<f64>().ok())
                .fold(0.0, |most: f64, part| most.max(part.abs()))
        })
    };
    children(filter)
        .map(|part| {
            (most(part, "stdDeviation") * 2.5).max(most(part, "radius"))
                + most(part, "dx").max(most(part, "dy"))
        })
        .sum()
}

/// The best gap between blocked intervals.
fn widest_gap(
    mut blocked: Vec<(f64, f64)>,
    from: f64,
    to: f64,
    worth: impl Fn(Band) -> f64,
) -> Band {
    blocked.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut gaps = Vec::new();
    let mut reached = from;
    for (start, end) in blocked.into_iter().chain([(to, to)]) {
        let gap = Band {
            from: (reached + MIN_EDGE_DISTANCE_PX).ceil(),
            to: (start.min(to) - MIN_EDGE_DISTANCE_PX).floor(),
            is_plain: true,
        };
        gaps.push(gap);
        reached = reached.max(end);
    }
    let best = gaps
        .into_iter()
        .filter(|gap| gap.length() >= MIN_BAND_PX)
        .max_by(|one, other| worth(*one).total_cmp(&worth(*other)));
    best.filter(|gap| worth(*gap) > 0.0).unwrap_or(Band {
        from: from.ceil(),
        to: to.floor().max(from.ceil() + MIN_BAND_PX),
        is_plain: false,
    })
}
