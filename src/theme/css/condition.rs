//! The conditions of `@media`, `@supports` and `@container`, checked in their printed form.
//!
//! `prefers-color-scheme` is removed from media queries, because the widget's scheme may differ
//! from the system's. Must not depend on rules.

use super::super::diagnostics::Code;
use super::token::{Token, TokenKind, is_plain, tokens};
use super::{Diagnostic, Scheme};
use belfry_locales::phrases::theme_sheets;

/// A condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    Scheme(Scheme),
    Media(String),
    Supports(String),
    Container(String),
}

impl Condition {
    /// Whether it applies to print only.
    pub(super) fn is_print(&self) -> bool {
        matches!(self, Self::Media(text) if text == "print" || text.starts_with("print and "))
    }

    /// The at-rule without its block.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Scheme(Scheme::Light) => "@media (prefers-color-scheme: light)".to_owned(),
            Self::Scheme(Scheme::Dark) => "@media (prefers-color-scheme: dark)".to_owned(),
            Self::Media(text) => format!("@media {text}"),
            Self::Supports(text) => format!("@supports {text}"),
            Self::Container(text) => format!("@container {text}"),
        }
    }
}

const MEDIA_FEATURES: &str = "width height aspect-ratio orientation resolution hover any-hover pointer any-pointer prefers-color-scheme
    prefers-reduced-motion prefers-reduced-transparency prefers-contrast forced-colors inverted-colors color color-gamut dynamic-range update
    scripting monochrome overflow-block overflow-inline";
const CONTAINER_FEATURES: &str = "width height inline-size block-size aspect-ratio orientation";

/// Parses a printed media query list.
pub(super) fn media(text: &str) -> Result<Vec<Condition>, Diagnostic> {
    let (text, all) = read(text)?;
    features(&all, MEDIA_FEATURES)?;
    if !all.iter().any(|token| token.text.eq_ignore_ascii_case("prefers-color-scheme")) {
        return Ok(vec![Condition::Media(text)]);
    }
    let mut found = Vec::new();
    let mut rest: Vec<&str> = Vec::new();
    for piece in pieces(&text, &all)? {
        match piece.replace([' ', '\n'], "").as_str() {
            "(prefers-color-scheme:dark)" => found.push(Condition::Scheme(Scheme::Dark)),
            "(prefers-color-scheme:light)" => found.push(Condition::Scheme(Scheme::Light)),
            "all" | "screen" => {}
            other if other.contains("prefers-color-scheme") => {
                return Err(Diagnostic::new(
                    Code::Condition,
                    "prefers-color-scheme",
                    theme_sheets::SCHEME_VALUES,
                ));
            }
            _ => rest.push(piece),
        }
    }
    if !rest.is_empty() {
        found.push(Condition::Media(rest.join(" and ")));
    }
    Ok(found)
}

/// Parses a printed `@supports` condition.
pub(super) fn supports(text: &str) -> Result<Condition, Diagnostic> {
    let (text, all) = read(text)?;
    for token in &all {
        if matches!(token.kind, TokenKind::String | TokenKind::Url)
            || token.kind == TokenKind::Function && is_unsupported_function(&token.lower())
        {
            return Err(Diagnostic::new(
                Code::Condition,
                &token.text,
                theme_sheets::SUPPORTS_VALUE,
            ));
        }
    }
    // Declarations that run together, as after a missing bracket, can be parsed in more than one
    // way.
    let mut colons = vec![0];
    for token in &all {
        match token.kind {
            TokenKind::Open(_) | TokenKind::Function => colons.push(0),
            TokenKind::Close(_) => {
                colons.pop();
            }
            TokenKind::Mark(':') => {
                if let Some(count) = colons.last_mut() {
                    *count += 1;
                }
            }
            _ => {}
        }
        if colons.last().is_some_and(|count| *count > 1) {
            return Err(Diagnostic::new(Code::Condition, ":", theme_sheets::TWO_DECLARATIONS));
        }
    }
    Ok(Condition::Supports(text))
}

/// Parses a printed `@container` condition with its name.
pub(super) fn container(text: &str) -> Result<Condition, Diagnostic> {
    let (text, all) = read(text)?;
    if let Some(function) = all.iter().find(|token| token.kind == TokenKind::Function) {
        let reason = theme_sheets::CONTAINER_VALUE;
        return Err(Diagnostic::new(Code::Condition, &format!("{}(", function.text), reason));
    }
    features(&all, CONTAINER_FEATURES)?;
    Ok(Condition::Container(text))
}

