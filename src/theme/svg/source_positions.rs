//! Source positions in a file, for error messages. Must not depend on the file's meaning.
//!
//! A drawing is often one very long line, and every element needs its position: columns are counted
//! from marks, not from the start of the line.

use super::super::diagnostics::{File, Place};

/// Bytes between two marks.
const MARK_INTERVAL_BYTES: usize = 256;

/// The line index of a file.
pub(super) struct SourcePositions<'a> {
    file: File,
    text: &'a str,
    /// Offset of each line.
    lines: Vec<usize>,
    /// Number of characters before each mark.
    marks: Vec<usize>,
}

impl<'a> SourcePositions<'a> {
    pub(super) fn new(file: File, text: &'a str) -> Self {
        let mut lines = vec![0];
        lines.extend(
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1),
        );
        let mut marks = Vec::with_capacity(text.len() / MARK_INTERVAL_BYTES + 1);
        let mut characters = 0;
        for chunk in text.as_bytes().chunks(MARK_INTERVAL_BYTES) {
            marks.push(characters);
            characters += count_chars(chunk);
        }
        Self { file, text, lines, marks }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The place of a byte offset.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| self.lines.get(index))
            .copied()
            .unwrap_or_default();
        let column = self.characters_before(offset) - self.characters_before(start) + 1;
        Place { file: self.file, line: to_u32(line), column: to_u32(column) }
    }

    /// The byte offset of a position reported by the parser.
    pub(super) fn offset(&self, line: u32, column: u32) -> usize {
        let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        rest.char_indices().nth(column).map_or(self.text.len(), |(at, _)| start + at)
    }

    fn characters_before(&self, offset: usize) -> usize {
        let mark = offset / MARK_INTERVAL_BYTES;
        let counted = self.marks.get(mark).copied();
        let rest = self.text.as_bytes().get(mark * MARK_INTERVAL_BYTES..offset).unwrap_or_default();
        counted.map_or_else(
            || count_chars(self.text.as_bytes()),
            |counted| counted + count_chars(rest),
        )
    }
}

/// The number of characters that begin in these bytes.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let text = "ab\ncäd\n".to_owned() + &"ü".repeat(1000) + "x";
        let places = SourcePositions::new(File::Bell, &text);
        let at = |needle: &str| places.place(text.find(needle).unwrap());
        assert_eq!((at("a").line, at("a").column), (1, 1));
        assert_eq!((at("d").line, at("d").column), (2, 3));
        assert_eq!((at("x").line, at("x").column), (3, 1001));
        assert_eq!(places.offset(3, 1001), text.find('x').unwrap());
        assert_eq!(places.place(usize::MAX).line, 3);
    }

    #[test]
    fn offset_at_end_on_a_mark_has_a_place() {
        for length in [0, MARK_INTERVAL_BYTES - 1, MARK_INTERVAL_BYTES, 2 * MARK_INTERVAL_BYTES] {
            let text = "y".repeat(length);
            assert_eq!(
                usize::try_from(SourcePositions::new(File::Card, &text).place(length).column)
                    .unwrap(),
                length + 1
            );
        }
    }
}
