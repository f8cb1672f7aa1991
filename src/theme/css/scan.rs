//! Checks of a style sheet before parsing: size, characters, brackets and counts.
//!
//! The parser recurses with every bracket and every operator of a sum, and would overflow the
//! stack. So this scan must be linear and must not recurse. Must not depend on properties or
//! selectors.

use super::super::diagnostics::Code;
use super::Diagnostic;
use super::token::{Token, TokenKind, tokens};
use belfry_locales::{
    LocalizedText,
    phrases::{theme_sheets, theme_values},
};

/// Maximum size of a style sheet, in bytes, without the ranges that are dropped before parsing.
const MAX_BYTES: usize = 64 * 1024;
/// Maximum size in bytes including those, which may be fonts.
const MAX_BYTES_WITH_FONTS: usize = 512 * 1024;
/// Maximum nesting depth of brackets of any kind.
const MAX_DEPTH: usize = 24;
/// Maximum number of blocks.
const MAX_BLOCKS: usize = 2_000;
/// Maximum number of commas: of selectors, background layers, gradient stops.
const MAX_COMMAS: usize = 8_000;
/// Maximum number of declarations.
const MAX_DECLARATIONS: usize = 8_000;
/// Maximum number of math operators in one outermost bracket; each is a level of the parser's tree.
const MAX_OPERATORS: usize = 24;
/// Maximum length of a picture's `data:` URL in bytes, including base64.
const MAX_DATA_URL_BYTES: usize = 24 * 1024;

/// The tokens of a style sheet, or the offset at which it cannot be read.
pub(super) fn scan(source: &str) -> Result<Vec<Token>, (usize, Diagnostic)> {
    if source.len() > MAX_BYTES_WITH_FONTS {
        return Err((0, too_large()));
    }
    for (offset, character) in source.char_indices() {
        if let Some(reason) = unfit(character) {
            return Err((
                offset,
                Diagnostic::new(
                    Code::Character,
                    &format!("U+{:04X}", u32::from(character)),
                    reason,
                ),
            ));
        }
    }
    tokens(source).map_err(|(offset, what)| (offset, unfinished(what)))
}

fn too_large() -> Diagnostic {
    Diagnostic::new(Code::TooLarge, "style sheet", theme_sheets::SHEET_TOO_LARGE)
}

fn unfinished(what: &str) -> Diagnostic {
    match what {
        "comment" => Diagnostic::new(Code::Syntax, "/*", theme_sheets::OPEN_COMMENT),
        "string" => Diagnostic::new(Code::Syntax, "\"", theme_sheets::OPEN_STRING),
        _ => Diagnostic::new(Code::Syntax, "url(", theme_sheets::OPEN_ADDRESS),
    }
}

fn unfit(character: char) -> Option<LocalizedText> {
    match character {
        '\t' | '\n' | '\r' | '\u{c}' => None,
        '\u{feff}' => Some(theme_sheets::BYTE_ORDER_MARK),
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' => {
            Some(theme_sheets::INVISIBLE_CHARACTER)
        }
        '\u{fff9}'..='\u{fffc}' | '\u{fffe}' | '\u{ffff}' => Some(theme_sheets::NO_TEXT_CHARACTER),
        _ if character.is_control() => Some(theme_sheets::CONTROL_CHARACTER),
        _ => None,
    }
}

/// Checks that tokens with this many bytes are within the parser's limits; else the offset of the
/// excess.
pub(super) fn count(all: &[Token], length: usize) -> Result<(), (usize, Diagnostic)> {
    if length > MAX_BYTES {
        return Err((0, too_large()));
    }
    each(all)
}

fn each(all: &[Token]) -> Result<(), (usize, Diagnostic)> {
    let mut open: Vec<Open> = Vec::new();
    let (mut blocks, mut commas, mut declarations, mut operators) = (0, 0, 0, 0);
    for token in all {
        match token.kind {
            TokenKind::Open(bracket) => open.push(Open {
                bracket,
                start: token.start,
                is_math: open.last().is_some_and(|outer| outer.is_math),
            }),
            TokenKind::Function => open.push(Open {
                bracket: '(',
                start: token.start,
                is_math: calculates(token) || open.last().is_some_and(|outer| outer.is_math),
            }),
            TokenKind::Close(bracket) => close(open.pop(), bracket, token.start)?,
            _ => {}
        }
        match token.kind {
            TokenKind::Open('{') => blocks += 1,
            TokenKind::Mark(',') => commas += 1,
            TokenKind::Mark(':') => declarations += 1,
            _ => {}
        }
        if open.last().is_some_and(|inner| inner.is_math) {
            operators += usize::from(matches!(token.kind, TokenKind::Mark('+' | '-' | '*' | '/')));
        } else {
            operators = 0;
        }
        let is_address = matches!(token.kind, TokenKind::Url | TokenKind::String)
            && token.text.len() > MAX_DATA_URL_BYTES;
        let reason = if open.len() > MAX_DEPTH {
            theme_values::BRACKET_DEPTH
        } else if blocks > MAX_BLOCKS {
            theme_values::TOO_MANY_RULES
        } else if commas > MAX_COMMAS || declarations > MAX_DECLARATIONS {
            theme_values::TOO_MUCH
        } else if operators > MAX_OPERATORS {
            theme_values::BRACKET_OPERATORS
        } else if is_address {
            theme_values::DATA_TOO_LONG
        } else {
            continue;
        };
        let what = match token.kind {
            TokenKind::Open(mark) | TokenKind::Close(mark) | TokenKind::Mark(mark) => {
                mark.to_string()
            }
            _ => token.text.clone(),
        };
        return Err((token.start, Diagnostic::new(Code::TooComplex, &what, reason)));
    }
    match open.pop() {
        Some(left) => Err((
            left.start,
            Diagnostic::new(Code::Syntax, &left.bracket.to_string(), theme_sheets::OPEN_BRACKET),
        )),
        None => Ok(()),
    }
}

/// An open bracket.
struct Open {
    bracket: char,
    start: usize,
    is_math: bool,
}

fn close(opened: Option<Open>, bracket: char, offset: usize) -> Result<(), (usize, Diagnostic)> {
    let Some(opened) = opened else {
        return Err((
            offset,
            Diagnostic::new(Code::Syntax, &bracket.to_string(), theme_sheets::STRAY_BRACKET),
        ));
    };
    if matches!((opened.bracket, bracket), ('(', ')') | ('[', ']') | ('{', '}')) {
        return Ok(());
    }
    let reason = theme_sheets::other_bracket(opened.bracket);
    Err((offset, Diagnostic::new(Code::Syntax, &bracket.to_string(), reason)))
}

/// Functions whose operators become levels of the parser's tree.
fn calculates(function: &Token) -> bool {
    let name = function.lower();
    let plain = name.trim_start_matches("-webkit-").trim_start_matches("-moz-");
    super::limits::is_math(plain)
}
