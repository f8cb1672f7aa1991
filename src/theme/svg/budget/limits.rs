//! Limits of single elements: filter steps, pattern tiles, dashes, text. Must not follow
//! references, except from a pattern to the one it inherits from.

use super::super::super::diagnostics::{Code, Report};
use super::super::{Drawing, Element, Node, Size, elements};
use super::sheets;
use belfry_locales::{LocalizedText, phrases::theme_drawings};
use std::collections::HashMap;
use svgtypes::{Length, LengthUnit, Transform};

/// Maximum steps of one filter.
const MAX_FILTER_PRIMITIVES: usize = 32;
/// Maximum stops of one gradient.
const MAX_GRADIENT_STOPS: usize = 256;
/// Maximum style sheets.
const MAX_STYLE_SHEETS: usize = 32;
/// Maximum animations.
const MAX_ANIMATIONS: usize = 64;
/// Maximum text, in bytes.
const MAX_TEXT_BYTES: usize = 16 * 1024;
/// Maximum tiles of a pattern in each direction.
const MAX_TILES_PER_AXIS: f64 = 200.0;
/// Maximum extent of a filter region, relative to the filtered element.
const MAX_FILTER_REGION: f64 = 10.0;
/// Maximum dashes across the drawing's size; and the dash length in units that is always allowed.
const MAX_DASHES: f64 = 1_000.0;
const MIN_DASH_UNITS: f64 = 0.1;
/// Maximum length of a chain of patterns that inherit from each other.
const MAX_PATTERN_CHAIN: usize = 32;

/// Rejects elements that exceed a limit by themselves.
pub(super) fn check(drawing: &Drawing, report: &mut Report) {
    let mut limits = ElementLimits {
        size: drawing.size,
        patterns: HashMap::new(),
        animations: 0,
        sheets: 0,
        text_words: 0,
        report,
    };
    limits.collect(&drawing.root);
    limits.check_element(&drawing.root);
}

struct ElementLimits<'a> {
    size: Size,
    patterns: HashMap<&'a str, &'a Element>,
    animations: usize,
    sheets: usize,
    text_words: usize,
    report: &'a mut Report,
}

impl<'a> ElementLimits<'a> {
    fn collect(&mut self, element: &'a Element) {
        if element.name == "pattern"
            && let Some(id) = element.attribute("id")
        {
            self.patterns.insert(id, element);
        }
        element.elements().for_each(|child| self.collect(child));
    }

    fn reject(&mut self, element: &Element, reason: LocalizedText) {
        self.report.reject(Code::TooComplex, element.place, &format!("<{}>", element.name), reason);
    }

    fn check_element(&mut self, element: &Element) {
        let count =
            |is: fn(&str) -> bool| element.elements().filter(|child| is(child.name)).count();
        match element.name {
            "filter" => {
                let steps = count(elements::is_primitive);
                if steps > MAX_FILTER_PRIMITIVES {
                    self.reject(element, theme_drawings::filter_primitives(MAX_FILTER_PRIMITIVES));
                }
                self.check_filter_region(element);
            }
            "linearGradient" | "radialGradient"
                if count(|name| name == "stop") > MAX_GRADIENT_STOPS =>
            {
                self.reject(element, theme_drawings::gradient_stops(MAX_GRADIENT_STOPS));
            }
            "pattern" => self.check_pattern_tile(element),
            "style" => {
                self.sheets += 1;
                if self.sheets == MAX_STYLE_SHEETS + 1 {
                    self.reject(element, theme_drawings::too_many_sheets(MAX_STYLE_SHEETS));
                }
            }
            name if elements::is_animation(name) => {
                self.animations += 1;
                if self.animations == MAX_ANIMATIONS + 1 {
                    self.reject(element, theme_drawings::too_many_animations(MAX_ANIMATIONS));
                }
                if element.attribute("attributeName") == Some("stroke-dasharray") {
                    let animated = element
                        .attributes
                        .iter()
                        .filter(|(name, _)| matches!(*name, "from" | "to" | "by" | "values"));
                    animated
                        .flat_map(|(_, value)| value.split(';'))
                        .for_each(|value| self.check_dashes(element, value));
                }
            }
            _ => {}
        }
        if let Some(value) = element.attribute("stroke-dasharray") {
            self.check_dashes(element, value);
        }
        if let Some(style) = element.attribute("style") {
            let declarations = style.split(';').filter_map(|one| one.split_once(':'));
            declarations
                .filter(|(name, _)| name.trim() == "stroke-dasharray")
                .for_each(|(_, value)| self.check_dashes(element, value));
        }
        for child in &element.children {
            match child {
                Node::Element(child) => self.check_element(child),
                Node::Text(words) => {
                    let before = self.text_words;
                    self.text_words += words.len();
                    if before <= MAX_TEXT_BYTES && self.text_words > MAX_TEXT_BYTES {
                        self.reject(element, theme_drawings::too_many_words(MAX_TEXT_BYTES / 1024));
                    }
                }
                Node::Style(text) => sheets::each_value(text, "stroke-dasharray", |value| {
                    self.check_dashes(element, value);
                }),
            }
        }
    }

