//! Evaluates the numbers of a value, including sums and `var()`. Lengths are estimated pixels. Must
//! not depend on properties.
//!
//! The value and its `var()` expansions were checked before, so the work here is bounded.

use super::super::definitions::Definitions;
use super::super::limits::{Quantity, is_math};
use super::super::properties;
use super::super::token::{Token, TokenKind};

/// A number of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Size {
    /// A length, or the result of a sum.
    Pixels(f64),
    /// A share of the context: `%` and `em`, and its value in pixels relative to `whole`.
    Relative(f64),
    /// A percentage of a whole with this many pixels.
    Percentage(f64, f64),
    Number(f64),
    /// An angle in degrees.
    Angle(f64),
    /// Not computable.
    Unknown,
}

impl Size {
    /// In pixels; a unitless number other than 0 is no length.
    pub(super) fn pixels(self) -> Option<f64> {
        match self {
            Self::Pixels(pixels) => Some(pixels),
            Self::Relative(share) => Some(share * 16.0),
            Self::Percentage(share, whole) => Some(share * whole),
            Self::Number(number) => Some(number),
            Self::Angle(_) | Self::Unknown => None,
        }
    }

    /// As a share of one.
    pub(super) fn ratio(self) -> Option<f64> {
        match self {
            Self::Number(share)
            | Self::Relative(share)
            | Self::Percentage(share, _)
            | Self::Pixels(share) => Some(share),
            Self::Angle(_) | Self::Unknown => None,
        }
    }
}

/// The top-level numbers of a value, including results of math functions and `var()`.
pub(super) struct Sizes;

impl Sizes {
    /// `whole` is the base of percentages, in pixels.
    pub(super) fn of(
        all: &[Token],
        definitions: &Definitions,
        percentage_base: f64,
    ) -> impl Iterator<Item = Size> {
        let mut found = Vec::new();
        if is_void(all, definitions) {
            return found.into_iter();
        }
        SizeEvaluator { definitions, percentage_base }.collect(all, &mut Vec::new(), &mut found);
        found.into_iter()
    }
}

/// Whether a value references an undefined custom property and is therefore invalid for browsers.
fn is_void(all: &[Token], definitions: &Definitions) -> bool {
    all.iter().enumerate().any(|(at, token)| {
        let inner = inside(all, at);
        let name = inner.iter().find(|token| token.kind == TokenKind::Ident);
        token.kind == TokenKind::Function
            && token.lower() == "var"
            && !inner.iter().any(|token| token.is(','))
            && name.is_some_and(|name| {
                definitions.values_of(&name.text).next().is_none()
                    && properties::use_of(&name.text).is_none()
            })
    })
}

/// The widget's own value of a custom property that no theme has set.
fn standard(name: &str) -> Option<f64> {
    match name.strip_prefix("--belfry-")? {
        "space-1" => Some(4.0),
        "space-2" | "radius" => Some(8.0),
        "space-3" => Some(12.0),
        "space-4" => Some(16.0),
        "radius-large" => Some(14.0),
        _ => None,
    }
}

/// The tokens between the brackets of the function at an index.
pub(super) fn inside(all: &[Token], function: usize) -> &[Token] {
    let from = all.get(function + 1..).unwrap_or_default();
    from.get(..length(from)).unwrap_or_default()
}

/// The number of tokens before the closing bracket.
fn length(from: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in from.iter().enumerate() {
        match token.kind {
            TokenKind::Open(_) | TokenKind::Function => depth += 1,
            TokenKind::Close(_) if depth == 0 => return index,
            TokenKind::Close(_) => depth -= 1,
            _ => {}
        }
    }
    from.len()
}

struct SizeEvaluator<'a> {
    definitions: &'a Definitions,
    percentage_base: f64,
}

