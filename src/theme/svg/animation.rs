//! Animations in a drawing: only of shapes, colours and positions, only on a timeline, and not
//! faster than the eye can follow.
//!
//! Must not depend on the tree: callers pass the element, its parent and its attributes.

use super::attributes::{self, ValueKind};
use super::elements;
use super::values::{self, InvalidValue};
use belfry_locales::{LocalizedText, phrases::theme_drawings};

/// Minimum duration, in seconds.
const MIN_DURATION_SECONDS: f64 = 0.1;
/// Maximum values of an animation, and maximum begin times.
const MAX_VALUES: usize = 256;

/// Attributes that may be animated. No names, no references, and nothing that changes a filter step
/// or a pattern tile.
const TARGETS: &[&str] = &[
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-opacity",
    "stroke-width",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "opacity",
    "color",
    "visibility",
    "display",
    "stop-color",
    "stop-opacity",
    "d",
    "points",
    "x",
    "y",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "width",
    "height",
    "x1",
    "y1",
    "x2",
    "y2",
    "fx",
    "fy",
    "dx",
    "dy",
    "rotate",
    "offset",
    "startOffset",
    "transform",
    "gradientTransform",
    "font-size",
    "letter-spacing",
    "word-spacing",
];

/// Checks an animation as a whole.
pub(super) fn check(
    element: &str,
    parent: &str,
    target: Option<&str>,
) -> Result<(), LocalizedText> {
    let moves = elements::is_graphic(parent)
        || matches!(parent, "stop" | "linearGradient" | "radialGradient");
    if !moves {
        return Err(theme_drawings::ANIMATION_PLACE);
    }
    let transforms = matches!(target, Some("transform" | "gradientTransform"));
    match (element, target) {
        ("animateMotion", _) => Ok(()),
        ("animateTransform", _) if transforms => Ok(()),
        ("animateTransform", _) => Err(theme_drawings::ANIMATION_WITHOUT_TRANSFORM),
        (_, None) => Err(theme_drawings::ANIMATION_WITHOUT_TARGET),
        (_, Some(_)) if transforms => Err(theme_drawings::ANIMATION_OF_TRANSFORM),
        (_, Some(target)) if TARGETS.contains(&target) => Ok(()),
        (_, Some(_)) => Err(theme_drawings::ANIMATION_TARGET),
    }
}

/// Whether animating this attribute could run or load something.
pub(super) fn is_harmful_target(target: &str) -> bool {
    let target = target.trim().to_ascii_lowercase();
    target.starts_with("on")
        || matches!(target.rsplit(':').next(), Some("href" | "src" | "style" | "base"))
}

/// Why an animation would never begin or end in a picture.
pub(super) fn unsupported_timing<'a>(
    mut moments: impl Iterator<Item = &'a str>,
) -> Option<LocalizedText> {
    let unusable = |value: &str| {
        !value.trim().is_empty()
            && matches!(clean(ValueKind::AnimationTimes, value), Err(InvalidValue::Unsupported))
    };
    moments.any(unusable).then_some(theme_drawings::ANIMATION_TIMING)
}

/// Sanitizes a value whose type needs no CSS.
pub(super) fn clean(kind: ValueKind, value: &str) -> Result<String, InvalidValue> {
    let value = values::single_spaced(value);
    let fits = match kind {
        ValueKind::AnimationTimes => return each(&value, moment),
        ValueKind::Duration => {
            return if value == "indefinite" || clock(&value).is_some_and(is_long) {
                Ok(value.into_owned())
            } else {
                Err(too_short())
            };
        }
        ValueKind::RepeatCount => {
            value == "indefinite"
                || value
                    .parse()
                    .is_ok_and(|count: f64| count > 0.0 && count <= values::MAX_COORDINATE)
        }
        ValueKind::AnimatedAttribute => TARGETS.contains(&&*value),
        ValueKind::NumberLists => {
            return each(&value, |keys| {
                values::clean(
                    ValueKind::Numbers(4, -values::MAX_COORDINATE, values::MAX_COORDINATE),
                    keys,
                )
            });
        }
        _ => false,
    };
    if fits { Ok(value.into_owned()) } else { Err(unreadable()) }
}

/// The type of an animation's values; `None` if they are CSS.
pub(super) fn value_kind(element: &str, target: Option<&str>) -> Option<ValueKind> {
    match element {
        "animateMotion" => {
            Some(ValueKind::Numbers(2, -values::MAX_COORDINATE, values::MAX_COORDINATE))
        }
        "animateTransform" => {
            Some(ValueKind::Numbers(3, -values::MAX_COORDINATE, values::MAX_COORDINATE))
        }
        _ => target
            .and_then(attributes::kind)
            .map(|(_, kind)| kind)
            .filter(|kind| *kind != ValueKind::Presentation),
    }
}

