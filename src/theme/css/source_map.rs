//! Source positions: from the parser's location of a rule to the line and column of a declaration.
//!
//! Lines are indexed once, so that the cost of a lookup does not depend on the position. Must not
//! depend on the allow-lists.

use super::super::diagnostics::Place;
use super::token::{Token, TokenKind};
use std::collections::{HashMap, VecDeque};

/// A source with its tokens and its own place in the file.
pub(super) struct SourceMap<'a> {
    pub(super) source: &'a str,
    pub(super) tokens: &'a [Token],
    start: Place,
    /// Offset of each line.
    lines: Vec<usize>,
    /// Number of characters before each mark.
    marks: Vec<usize>,
}

/// Bytes between two marks: a style sheet may consist of one long line.
const MARK_INTERVAL_BYTES: usize = 256;

/// Offsets of the declarations of a block by lower-case name, each to be consumed once.
pub(super) type Declarations = HashMap<String, VecDeque<usize>>;

impl<'a> SourceMap<'a> {
    pub(super) fn new(source: &'a str, tokens: &'a [Token], start: Place) -> Self {
        let bytes = source.as_bytes();
        let mut lines = vec![0];
        for (index, byte) in bytes.iter().enumerate() {
            let ends = matches!(byte, b'\n' | b'\x0c')
                || *byte == b'\r' && bytes.get(index + 1) != Some(&b'\n');
            lines.extend(ends.then_some(index + 1));
        }
        let mut marks = Vec::with_capacity(bytes.len() / MARK_INTERVAL_BYTES + 1);
        let mut characters = 0;
        for chunk in bytes.chunks(MARK_INTERVAL_BYTES) {
            marks.push(characters);
            characters += count_chars(chunk);
        }
        marks.push(characters);
        Self { source, tokens, start, lines, marks }
    }

    /// The offset of a line (from 0) and a column (from 1, in UTF-16 units) as the parser counts
    /// them.
    pub(super) fn offset(&self, line: u32, column: u32) -> usize {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let begin = self.lines.get(line).or(self.lines.last()).copied().unwrap_or_default();
        let end = self.lines.get(line.saturating_add(1)).copied().unwrap_or(self.source.len());
        let text = self.source.get(begin..end).unwrap_or_default();
        // Usually only ASCII precedes a position, where one unit is one byte.
        let ahead = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        if text.get(..ahead.min(text.len())).is_some_and(str::is_ascii) {
            return begin + ahead.min(text.len());
        }
        let mut units = 1;
        for (offset, character) in text.char_indices() {
            if units >= column {
                return begin + offset;
            }
            units += u32::try_from(character.len_utf16()).unwrap_or(1);
        }
        end
    }

    /// The place of an offset in the file.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.source.len());
        let line = self.lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or_default();
        let columns = to_u32(self.characters(offset).saturating_sub(self.characters(start)));
        let column = if line == 0 {
            self.start.column.saturating_add(columns)
        } else {
            columns.saturating_add(1)
        };
        Place { file: self.start.file, line: self.start.line.saturating_add(to_u32(line)), column }
    }

    fn characters(&self, offset: usize) -> usize {
        let mark = offset / MARK_INTERVAL_BYTES;
        self.marks.get(mark).copied().unwrap_or_default()
            + count_chars(
                self.source.as_bytes().get(mark * MARK_INTERVAL_BYTES..offset).unwrap_or_default(),
            )
    }

    fn from(&self, offset: usize) -> &[Token] {
        let first = self.tokens.partition_point(|token| token.start < offset);
        self.tokens.get(first..).unwrap_or_default()
    }

    /// The offset after the opening bracket of the rule at this offset.
    pub(super) fn block(&self, rule: usize) -> usize {
        self.from(rule)
            .iter()
            .find(|token| token.kind == TokenKind::Open('{'))
            .map_or(self.source.len(), |token| token.end)
    }

    /// The declarations of the block at an offset; those of nested blocks only if `deep`.
    pub(super) fn declarations(&self, from: usize, deep: bool) -> Declarations {
        let mut places = Declarations::new();
        let mut depth = 0_usize;
        let mut begins = true;
        for token in self.from(from) {
            match token.kind {
                // For the parser, declarations after a nested rule form a block of their own.
                TokenKind::Open('{') if !deep => break,
                TokenKind::Open(_) | TokenKind::Function => depth += 1,
                TokenKind::Close(_) if depth == 0 => break,
                TokenKind::Close(_) => depth -= 1,
                TokenKind::Ident if begins && (deep || depth == 0) => {
                    places.entry(token.lower()).or_default().push_back(token.start);
                }
                _ => {}
            }
            begins = match token.kind {
                TokenKind::Space => begins,
                TokenKind::Open('{') | TokenKind::Close('}') | TokenKind::Mark(';') => true,
                _ => false,
            };
        }
        places
    }

    /// The first token with this text from an offset to the end of its prelude or declaration.
    pub(super) fn find(&self, offset: usize, what: &str) -> Option<usize> {
        let name = what.trim_matches(['.', '#', ':', '(', ')', '@', '"', ' ']);
        let mut depth = 0_usize;
        let mut loose = None;
        for token in self.from(offset) {
            match token.kind {
                TokenKind::Open('{' | '[' | '(') | TokenKind::Function => depth += 1,
                TokenKind::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(token.kind, TokenKind::Close('}') | TokenKind::Mark(';'))
                || token.kind == TokenKind::Open('{')
            {
                break;
            }
            let slice = self.source.get(token.start..token.end).unwrap_or_default();
            if slice.eq_ignore_ascii_case(what) {
                return Some(token.start);
            }
            let same = !name.is_empty() && token.text.eq_ignore_ascii_case(name);
            let is_address = matches!(token.kind, TokenKind::Url) && what.starts_with("url(");
            if loose.is_none() && (same || is_address) {
                let mut before = (1..=2).filter_map(|back| token.start.checked_sub(back));
                let with_sign = before.rfind(|start| {
                    self.source
                        .get(*start..token.end)
                        .is_some_and(|slice| slice.eq_ignore_ascii_case(what))
                });
                loose = Some(with_sign.unwrap_or(token.start));
            }
        }
        loose
    }
}

/// The number of characters that begin in these bytes.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
