//! Attribute values: parsed by their type, and kept as written with single spaces between words.
//!
//! Must not depend on elements. An unreadable value is dropped, as a browser would do; one that
//! looks as if it were meant for a different parser rejects the file.

use super::attributes::ValueKind;
use belfry_locales::{LocalizedText, phrases::theme_drawings};
use std::borrow::Cow;
use svgtypes::{
    Length, LengthListParser, LengthUnit, NumberListParser, PathParser, PathSegment, PointsParser,
    TransformListParser, TransformListToken,
};

/// Maximum absolute coordinate, in units.
pub(super) const MAX_COORDINATE: f64 = 1e6;
/// Maximum commands of a path.
const MAX_PATH_COMMANDS: usize = 20_000;
/// Maximum functions of a transform.
const MAX_TRANSFORM_FUNCTIONS: usize = 64;

/// Why a value is not kept.
#[derive(Debug, PartialEq)]
pub(super) enum InvalidValue {
    /// It cannot be parsed, which is harmless.
    Malformed,
    /// It has no use here, and its element or attribute is dropped.
    Unsupported,
    /// The file is rejected.
    Rejected(LocalizedText),
}

/// A value of this type in printable form. Ids, references, styles, pictures and animations are
/// handled elsewhere.
pub(super) fn clean(kind: ValueKind, value: &str) -> Result<String, InvalidValue> {
    if kind == ValueKind::Class {
        return classes(value);
    }
    let value = single_spaced(value);
    if is_suspicious(&value) {
        return Err(InvalidValue::Rejected(theme_drawings::FOREIGN_NOTATION));
    }
    let fits = match kind {
        ValueKind::Length(words) => {
            words.contains(&&*value) || value.parse().is_ok_and(is_length_in_range)
        }
        ValueKind::Lengths => {
            all(LengthListParser::from(&*value).map(|length| length.is_ok_and(is_length_in_range)))
        }
        ValueKind::Bounded(least, most) => numbers(&value, 1, least, most)?,
        ValueKind::Numbers(count, least, most) => numbers(&value, count, least, most)?,
        ValueKind::Percentage => {
            value.strip_suffix('%').unwrap_or(&value).parse().is_ok_and(is_finite)
        }
        ValueKind::Path => path(&value)?,
        ValueKind::Points => {
            all(PointsParser::from(&*value).map(|(x, y)| is_finite(x) && is_finite(y)))
                && value.chars().all(is_numeric)
        }
        ValueKind::Transform => transform(&value)?,
        ValueKind::Keywords(words) => words.contains(&&*value),
        ValueKind::NumberOrKeyword(words) => words.contains(&&*value) || angle(&value),
        ValueKind::PreserveAspectRatio => is_aspect_ratio(&value),
        ValueKind::ViewBox => view_box(&value).is_some(),
        ValueKind::Result => {
            value.len() <= 64
                && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' '))
        }
        _ => false,
    };
    if fits { Ok(value.into_owned()) } else { Err(InvalidValue::Malformed) }
}

/// The classes that a simple rule can name.
fn classes(value: &str) -> Result<String, InvalidValue> {
    let letter = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || (c > '\u{a0}' && c.is_alphanumeric())
    };
    let plain: Vec<&str> = value
        .split_whitespace()
        .filter(|class| class.len() <= 200 && class.chars().all(letter))
        .take(64)
        .collect();
    if plain.is_empty() { Err(InvalidValue::Malformed) } else { Ok(plain.join(" ")) }
}

/// The value with single spaces between words and none around them.
pub(super) fn single_spaced(value: &str) -> Cow<'_, str> {
    let is_so = value.trim() == value
        && !value.contains("  ")
        && !value.chars().any(|c| c.is_whitespace() && c != ' ');
    if is_so {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(value.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// Whether a value looks like CSS, markup, a URL or a script.
pub(super) fn is_suspicious(value: &str) -> bool {
    value.contains([':', '<', '>', '&', '\\', '`', '"', '\'', '{', '}', '@']) || contains_url(value)
}

/// Whether a value loads something, in any notation.
pub(super) fn contains_url(value: &str) -> bool {
    value.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"url("))
}

/// Whether a dropped attribute could load or run something.
pub(super) fn is_harmful(value: &str) -> bool {
    contains_url(value) || address(value) == Address::Other || value.contains('<')
}

/// The target of a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// The same drawing.
    Here,
    /// A web page.
    Page,
    /// Something that runs, or contains code.
    Other,
}

/// The target of a URL, parsed as leniently as browsers do.
pub(super) fn address(value: &str) -> Address {
    let seen: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !is_ignorable(*c))
        .take(64)
        .collect();
    if seen.starts_with('#') {
        return Address::Here;
    }
    let scheme = seen.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        None | Some("http" | "https" | "mailto" | "tel") => Address::Page,
        Some(
            "javascript" | "vbscript" | "livescript" | "data" | "blob" | "filesystem" | "file"
            | "jar" | "view-source",
        ) => Address::Other,
        Some(scheme) if scheme.contains("script") => Address::Other,
        Some(_) => Address::Page,
    }
}

fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn is_finite(number: f64) -> bool {
    number.is_finite() && number.abs() <= MAX_COORDINATE
}

fn is_length_in_range(length: Length) -> bool {
    is_finite(length.number)
}

fn is_numeric(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ',' | 'e' | 'E' | ' ')
}

/// Whether there is at least one, and all are valid.
fn all(mut checks: impl Iterator<Item = bool>) -> bool {
    checks.next().is_some_and(|first| first && checks.all(|check| check))
}

