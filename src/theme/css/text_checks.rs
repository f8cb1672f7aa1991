//! Checks outside the parser's tree: at-rules before parsing, and forbidden text in the printed
//! result.
//!
//! The last check does not rely on earlier ones. Must not depend on the tree.

use super::super::diagnostics::Code;
use super::Diagnostic;
use super::picture;
use super::token::{Token, TokenKind};
use belfry_locales::{LocalizedText, phrases::theme_sheets};
use std::ops::Range;

/// A range of a sheet that is dropped before parsing.
pub(super) struct DroppedRange {
    pub(super) range: Range<usize>,
    pub(super) diagnostic: Diagnostic,
}

/// The unsupported ranges in source order, or the first at-rule that could do harm.
pub(super) fn check_at_rules(
    all: &[Token],
    is_theme: bool,
) -> Result<Vec<DroppedRange>, (usize, Diagnostic)> {
    let mut matches: Vec<DroppedRange> = Vec::new();
    // Open brackets, and whether `@` may begin a rule there: only directly in a block.
    let mut open: Vec<bool> = Vec::new();
    for (index, token) in all.iter().enumerate() {
        match token.kind {
            TokenKind::Open(bracket) => open.push(bracket == '{'),
            TokenKind::Function => open.push(false),
            TokenKind::Close(_) => {
                open.pop();
            }
            _ => {}
        }
        let is_inside = matches.last().is_some_and(|last| token.start < last.range.end);
        let rest = all.get(index + 1..).unwrap_or_default();
        let next = |ahead: usize, mark: char| rest.get(ahead).is_some_and(|next| next.is(mark));
        let html = |what, length: usize| DroppedRange {
            range: token.start..token.start + length,
            diagnostic: Diagnostic::new(Code::Syntax, what, theme_sheets::HTML_COMMENT),
        };
        match token.kind {
            // URLs in a dropped range were checked when it began.
            TokenKind::At if is_inside && token.lower() != "import" => {}
            TokenKind::At if open.last().copied().unwrap_or(true) => {
                match at_rule(token, rest, is_theme) {
                    AtRuleVerdict::Kept => {}
                    AtRuleVerdict::Rejected(diagnostic) => return Err((token.start, diagnostic)),
                    AtRuleVerdict::Dropped(diagnostic) => matches.push(DroppedRange {
                        range: token.start..end(rest).unwrap_or(token.end),
                        diagnostic,
                    }),
                }
            }
            TokenKind::Mark('<')
                if open.is_empty()
                    && next(0, '!')
                    && rest.get(1).is_some_and(|next| next.text == "--") =>
            {
                matches.push(html("<!--", 4));
            }
            TokenKind::Ident if open.is_empty() && token.text == "--" && next(0, '>') => {
                matches.push(html("-->", 3));
            }
            _ => {}
        }
    }
    Ok(matches)
}

/// The end of the at-rule whose `@` precedes these tokens: after its block or semicolon, or before
/// the end of the enclosing block.
fn end(rest: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut last = None;
    for token in rest {
        match token.kind {
            TokenKind::Open(_) | TokenKind::Function => depth += 1,
            TokenKind::Close(_) if depth == 0 => return last,
            TokenKind::Close(bracket) => {
                depth -= 1;
                if depth == 0 && bracket == '}' {
                    return Some(token.end);
                }
            }
            TokenKind::Mark(';') if depth == 0 => return Some(token.end),
            _ => {}
        }
        last = Some(token.end);
    }
    last
}

/// The verdict on an at-rule.
enum AtRuleVerdict {
    Kept,
    Dropped(Diagnostic),
    Rejected(Diagnostic),
}

