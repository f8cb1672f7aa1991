//! Numeric limits of properties: larger values would move, hide or flood something, or drain the
//! reader's battery.
//!
//! Lengths are compared as estimated pixels, which is accurate enough for limits. Must not depend
//! on rules or selectors.

use super::token::{Token, TokenKind};
use belfry_locales::{LocalizedText, phrases::theme_numbers};

/// An allowed range, and its wording in a problem.
pub(super) struct Limit {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) description: LocalizedText,
}

#[expect(clippy::unnecessary_wraps, reason = "every arm of the tables below returns an option")]
fn limit(min: f64, max: f64, description: LocalizedText) -> Option<Limit> {
    Some(Limit { min, max, description })
}

/// Math functions: their arguments are subject to the limits of the enclosing value.
pub(super) fn is_math(name: &str) -> bool {
    matches!(
        name,
        "calc"
            | "min"
            | "max"
            | "clamp"
            | "round"
            | "abs"
            | "sign"
            | "rem"
            | "mod"
            | "hypot"
            | "pow"
            | "sqrt"
            | "log"
            | "exp"
    ) || matches!(name, "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "atan2" | "calc-size")
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantity {
    Pixels(f64),
    Percent(f64),
    Milliseconds(f64),
    Unitless(f64),
    /// Angles, resolutions, fractions of a grid and other numbers without a size.
    Other(f64),
}

impl Quantity {
    pub(super) fn of(token: &Token) -> Self {
        let number = token.number;
        let pixels = |factor: f64| Self::Pixels(number * factor);
        match (token.kind, token.lower().as_str()) {
            (TokenKind::Percentage, _) => Self::Percent(number),
            (TokenKind::Number, _) => Self::Unitless(number),
            (_, "ms") => Self::Milliseconds(number),
            (_, "s") => Self::Milliseconds(number * 1000.0),
            (_, "px") => pixels(1.0),
            (_, "ex" | "ch" | "rex" | "rch" | "cap" | "rcap") => pixels(8.0),
            (_, "lh" | "rlh") => pixels(20.0),
            (_, "pt") => pixels(4.0 / 3.0),
            (_, "em" | "rem" | "ic" | "ric" | "pc") => pixels(16.0),
            (_, "in") => pixels(96.0),
            (_, "cm") => pixels(37.8),
            (_, "mm") => pixels(3.78),
            (_, "q") => pixels(0.945),
            (_, unit) if is_viewport_unit(unit) => pixels(4.0),
            _ => Self::Other(number),
        }
    }

    fn number(self) -> f64 {
        match self {
            Self::Pixels(number)
            | Self::Percent(number)
            | Self::Milliseconds(number)
            | Self::Unitless(number)
            | Self::Other(number) => number,
        }
    }
}

fn is_viewport_unit(unit: &str) -> bool {
    let end =
        ["vw", "vh", "vi", "vb", "vmin", "vmax"].iter().find_map(|end| unit.strip_suffix(end));
    matches!(end, Some("" | "s" | "l" | "d"))
        || matches!(unit, "cqw" | "cqh" | "cqi" | "cqb" | "cqmin" | "cqmax")
}

/// All allowed units.
pub(super) fn is_unit(unit: &str) -> bool {
    is_viewport_unit(unit)
        || matches!(
            unit,
            "px" | "em"
                | "rem"
                | "ic"
                | "ric"
                | "ex"
                | "ch"
                | "rex"
                | "rch"
                | "cap"
                | "rcap"
                | "lh"
                | "rlh"
                | "pt"
                | "pc"
                | "in"
        )
        || matches!(
            unit,
            "cm" | "mm"
                | "q"
                | "s"
                | "ms"
                | "deg"
                | "rad"
                | "grad"
                | "turn"
                | "fr"
                | "x"
                | "dpi"
                | "dpcm"
                | "dppx"
                | "n"
        )
}

/// The context of a number.
#[derive(Clone, Copy)]
pub(super) struct NumberContext<'a> {
    pub(super) is_theme: bool,
    pub(super) property: &'a str,
    /// The innermost enclosing function that is not a math function.
    pub(super) function: Option<&'a str>,
    /// Whether it is an operand of a calculation, where it may be smaller than the result.
    pub(super) is_operand: bool,
    /// Whether a time is a delay, which is the second time of its animation.
    pub(super) is_delay: bool,
}

/// Why a number exceeds its limit, if it does.
pub(super) fn excess(token: &Token, place: NumberContext<'_>) -> Option<LocalizedText> {
    let quantity = Quantity::of(token);
    if !quantity.number().is_finite() {
        return Some(theme_numbers::NOT_FINITE);
    }
    if token.kind == TokenKind::Dimension
        && is_viewport_unit(&token.lower())
        && token.number.abs() > 100.0
    {
        return Some(theme_numbers::BEYOND_VIEW);
    }
    let own_limit =
        if place.is_theme { theme_limit(quantity, place) } else { drawing_limit(quantity, place) };
    let Limit { min, max, description } = own_limit.or_else(|| general(quantity))?;
    let least = if place.is_operand { -max.max(-min) } else { min };
    (quantity.number() < least || quantity.number() > max).then_some(description)
}

fn general(quantity: Quantity) -> Option<Limit> {
    match quantity {
        Quantity::Pixels(_) => limit(-10_000.0, 10_000.0, theme_numbers::LONG_LENGTH),
        Quantity::Percent(_) => limit(-1_000.0, 1_000.0, theme_numbers::LARGE_PERCENTAGE),
        Quantity::Milliseconds(_) => limit(-60_000.0, 60_000.0, theme_numbers::LONG_TIME),
        Quantity::Unitless(_) | Quantity::Other(_) => limit(-1e6, 1e6, theme_numbers::LARGE_NUMBER),
    }
}

fn duration(quantity: Quantity, place: NumberContext<'_>) -> Option<Limit> {
    let Quantity::Milliseconds(time) = quantity else { return None };
    if place.is_delay || place.property.ends_with("-delay") || time == 0.0 {
        return general(quantity);
    }
    limit(100.0, 60_000.0, theme_numbers::FLICKER)
}

fn drawing_limit(quantity: Quantity, place: NumberContext<'_>) -> Option<Limit> {
    match (place.property, place.function, quantity) {
        ("filter", Some("blur" | "drop-shadow"), Quantity::Pixels(_) | Quantity::Unitless(_)) => {
            limit(-100.0, 100.0, theme_numbers::BLUR_100)
        }
        (property, _, _) if property.starts_with("animation") => duration(quantity, place),
        (_, _, Quantity::Pixels(_) | Quantity::Unitless(_) | Quantity::Percent(_)) => {
            limit(-1e6, 1e6, theme_numbers::LARGE_NUMBER)
        }
        _ => None,
    }
}

/// Maximum operators in a value, so that many small lengths do not add up to a large one.
pub(super) fn operators(property: &str) -> usize {
    match group(property) {
        "inset" | "margin" | "box-shadow" | "font-size" | "font" | "text-indent" | "outline" => 2,
        _ => 12,
    }
}

/// Groups of properties with equal limits.
fn group(property: &str) -> &str {
    match property {
        "top" | "right" | "bottom" | "left" => "inset",
        "outline-width" | "outline-offset" => "outline",
        "text-shadow" => "box-shadow",
        "backdrop-filter" | "-webkit-backdrop-filter" => "filter",
        "row-gap" | "column-gap" => "gap",
        "width" | "height" | "inline-size" | "block-size" | "max-width" | "max-height"
        | "max-inline-size" | "max-block-size" | "flex" | "flex-basis" => "size",
        "min-width" | "min-height" | "min-inline-size" | "min-block-size" => "least-size",
        _ if property.starts_with("inset-") => "inset",
        _ if property.starts_with("margin") => "margin",
        _ if property.starts_with("padding") => "padding",
        _ if property.starts_with("animation") || property.starts_with("transition") => "time",
        _ if property.ends_with("-radius") => "radius",
        _ if property.starts_with("border-image") => property,
        _ if property.starts_with("border") || property.starts_with("column-rule") => "border",
        _ => property,
    }
}

#[expect(
    clippy::match_same_arms,
    reason = "a table in the order of the properties, which is clearer than grouping by limits"
)]
fn theme_limit(quantity: Quantity, place: NumberContext<'_>) -> Option<Limit> {
    use Quantity::{Milliseconds, Percent, Pixels, Unitless};
    match (group(place.property), place.function, quantity) {
        ("inset", _, Pixels(_) | Percent(_)) => limit(-100.0, 100.0, theme_numbers::MOVED_100),
        ("margin", _, Pixels(_) | Percent(_)) => limit(-48.0, 100.0, theme_numbers::MARGIN),
        ("padding", _, Pixels(_)) => limit(0.0, 200.0, theme_numbers::SPACE_200),
        ("gap", _, Pixels(_)) => limit(0.0, 100.0, theme_numbers::SPACE_100),
        ("padding" | "gap", _, Percent(_)) => limit(0.0, 100.0, theme_numbers::SPACE_PERCENTAGE),
        ("size", None, Pixels(_)) => limit(0.0, 1_000.0, theme_numbers::SIZE_1000),
        ("least-size", None, Pixels(_)) => limit(0.0, 600.0, theme_numbers::SIZE_600),
        ("size" | "least-size", None, Percent(_)) => {
            limit(0.0, 100.0, theme_numbers::SIZE_PERCENTAGE)
        }
        ("border", None, Pixels(_)) => limit(0.0, 32.0, theme_numbers::WIDE_32_PX),
        ("outline", None, Pixels(_)) => limit(-16.0, 16.0, theme_numbers::WIDE_16_PX),
        ("box-shadow", None, Pixels(_)) | ("filter", Some("drop-shadow"), Pixels(_)) => {
            limit(-64.0, 64.0, theme_numbers::SHADOW)
        }
        ("filter", Some("blur"), Pixels(_)) => limit(0.0, 40.0, theme_numbers::BLUR_40),
        ("filter", _, Unitless(_)) => limit(0.0, 10.0, theme_numbers::FILTER_STRENGTH),
        ("font-size" | "font", None, Pixels(_)) => limit(6.0, 64.0, theme_numbers::FONT_PIXELS),
        ("font-size" | "font", None, Percent(_)) => {
            limit(40.0, 400.0, theme_numbers::FONT_PERCENTAGE)
        }
        ("font-size", None, Unitless(_)) => limit(6.0, 64.0, theme_numbers::FONT_PIXELS),
        ("font", None, Unitless(_)) => limit(0.8, 1_000.0, theme_numbers::FONT),
        ("line-height", _, Pixels(_)) => limit(8.0, 120.0, theme_numbers::LINE_PIXELS),
        ("line-height", _, Percent(_)) => limit(80.0, 400.0, theme_numbers::LINE_PERCENTAGE),
        ("line-height", _, Unitless(_)) => limit(0.8, 4.0, theme_numbers::LINE_NUMBER),
        ("letter-spacing", _, Pixels(_)) => limit(-4.0, 16.0, theme_numbers::LETTER_SPACING),
        ("word-spacing" | "text-indent", _, Pixels(_) | Percent(_)) => {
            limit(-16.0, 64.0, theme_numbers::TEXT_INDENT)
        }
        (
            "transform" | "translate",
            Some("translate" | "translatex" | "translatey" | "translatez" | "translate3d") | None,
            Pixels(_) | Percent(_),
        ) => limit(-100.0, 100.0, theme_numbers::MOVED_100),
        ("transform", Some("matrix" | "matrix3d" | "perspective"), _) => {
            limit(-4.0, 4.0, theme_numbers::TRANSFORM)
        }
        ("transform", Some("scale" | "scalex" | "scaley" | "scalez" | "scale3d"), Unitless(_))
        | ("scale", _, Unitless(_)) => limit(-4.0, 4.0, theme_numbers::SCALE),
        ("transform", Some("scale" | "scalex" | "scaley" | "scalez" | "scale3d"), Percent(_))
        | ("scale", _, Percent(_)) => limit(-400.0, 400.0, theme_numbers::SCALE_PERCENTAGE),
        ("transform-origin", _, Pixels(_) | Percent(_)) => {
            limit(-200.0, 200.0, theme_numbers::ORIGIN)
        }
        ("z-index", _, Unitless(_)) => limit(-1.0, 1.0, theme_numbers::STACKING),
        ("font-size-adjust", _, Unitless(_)) => limit(0.2, 1.2, theme_numbers::FONT_ADJUSTMENT),
        ("border-image", _, Pixels(_)) => limit(0.0, 64.0, theme_numbers::WIDE_64_PX),
        ("border-image-width" | "border-image-outset", _, Pixels(_)) => {
            limit(0.0, 64.0, theme_numbers::WIDE_64_PX)
        }
        ("border-image-width" | "border-image-outset", _, Unitless(_)) => {
            limit(0.0, 2.0, theme_numbers::WIDE_2)
        }
        ("column-width" | "columns", None, Pixels(_)) => {
            limit(40.0, 1_000.0, theme_numbers::COLUMN_WIDTH)
        }
        (
            "grid-row" | "grid-row-start" | "grid-row-end" | "grid-column" | "grid-column-start"
            | "grid-column-end" | "grid-area",
            _,
            Unitless(_),
        ) => limit(-100.0, 100.0, theme_numbers::GRID_LINE),
        ("tab-size", _, Unitless(_)) => limit(0.0, 16.0, theme_numbers::TAB_SIZE),
        ("order", _, Unitless(_)) => limit(-99.0, 99.0, theme_numbers::ORDER),
        ("columns" | "column-count", _, Unitless(_)) => limit(1.0, 8.0, theme_numbers::COLUMNS),
        (_, Some("repeat"), Unitless(_)) => limit(1.0, 24.0, theme_numbers::REPETITIONS),
        ("stroke-width", _, Pixels(_) | Unitless(_)) => limit(0.0, 64.0, theme_numbers::WIDE_64),
        (
            "text-decoration" | "text-underline-offset" | "text-decoration-thickness",
            _,
            Pixels(_) | Percent(_),
        ) => limit(-32.0, 32.0, theme_numbers::DECORATION),
        ("-webkit-text-stroke" | "-webkit-text-stroke-width", _, Pixels(_)) => {
            limit(0.0, 8.0, theme_numbers::WIDE_8_PX)
        }
        ("vertical-align", _, Pixels(_) | Percent(_)) => {
            limit(-64.0, 64.0, theme_numbers::VERTICAL_ALIGN)
        }
        ("time", None, Milliseconds(_)) => duration(quantity, place),
        _ => None,
    }
}
