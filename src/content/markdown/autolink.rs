//! Finds bare URLs and e-mail addresses in text. Doesn't know HTML or which targets are allowed.

use linkify::{LinkFinder, LinkKind};
use std::ops::Range;

const WEB: &str = "https://";
const MAIL: &str = "mailto:";

/// A URL or e-mail address in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddressMatch {
    pub(super) range: Range<usize>,
    /// Scheme to add: empty if the address has one.
    pub(super) prefix: &'static str,
}

/// Finds all addresses, in order. Linear in the length of the text.
pub(super) fn find(text: &str) -> Vec<AddressMatch> {
    let mut found = Vec::new();
    let has_www = text.as_bytes().windows(4).any(is_www);
    if !has_www && !text.contains("://") && !text.contains('@') {
        return found;
    }
    let finder = LinkFinder::new();
    let mut at = 0;
    for whole in text.split_inclusive(ends_address) {
        let part = whole.strip_suffix(ends_address).unwrap_or(whole);
        if has_www {
            find_with_www(&finder, part, at, &mut found);
        } else {
            found.extend(
                finder.links(part).filter_map(|link| {
                    match_address(part, link.start()..link.end(), link.kind(), at)
                }),
            );
        }
        at += whole.len();
    }
    found
}

fn is_www(word: &[u8]) -> bool {
    matches!(word, [b'w' | b'W', b'w' | b'W', b'w' | b'W', b'.'])
}

/// Punctuation of other scripts, which ends an address.
fn ends_address(character: char) -> bool {
    !character.is_ascii()
        && (character.is_whitespace()
            || matches!(character, '«' | '»' | '‹' | '›' | '\u{2013}'..='\u{201f}' | '…' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}'
                | '\u{3014}'..='\u{301f}' | '！' | '（' | '）' | '，' | '．' | '：' | '；' | '？' | '［' | '］' | '｛' | '｝' | '｡'..='､'))
}

/// The finder only recognizes URLs with a scheme, so `https://` is inserted before each `www.`.
fn find_with_www(finder: &LinkFinder, part: &str, at: usize, matches: &mut Vec<AddressMatch>) {
    let mut shown = String::with_capacity(part.len() + WEB.len());
    let mut added = Vec::new();
    let mut kept = 0;
    let bytes = part.as_bytes();
    for (index, word) in bytes.windows(4).enumerate() {
        let apart = || {
            index == 0
                || bytes.get(index - 1).is_some_and(|before| {
                    !before.is_ascii_alphanumeric() && !b"./@-_:".contains(before)
                })
        };
        if is_www(word) && apart() {
            shown.push_str(part.get(kept..index).unwrap_or_default());
            added.push(shown.len());
            shown.push_str(WEB);
            kept = index;
        }
    }
    shown.push_str(part.get(kept..).unwrap_or_default());
    let mut passed = 0;
    // Maps an offset in the modified text to the original; offsets inside an inserted scheme map to
    // its place.
    let original = |place: usize, passed: &mut usize| {
        while added.get(*passed).is_some_and(|added| added + WEB.len() <= place) {
            *passed += 1;
        }
        added.get(*passed).map_or(place, |added| place.min(*added)) - *passed * WEB.len()
    };
    for link in finder.links(&shown) {
        let start = original(link.start(), &mut passed);
        let bare = added.get(passed) == Some(&link.start());
        let end = original(link.end(), &mut passed);
        if !bare {
            matches.extend(match_address(part, start..end, link.kind(), at));
        } else if part.get(start + 4..end).is_some_and(has_dot_in_host) {
            matches.push(AddressMatch { range: at + start..at + end, prefix: WEB });
        }
    }
}

fn has_dot_in_host(text: &str) -> bool {
    text.split(['/', '?', '#', ':']).next().is_some_and(|host| host.trim_matches('.').contains('.'))
}

fn match_address(
    part: &str,
    place: Range<usize>,
    kind: &LinkKind,
    at: usize,
) -> Option<AddressMatch> {
    if *kind == LinkKind::Email {
        return match_email(part, place, at);
    }
    let (scheme, _) = part.get(place.clone())?.split_once("://")?;
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    web.then(|| AddressMatch { range: at + place.start..at + place.end, prefix: "" })
}