/// Applies a function to every value between semicolons.
pub(super) fn each(
    value: &str,
    mut clean: impl FnMut(&str) -> Result<String, InvalidValue>,
) -> Result<String, InvalidValue> {
    let parts: Vec<&str> =
        value.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Err(unreadable());
    }
    if parts.len() > MAX_VALUES {
        return Err(InvalidValue::Rejected(theme_drawings::too_many_values(MAX_VALUES)));
    }
    let cleaned: Result<Vec<String>, InvalidValue> = parts.into_iter().map(&mut clean).collect();
    cleaned.map(|parts| parts.join(";"))
}

/// An unreadable value rejects the file, because the animation would differ from the drawn one.
pub(super) fn unreadable() -> InvalidValue {
    InvalidValue::Rejected(theme_drawings::UNREADABLE_ANIMATION)
}

fn too_short() -> InvalidValue {
    InvalidValue::Rejected(theme_drawings::too_short_animation(MIN_DURATION_SECONDS.to_string()))
}

fn is_long(seconds: f64) -> bool {
    (MIN_DURATION_SECONDS..=values::MAX_COORDINATE).contains(&seconds)
}

fn moment(value: &str) -> Result<String, InvalidValue> {
    let seconds = clock(value.trim_start_matches(['+', '-']).trim_start());
    if value == "indefinite" || seconds.is_some_and(|seconds| seconds <= values::MAX_COORDINATE) {
        Ok(value.to_owned())
    } else {
        Err(InvalidValue::Unsupported)
    }
}

/// Parses a clock value such as `02:30:03.5`, `1.5s`, `200ms` or `3`, in seconds.
fn clock(value: &str) -> Option<f64> {
    let number = |digits: &str| {
        digits
            .parse::<f64>()
            .ok()
            .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    };
    if value.contains(':') {
        let mut total = 0.0;
        let parts: Vec<&str> = value.split(':').collect();
        if parts.len() > 3 {
            return None;
        }
        for part in parts {
            total = total * 60.0 + number(part)?;
        }
        return Some(total);
    }
    let units = [("ms", 0.001), ("min", 60.0), ("h", 3600.0), ("s", 1.0)];
    let unit = units
        .into_iter()
        .find_map(|(unit, factor)| value.strip_suffix(unit).map(|digits| (digits, factor)));
    let (digits, factor) = unit.unwrap_or((value, 1.0));
    number(digits).map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_values_are_parsed() {
        for (value, seconds) in [
            ("1s", 1.0),
            ("0.5s", 0.5),
            ("250ms", 0.25),
            ("2", 2.0),
            ("01:30", 90.0),
            ("1:00:01.5", 3601.5),
            ("1.5min", 90.0),
            ("1h", 3600.0),
        ] {
            assert_eq!(clock(value), Some(seconds), "{value}");
        }
        for value in [
            "x.click",
            "accessKey(s)",
            "1 s",
            "-1s",
            "1e5s",
            "inf",
            "nan",
            "",
            "s",
            "1:2:3:4",
            "wallclock(2026-01-01)",
        ] {
            assert_eq!(clock(value), None, "{value}");
        }
    }

    #[test]
    fn only_clock_values_begin_an_animation() {
        assert_eq!(clean(ValueKind::AnimationTimes, "0s ; 2s;").as_deref(), Ok("0s;2s"));
        assert_eq!(clean(ValueKind::AnimationTimes, "-1s").as_deref(), Ok("-1s"));
        for value in ["x.click", "0s;x.end", "accessKey(a)", "click", ""] {
            assert!(clean(ValueKind::AnimationTimes, value).is_err(), "{value}");
        }
        assert!(clean(ValueKind::Duration, "0.1s").is_ok());
        assert!(clean(ValueKind::Duration, "indefinite").is_ok());
        for value in ["0.09s", "1ms", "0", "media"] {
            assert!(clean(ValueKind::Duration, value).is_err(), "{value}");
        }
    }

    #[test]
    fn names_and_references_are_not_animated() {
        for target in [
            "href",
            "xlink:href",
            "style",
            "class",
            "id",
            "onclick",
            "filter",
            "mask",
            "clip-path",
            "attributeName",
            "viewBox",
            "transform",
        ] {
            assert!(check("animate", "rect", Some(target)).is_err(), "{target}");
            assert!(check("set", "rect", Some(target)).is_err(), "{target}");
        }
        assert!(check("animate", "rect", None).is_err());
        assert!(check("animate", "pattern", Some("width")).is_err());
        assert!(check("animate", "feGaussianBlur", Some("x")).is_err());
        assert!(check("animateTransform", "g", Some("transform")).is_ok());
        assert!(check("animateTransform", "g", Some("href")).is_err());
    }
}
