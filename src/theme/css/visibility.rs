//! Protects what a reader must be able to see and reach. Except for decorative parts, a theme may
//! restyle every part, but must not hide, empty or move it away, or give it its own background's
//! colour.
//!
//! A value is checked with everything its `var()` may expand to, and with the results of its sums.
//! Must not depend on how values are printed. Generated content (`::before`, `::after`) is not
//! restricted here, because it is clipped at the edge of its part.

mod colours;
mod overlays;
mod sizes;

use super::super::diagnostics::Code;
use super::definitions::Definitions;
use super::selector::{Complex, Compound};
use super::sheet::Declaration;
use super::token::{Token, TokenKind, tokens};
use super::{Diagnostic, parts, properties};
use belfry_locales::{LocalizedText, phrases::theme_values};
use sizes::{Size, Sizes};

pub(super) use colours::invisible_text as same_colours;
pub(super) use overlays::faults as covering;

/// Parts that may be hidden.
const DECORATIVE_PARTS: [&str; 9] =
    ["dot", "picture", "category", "pin", "drawing", "skeleton", "badge", "icon", "meta"];
/// Minimum opacity of a part.
const MIN_OPACITY: f64 = 0.4;
/// Maximum translation of a part in pixels, maximum rotation in degrees, and allowed range of its
/// scale.
const MAX_TRANSLATE_PX: f64 = 8.0;
const MAX_ROTATE_DEG: f64 = 10.0;
const SCALE_RANGE: std::ops::RangeInclusive<f64> = 0.8..=1.25;
/// Minimum size of a part and of its font, in pixels, and of the font relative to the parent's.
const MIN_SIDE_PX: f64 = 16.0;
const MIN_FONT_PX: f64 = 9.0;
const MIN_FONT_SHARE: f64 = 0.8;
/// Maximum thickness of a text decoration, in pixels; a thicker one covers the text.
const MAX_LINE_THICKNESS_PX: f64 = 4.0;
/// Fonts whose glyphs are symbols.
const SYMBOL_FONTS: [&str; 5] = ["wingdings", "webdings", "marlett", "zapf dingbats", "symbol"];

/// Names of the widget's own animations, which a theme must not redefine.
pub(super) const RESERVED_KEYFRAMES: [&str; 4] = ["appear", "arrive", "breathe", "rise"];

/// Checks a declaration for the parts that these selectors match.
pub(super) fn check(
    selectors: &[Complex],
    declaration: &Declaration,
    definitions: &Definitions,
) -> Option<Diagnostic> {
    let Declaration { name, value, .. } = declaration;
    let all = tokens(value).ok()?;
    if properties::use_of(name) == Some("color") {
        let faint = colours::is_faint(&all, definitions);
        return faint.then(|| Diagnostic::new(Code::Hidden, name, theme_values::HIDES_TEXT));
    }
    let subject = selectors.iter().filter_map(subject).find(|last| !is_decorative(last))?;
    let effect = reason(name, value, &all, definitions, subject)?;
    Some(Diagnostic::new(
        Code::Hidden,
        name,
        theme_values::affects_part(effect, subject.source.clone()),
    ))
}

fn subject(complex: &Complex) -> Option<&Compound> {
    complex.compounds.last().map(|(_, last)| last)
}

/// Whether a selector matches a part that readers need.
fn is_needed(complex: &Complex) -> bool {
    subject(complex).is_some_and(|last| !is_decorative(last)) && !parts::is_root(complex)
}

fn is_decorative(subject: &Compound) -> bool {
    let adorns = subject.classes.iter().any(|class| DECORATIVE_PARTS.contains(&class.as_str()));
    let draws = subject.pseudo_element.as_deref().is_some_and(|element| element != "selection");
    draws || adorns || matches!(subject.element.as_deref(), Some("svg" | "path" | "img"))
}