fn at_rule(token: &Token, rest: &[Token], is_theme: bool) -> AtRuleVerdict {
    let name = token.lower();
    let loads = || {
        let end = end(rest).unwrap_or(token.end);
        fetches(rest.get(..rest.partition_point(|next| next.start < end)).unwrap_or_default())
    };
    let what = format!("@{}", token.text);
    let refused = |reason: LocalizedText| {
        AtRuleVerdict::Rejected(Diagnostic::new(Code::Loads, &what, reason))
    };
    let left_out =
        |code, reason: LocalizedText| AtRuleVerdict::Dropped(Diagnostic::new(code, &what, reason));
    match name.as_str() {
        "media" | "supports" | "keyframes" | "layer" => AtRuleVerdict::Kept,
        "container" if is_theme => AtRuleVerdict::Kept,
        _ if name.ends_with("-keyframes") => AtRuleVerdict::Kept,
        "import" if !is_theme => refused(theme_sheets::IMPORT_IN_DRAWING),
        "import" => refused(theme_sheets::IMPORT_IN_THEME),
        // Its URL is a name and is never fetched.
        "namespace" => left_out(Code::AtRule, theme_sheets::NAMESPACE),
        "font-face" if loads() => refused(theme_sheets::FONT_LOADS),
        "font-face" => left_out(Code::Font, theme_sheets::FONT_FACE),
        _ if loads() => refused(theme_sheets::RULE_LOADS),
        "charset" => left_out(Code::AtRule, theme_sheets::CHARSET),
        "property" => left_out(Code::AtRule, theme_sheets::REGISTERED_PROPERTY),
        "counter-style" => left_out(Code::AtRule, theme_sheets::COUNTER_STYLE),
        _ => left_out(Code::AtRule, theme_sheets::UNLISTED_RULE),
    }
}

/// Whether the tokens contain a URL that would be fetched: neither `data:` nor a fragment of the
/// same file.
fn fetches(rest: &[Token]) -> bool {
    let fetched = |address: &str| {
        let address = address.trim();
        !address.is_empty()
            && !address.starts_with('#')
            && !address.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
    };
    let mut open: Vec<bool> = Vec::new();
    for token in rest {
        match token.kind {
            TokenKind::Url if fetched(&token.text) => return true,
            TokenKind::Function => open.push(matches!(
                token.lower().as_str(),
                "url" | "src" | "image" | "image-set" | "-webkit-image-set"
            )),
            TokenKind::Open(_) => open.push(false),
            TokenKind::Close(_) => {
                open.pop();
            }
            TokenKind::String if open.last() == Some(&true) && fetched(&token.text) => return true,
            _ => {}
        }
    }
    false
}

/// The forbidden text that a printed sheet contains, if any.
pub(super) fn check_output(text: &str, is_theme: bool) -> Option<&'static str> {
    const NEVER: [&str; 19] = [
        "<",
        "\\",
        "]]>",
        "@import",
        "@font-face",
        "@namespace",
        "@charset",
        "@property",
        "expression(",
        "javascript:",
        "-binding:",
        " behavior:",
        "image-set",
        "cross-fade",
        "src(",
        "attr(",
        "env(",
        "paint(",
        "//",
    ];
    let lower = text.to_ascii_lowercase();
    if let Some(found) = NEVER.iter().find(|never| contains(&lower, never)) {
        return Some(found);
    }
    if text.contains('&') {
        return Some("&");
    }
    for (offset, _) in lower.match_indices("url(") {
        let rest = text.get(offset + 4..).unwrap_or_default();
        let fits = if is_theme {
            let address = rest
                .strip_prefix('"')
                .and_then(|rest| rest.split_once("\")"))
                .map(|(address, _)| address);
            address.is_some_and(|address| picture::check(address).is_ok())
        } else {
            rest.strip_prefix('#')
                .and_then(|rest| rest.split_once(')'))
                .is_some_and(|(name, _)| super::token::is_plain(name))
        };
        if !fits {
            return Some("url(");
        }
    }
    None
}

/// Whether a text contains this; `//` does not count inside the base64 of a picture.
fn contains(text: &str, never: &str) -> bool {
    if never != "//" {
        return text.contains(never);
    }
    text.split("url(\"data:").enumerate().any(|(index, piece)| {
        let piece = if index == 0 {
            piece
        } else {
            piece.split_once("\")").map_or(piece, |(_, after)| after)
        };
        piece.contains(never)
    })
}