fn match_email(part: &str, place: Range<usize>, at: usize) -> Option<AddressMatch> {
    let (name, host) = part.get(place.clone())?.split_once('@')?;
    let sign = place.start + name.len();
    // Non-ASCII letters before and after it belong to the sentence.
    let name =
        name.rsplit(|character| !is_in_name(character)).next()?.trim_start_matches(['.', '-', '_']);
    let host =
        host.split(|character: char| !character.is_ascii()).next()?.trim_end_matches(['.', '-']);
    let (start, end) = (sign - name.len(), sign + 1 + host.len());
    if name.is_empty() || !host.contains('.') {
        return None;
    }
    let before = part.get(..start)?;
    let scheme = before.len().checked_sub(MAIL.len()).filter(|from| {
        before.get(*from..).is_some_and(|scheme| scheme.eq_ignore_ascii_case(MAIL))
            && !before
                .get(..*from)
                .is_some_and(|before| before.ends_with(|last: char| last.is_alphanumeric()))
    });
    Some(match scheme {
        Some(from) => AddressMatch { range: at + from..at + end, prefix: "" },
        None => AddressMatch { range: at + start..at + end, prefix: MAIL },
    })
}

/// Characters that need no escaping in a `mailto:` URL. A question mark would begin header fields.
fn is_in_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || ".-_+".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        find(text)
            .into_iter()
            .map(|found| format!("{}{}", found.prefix, &text[found.range]))
            .collect()
    }

    #[test]
    fn address_excludes_trailing_punctuation() {
        for (text, links) in [
            (
                "Track it: https://shop.example/t?a=1&b=2. Or www.shop.example, or help@shop.example!",
                vec![
                    "https://shop.example/t?a=1&b=2",
                    "https://www.shop.example",
                    "mailto:help@shop.example",
                ],
            ),
            ("(see https://shop.example/a_(b)_c)", vec!["https://shop.example/a_(b)_c"]),
            ("(https://shop.example/x).", vec!["https://shop.example/x"]),
            ("https://shop.example/x), b", vec!["https://shop.example/x"]),
            ("«https://shop.example/x»", vec!["https://shop.example/x"]),
            ("\"https://shop.example/x\"", vec!["https://shop.example/x"]),
            ("请看https://shop.example/x。谢谢", vec!["https://shop.example/x"]),
            ("（www.shop.example/x）", vec!["https://www.shop.example/x"]),
            (
                "https://shop.example/x… https://shop.example/y?!",
                vec!["https://shop.example/x", "https://shop.example/y"],
            ),
            ("请写信help@shop.example谢谢", vec!["mailto:help@shop.example"]),
            ("mailto:help@shop.example", vec!["mailto:help@shop.example"]),
            (
                "WWW.Shop.Example/a,www.b.example/?q=www.c.example",
                vec!["https://WWW.Shop.Example/a,www.b.example/?q=www.c.example"],
            ),
            (
                "a www.a.example b www.b.example c https://www.c.example d",
                vec!["https://www.a.example", "https://www.b.example", "https://www.c.example"],
            ),
            ("https://uk.wikipedia.org/wiki/Київ", vec!["https://uk.wikipedia.org/wiki/Київ"]),
            ("http://localhost:3001/x", vec!["http://localhost:3001/x"]),
        ] {
            assert_eq!(found(text), links, "{text}");
        }
        // The inserted scheme never appears in a result.
        for text in [
            "www.a@b.example",
            "+www.a.example",
            "a+www.b.example",
            "www.a.example@www.b.example",
            "www.www.www.",
            ",www.a.example,www.b.example",
        ] {
            for AddressMatch { range, .. } in find(text) {
                assert!(text.get(range).is_some_and(|found| !found.contains("https")), "{text}");
            }
        }
    }

    #[test]
    fn non_addresses_are_not_matched() {
        for text in [
            "javascript://shop.example/%0aalert(1)",
            "xhttp://shop.example",
            "data:text/html,x",
            "http://",
            "www.",
            "www",
            "www.shop",
            "www./x",
            "awww.shop.example",
            "https:/shop.example",
            "a@b",
            "@shop.example",
            "ftp://shop.example",
            "12:30 a.m.",
            "и т.д.",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