impl SizeEvaluator<'_> {
    fn collect(&self, all: &[Token], seen: &mut Vec<String>, matches: &mut Vec<Size>) {
        let mut at = 0;
        while let Some(token) = all.get(at) {
            let begin = at;
            at += 1;
            match token.kind {
                TokenKind::Function => {
                    let inner = inside(all, begin);
                    at += inner.len() + 1;
                    match token.lower().as_str() {
                        "var" => self.variable(inner, seen, |reader, value, seen| {
                            reader.collect(value, seen, matches);
                        }),
                        name if is_math(name) => matches.push(
                            self.result(name, inner, &mut Vec::new())
                                .map_or(Size::Unknown, Size::Pixels),
                        ),
                        _ => {}
                    }
                }
                TokenKind::Number | TokenKind::Percentage | TokenKind::Dimension => {
                    matches.push(self.size(token));
                }
                _ => {}
            }
        }
    }

    /// Everything that a `var()` may expand to, including its fallback.
    fn variable(
        &self,
        inner: &[Token],
        seen: &mut Vec<String>,
        mut tell: impl FnMut(&Self, &[Token], &mut Vec<String>),
    ) {
        let Some(name) = inner.iter().find(|token| token.kind == TokenKind::Ident) else { return };
        if !seen.contains(&name.text) {
            seen.push(name.text.clone());
            for definition in self.definitions.values_of(&name.text) {
                tell(self, definition, seen);
            }
        }
        if let Some(comma) = inner.iter().position(|token| token.is(',')) {
            tell(self, inner.get(comma + 1..).unwrap_or_default(), seen);
        }
    }

    fn size(&self, token: &Token) -> Size {
        let number = token.number;
        match (token.kind, token.lower().as_str()) {
            (TokenKind::Percentage, _) if self.percentage_base > 20.0 => {
                Size::Percentage(number / 100.0, self.percentage_base)
            }
            (TokenKind::Percentage, _) => Size::Relative(number / 100.0),
            (TokenKind::Number, _) | (_, "fr") => Size::Number(number),
            (_, "em") => Size::Relative(number),
            (_, "deg") => Size::Angle(number),
            (_, "turn") => Size::Angle(number * 360.0),
            (_, "rad") => Size::Angle(number.to_degrees()),
            (_, "grad") => Size::Angle(number * 0.9),
            _ => match Quantity::of(token) {
                Quantity::Pixels(pixels) => Size::Pixels(pixels),
                _ => Size::Unknown,
            },
        }
    }

    /// The result of a math function; of several possible results, the smallest.
    fn result(&self, name: &str, inner: &[Token], chain: &mut Vec<String>) -> Option<f64> {
        let mut found = Vec::new();
        let (mut depth, mut begin) = (0_usize, 0);
        for (index, token) in inner.iter().enumerate() {
            match token.kind {
                TokenKind::Open(_) | TokenKind::Function => depth += 1,
                TokenKind::Close(_) => depth = depth.saturating_sub(1),
                TokenKind::Mark(',') if depth == 0 => {
                    found.push(inner.get(begin..index).unwrap_or_default());
                    begin = index + 1;
                }
                _ => {}
            }
        }
        found.push(inner.get(begin..).unwrap_or_default());
        let values: Option<Vec<f64>> =
            found.iter().map(|argument| self.sum(argument, chain)).collect();
        match (name, values?.as_slice()) {
            ("calc" | "(", [only]) => Some(*only),
            ("min", values) => values.iter().copied().reduce(f64::min),
            ("max", values) => values.iter().copied().reduce(f64::max),
            ("clamp", [least, value, most]) => Some(value.min(*most).max(*least)),
            _ => None,
        }
    }

    fn sum(&self, all: &[Token], chain: &mut Vec<String>) -> Option<f64> {
        let mut total = 0.0;
        let mut sign = 1.0;
        let mut product: Option<f64> = None;
        let mut mark = '*';
        let mut at = 0;
        while let Some(token) = all.get(at) {
            let begin = at;
            at += 1;
            let value = match token.kind {
                TokenKind::Space => continue,
                TokenKind::Mark('+' | '-') => {
                    total += sign * product.take()?;
                    sign = if token.is('-') { -1.0 } else { 1.0 };
                    mark = '*';
                    continue;
                }
                TokenKind::Mark(sign @ ('*' | '/')) => {
                    mark = sign;
                    continue;
                }
                TokenKind::Function | TokenKind::Open('(') => {
                    let inner = inside(all, begin);
                    at += inner.len() + 1;
                    match token.lower().as_str() {
                        "var" => self.min_value(inner, chain)?,
                        name => {
                            self.result(if name.is_empty() { "(" } else { name }, inner, chain)?
                        }
                    }
                }
                _ if token.is_numeric() => match self.size(token) {
                    Size::Angle(_) | Size::Unknown => return None,
                    // In a sum, a percentage is a length.
                    Size::Relative(share) if token.kind == TokenKind::Percentage => {
                        share * self.percentage_base
                    }
                    size => size.pixels()?,
                },
                _ => return None,
            };
            product = Some(match (product, mark) {
                (None, _) => value,
                (Some(product), '/') => product / value,
                (Some(product), _) => product * value,
            });
        }
        Some(total + sign * product?)
    }

    /// The smallest value that a `var()` may expand to.
    fn min_value(&self, inner: &[Token], chain: &mut Vec<String>) -> Option<f64> {
        let mut values: Vec<Option<f64>> = Vec::new();
        let name = inner.iter().find(|token| token.kind == TokenKind::Ident)?;
        if chain.contains(&name.text) {
            return None;
        }
        chain.push(name.text.clone());
        for definition in self.definitions.values_of(&name.text) {
            values.push(self.sum(definition, chain));
        }
        chain.pop();
        if values.is_empty() {
            values.extend(standard(&name.text).map(Some));
        }
        if let Some(comma) = inner.iter().position(|token| token.is(',')) {
            values.push(self.sum(inner.get(comma + 1..).unwrap_or_default(), chain));
        }
        let values: Option<Vec<f64>> = values.into_iter().collect();
        values?.into_iter().reduce(f64::min)
    }
}
