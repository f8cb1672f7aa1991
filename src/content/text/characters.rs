//! Character classes for sanitizing text.

use unicode_normalization::char::is_combining_mark;

/// Visible by itself.
pub(super) fn is_base(character: char) -> bool {
    !(is_space(character)
        || character.is_control()
        || is_hidden(character)
        || is_tag(character)
        || is_selector(character)
        || is_joiner(character)
        || is_combining_mark(character))
}

pub(super) fn is_space(character: char) -> bool {
    // The blank Braille pattern and the Hangul fillers look like spaces, but aren't white space in
    // Unicode.
    character.is_whitespace()
        || matches!(character, '\u{2800}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Embeddings, overrides and isolates: they affect adjacent text if they aren't closed.
pub(super) fn is_override(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

pub(super) fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

pub(super) fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Tags, which spell the region of a flag. Invisible by themselves.
pub(super) fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0000}'..='\u{e007f}')
}

/// Unicode noncharacters.
pub(super) fn is_noncharacter(character: char) -> bool {
    matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe
}

/// Marks that set the direction of adjacent text without opening a scope.
pub(super) fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

pub(super) fn is_right_to_left(character: char) -> bool {
    !(is_direction_mark(character) || is_combining_mark(character))
        && matches!(u32::from(character),
            0x0590..=0x08ff | 0xfb1d..=0xfdcf | 0xfdf0..=0xfdff | 0xfe70..=0xfefc | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff)
}

/// Zero-width space: a line break opportunity.
pub(super) fn is_invisible_space(character: char) -> bool {
    character == '\u{200b}'
}

/// Thai, Lao, Tibetan, Myanmar, Khmer and related scripts, which don't separate words by spaces.
pub(super) fn is_without_spaces(character: char) -> bool {
    matches!(u32::from(character),
        0x0e00..=0x109f | 0x1780..=0x17ff | 0x1950..=0x19df | 0x1a20..=0x1aaf | 0xa9e0..=0xa9ff | 0xaa60..=0xaadf)
}

/// Invisible characters that are harmful in a title: Unicode's `Default_Ignorable_Code_Point`
/// without joiners, selectors and tags, and with direction marks, annotations and shorthand
/// controls.
pub(super) fn is_hidden(character: char) -> bool {
    is_override(character)
        || is_noncharacter(character)
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0080}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}
