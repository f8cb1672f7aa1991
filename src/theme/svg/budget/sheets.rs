//! The rules of printed style sheets that are not simple ones. The simple ones are already known
//! and counted.
//!
//! Must not depend on the cost of a reference.

use super::super::values;

/// The selector of a rule that references something and is not a simple one: the shapes it applies
/// to cannot be counted.
pub(super) fn hidden_reference(sheet: &str) -> Option<String> {
    let mut selector = None;
    each_declaration(sheet, |preludes, declaration| {
        if selector.is_none() && values::contains_url(declaration) {
            let rules = preludes.iter().filter(|prelude| !is_scheme(prelude)).count();
            let plain = rules == 1
                && preludes
                    .iter()
                    .all(|prelude| is_scheme(prelude) || prelude.split(',').all(is_plain));
            selector = (!plain).then(|| {
                preludes
                    .last()
                    .map_or_else(|| "@".to_owned(), |prelude| prelude.chars().take(60).collect())
            });
        }
    });
    selector
}

/// The values of a property in a sheet.
pub(super) fn each_value(sheet: &str, property: &str, mut tell: impl FnMut(&str)) {
    each_declaration(sheet, |_, declaration| {
        if let Some((name, value)) = declaration.split_once(':')
            && name.trim() == property
        {
            tell(value.trim());
        }
    });
}

fn each_declaration(sheet: &str, mut tell: impl FnMut(&[&str], &str)) {
    let mut preludes: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut quote = None;
    for (at, character) in sheet.char_indices() {
        if let Some(open) = quote {
            if character == open {
                quote = None;
            }
            continue;
        }
        match character {
            '"' | '\'' => quote = Some(character),
            '{' | '}' | ';' => {
                let piece = sheet.get(start..at).unwrap_or_default().trim();
                if character == '{' {
                    preludes.push(piece);
                } else {
                    tell(&preludes, piece);
                }
                if character == '}' {
                    preludes.pop();
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    tell(&preludes, sheet.get(start..).unwrap_or_default());
}

/// Whether a condition asks for nothing but the colour scheme.
fn is_scheme(prelude: &str) -> bool {
    let condition: String =
        prelude.strip_prefix("@media").unwrap_or_default().split_whitespace().collect();
    matches!(condition.as_str(), "(prefers-color-scheme:dark)" | "(prefers-color-scheme:light)")
}

/// Whether a selector is one compound of an element, an id and classes.
fn is_plain(selector: &str) -> bool {
    let selector = selector.trim();
    !selector.is_empty()
        && selector.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '*' | '.' | '#' | '-' | '_') || c > '\u{7f}'
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_simple_rules_may_reference() {
        for sheet in [
            ".a{fill:url(#p)}",
            "rect.a,#b{fill:red;stroke:url(#p)}",
            "@media (prefers-color-scheme: dark){.a{fill:url(#p)}}",
            "g > a{fill:red}",
            "",
        ] {
            assert_eq!(hidden_reference(sheet), None, "{sheet}");
        }
        for sheet in [
            "g > rect{fill:url(#p)}",
            ".a,g .b{fill:url(#p)}",
            ".a{.b{fill:url(#p)}}",
            ".a{fill:red}rect:first-child{fill:URL(#p)",
            "@media (min-width: 1px){.a{fill:url(#p)}}",
            "@media (prefers-color-scheme: dark) and (min-width: 1px){.a{fill:url(#p)}}",
            "@keyframes k{from{fill:url(#p)}}",
            ".a{font-family:\"}\"}g .b{fill:url(#p)}",
            "fill:url(#p)",
        ] {
            assert!(hidden_reference(sheet).is_some(), "{sheet}");
        }
    }

    #[test]
    fn property_values_are_found_everywhere() {
        let mut found = Vec::new();
        each_value(
            "a > b{x:1;stroke-dasharray: 1 2}@media x{.c{stroke-dasharray:3}}",
            "stroke-dasharray",
            |value| found.push(value.to_owned()),
        );
        assert_eq!(found, ["1 2", "3"]);
    }
}
