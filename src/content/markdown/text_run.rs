//! A run of text up to the next markup: cleaned, with the values in it. The parser splits text at
//! each character that could be markup; a run joins the parts, so that addresses in it can be
//! found.

use super::emphasis::PLACEHOLDER;
use crate::text;
use belfry_domain::Link;

/// Text with values. Each [`PLACEHOLDER`] in `text` belongs to the next of `values`; there are no
/// others.
#[derive(Default)]
pub(super) struct TextRun {
    pub(super) text: String,
    pub(super) values: Vec<usize>,
}

impl TextRun {
    /// Appends text whose placeholders belong to `values`. Placeholders without a value are
    /// dropped.
    pub(super) fn push(&mut self, text: &str, values: &[Option<usize>]) {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
            self.text.push_str(text);
            return;
        }
        let mut values = values.iter();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let mut length = character.len_utf8();
            if character == PLACEHOLDER {
                if let Some(value) = values.next().copied().flatten() {
                    self.text.push(PLACEHOLDER);
                    self.values.push(value);
                }
            } else if let Some(flag) = text::tagged_flag(rest) {
                self.text.push_str(flag);
                length = flag.len();
            } else if text::is_allowed_in_body(character) {
                self.text.push(character);
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

/// Builds the link from a part of a run, inserting values percent-encoded. `None` if a value could
/// change the host.
pub(super) fn build_link<'v>(
    prefix: &str,
    part: &str,
    mut values: impl Iterator<Item = &'v str>,
) -> Option<Link> {
    let mut pieces = part.split(PLACEHOLDER);
    let mut address = format!("{prefix}{}", pieces.next()?);
    if part.contains(PLACEHOLDER) {
        // The host must be terminated by the sender's own text.
        let (_, host) = address.split_once("://")?;
        if !host.contains(['/', '?', '#']) {
            return None;
        }
    }
    for piece in pieces {
        Link::push_encoded(&mut address, values.next()?);
        address.push_str(piece);
    }
    Link::parse(&address).ok()
}
