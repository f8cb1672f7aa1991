//! Where things stand in a source: from what the parser tells (the start of a rule) to the line and column of a declaration.
//!
//! Must not know what is allowed.

use super::super::problem::Place;
use super::token::{Kind, Token};

/// A source with its tokens, and where it begins in its file.
pub(super) struct Map<'a> {
    pub(super) source: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) at: Place,
    /// Where each line begins, counted once: every rule asks for its offset.
    lines: Vec<usize>,
}

impl<'a> Map<'a> {
    pub(super) fn new(source: &'a str, tokens: &'a [Token], at: Place) -> Self {
        let mut lines = vec![0];
        let mut bytes = source.bytes().enumerate().peekable();
        while let Some((offset, byte)) = bytes.next() {
            // `\r\n` is one end of a line.
            if matches!(byte, b'\n' | b'\x0c') || byte == b'\r' && bytes.peek().is_none_or(|(_, next)| *next != b'\n') {
                lines.push(offset + 1);
            }
        }
        Self { source, tokens, at, lines }
    }

    /// The offset of a line (from 0) and a column (from 1, in UTF-16 units) as the parser counts them.
    pub(super) fn offset(&self, line: u32, column: u32) -> usize {
        let line = usize::try_from(line).unwrap_or(usize::MAX).min(self.lines.len().saturating_sub(1));
        let begin = self.lines.get(line).copied().unwrap_or_default();
        let rest = self.source.get(begin..).unwrap_or_default();
        let wanted = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
        // A sheet is often one line of plain letters, in which a column is an offset.
        if rest.as_bytes().get(..wanted).is_some_and(<[u8]>::is_ascii) {
            return begin + wanted;
        }
        let mut units = 1;
        for (offset, character) in rest.char_indices() {
            if units >= column {
                return begin + offset;
            }
            units += u32::try_from(character.len_utf16()).unwrap_or(1);
        }
        self.source.len()
    }

    /// The place of an offset in the file.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.source.len());
        let line = self.lines.partition_point(|begin| *begin <= offset).saturating_sub(1);
        let begin = self.lines.get(line).copied().unwrap_or_default();
        let before = self.source.get(begin..offset).unwrap_or_default();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let columns = count(before.chars().count());
        let column = if line == 0 { self.at.column + columns } else { columns + 1 };
        Place { file: self.at.file, line: self.at.line + count(line), column }
    }

    fn from(&self, offset: usize) -> &[Token] {
        let first = self.tokens.partition_point(|token| token.start < offset);
        self.tokens.get(first..).unwrap_or_default()
    }

    /// Where the block of the rule at this offset begins, behind its bracket.
    pub(super) fn block(&self, rule: usize) -> usize {
        self.from(rule).iter().find(|token| token.kind == Kind::Open('{')).map_or(self.source.len(), |token| token.end)
    }

    /// The next declaration of this name from an offset in a block; in blocks inside of it only when `deep`.
    pub(super) fn declaration(&self, from: usize, name: &str, deep: bool) -> Option<usize> {
        let mut depth = 0_usize;
        let mut begins = true;
        for token in self.from(from) {
            match token.kind {
                Kind::Open(_) | Kind::Function => depth += 1,
                Kind::Close(_) if depth == 0 && !deep => return None,
                Kind::Close(_) => depth = depth.saturating_sub(1),
                Kind::Ident if begins && (deep || depth == 0) && token.text.eq_ignore_ascii_case(name) => return Some(token.start),
                _ => {}
            }
            begins = match token.kind {
                Kind::Space => begins,
                Kind::Open('{') | Kind::Close('}') | Kind::Mark(';') => true,
                _ => false,
            };
        }
        None
    }

    /// The first token from an offset to the end of its prelude or declaration that reads like this.
    pub(super) fn find(&self, offset: usize, what: &str) -> Option<usize> {
        let name = what.trim_matches(['.', '#', ':', '(', ')', '@', '"', ' ']);
        let mut depth = 0_usize;
        let mut loose = None;
        for token in self.from(offset) {
            match token.kind {
                Kind::Open('{' | '[' | '(') | Kind::Function => depth += 1,
                Kind::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(token.kind, Kind::Close('}') | Kind::Mark(';')) || token.kind == Kind::Open('{') {
                break;
            }
            let slice = self.source.get(token.start..token.end).unwrap_or_default();
            if slice.eq_ignore_ascii_case(what) {
                return Some(token.start);
            }
            let same = !name.is_empty() && token.text.eq_ignore_ascii_case(name);
            let is_address = matches!(token.kind, Kind::Url) && what.starts_with("url(");
            if loose.is_none() && (same || is_address) {
                let mut before = (1..=2).filter_map(|back| token.start.checked_sub(back));
                let with_sign = before.rfind(|start| self.source.get(*start..token.end).is_some_and(|slice| slice.eq_ignore_ascii_case(what)));
                loose = Some(with_sign.unwrap_or(token.start));
            }
        }
        loose
    }
}
