//! Normalizes layer names as the drawing tools export them. Must not depend on the meaning of
//! parts.
//!
//! Illustrator writes `action_x2D_1` for "action-1", and appends `_1_` to a repeated name; Figma
//! appends `_2`; Inkscape stores the name in a label. People write `Action 1`.

/// The part that a layer's name refers to, if any.
pub(super) fn part<'a>(name: &str, parts: &[&'a str]) -> Option<&'a str> {
    // No spelling of a part's name is nearly this long.
    if name.len() > 200 {
        return None;
    }
    let name = unescaped(name.trim().trim_start_matches('#')).to_lowercase();
    let part_named = |name: &str| parts.iter().copied().find(|part| *part == plain(name));
    let first = without_illustrator_suffix(&name);
    part_named(first).or_else(|| without_number(first).and_then(part_named))
}

/// Resolves Illustrator's `_x2D_` escapes.
fn unescaped(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some(found) = rest.find("_x") {
        let (before, after) = rest.split_at(found);
        let escape = after.get(2..).and_then(|digits| digits.split_once('_'));
        let character = escape.filter(|(digits, _)| (1..=6).contains(&digits.len())).and_then(
            |(digits, tail)| {
                let code = u32::from_str_radix(digits, 16).ok()?;
                Some((char::from_u32(code)?, tail))
            },
        );
        out.push_str(before);
        if let Some((character, tail)) = character {
            out.push(character);
            rest = tail;
        } else {
            out.push_str("_x");
            rest = after.get(2..).unwrap_or_default();
        }
    }
    out + rest
}

/// Strips the suffix of `title_1_` and `title_00000123456789_`.
fn without_illustrator_suffix(name: &str) -> &str {
    let Some(inner) = name.strip_suffix('_') else { return name };
    let head = inner.trim_end_matches(|c: char| c.is_ascii_digit());
    if head.len() == inner.len() { name } else { head.strip_suffix('_').unwrap_or(name) }
}

/// Strips the number of `title_2` and `title-2`.
fn without_number(name: &str) -> Option<&str> {
    let head = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (head.len() < name.len()).then(|| head.strip_suffix(['_', '-', ' '])).flatten()
}

/// Lower-case words joined by hyphens.
fn plain(name: &str) -> String {
    let words = name
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | '-'))
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &[&str] = &["title", "body", "action-1", "action-2", "unread"];

    #[test]
    fn every_tool_spelling_names_the_same_part() {
        let table = [
            ("title", Some("title")),
            ("Title", Some("title")),
            (" TITLE ", Some("title")),
            ("title_2", Some("title")),
            ("title-2", Some("title")),
            ("title 2", Some("title")),
            ("title_1_", Some("title")),
            ("title_00000018928393847262230000005238741_", Some("title")),
            ("#title", Some("title")),
            ("action-1", Some("action-1")),
            ("Action 1", Some("action-1")),
            ("action_1", Some("action-1")),
            ("action_x2D_1", Some("action-1")),
            ("action_x2d_1", Some("action-1")),
            ("action_x5F_2", Some("action-2")),
            ("action_x20_2", Some("action-2")),
            ("action_x2D_1_1_", Some("action-1")),
            ("action_1_2", Some("action-1")),
            ("action-1_2", Some("action-1")),
            ("action-1-2", Some("action-1")),
            ("action__1", Some("action-1")),
            ("_unread_", Some("unread")),
            // "action" again, which is not a part; never the first action
            ("action_1_", None),
            ("action_x2D_1_", Some("action-1")),
            ("action", None),
            ("action-3", None),
            ("action-11", None),
            ("title2", None),
            ("subtitle", None),
            ("title-bar", None),
            ("title_2_3", None),
            ("_x", None),
            ("_xFFFFFF_title", None),
            ("_x110000_", None),
            ("", None),
            ("タイトル", None),
        ];
        for (name, expected) in table {
            assert_eq!(part(name, PARTS), expected, "{name}");
        }
        assert_eq!(part(&("title".to_owned() + &"_".repeat(300)), PARTS), None);
    }
}