fn numbers(value: &str, max: usize, lower: f64, upper: f64) -> Result<bool, InvalidValue> {
    let mut count = 0;
    for number in NumberListParser::from(value) {
        let Ok(number) = number else { return Ok(false) };
        count += 1;
        if count > max {
            return Err(InvalidValue::Rejected(theme_drawings::too_many_numbers(max)));
        }
        if !(lower..=upper).contains(&number) {
            return Err(InvalidValue::Rejected(theme_drawings::out_of_range(
                lower.to_string(),
                upper.to_string(),
            )));
        }
    }
    Ok(count > 0)
}

fn angle(value: &str) -> bool {
    let number = ["deg", "grad", "rad", "turn"]
        .into_iter()
        .find_map(|unit| value.strip_suffix(unit))
        .unwrap_or(value);
    number.parse().is_ok_and(is_finite)
}

fn path(value: &str) -> Result<bool, InvalidValue> {
    let mut count = 0;
    for step in PathParser::from(value) {
        let Ok(step) = step else { return Ok(false) };
        count += 1;
        if count > MAX_PATH_COMMANDS {
            return Err(InvalidValue::Rejected(theme_drawings::too_many_path_steps(
                MAX_PATH_COMMANDS,
            )));
        }
        let near = match step {
            PathSegment::MoveTo { x, y, .. }
            | PathSegment::LineTo { x, y, .. }
            | PathSegment::SmoothQuadratic { x, y, .. } => are_in_range(&[x, y]),
            PathSegment::HorizontalLineTo { x, .. } => are_in_range(&[x]),
            PathSegment::VerticalLineTo { y, .. } => are_in_range(&[y]),
            PathSegment::CurveTo { x1, y1, x2, y2, x, y, .. } => {
                are_in_range(&[x1, y1, x2, y2, x, y])
            }
            PathSegment::SmoothCurveTo { x2, y2, x, y, .. } => are_in_range(&[x2, y2, x, y]),
            PathSegment::Quadratic { x1, y1, x, y, .. } => are_in_range(&[x1, y1, x, y]),
            PathSegment::EllipticalArc { rx, ry, x_axis_rotation, x, y, .. } => {
                are_in_range(&[rx, ry, x_axis_rotation, x, y])
            }
            PathSegment::ClosePath { .. } => true,
        };
        if !near {
            return Ok(false);
        }
    }
    Ok(count > 0)
}

fn are_in_range(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| is_finite(*number))
}

fn transform(value: &str) -> Result<bool, InvalidValue> {
    let mut count = 0;
    for function in TransformListParser::from(value) {
        let Ok(function) = function else { return Ok(false) };
        count += 1;
        if count > MAX_TRANSFORM_FUNCTIONS {
            return Err(InvalidValue::Rejected(theme_drawings::too_many_transform_steps(
                MAX_TRANSFORM_FUNCTIONS,
            )));
        }
        let near = match function {
            TransformListToken::Matrix { a, b, c, d, e, f } => are_in_range(&[a, b, c, d, e, f]),
            TransformListToken::Translate { tx, ty } => are_in_range(&[tx, ty]),
            TransformListToken::Scale { sx, sy } => are_in_range(&[sx, sy]),
            TransformListToken::Rotate { angle }
            | TransformListToken::SkewX { angle }
            | TransformListToken::SkewY { angle } => are_in_range(&[angle]),
        };
        if !near {
            return Ok(false);
        }
    }
    Ok(count > 0)
}

/// `xMidYMid slice`
fn is_aspect_ratio(value: &str) -> bool {
    let mut words = value.split(' ');
    let is_place = |word: &str| {
        word == "none"
            || word
                .strip_prefix('x')
                .and_then(|rest| rest.split_once('Y'))
                .is_some_and(|(x, y)| is_part(x) && is_part(y))
    };
    words.next().is_some_and(is_place)
        && words.next().is_none_or(|word| matches!(word, "meet" | "slice"))
        && words.next().is_none()
}

fn is_part(word: &str) -> bool {
    matches!(word, "Min" | "Mid" | "Max")
}

/// Left, top, width and height; the latter two are not negative.
pub(super) fn view_box(value: &str) -> Option<[f64; 4]> {
    let mut numbers = NumberListParser::from(value);
    let mut next = || numbers.next()?.ok().filter(|number| is_finite(*number));
    let all = [next()?, next()?, next()?, next()?];
    let [_, _, width, height] = all;
    (numbers.next().is_none() && width >= 0.0 && height >= 0.0).then_some(all)
}

/// A length in CSS pixels, if its unit is absolute.
pub(super) fn pixels(value: &str) -> Option<f64> {
    let length: Length = value.parse().ok()?;
    let factor = match length.unit {
        LengthUnit::None | LengthUnit::Px => 1.0,
        LengthUnit::Pt => 96.0 / 72.0,
        LengthUnit::Pc => 16.0,
        LengthUnit::In => 96.0,
        LengthUnit::Cm => 96.0 / 2.54,
        LengthUnit::Mm => 96.0 / 25.4,
        LengthUnit::Em | LengthUnit::Ex | LengthUnit::Percent => return None,
    };
    Some(length.number * factor)
}

/// The ids in `url(#…)` of a value, as written.
pub(super) fn references(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        loop {
            let at =
                rest.as_bytes().windows(4).position(|four| four.eq_ignore_ascii_case(b"url("))?;
            let inner = rest.get(at + 4..)?;
            let end = inner.find(')').unwrap_or(inner.len());
            rest = inner.get(end..)?;
            let inside = inner.get(..end)?.trim().trim_matches(['"', '\'']).trim();
            if let Some(id) = inside.strip_prefix('#') {
                return Some(id);
            }
        }
    })
}

#[cfg(test)]
mod tests;
