//! Sanitizes untrusted plain text, so that it can't hide, reorder or overflow adjacent text.
//! Doesn't know Markdown or HTML.

mod characters;

use characters::{
    is_base, is_direction_mark, is_hidden, is_invisible_space, is_joiner, is_noncharacter,
    is_override, is_right_to_left, is_selector, is_space, is_tag, is_without_spaces,
};
use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Maximum number of combining marks on one base character. No living script needs more; a larger
/// stack would cover the lines above.
const MAX_MARKS_PER_BASE: u8 = 8;

/// Sanitizes one line of text for a title or a label. Removes control and invisible characters,
/// direction overrides and excess combining marks. Line breaks and runs of white space become one
/// space; a single no-break space is kept. Also kept are characters that shape visible text:
/// joiners, variation selectors, the tags of flags, direction marks in lines with right-to-left
/// letters, and zero-width spaces at word ends of Thai or Khmer.
pub fn clean_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut last = PreviousChar::Space;
    let mut marks = CombiningMarks::default();
    let (mut gap, mut direction) = (None, None);
    let both_ways = text.chars().any(is_right_to_left);
    let is_kept = |character: char| {
        is_space(character)
            || (both_ways && is_direction_mark(character))
            || is_invisible_space(character)
            || is_tag(character)
            || !(character.is_control() || is_hidden(character))
    };
    let mut characters =
        text.char_indices().filter(|(_, character)| is_kept(*character)).peekable();
    while let Some((at, character)) = characters.next() {
        if is_space(character) {
            // A no-break space keeps a number and its unit together.
            let kept = if gap.is_none() && matches!(character, '\u{a0}' | '\u{202f}') {
                character
            } else {
                ' '
            };
            gap = (!line.is_empty()).then_some(kept);
            last = PreviousChar::Space;
            continue;
        }
        if is_direction_mark(character) {
            // A direction mark before a word waits for that word; at the end of a line it is only
            // kept after a letter.
            if last == PreviousChar::Space {
                direction = Some(character);
            } else if last != PreviousChar::Hidden {
                line.push(character);
                last = PreviousChar::Hidden;
            }
            continue;
        }
        if is_invisible_space(character) {
            let next = characters.peek().map(|(_, next)| *next);
            let ends_word = line.chars().next_back().is_some_and(is_without_spaces)
                || next.is_some_and(is_without_spaces);
            if matches!(last, PreviousChar::Base | PreviousChar::Selector | PreviousChar::Mark)
                && ends_word
                && next.is_some_and(is_base)
            {
                line.push(character);
                last = PreviousChar::Hidden;
            }
            continue;
        }
        if is_tag(character) {
            continue;
        }
        let now = if is_selector(character) {
            if last != PreviousChar::Base {
                continue;
            }
            PreviousChar::Selector
        } else if is_joiner(character) {
            if !matches!(last, PreviousChar::Base | PreviousChar::Selector | PreviousChar::Mark)
                || !characters.peek().is_some_and(|(_, next)| is_base(*next))
            {
                continue;
            }
            PreviousChar::Joiner
        } else if is_combining_mark(character) {
            // Without a base it would combine with the space or with the text before the title.
            if matches!(last, PreviousChar::Space | PreviousChar::Hidden)
                || !marks.allows(character)
            {
                continue;
            }
            PreviousChar::Mark
        } else {
            marks.allows(character);
            PreviousChar::Base
        };
        line.extend(gap.take());
        line.extend(direction.take());
        line.push(character);
        if let Some(flag) = text.get(at..).and_then(tagged_flag) {
            line.extend(flag.chars().skip(1));
        }
        last = now;
    }
    line
}

/// Sanitizes Markdown: normalizes line breaks to `\n`, keeps tabs, and removes other control
/// characters, direction overrides and tags that don't form a flag.
pub fn clean_body(text: &str) -> String {
    let mut body = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        if character == '\r' {
            body.push('\n');
            length = if rest.starts_with("\r\n") { 2 } else { 1 };
        } else if let Some(flag) = tagged_flag(rest) {
            body.push_str(flag);
            length = flag.len();
        } else if is_allowed_in_body(character) {
            body.push(character);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    body
}

/// The flag of a country's subdivision at the beginning of a text: a black flag, the region's code
/// in tags, and the cancel tag.
pub(super) fn tagged_flag(text: &str) -> Option<&str> {
    let tags = text.strip_prefix('\u{1f3f4}')?;
    let code = tags.trim_start_matches(
        |tag| matches!(tag, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}'),
    );
    let behind = code.strip_prefix('\u{e007f}')?;
    // Two letters of a country and one to three of its subdivision; each tag has four bytes.
    let length = (tags.len() - code.len()) / 4;
    text.get(..text.len() - behind.len()).filter(|_| (3..=6).contains(&length))
}

/// Whether the text has any visible character.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(is_base)
}

/// Truncates to at most `limit` grapheme clusters; the last one is `…` if something was cut.
pub fn truncate_graphemes(text: &str, limit: usize) -> Cow<'_, str> {
    if text.graphemes(true).nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    let mut short: String = text.graphemes(true).take(limit.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    if limit > 0 {
        short.push('…');
    }
    Cow::Owned(short)
}

/// Whether a body may contain this character.
pub(super) fn is_allowed_in_body(character: char) -> bool {
    matches!(character, '\n' | '\t')
        || !(character.is_control()
            || is_override(character)
            || is_tag(character)
            || is_noncharacter(character))
}

/// Counts the combining marks on the current base character.
#[derive(Debug, Default)]
pub(super) struct CombiningMarks(u8);

impl CombiningMarks {
    /// Counts a character; whether it is allowed after those before it.
    pub(super) fn allows(&mut self, character: char) -> bool {
        if is_selector(character) || is_joiner(character) {
            return true;
        }
        self.0 = if is_combining_mark(character) { self.0.saturating_add(1) } else { 0 };
        self.0 <= MAX_MARKS_PER_BASE
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PreviousChar {
    Space,
    Base,
    Mark,
    Selector,
    Joiner,
    Hidden,
}

#[cfg(test)]
mod tests;