fn reason(
    name: &str,
    value: &str,
    all: &[Token],
    definitions: &Definitions,
    subject: &Compound,
) -> Option<LocalizedText> {
    let harms = |size: fn(Size) -> bool, whole: f64| Sizes::of(all, definitions, whole).any(size);
    let says = |words: &[&str]| {
        words_of(all, definitions, &mut Vec::new())
            .iter()
            .any(|word| words.contains(&word.as_str()))
    };
    match name {
        "display" => (value == "none").then_some(theme_values::HIDES),
        "visibility" => matches!(value, "hidden" | "collapse").then_some(theme_values::HIDES),
        "opacity" => harms(|size| size.ratio().is_none_or(|share| share < MIN_OPACITY), 1.0)
            .then_some(theme_values::HIDES),
        "color" | "-webkit-text-fill-color" => {
            colours::is_faint(all, definitions).then_some(theme_values::HIDES)
        }
        "-webkit-text-stroke" | "-webkit-text-stroke-width" => (says(&["thin", "medium", "thick"])
            || harms(|size| size.pixels().is_none_or(|width| width > 0.0), 16.0))
        .then_some(theme_values::DRAWS_OVER),
        "filter" => colours::filter_hides(all, definitions).then_some(theme_values::HIDES),
        "mix-blend-mode" => (value != "normal").then_some(theme_values::HIDES),
        "z-index" => harms(|size| size.ratio().is_none_or(|level| level < 0.0), 1.0)
            .then_some(theme_values::HIDES),
        "clip-path" | "mask" | "mask-image" | "-webkit-mask" | "-webkit-mask-image" => {
            (value != "none").then_some(theme_values::CUTS)
        }
        "overflow" | "overflow-x" | "overflow-y" | "overflow-block" | "overflow-inline"
            if subject.classes.iter().any(|class| class == "scroll") =>
        {
            says(&["hidden", "clip"]).then_some(theme_values::CUTS)
        }
        "font-size" => harms(Size::is_small_font, 16.0).then_some(theme_values::MAKES_UNREADABLE),
        "font-family" => has_signs(all, definitions).then_some(theme_values::MAKES_UNREADABLE),
        "font" => (has_signs(all, definitions) || font_is_small(all, definitions))
            .then_some(theme_values::MAKES_UNREADABLE),
        "font-size-adjust" => {
            harms(|size| size.ratio().is_none_or(|share| share < MIN_OPACITY), 1.0)
                .then_some(theme_values::MAKES_UNREADABLE)
        }
        "line-height" => {
            harms(Size::is_tight_line_height, 20.0).then_some(theme_values::MAKES_UNREADABLE)
        }
        "letter-spacing" => {
            harms(|size| size.pixels().is_none_or(|space| !(-1.5..=8.0).contains(&space)), 16.0)
                .then_some(theme_values::MAKES_UNREADABLE)
        }
        "word-spacing" => {
            harms(|size| size.pixels().is_none_or(|space| !(-4.0..=32.0).contains(&space)), 16.0)
                .then_some(theme_values::MAKES_UNREADABLE)
        }
        "text-indent" => harms(|size| size.pixels().is_none_or(|space| space.abs() > 32.0), 300.0)
            .then_some(theme_values::MOVES_AWAY),
        "text-decoration" | "text-decoration-thickness" => harms(
            |size| size.pixels().is_none_or(|thickness| thickness > MAX_LINE_THICKNESS_PX),
            16.0,
        )
        .then_some(theme_values::DRAWS_OVER),
        "width" | "height" | "max-width" | "max-height" | "inline-size" | "block-size"
        | "max-inline-size" | "max-block-size" => {
            harms(|size| size.pixels().is_none_or(|side| side < MIN_SIDE_PX), 160.0)
                .then_some(theme_values::MAKES_TOO_SMALL)
        }
        "grid"
        | "grid-template"
        | "grid-template-columns"
        | "grid-template-rows"
        | "grid-auto-rows"
        | "grid-auto-columns" => {
            harms(Size::is_zero, 160.0).then_some(theme_values::MAKES_TOO_SMALL)
        }
        "transform" | "translate" | "scale" | "rotate" | "top" | "left" | "right" | "bottom" => {
            moves_too_far(name, all, definitions).then_some(theme_values::MOVES_AWAY)
        }
        _ if name.starts_with("inset") => {
            moves_too_far(name, all, definitions).then_some(theme_values::MOVES_AWAY)
        }
        _ if name.starts_with("margin") => {
            harms(|size| size.pixels().is_none_or(|space| space < -MIN_SIDE_PX), 160.0)
                .then_some(theme_values::MOVES_AWAY)
        }
        _ if name.starts_with("animation") => (value != "none").then_some(theme_values::MOVES),
        _ => None,
    }
}

