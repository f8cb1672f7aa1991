//! Text of a paragraph until the next markup: cleaned, with the values that stand in it. The parser cuts a sentence at each sign that could
//! be markup; here it is whole again, so that an address in it is found. Must not know of tags.

use super::emphasis::STAND_IN;
use crate::{content::text, domain::Link};

/// Text with values in it. A [`STAND_IN`] in `text` is the place of the next of `values`; no other one gets in.
#[derive(Default)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) values: Vec<usize>,
}

impl Run {
    /// Appends text in which the stand-ins are those of these values; without any, they are nothing.
    pub(super) fn push(&mut self, text: &str, values: &[Option<usize>]) {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
            self.text.push_str(text);
            return;
        }
        let mut values = values.iter();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let mut length = character.len_utf8();
            if character == STAND_IN {
                if let Some(value) = values.next().copied().flatten() {
                    self.text.push(STAND_IN);
                    self.values.push(value);
                }
            } else if let Some(flag) = text::tagged_flag(rest) {
                self.text.push_str(flag);
                length = flag.len();
            } else if text::keeps(character) {
                self.text.push(character);
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

/// The address that a part of a run is, with its values put in as one part each. None where a value could say whom it leads to.
pub(super) fn link<'v>(prefix: &str, part: &str, mut values: impl Iterator<Item = &'v str>) -> Option<Link> {
    let mut pieces = part.split(STAND_IN);
    let mut address = format!("{prefix}{}", pieces.next()?);
    if part.contains(STAND_IN) {
        // The host is over only where the sender ended it.
        let (_, host) = address.split_once("://")?;
        if !host.contains(['/', '?', '#']) {
            return None;
        }
    }
    for piece in pieces {
        Link::push_part(&mut address, values.next()?);
        address.push_str(piece);
    }
    Link::parse(&address).ok()
}
