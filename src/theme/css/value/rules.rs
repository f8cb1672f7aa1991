//! Which values a property accepts: keywords, strings, products, functions, and the effect of a
//! value as a whole.

use super::{Rejection, drop_value, reject};
use crate::{
    css::{
        limits::is_math,
        properties,
        token::{Token, TokenKind},
    },
    diagnostics::Code,
};
use belfry_locales::phrases::theme_values;

/// A value restricted to a few keywords; for `content`, to a string.
pub(super) fn closed(property: &str, all: &[Token], words: &str) -> Result<(), Rejection> {
    for token in all {
        let fits = match token.kind {
            TokenKind::Space => true,
            TokenKind::String => property == "content",
            TokenKind::Ident => {
                words.split_ascii_whitespace().any(|word| token.text.eq_ignore_ascii_case(word))
            }
            _ => false,
        };
        if !fits {
            let what = if token.kind == TokenKind::Function {
                format!("{}(", token.text)
            } else {
                token.text.clone()
            };
            let what = if what.is_empty() { property } else { &what };
            return match (property, what) {
                ("content", _) => {
                    let reason = theme_values::CONTENT_TEXT;
                    reject(Code::Text, what, reason)
                }
                ("position", "fixed") => reject(Code::Position, what, theme_values::FIXED),
                ("cursor", "none") => reject(Code::Hidden, what, theme_values::NO_CURSOR),
                _ => {
                    let words: Vec<&str> = words.split_ascii_whitespace().take(12).collect();
                    drop_value(
                        Code::Value,
                        what,
                        theme_values::listed_values(property.to_owned(), words.join(", ")),
                    )
                }
            };
        }
    }
    Ok(())
}

/// Whether the bracket at `index` follows a `#name` directly: `#FFFurl(` ends like the call of a
/// function that it isn't.
pub(super) fn follows_hash(all: &[Token], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| all.get(before));
    before.is_some_and(|token| token.kind == TokenKind::Hash)
}

/// Whether the value must be known as a whole, so that it accepts no `var()`.
pub(super) fn takes_no_variable(is_theme: bool, property: &str) -> bool {
    if !is_theme {
        return property == "filter" || property.starts_with("animation");
    }
    properties::shows_text(property)
        || property.starts_with("border-image")
        || matches!(
            property,
            "z-index" | "transform" | "scale" | "translate" | "animation-name" | "list-style-image"
        )
}

pub(super) fn string(property: &str, text: &str) -> Result<(), Rejection> {
    if properties::takes_name(property) {
        let fits = text.len() <= 64
            && !text.contains(['<', '>', '&', '\\', '{', '}', ';', '"', '(', ')', '/', ':']);
        return if fits { Ok(()) } else { reject(Code::Value, text, theme_values::FONT_NAME) };
    }
    if properties::takes_areas(property) {
        let fits = text.chars().all(|character| {
            character.is_ascii_alphanumeric() || matches!(character, ' ' | '.' | '-' | '_')
        });
        return if fits { Ok(()) } else { drop_value(Code::Value, text, theme_values::AREA_ROW) };
    }
    if properties::shows_text(property) {
        let sign = text.trim();
        let fits = sign.chars().count() <= 3
            && !sign.contains(['<', '>', '&', '\\', '"', '/', '{', '}', ';', '(', ')', '@'])
            && !sign.chars().any(char::is_alphanumeric);
        let reason = theme_values::WRITTEN_TEXT;
        return if fits && text.len() <= 16 { Ok(()) } else { reject(Code::Text, text, reason) };
    }
    drop_value(Code::Value, text, theme_values::string(property.to_owned()))
}

/// One operand of a product must be a small plain number, or a length could grow without bound.
pub(super) fn factor(all: &[Token], index: usize, mark: char) -> Result<(), Rejection> {
    let after = all
        .get(index + 1..)
        .unwrap_or_default()
        .iter()
        .find(|token| token.kind != TokenKind::Space);
    let before = all
        .get(..index)
        .unwrap_or_default()
        .iter()
        .rev()
        .find(|token| token.kind != TokenKind::Space);
    let plain = |token: Option<&Token>| {
        token.filter(|token| token.kind == TokenKind::Number).map(|token| token.number.abs())
    };
    let fits = if mark == '/' {
        plain(after).is_some_and(|number| number >= 1.0)
    } else {
        plain(after).or_else(|| plain(before)).is_some_and(|number| number <= 2.0)
    };
    if fits {
        return Ok(());
    }
    reject(Code::Limit, &mark.to_string(), theme_values::FACTOR)
}

/// Checks the effect of a value as a whole.
pub(super) fn whole(is_theme: bool, property: &str, all: &[Token]) -> Result<(), Rejection> {
    let named = |start: &str| {
        all.iter()
            .filter(|token| token.kind == TokenKind::Function && token.lower().starts_with(start))
            .count()
    };
    let marks = |mark: char| all.iter().filter(|token| token.is(mark)).count();
    match property {
        "transform" if is_theme && (named("scale") > 1 || named("translate") > 2) => {
            reject(Code::TooComplex, property, theme_values::TRANSFORM_FUNCTIONS)
        }
        "filter" | "backdrop-filter" | "-webkit-backdrop-filter" if named("") > 12 => {
            reject(Code::TooComplex, property, theme_values::FILTER_FUNCTIONS)
        }
        "box-shadow" | "text-shadow" if marks(',') > 60 => {
            reject(Code::TooComplex, property, theme_values::SHADOWS)
        }
        "border-image" if is_theme && marks('/') > 1 => {
            reject(Code::Value, property, theme_values::BORDER_IMAGE_OUTSET)
        }
        _ => Ok(()),
    }
}

pub(super) fn is_harmless(name: &str) -> bool {
    const HARMLESS: &str = "
        var rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark
        linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient
        translate translatex translatey translatez translate3d scale scalex scaley scalez scale3d rotate rotatex rotatey rotatez rotate3d
        blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
        inset circle ellipse polygon rect xywh cubic-bezier steps linear repeat minmax fit-content";
    is_math(name) || HARMLESS.split_ascii_whitespace().any(|known| known == name)
}