impl Size {
    fn is_small_font(self) -> bool {
        match self {
            Self::Relative(share) => share < MIN_FONT_SHARE,
            _ => self.pixels().is_none_or(|size| size < MIN_FONT_PX),
        }
    }

    fn is_tight_line_height(self) -> bool {
        match self {
            Self::Number(share) | Self::Relative(share) => share < MIN_FONT_SHARE,
            _ => self.pixels().is_none_or(|size| size < 12.0),
        }
    }

    fn is_zero(self) -> bool {
        self.pixels() == Some(0.0)
    }
}

/// Whether the font size in `font` is too small: the last number, or the one before `/`, which the
/// line height follows.
fn font_is_small(all: &[Token], definitions: &Definitions) -> bool {
    let slash = all.iter().position(|token| token.is('/'));
    let sizes: Vec<Size> =
        Sizes::of(all.get(..slash.unwrap_or(all.len())).unwrap_or_default(), definitions, 16.0)
            .collect();
    let lines = slash
        .and_then(|at| Sizes::of(all.get(at + 1..).unwrap_or_default(), definitions, 20.0).next());
    sizes.last().is_some_and(|size| size.is_small_font())
        || lines.is_some_and(Size::is_tight_line_height)
}

fn has_signs(all: &[Token], definitions: &Definitions) -> bool {
    let text = words_of(all, definitions, &mut Vec::new()).join(" ");
    SYMBOL_FONTS.iter().any(|sign| format!(" {text} ").contains(&format!(" {sign} ")))
}

/// The words and strings of a value in lower case, with everything its `var()` may expand to.
fn words_of(all: &[Token], definitions: &Definitions, seen: &mut Vec<String>) -> Vec<String> {
    let mut words = Vec::new();
    for token in all {
        match token.kind {
            TokenKind::Ident if seen.contains(&token.text) => {}
            TokenKind::Ident if token.text.starts_with("--") => {
                seen.push(token.text.clone());
                for definition in definitions.values_of(&token.text) {
                    words.extend(words_of(definition, definitions, seen));
                }
            }
            TokenKind::Ident | TokenKind::String => {
                words.extend(token.lower().split_ascii_whitespace().map(str::to_owned));
            }
            // Font names end at a comma.
            TokenKind::Mark(',') => words.push(",".to_owned()),
            _ => {}
        }
    }
    words
}

