//! The document type declaration of a file: its length, and whether it fetches something. Its
//! content is never interpreted.

/// The length from `<!DOCTYPE` to the closing `>`; `None` if it is not closed.
pub(super) fn length(text: &str) -> Option<usize> {
    let (mut at, mut inside, mut declares) = ("<!DOCTYPE".len(), false, false);
    while let Some(byte) = text.as_bytes().get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let skipped = |start: usize, end: &str| {
            rest.get(start..)?.find(end).map(|found| start + found + end.len())
        };
        at += match byte {
            b'"' => skipped(1, "\"")?,
            b'\'' => skipped(1, "'")?,
            b'<' if inside && rest.starts_with("<!--") => skipped(4, "-->")?,
            b'<' if inside && rest.starts_with("<?") => skipped(2, "?>")?,
            b'<' if inside => {
                declares = true;
                1
            }
            b'[' if !declares => {
                inside = true;
                1
            }
            b']' if !declares => {
                inside = false;
                1
            }
            b'>' if declares => {
                declares = false;
                1
            }
            b'>' if !inside => return Some(at + 1),
            _ => 1,
        };
    }
    None
}

/// Whether a declaration in it references an external resource. The external identifier of the
/// document type itself is not fetched by current browsers.
pub(super) fn fetches(doctype: &str) -> bool {
    let Some((_, subset)) = doctype.split_once('[') else { return false };
    let mut quote = None;
    let mut word = String::new();
    for letter in subset.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if letter.is_ascii_alphabetic() => word.push(letter.to_ascii_uppercase()),
            None => {
                if matches!(word.as_str(), "SYSTEM" | "PUBLIC") {
                    return true;
                }
                word.clear();
                quote = Some(letter).filter(|letter| matches!(letter, '"' | '\''));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_where_a_parser_ends_it() {
        for (doctype, rest) in [
            ("<!DOCTYPE svg>", "<svg>"),
            (
                "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/a>b.dtd\">",
                "<svg>",
            ),
            (
                "<!DOCTYPE svg [<!ENTITY a \"]>\"> <!-- ' ]> --> <?x ]> ?> <!ELEMENT g (a|b)*>]>",
                "]><svg>",
            ),
            ("<!DOCTYPE svg [ %a; ] >", "<svg>"),
        ] {
            assert_eq!(length(&(doctype.to_owned() + rest)), Some(doctype.len()), "{doctype}");
        }
        for open in [
            "<!DOCTYPE svg",
            "<!DOCTYPE svg [<!ENTITY a \"b\">",
            "<!DOCTYPE svg [ \" ]>",
            "<!DOCTYPE svg [<!-- ]>",
        ] {
            assert_eq!(length(open), None, "{open}");
        }
    }

    #[test]
    fn external_references_are_detected() {
        for doctype in [
            "<!DOCTYPE s [<!ENTITY a SYSTEM \"x\">]>",
            "<!DOCTYPE s [<!ENTITY % a public 'x' 'y'> %a;]>",
            "<!DOCTYPE s [<!NOTATION a SYSTEM'x'>]>",
        ] {
            assert!(fetches(doctype), "{doctype}");
        }
        for doctype in [
            "<!DOCTYPE svg PUBLIC \"a\" \"b\">",
            "<!DOCTYPE svg SYSTEM \"b\" [<!ENTITY a \"SYSTEM\">]>",
        ] {
            assert!(!fetches(doctype), "{doctype}");
        }
    }
}
