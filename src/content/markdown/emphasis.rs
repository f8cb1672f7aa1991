//! Emphasis next to punctuation without spaces. `CommonMark` decides by the characters on both
//! sides of a run of asterisks or tildes, and treats a run between a letter and a bracket or
//! quotation mark as literal if no space follows. That happens regularly in Chinese, Japanese and
//! Korean, and after quotation marks in French and Ukrainian. A placeholder letter is inserted
//! there, which makes the run emphasis.
//!
//! Doesn't know variables or HTML.

/// The inserted letter: a noncharacter that no text contains and the writer drops. It is never
/// searched for in a sender's text.
pub(super) const PLACEHOLDER: char = '\u{fdd0}';

/// Byte offsets at which the letter must be inserted, in order.
pub(super) fn placeholder_positions(text: &str) -> Vec<usize> {
    let mut gaps = dense_positions(text);
    if text.contains(['_', '~']) && (text.contains("://") || text.contains("www.")) {
        gaps.extend(address_positions(text));
        gaps.sort_unstable();
        gaps.dedup();
    }
    gaps
}

/// Offsets before each character of a URL that could begin emphasis; after a letter it can't.
fn address_positions(text: &str) -> Vec<usize> {
    let mut gaps = Vec::new();
    let (mut former, mut inside) = (' ', false);
    for (at, character) in text.char_indices() {
        inside = match character {
            '<' | '>' | '"' | '`' => false,
            _ if character.is_whitespace() => false,
            ':' => inside || text.get(at..).is_some_and(|rest| rest.starts_with("://")),
            'w' => {
                inside
                    || (!former.is_alphanumeric()
                        && text.get(at..).is_some_and(|rest| rest.starts_with("www.")))
            }
            _ => inside,
        };
        if inside
            && matches!(character, '_' | '~')
            && former != character
            && former != '\\'
            && !is_letter(former)
        {
            gaps.push(at);
        }
        former = character;
    }
    gaps
}

fn dense_positions(text: &str) -> Vec<usize> {
    let mut gaps = Vec::new();
    if !text.contains(['*', '~']) || text.is_ascii() && !text.contains(['"', '\'']) {
        return gaps;
    }
    let mut rest = 0;
    while let Some(found) = text.get(rest..).and_then(|text| text.find(['*', '~'])) {
        let start = rest + found;
        let (before, run) = text.split_at(start);
        let sign = if run.starts_with('*') { '*' } else { '~' };
        let after = run.trim_start_matches(sign);
        rest = text.len() - after.len();
        if sign == '~' && rest - start != 2 {
            continue;
        }
        let (Some(former), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
            continue;
        };
        if former == '\\' || former.is_whitespace() || next.is_whitespace() {
            continue;
        }
        let dense = is_dense(former) || is_dense(next);
        match (is_letter(former), is_letter(next)) {
            // Can only begin emphasis.
            (false, true) if dense || ends_quotation(before, former) => gaps.push(start),
            // Can only end emphasis. If another emphasis begins right after, it needs the
            // punctuation before it.
            (true, false) if next != '_' && (dense || begins_quotation(after, next)) => {
                gaps.push(rest);
            }
            _ => {}
        }
    }
    gaps
}

fn is_letter(character: char) -> bool {
    character.is_alphanumeric() || character == PLACEHOLDER
}

/// A closing quotation mark: it follows text that it can close.
fn ends_quotation(before: &str, mark: char) -> bool {
    let inside = before.chars().rev().nth(1);
    (is_quotation_mark(mark) || matches!(mark, '"' | '\''))
        && inside.is_some_and(|inside| !inside.is_whitespace() && !matches!(inside, '*' | '~'))
}

/// An opening quotation mark. Straight quotes are left to the specification.
fn begins_quotation(after: &str, mark: char) -> bool {
    is_quotation_mark(mark)
        && after
            .chars()
            .nth(1)
            .is_some_and(|inside| !inside.is_whitespace() && !matches!(inside, '*' | '~'))
}

fn is_quotation_mark(character: char) -> bool {
    matches!(character, '«' | '»' | '‹' | '›' | '\u{2018}'..='\u{201f}' | '\u{2e42}')
}

/// Scripts without spaces between words, or that attach particles to any text, with their
/// punctuation.
fn is_dense(character: char) -> bool {
    matches!(u32::from(character),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1100..=0x11ff | 0x1780..=0x17ff
        | 0x2e80..=0x303f | 0x3041..=0x33ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xa000..=0xa4cf | 0xa960..=0xa97f | 0xac00..=0xd7ff
        | 0xf900..=0xfaff | 0xfe10..=0xfe1f | 0xfe30..=0xfe6f | 0xff00..=0xffef | 0x1_6fe0..=0x1_8dff | 0x1_aff0..=0x1_b2ff
        | 0x1_f200..=0x1_f2ff | 0x2_0000..=0x3_ffff)
}