/// Whether a part is moved, rotated or scaled too far.
fn moves_too_far(name: &str, all: &[Token], definitions: &Definitions) -> bool {
    if all.iter().any(|token| token.kind == TokenKind::Function && token.lower() == "var") {
        return true;
    }
    let far = |inside: &[Token], function: &str| {
        Sizes::of(inside, definitions, 100.0).any(|size| match (function.get(..5), size) {
            (Some("scale"), size) => {
                !size.ratio().is_some_and(|factor| SCALE_RANGE.contains(&factor))
            }
            (Some("rotat"), Size::Angle(degrees)) => degrees.abs() > MAX_ROTATE_DEG,
            // The rotation axis.
            (Some("rotat"), Size::Number(_)) => false,
            (_, size) => size.pixels().is_none_or(|distance| distance.abs() > MAX_TRANSLATE_PX),
        })
    };
    if name != "transform" {
        return far(all, name);
    }
    let functions = all.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Function);
    functions.into_iter().any(|(at, token)| {
        !super::limits::is_math(&token.lower()) && far(sizes::inside(all, at), &token.lower())
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{describe, themed};

    fn refused(css: &str) -> bool {
        !themed(css).1.is_empty()
    }

    #[test]
    fn needed_parts_cannot_be_hidden_or_moved_away() {
        for css in [
            ".tool { display: none }",
            ".head { visibility: hidden }",
            ".item { opacity: 0.2 }",
            ".undo { opacity: 10% }",
            ".title { opacity: var(--belfry-x) } :root { --belfry-x: 0 }",
            ".title { opacity: var(--belfry-x, 0) }",
            ".title { color: var(--belfry-surface) }",
            ".title a { color: transparent }",
            ".notice { filter: opacity(0) }",
            ".body { filter: blur(20px) }",
            ".panel { clip-path: circle(0) }",
            ".item { mask-image: linear-gradient(transparent, transparent) }",
            ".tool { translate: 90px }",
            ".tool { transform: translate(0, -40px) }",
            ".tool { transform: scale(0) }",
            ".undo { scale: 0.01 }",
            ".item { max-height: 1px }",
            ".tool { width: 0 }",
            ".title { font-size: 6px }",
            ".tool { animation: gone 1s forwards } @keyframes gone { to { opacity: 0 } }",
            ".head { position: relative; top: -50px }",
            ".dot, .tool { display: none }",
            ".head > * { display: none }",
            ".head button { display: none }",
            "@keyframes arrive { to { opacity: 0 } }",
            ".title { -webkit-text-fill-color: transparent }",
            ".title { -webkit-text-fill-color: rgb(0 0 0 / 0) }",
            ".title { -webkit-text-stroke: 4px white }",
            ".title { -webkit-text-stroke-width: 2px }",
            ".title { color: color-mix(in srgb, red 10%, transparent) }",
            ".title { color: color-mix(in srgb, transparent, transparent) }",
            ".title { color: light-dark(#000, transparent) }",
            ".title { color: #0001 }",
            ".title { color: hsl(0 0% 0% / 5%) }",
            ".title { color: rgb(0 0 0 / var(--belfry-a)) } :root { --belfry-a: 0 }",
            ".title { color: var(--belfry-c) } :root { --belfry-c: transparent }",
            ".title { color: var(--belfry-none, transparent) }",
            ":root { --belfry-text: transparent }",
            ".panel { --belfry-quiet: #fff0 }",
            ":root { --belfry-text: #fff; --belfry-surface: white }",
            ":root { --belfry-text: light-dark(#000, #111); --belfry-surface: light-dark(#fff, #121212) }",
            ":root { --belfry-space-4: 9999px }",
            ".item { color: #fefefe; background: #fff }",
            ".title { opacity: calc(1 * .1) }",
            ".title { filter: brightness(0) }",
            ".panel { filter: contrast(0) }",
            ".title { filter: invert(50%) }",
            ".title { filter: var(--belfry-f) } :root { --belfry-f: opacity(0) }",
            ".title { mix-blend-mode: screen }",
            ".text { z-index: -1; position: relative }",
            ".title { font: 700 5px serif }",
            ".title { font: 0/0 a }",
            ".title { font-size: .5em }",
            ".title { font-size: 40% }",
            ".title { font-size: calc(10px - 8px) }",
            ".title { font-size: var(--belfry-s) } :root { --belfry-s: 7px }",
            ".title { font-size-adjust: .2 }",
            ".title { font-family: Wingdings }",
            ".title { font-family: \"Zapf Dingbats\", serif }",
            ".title { line-height: 8px }",
            ".title { letter-spacing: -.2em }",
            ".title { letter-spacing: 12px }",
            ".title { word-spacing: -10px }",
            ".title { text-indent: 60px }",
            ".title { text-decoration: line-through 20px }",
            ".title { text-decoration-thickness: 1em }",
            ".body { max-block-size: 0 }",
            ".body { max-height: 0% }",
            ".body { height: calc(10px * .5) }",
            ".body { inline-size: 1ch }",
            ".item { grid-template-rows: 0fr }",
            ".item { margin-top: -48px }",
            ".scroll { overflow: hidden }",
            ".title { rotate: .25turn }",
            ".title { transform: rotateY(90deg) }",
            ".title { transform: translate(calc(1px * 100)) }",
            ".title { scale: 1 0 }",
            ".tool { pointer-events: none }",
            ".tool { cursor: none }",
            "::selection { color: transparent }",
            ".title { color: Canvas }",
            ".title { -webkit-text-fill-color: var(--belfry-surface) }",
            ".title { color: var(--belfry-a) } :root { --belfry-a: var(--belfry-surface) }",
            ".item::after { content: \"\"; position: absolute; inset: 0; background: #fff }",
            ".item::after { content: \"\"; position: absolute; inset: 0; background: var(--belfry-surface) }",
            ".item::after { content: \"\"; position: absolute } .item:hover::after { inset: 0; backdrop-filter: blur(20px) }",
            ".title::before { content: \"\"; position: absolute; width: 4px; box-shadow: 0 0 0 60px white }",
        ] {
            assert!(refused(css), "{css}");
        }
    }

    #[test]
    fn decorative_parts_and_small_changes_are_allowed() {
        for css in [
            ".dot { display: none }",
            ".picture { opacity: 0.1 }",
            ".badge { animation: pulse 1s 3 } @keyframes pulse { 50% { scale: 1.2 } }",
            ".item::before { content: \"\"; opacity: 0 }",
            ".action:hover { transform: translateY(-1px) }",
            ".pill { scale: 1.05; rotate: -2deg }",
            ".tool { opacity: 0.7; width: 36px }",
            ".item { filter: saturate(0.8) }",
            ".tool svg { display: none }",
            ".title { -webkit-text-fill-color: currentcolor; -webkit-text-stroke: 0 }",
            ".title { color: color-mix(in srgb, var(--belfry-text) 80%, transparent) }",
            ".title { color: rgb(from red r g b / .8) }",
            ".title { color: light-dark(#111, #eee); background: light-dark(#eee, #111) }",
            ".title { font: 600 15px/20px \"Segoe UI\", system-ui; letter-spacing: -.02em; text-indent: 1em }",
            ".title { font-size: clamp(14px, calc(12px + 1vw), 18px) }",
            ".title { font-size: calc(var(--belfry-s) * 1.2) } :root { --belfry-s: 14px }",
            ".body { width: calc(100% - 16px); max-width: 40ch; margin: -4px }",
            ".action:hover { filter: saturate(1.2) brightness(1.08) }",
            ".panel { filter: invert(1) hue-rotate(180deg) }",
            ".item { grid-template-columns: minmax(0, 1fr) 48px; flex: 1 1 0 }",
            ".title { text-decoration: underline 2px; transform: scale(1.05) rotate(2deg) translate(4px, 2px) }",
            ".item::after { content: \"\"; pointer-events: none }",
            ".title { font-family: Symbola, serif }",
            ":root { --belfry-duration: 80ms; --belfry-space-1: 2px; --belfry-radius: 999px; --belfry-hover: transparent }",
            ".item::before { content: \"\"; position: absolute; inset-block: 0; inset-inline-start: 0; width: 3px; background: var(--belfry-accent) }",
            ".item::before { content: \"\"; position: absolute; inset: 0; z-index: -1; background: gold }",
            ".item::after { content: \"\"; position: absolute; inset: 0; background: linear-gradient(rgb(255 255 255 / 20%), transparent) }",
            ".item::after { content: \"\"; position: absolute; inset: 0; border: 1px solid red }",
            ".tool:hover { color: var(--belfry-surface); background: var(--belfry-accent) }",
        ] {
            let (_, refused, _) = themed(css);
            assert!(refused.is_empty(), "{css}: {}", describe(&refused));
        }
    }
}