    /// A large filter region renders a large empty picture.
    fn check_filter_region(&mut self, filter: &Element) {
        let in_units = filter.attribute("filterUnits") == Some("userSpaceOnUse");
        let largest = self.size.width.max(self.size.height).max(100.0);
        for (name, value) in &filter.attributes {
            if !matches!(*name, "x" | "y" | "width" | "height") {
                continue;
            }
            let Ok(length) = value.parse::<Length>() else { continue };
            let sizes = match length.unit {
                LengthUnit::Percent => length.number / 100.0,
                _ if in_units => length.number / largest,
                _ => length.number,
            };
            if sizes.abs() > MAX_FILTER_REGION {
                self.reject(filter, theme_drawings::filter_region(MAX_FILTER_REGION.to_string()));
                return;
            }
        }
    }

    /// Too small a tile is painted too often.
    fn check_pattern_tile(&mut self, pattern: &Element) {
        let inherited = |name: &str| {
            let mut current = Some(pattern);
            for _ in 0..MAX_PATTERN_CHAIN {
                let element = current?;
                if let Some(value) = element.attribute(name) {
                    return Some(value);
                }
                current = element
                    .attribute("href")
                    .and_then(|href| href.strip_prefix('#'))
                    .and_then(|id| self.patterns.get(id).copied());
            }
            None
        };
        let in_units = inherited("patternUnits") == Some("userSpaceOnUse");
        let transform: Transform =
            inherited("patternTransform").and_then(|value| value.parse().ok()).unwrap_or_default();
        let scales = [transform.a.hypot(transform.b), transform.c.hypot(transform.d)];
        let sides =
            [("width", self.size.width, scales[0]), ("height", self.size.height, scales[1])];
        let is_small = sides.into_iter().any(|(name, size, scale)| {
            let Some(length) = inherited(name).and_then(|value| value.parse::<Length>().ok())
            else {
                return false;
            };
            let share = match length.unit {
                LengthUnit::Percent => length.number / 100.0,
                _ if in_units => length.number / size,
                _ => length.number,
            };
            let tiles = share * if in_units { scale } else { scale.min(1.0) };
            length.number != 0.0 && (tiles.is_nan() || tiles < 1.0 / MAX_TILES_PER_AXIS)
        });
        if is_small {
            self.reject(pattern, theme_drawings::tile_size(MAX_TILES_PER_AXIS.to_string()));
        }
    }

