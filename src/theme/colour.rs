//! Colours of a drawing, and their contrast (WCAG 2.2, section 1.4.3).

use super::computed_style::Computed;
use svgtypes::Color;

/// Minimum contrast of text, and of large text.
pub(super) const MIN_CONTRAST: f64 = 4.5;
pub(super) const MIN_CONTRAST_LARGE_TEXT: f64 = 3.0;

/// How something is painted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Paint {
    None,
    /// `currentColor`.
    Current,
    /// A single colour.
    Solid(Color),
    /// A gradient, a pattern or anything else without a single colour.
    Other,
}

/// Parses the value of `fill` or `stroke`.
pub(super) fn paint(value: &str) -> Paint {
    match value.trim() {
        "none" | "transparent" => Paint::None,
        "currentColor" | "currentcolor" => Paint::Current,
        other => other.parse().map_or(Paint::Other, Paint::Solid),
    }
}

/// The fill of an element, including its opacity. Black by default, as in SVG.
pub(super) fn fill(style: &Computed) -> Paint {
    let share = |property| style.get(property).and_then(parse_share).unwrap_or(1.0);
    match style.get("fill").map_or(Paint::Solid(Color::black()), paint) {
        Paint::Solid(colour) => {
            Paint::Solid(fade(colour, share("fill-opacity") * share("opacity")))
        }
        other => other,
    }
}

fn parse_share(text: &str) -> Option<f64> {
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
        None => text.parse().ok(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn fade(colour: Color, share: f64) -> Color {
    Color { alpha: (f64::from(colour.alpha) * share.clamp(0.0, 1.0)).round() as u8, ..colour }
}

/// The CSS notation of a colour.
pub(super) fn css(colour: Color) -> String {
    let Color { red, green, blue, alpha } = colour;
    if alpha == u8::MAX {
        format!("#{red:02x}{green:02x}{blue:02x}")
    } else {
        format!("#{red:02x}{green:02x}{blue:02x}{alpha:02x}")
    }
}

/// Composites a colour over an opaque one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn composite(front: Color, back: Color) -> Color {
    let share = f64::from(front.alpha) / 255.0;
    let mix = |front: u8, back: u8| {
        (f64::from(front) * share + f64::from(back) * (1.0 - share)).round() as u8
    };
    Color {
        red: mix(front.red, back.red),
        green: mix(front.green, back.green),
        blue: mix(front.blue, back.blue),
        alpha: u8::MAX,
    }
}

fn luminance(colour: Color) -> f64 {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(colour.red) + 0.7152 * part(colour.green) + 0.0722 * part(colour.blue)
}

/// The contrast ratio of a colour on an opaque one, from 1 to 21.
pub(super) fn contrast(text: Color, behind: Color) -> f64 {
    let (one, other) = (luminance(composite(text, behind)), luminance(behind));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, behind: &str) -> f64 {
        contrast(text.parse().unwrap(), behind.parse().unwrap())
    }

    #[test]
    fn contrast_matches_wcag() {
        assert!((of("black", "white") - 21.0).abs() < 1e-9);
        assert!((of("#777", "#fff") - 4.48).abs() < 0.01);
        assert!((of("#fff", "#0000ff") - 8.59).abs() < 0.01);
        assert!((of("rgba(0,0,0,0.5)", "white") - of("#808080", "white")).abs() < 0.1);
    }

    #[test]
    fn paint_values_are_parsed() {
        assert_eq!(paint("none"), Paint::None);
        assert_eq!(paint("currentColor"), Paint::Current);
        assert_eq!(paint("url(#a)"), Paint::Other);
        assert!(matches!(paint("#abc"), Paint::Solid(_)));
    }
}
