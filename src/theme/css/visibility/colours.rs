//! Whether text can be distinguished from its background, as far as the style sheet alone decides
//! it. Must not depend on which parts are needed.

use super::super::super::colour;
use super::super::super::diagnostics::Code;
use super::super::Diagnostic;
use super::super::definitions::Definitions;
use super::super::parts;
use super::super::selector::Complex;
use super::super::sheet::Declaration;
use super::super::token::{Token, TokenKind, tokens};
use super::MIN_OPACITY;
use super::sizes::{Size, Sizes, inside};
use belfry_locales::phrases::theme_values;
use svgtypes::Color;

/// Contrast below which two colours look equal.
const MAX_SAME_CONTRAST: f64 = 1.2;

/// Whether a colour, or one of its possible values, is too transparent.
pub(super) fn is_faint(all: &[Token], definitions: &Definitions) -> bool {
    any_is_faint(all, definitions, &mut Vec::new())
}

fn any_is_faint(all: &[Token], definitions: &Definitions, seen: &mut Vec<String>) -> bool {
    let mut at = 0;
    while let Some(token) = all.get(at) {
        let begin = at;
        at += 1;
        let found = match token.kind {
            TokenKind::Ident if token.text.starts_with("--") => {
                let is_new = !seen.contains(&token.text);
                seen.push(token.text.clone());
                is_new
                    && definitions
                        .values_of(&token.text)
                        .any(|definition| any_is_faint(definition, definitions, seen))
            }
            TokenKind::Ident => token.text.eq_ignore_ascii_case("transparent"),
            TokenKind::Hash => hash_is_faint(&token.text),
            TokenKind::Function => {
                let inner = inside(all, begin);
                match token.lower().as_str() {
                    // Their arguments are checked like top-level values.
                    "var" | "light-dark" => false,
                    "color-mix" => {
                        at += inner.len() + 1;
                        mix_is_faint(inner, definitions, seen)
                    }
                    _ => {
                        at += inner.len() + 1;
                        alpha_is_faint(inner)
                    }
                }
            }
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

fn hash_is_faint(digits: &str) -> bool {
    let alpha = match digits.len() {
        4 => digits.get(3..).map(|digit| digit.repeat(2)),
        8 => digits.get(6..).map(str::to_owned),
        _ => None,
    };
    alpha
        .and_then(|alpha| u8::from_str_radix(&alpha, 16).ok())
        .is_some_and(|alpha| f64::from(alpha) / 255.0 < MIN_OPACITY)
}

/// The arguments of a function, split at its top-level commas.
fn arguments(inner: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    inner
        .split(|token| {
            match token.kind {
                TokenKind::Open(_) | TokenKind::Function => depth += 1,
                TokenKind::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.is(',')
        })
        .collect()
}

/// Whether the alpha of `rgb(1 2 3 / 40%)` or `rgba(1, 2, 3, .4)` is too low or unknown.
fn alpha_is_faint(inner: &[Token]) -> bool {
    let mut depth = 0_usize;
    let slash = inner.iter().position(|token| {
        match token.kind {
            TokenKind::Open(_) | TokenKind::Function => depth += 1,
            TokenKind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is('/')
    });
    let by_commas = arguments(inner);
    let alpha = match (slash, by_commas.as_slice()) {
        (Some(at), _) => inner.get(at + 1..).unwrap_or_default(),
        (None, [_, _, _, alpha]) => alpha,
        _ => return false,
    };
    let known: Vec<&Token> = alpha.iter().filter(|token| token.kind != TokenKind::Space).collect();
    match known.as_slice() {
        [token] if token.kind == TokenKind::Number => token.number < MIN_OPACITY,
        [token] if token.kind == TokenKind::Percentage => token.number / 100.0 < MIN_OPACITY,
        // `alpha` refers to the origin colour, which is checked on its own.
        [token] if token.kind == TokenKind::Ident => token.text != "alpha",
        _ => true,
    }
}

/// Whether the result of `color-mix()` is too transparent.
fn mix_is_faint(inner: &[Token], definitions: &Definitions, seen: &mut Vec<String>) -> bool {
    let arguments = arguments(inner);
    let [_, one, other] = arguments.as_slice() else {
        return any_is_faint(inner, definitions, seen);
    };
    let share = |piece: &[Token]| {
        piece
            .iter()
            .find(|token| token.kind == TokenKind::Percentage)
            .map(|token| token.number / 100.0)
    };
    let solid = match (any_is_faint(one, definitions, seen), any_is_faint(other, definitions, seen))
    {
        (false, false) => return false,
        (true, true) => return true,
        (false, true) => share(one).or(share(other).map(|share| 1.0 - share)),
        (true, false) => share(other).or(share(one).map(|share| 1.0 - share)),
    };
    solid.unwrap_or(0.5) < MIN_OPACITY
}

/// Whether a `filter` hides a part, or reduces it to one colour.
pub(super) fn filter_hides(all: &[Token], definitions: &Definitions) -> bool {
    let mut seen = Vec::new();
    filtered(all, definitions, &mut seen)
}

fn filtered(all: &[Token], definitions: &Definitions, seen: &mut Vec<String>) -> bool {
    all.iter().enumerate().any(|(at, token)| match token.kind {
        TokenKind::Ident if token.text.starts_with("--") && !seen.contains(&token.text) => {
            seen.push(token.text.clone());
            definitions
                .values_of(&token.text)
                .any(|definition| filtered(definition, definitions, seen))
        }
        TokenKind::Function => {
            let amount = || {
                Sizes::of(inside(all, at), definitions, 1.0).map(Size::ratio).collect::<Vec<_>>()
            };
            let outside = |least: f64, max: f64| {
                amount().iter().any(|share| share.is_none_or(|share| share < least || share > max))
            };
            match token.lower().as_str() {
                "opacity" | "blur" => true,
                "brightness" => outside(0.6, 1.6),
                "contrast" => outside(0.6, 2.0),
                // Half inversion makes everything one grey.
                "invert" => amount()
                    .iter()
                    .any(|share| share.is_none_or(|share| share > 0.2 && share < 0.8)),
                _ => false,
            }
        }
        _ => false,
    })
}

/// Whether text has the colour of its own background: within one rule, or among the widget's colour
/// properties.
pub(in super::super) fn invisible_text(
    selectors: &[Complex],
    declarations: &[Declaration],
    definitions: &Definitions,
) -> Option<(usize, Diagnostic)> {
    const PAIRS: [(&str, &str); 9] = [
        ("color", "background-color"),
        ("color", "background"),
        ("-webkit-text-fill-color", "background-color"),
        ("-webkit-text-fill-color", "background"),
        ("--belfry-text", "--belfry-surface"),
        ("--belfry-quiet", "--belfry-surface"),
        ("--belfry-accent", "--belfry-surface"),
        ("--belfry-on-badge", "--belfry-badge"),
        ("--belfry-on-warn", "--belfry-warn"),
    ];
    let is_needed = selectors.iter().any(super::is_needed);
    let of_widget = selectors.iter().any(parts::is_root);
    // The last declaration of a property applies.
    let last = |name: &str| declarations.iter().rev().find(|declaration| declaration.name == name);
    for front in ["color", "-webkit-text-fill-color"] {
        if let (true, Some(text), None, None) =
            (is_needed, last(front), last("background"), last("background-color"))
            && is_surface(&text.value, definitions, 0)
        {
            let reason = theme_values::COLOUR_OF_SURFACE;
            return Some((text.at, Diagnostic::new(Code::Hidden, front, reason)));
        }
    }
    for (front, back) in PAIRS {
        let counts = if front.starts_with("--") { is_needed || of_widget } else { is_needed };
        if let (true, Some(text), Some(ground)) = (counts, last(front), last(back))
            && are_same(&text.value, &ground.value)
        {
            let reason = theme_values::colour_of_background(back);
            return Some((text.at, Diagnostic::new(Code::Hidden, front, reason)));
        }
    }
    None
}

/// Whether a colour is that of the panel, directly or through custom properties.
fn is_surface(value: &str, definitions: &Definitions, depth: usize) -> bool {
    let Ok(all) = tokens(value) else { return false };
    let known: Vec<&Token> = all.iter().filter(|token| token.kind != TokenKind::Space).collect();
    match known.as_slice() {
        [only] => {
            only.kind == TokenKind::Ident && ["canvas", "field"].contains(&only.lower().as_str())
        }
        [function, name, ..]
            if function.kind == TokenKind::Function && function.lower() == "var" =>
        {
            let through = |definition: &Vec<Token>| {
                let text: String = definition
                    .iter()
                    .filter_map(|token| {
                        (token.kind == TokenKind::Ident).then_some(token.text.as_str())
                    })
                    .collect();
                is_surface(&format!("var({text})"), definitions, depth + 1)
            };
            let is_known = ["--belfry-surface", "--belfry-hover"].contains(&name.text.as_str());
            let leads_on = |definition: &&Vec<Token>| {
                definition.iter().any(|token| token.text.starts_with("--"))
            };
            is_known || depth < 8 && definitions.values_of(&name.text).filter(leads_on).any(through)
        }
        _ => false,
    }
}

/// Whether a background contains something opaque.
pub(super) fn is_solid(all: &[Token], definitions: &Definitions) -> bool {
    any_is_solid(all, definitions, &mut Vec::new())
}

fn any_is_solid(all: &[Token], definitions: &Definitions, seen: &mut Vec<String>) -> bool {
    let mut at = 0;
    while let Some(token) = all.get(at) {
        let begin = at;
        at += 1;
        let found = match token.kind {
            TokenKind::Hash => !hash_is_faint(&token.text),
            TokenKind::Url => true,
            TokenKind::Ident if token.text.starts_with("--") => {
                let is_new = !seen.contains(&token.text);
                seen.push(token.text.clone());
                let mut known = definitions.values_of(&token.text).peekable();
                is_new
                    && (known.peek().is_none()
                        || known.any(|definition| any_is_solid(definition, definitions, seen)))
            }
            TokenKind::Ident => {
                token.lower().parse::<Color>().is_ok_and(|colour| colour.alpha > 0)
                    || matches!(token.lower().as_str(), "canvas" | "field" | "currentcolor")
            }
            TokenKind::Function => {
                let inner = inside(all, begin);
                match token.lower().as_str() {
                    "url" => true,
                    "color-mix" => {
                        at += inner.len() + 1;
                        !mix_is_faint(inner, definitions, seen)
                    }
                    "rgb" | "rgba" | "hsl" | "hsla" | "hwb" | "lab" | "lch" | "oklab" | "oklch"
                    | "color" => {
                        at += inner.len() + 1;
                        !alpha_is_faint(inner)
                    }
                    _ => false,
                }
            }
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

fn are_same(front: &str, back: &str) -> bool {
    let (front, back) = (by_scheme(front), by_scheme(back));
    front.iter().zip(back).any(|(front, back)| {
        match (front.parse::<Color>(), back.parse::<Color>()) {
            (Ok(front), Ok(back)) => {
                back.alpha == u8::MAX
                    && front.alpha == u8::MAX
                    && colour::contrast(front, back) < MAX_SAME_CONTRAST
            }
            _ => false,
        }
    })
}

/// The colours of the light and the dark scheme.
fn by_scheme(value: &str) -> [&str; 2] {
    let inner = value.strip_prefix("light-dark(").and_then(|rest| rest.strip_suffix(')'));
    let pair = inner
        .filter(|inner| inner.matches(',').count() == 1)
        .and_then(|inner| inner.split_once(','));
    pair.map_or([value, value], |(light, dark)| [light.trim(), dark.trim()])
}