/// Functions in a query that a theme does not need, or that would be rejected in a value.
fn is_unsupported_function(name: &str) -> bool {
    matches!(
        name,
        "selector"
            | "font-tech"
            | "font-format"
            | "url"
            | "attr"
            | "env"
            | "image-set"
            | "-webkit-image-set"
            | "src"
            | "image"
    ) || matches!(name, "element" | "paint" | "cross-fade" | "if" | "expression")
}

/// A condition without comments and escapes, and its tokens.
fn read(text: &str) -> Result<(String, Vec<Token>), Diagnostic> {
    let unreadable = || Diagnostic::new(Code::Condition, text, theme_sheets::UNREADABLE_CONDITION);
    let mut plain = String::with_capacity(text.len());
    let mut end = 0;
    for token in tokens(text).map_err(|_| unreadable())? {
        // A comment between two tokens separates them.
        let gap = if token.start == end { "" } else { " " };
        let number = token.is_numeric() && token.number.is_finite() && !token.text.contains('\\');
        let slice = text.get(token.start..token.end).unwrap_or_default();
        let fits = match token.kind {
            TokenKind::Ident | TokenKind::Function => is_plain(&token.text),
            TokenKind::Number | TokenKind::Percentage | TokenKind::Dimension => number,
            TokenKind::Hash | TokenKind::Space | TokenKind::Open('(') | TokenKind::Close(')') => {
                true
            }
            TokenKind::Mark(mark) => matches!(mark, ':' | ',' | '/' | '+' | '-' | '*' | '.'),
            _ => false,
        };
        if !fits || slice.contains('\\') {
            let what = if token.text.is_empty() { slice } else { &token.text };
            return Err(Diagnostic::new(Code::Condition, what, theme_sheets::CONDITION_SIGN));
        }
        // Canonical spacing: one space after a colon and between words, none inside brackets.
        let is_tight = plain.ends_with(['(', ' ']);
        match token.kind {
            TokenKind::Space if is_tight => {}
            TokenKind::Space => plain.push(' '),
            TokenKind::Close(_) | TokenKind::Mark(':') => {
                plain.truncate(plain.trim_end().len());
                plain.push_str(if token.is(':') { ": " } else { slice });
            }
            _ => plain.extend([if is_tight { "" } else { gap }, slice]),
        }
        end = token.end;
    }
    let plain = plain.trim().to_owned();
    let all = tokens(&plain).map_err(|_| unreadable())?;
    Ok((plain, all))
}

/// Checks that every queried feature is on the list.
fn features(all: &[Token], known: &str) -> Result<(), Diagnostic> {
    let mut before_space = None;
    for token in all.iter().filter(|token| token.kind != TokenKind::Space) {
        let opens = before_space == Some(TokenKind::Open('('));
        before_space = Some(token.kind);
        let is_word = matches!(token.text.as_str(), "not" | "and" | "or");
        if !opens || token.kind != TokenKind::Ident || is_word {
            continue;
        }
        let name = token.lower();
        let plain = ["min-", "max-", "-webkit-min-", "-webkit-max-"]
            .iter()
            .find_map(|start| name.strip_prefix(start))
            .unwrap_or(&name);
        if !known.split_ascii_whitespace().any(|feature| feature == plain) {
            return Err(Diagnostic::new(
                Code::Condition,
                &token.text,
                theme_sheets::UNKNOWN_FEATURE,
            ));
        }
    }
    Ok(())
}

/// The operands of `and` in a single query.
fn pieces<'a>(text: &'a str, all: &[Token]) -> Result<Vec<&'a str>, Diagnostic> {
    let mut depth = 0_usize;
    let mut begin = 0;
    let mut found = Vec::new();
    for token in all {
        match token.kind {
            TokenKind::Open(_) | TokenKind::Function => depth += 1,
            TokenKind::Close(_) => depth = depth.saturating_sub(1),
            TokenKind::Ident if depth == 0 && token.text.eq_ignore_ascii_case("and") => {
                found.push(text.get(begin..token.start).unwrap_or_default().trim());
                begin = token.end;
            }
            TokenKind::Mark(',') | TokenKind::Ident
                if depth == 0
                    && (token.is(',')
                        || matches!(token.lower().as_str(), "not" | "or" | "only" | "print")) =>
            {
                return Err(Diagnostic::new(
                    Code::Condition,
                    "prefers-color-scheme",
                    theme_sheets::SCHEME_IN_QUERY,
                ));
            }
            _ => {}
        }
    }
    found.push(text.get(begin..).unwrap_or_default().trim());
    Ok(found)
}
