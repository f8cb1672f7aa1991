//! Renames the ids of a drawing with a prefix, so that two drawings cannot collide with each other
//! or with an id of a page. Must not depend on which attributes contain them.

use super::filter_tree::{self, Child, FilteredElement};
use roxmltree::NodeId;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Maximum length of an id that is kept, in bytes.
const MAX_ID_BYTES: usize = 200;
/// `t`, eight digits, a hyphen.
const PREFIX_LENGTH: usize = 10;

/// The ids of one drawing.
pub(super) struct Ids {
    names: HashMap<String, (NodeId, String)>,
    are_renamed: bool,
}

impl Ids {
    /// Every id of the kept elements; of equal ids, the first one applies.
    pub(super) fn new(root: &FilteredElement, bytes: &[u8]) -> Self {
        let mut found = Vec::new();
        collect(root, &mut found);
        let prefix = found.first().and_then(|(id, _)| our_prefix(id));
        let ours = prefix.is_some_and(|prefix| {
            found.iter().all(|(id, _)| {
                our_prefix(id) == Some(prefix) && is_plain(id, MAX_ID_BYTES + PREFIX_LENGTH)
            })
        });
        let prefix = if ours { String::new() } else { prefix_of(bytes) };
        let taken: HashSet<&str> = found.iter().map(|(id, _)| *id).collect();
        let mut count = 0_usize;
        let mut names = HashMap::new();
        for (id, node) in &found {
            if names.contains_key(*id) {
                continue;
            }
            let name = if is_plain(id, MAX_ID_BYTES) {
                format!("{prefix}{id}")
            } else {
                count += 1;
                while taken.contains(format!("n{count}").as_str()) {
                    count += 1;
                }
                format!("{prefix}n{count}")
            };
            names.insert((*id).to_owned(), (*node, name));
        }
        Self { names, are_renamed: ours }
    }

    /// Whether the ids were renamed already: then they say nothing about the layers' names.
    pub(super) fn are_renamed(&self) -> bool {
        self.are_renamed
    }

    /// The new name of an id as spelled in a reference: literally or percent-encoded.
    pub(super) fn renamed(&self, id: &str) -> Option<&str> {
        let name = |id: &str| self.names.get(id).map(|(_, name)| name.as_str());
        name(id).or_else(|| if id.contains('%') { name(&decoded(id)?) } else { None })
    }

    /// The new name of this element's id, if it is the first with it.
    pub(super) fn of(&self, id: &str, node: NodeId) -> Option<&str> {
        self.names.get(id).filter(|(owner, _)| *owner == node).map(|(_, name)| name.as_str())
    }
}

fn collect<'a>(filtered: &FilteredElement<'a, '_>, into: &mut Vec<(&'a str, NodeId)>) {
    if filtered.name == "style" {
        return;
    }
    into.extend(
        filter_tree::own(filtered.node, "id")
            .filter(|id| !id.is_empty())
            .map(|id| (id, filtered.node.id())),
    );
    for child in &filtered.children {
        if let Child::Element(child) = child {
            collect(child, into);
        }
    }
}

/// Decodes percent-encoding.
fn decoded(id: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

fn prefix_of(bytes: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let leading: [u8; 4] = digest.first_chunk().copied().unwrap_or_default();
    format!("t{}-", hex::encode(leading))
}

fn our_prefix(id: &str) -> Option<&str> {
    let prefix = id.get(..PREFIX_LENGTH).filter(|prefix| prefix.len() < id.len())?;
    let digits = prefix.strip_prefix('t')?.strip_suffix('-')?;
    digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some(prefix)
}

/// Whether an id needs no escaping in XML, in `url()` and as a selector.
fn is_plain(id: &str, longest: usize) -> bool {
    let letter = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || (c > '\u{a0}' && c.is_alphanumeric())
    };
    id.len() <= longest && id.chars().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_need_escaping_are_detected() {
        for id in ["a", "SVGID_1_", "クリップ", "été-2", "1"] {
            assert!(is_plain(id, MAX_ID_BYTES), "{id}");
        }
        for id in [
            "a b",
            "a)",
            "a\"",
            "a'",
            "a\\",
            "a#b",
            "a,b",
            "a<b",
            "a&b",
            "a:b",
            "a.b",
            "a;b",
            "a\u{200b}b",
            "a\u{202e}",
        ] {
            assert!(!is_plain(id, MAX_ID_BYTES), "{id}");
        }
    }

    #[test]
    fn references_may_be_percent_encoded() {
        assert_eq!(decoded("Frame%201%E3%82%A2%").as_deref(), Some("Frame 1ア%"));
        assert_eq!(decoded("%ff"), None);
    }

    #[test]
    fn own_prefix_is_recognized() {
        assert_eq!(our_prefix("t0123abcd-title"), Some("t0123abcd-"));
        for id in ["t0123abcd-", "t0123ABCD-x", "t0123abc-xx", "x0123abcd-x", "t0123abcdéx", "té"]
        {
            assert_eq!(our_prefix(id), None, "{id}");
        }
        assert_eq!(our_prefix(&(prefix_of(b"file") + "x")), Some(prefix_of(b"file").as_str()));
    }
}