    fn check_dashes(&mut self, element: &Element, value: &str) {
        let mut sum = 0.0;
        for dash in value.split([' ', ',']).filter(|dash| !dash.is_empty()) {
            let digits = dash.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
            let Ok(number) = digits.parse::<f64>() else { return };
            sum += if dash.ends_with('%') {
                number / 100.0 * self.size.width.min(self.size.height)
            } else {
                number
            };
        }
        let largest = self.size.width.max(self.size.height);
        if sum > 0.0 && sum < MIN_DASH_UNITS.min(largest / MAX_DASHES) {
            let what = format!("stroke-dasharray=\"{value}\"");
            self.report.reject(Code::TooComplex, element.place, &what, theme_drawings::DASH_LENGTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::diagnostics::File;
    use super::*;

    fn reason(inner: &str) -> String {
        let source = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">{inner}</svg>"
        );
        let mut report = Report::default();
        let _ = super::super::super::read(File::Bell, source.as_bytes(), &[], &mut report);
        report.into_parts().0.first().map(|problem| problem.reason.to_string()).unwrap_or_default()
    }

    #[test]
    fn each_limit_rejects_only_values_above_it() {
        let filter =
            |count: usize| format!("<filter id=\"f\">{}</filter>", "<feOffset/>".repeat(count));
        let stops =
            |count: usize| format!("<linearGradient>{}</linearGradient>", "<stop/>".repeat(count));
        let moves = |count: usize| {
            format!("<g>{}</g>", "<animate attributeName=\"x\" to=\"1\" dur=\"1s\"/>".repeat(count))
        };
        let sheets = |count: usize| "<style>g{fill:red}</style>".repeat(count);
        let words = |count: usize| format!("<text>{}</text>", "w".repeat(count));
        let tile = |units: &str, side: f64, more: &str| {
            format!("<pattern patternUnits=\"{units}\" width=\"{side}\" height=\"{side}\" {more}/>")
        };
        let recipients = |units: &str, width: &str| {
            format!("<filter filterUnits=\"{units}\" width=\"{width}\"/>")
        };
        let table = [
            (filter(32), filter(33), "steps"),
            (stops(256), stops(257), "colours"),
            (moves(64), moves(65), "animations"),
            (sheets(32), sheets(33), "style sheets"),
            (words(16_384), words(16_385), "words"),
            (tile("objectBoundingBox", 0.005, ""), tile("objectBoundingBox", 0.004, ""), "tiles"),
            (tile("userSpaceOnUse", 0.12, ""), tile("userSpaceOnUse", 0.1, ""), "tiles"),
            (
                tile("userSpaceOnUse", 100.0, "patternTransform=\"scale(.01)\""),
                tile("userSpaceOnUse", 1.0, "patternTransform=\"scale(.01)\""),
                "tiles",
            ),
            (
                recipients("objectBoundingBox", "300%"),
                recipients("objectBoundingBox", "2000%"),
                "region",
            ),
            (recipients("userSpaceOnUse", "900"), recipients("userSpaceOnUse", "2000"), "region"),
            (
                "<path d=\"M0 0h9\" stroke-dasharray=\"0.02 0.02\"/>".to_owned(),
                "<path d=\"M0 0h9\" stroke-dasharray=\"0.01 0.01\"/>".to_owned(),
                "dashes",
            ),
            (
                "<path d=\"M0 0h9\" style=\"stroke-dasharray:0\"/>".to_owned(),
                "<path d=\"M0 0h9\" style=\"fill:red;stroke-dasharray:1e-9\"/>".to_owned(),
                "dashes",
            ),
        ];
        for (under, over, word) in table {
            assert_eq!(reason(&under), "", "{}", under.chars().take(80).collect::<String>());
            assert!(
                reason(&over).contains(word),
                "{} {}",
                reason(&over),
                over.chars().take(80).collect::<String>()
            );
        }
    }

    #[test]
    fn pattern_is_measured_with_inherited_attributes() {
        let inner = "<pattern id=\"a\" width=\"0.01\" height=\"0.01\"/><pattern href=\"#a\" patternUnits=\"userSpaceOnUse\"/>";
        assert!(reason(inner).contains("tiles"));
    }
}
