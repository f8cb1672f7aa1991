//! Removes active content from a copied web page, so that it can be shown as a static preview in
//! the console. The structure of the page is kept, because selectors are tested against it.
//!
//! This is not the security boundary: the Content-Security-Policy and the sandbox of the copy are,
//! and they also cover what is missed here.

/// Elements that are removed with their content.
const REMOVED_ELEMENTS: [&str; 7] =
    ["script", "iframe", "object", "frameset", "noscript", "portal", "fencedframe"];
/// Void elements that are removed.
const REMOVED_TAGS: [&str; 3] = ["base", "embed", "frame"];
/// Elements with raw text content, in which no tag begins.
const RAW_TEXT_ELEMENTS: [&str; 6] = ["style", "title", "textarea", "xmp", "noembed", "noframes"];

/// Removes scripts, frames, event handlers, and tags that navigate elsewhere. Linear in the length
/// of the page.
pub fn strip_active_content(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        rest = if from.starts_with("<!--") {
            copy_comment(from, &mut out)
        } else {
            copy_markup(from, &mut out)
        };
    }
    out.push_str(rest);
    out
}

/// Copies a comment; returns the rest.
fn copy_comment<'h>(html: &'h str, out: &mut String) -> &'h str {
    // `<!-->` is a complete comment.
    let inside = html.get(2..).unwrap_or_default();
    let ends = |at: &usize| {
        inside.get(..*at).is_some_and(|before| {
            before.ends_with("--") || before.len() > 4 && before.ends_with("--!")
        })
    };
    let end =
        inside.match_indices('>').map(|(at, _)| at).find(ends).map_or(html.len(), |at| at + 3);
    let (whole, rest) = html.split_at(end);
    out.push_str(whole);
    rest
}

/// Copies or drops the markup at the beginning; returns the rest.
fn copy_markup<'h>(html: &'h str, out: &mut String) -> &'h str {
    let tag = match Tag::parse_markup(html) {
        ParsedTag::Tag(tag) => tag,
        ParsedTag::Text => {
            out.push('<');
            return html.get(1..).unwrap_or_default();
        }
        ParsedTag::Unfinished => {
            // Browsers drop an unfinished tag with everything after it. Shown as text it stays
            // visible, and isn't scanned again.
            out.push_str(&html.replace('<', "&lt;"));
            return "";
        }
    };
    let rest = html.get(tag.text.len()..).unwrap_or_default();
    let name = tag.name.as_str();
    if REMOVED_ELEMENTS.contains(&name) {
        return if tag.is_closing { rest } else { element_end(rest, name).1 };
    }
    if !(REMOVED_TAGS.contains(&name) || name == "meta" && tag.has("http-equiv")) {
        tag.write(out);
    }
    if tag.is_closing || !RAW_TEXT_ELEMENTS.contains(&name) {
        return rest;
    }
    let (text, after) = element_end(rest, name);
    out.push_str(text);
    after
}

/// Splits after an element's end tag: the content with the end tag, and the rest. Without an end
/// tag the rest is empty.
fn element_end<'h>(html: &'h str, name: &str) -> (&'h str, &'h str) {
    let is_end = |at: usize| {
        let inside = html.get(at..)?.strip_prefix("</")?;
        let (named, rest) = inside.split_at_checked(name.len())?;
        let ends = rest
            .starts_with(|character: char| is_space(character) || matches!(character, '/' | '>'));
        (named.eq_ignore_ascii_case(name) && ends).then(|| html.len() - rest.len())
    };
    let end = html
        .match_indices('<')
        .find_map(|(at, _)| is_end(at))
        .and_then(|from| Some(from + html.get(from..)?.find('>')? + 1));
    html.split_at(end.unwrap_or(html.len()))
}

/// White space according to the HTML standard.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

struct Tag<'h> {
    text: &'h str,
    name: String,
    is_closing: bool,
    /// Name in lower case and the attribute's source text.
    attributes: Vec<(String, &'h str)>,
}

/// What begins at a `<`.
enum ParsedTag<'h> {
    Tag(Tag<'h>),
    /// Not a tag.
    Text,
    /// A tag that is not closed before the end of the page.
    Unfinished,
}

impl<'h> Tag<'h> {
    fn parse_markup(html: &'h str) -> ParsedTag<'h> {
        let closes = html.starts_with("</");
        let inside = html.get(if closes { 2 } else { 1 }..).unwrap_or_default();
        if !inside.starts_with(|character: char| character.is_ascii_alphabetic()) {
            return ParsedTag::Text;
        }
        Self::parse(html, inside, closes).map_or(ParsedTag::Unfinished, ParsedTag::Tag)
    }

    /// Parses a tag whose name begins `inside`. `None` if the text ends within it.
    fn parse(html: &'h str, inside: &'h str, is_closing: bool) -> Option<Self> {
        let end =
            inside.find(|character: char| is_space(character) || matches!(character, '/' | '>'))?;
        let (name, mut rest) = inside.split_at(end);
        let mut attributes = Vec::new();
        loop {
            rest =
                rest.trim_start_matches(|character: char| is_space(character) || character == '/');
            if rest.starts_with('>') {
                let length = html.len() - rest.len() + 1;
                return Some(Self {
                    text: html.get(..length)?,
                    name: name.to_ascii_lowercase(),
                    is_closing,
                    attributes,
                });
            }
            let (attribute, after) = parse_attribute(rest)?;
            attributes.push(attribute);
            rest = after;
        }
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(named, _)| named == name)
    }

    fn write(&self, out: &mut String) {
        out.push_str(if self.is_closing { "</" } else { "<" });
        out.push_str(&self.name);
        let links = |text: &str| text.to_ascii_lowercase().contains("javascript:");
        for (_, text) in self
            .attributes
            .iter()
            .filter(|(name, text)| !name.starts_with("on") && name != "srcdoc" && !links(text))
        {
            out.push(' ');
            out.push_str(text);
        }
        out.push('>');
    }
}

/// Parses an attribute; returns it with the rest. `None` if the text ends within it.
fn parse_attribute(text: &str) -> Option<((String, &str), &str)> {
    // An attribute name may begin with `=` (HTML standard).
    let end = text
        .char_indices()
        .skip(1)
        .find(|(_, character)| is_space(*character) || matches!(character, '/' | '>' | '='))
        .map(|(at, _)| at)?;
    let (name, rest) = text.split_at(end);
    let name = name.to_ascii_lowercase();
    let Some(value) = rest.trim_start_matches(is_space).strip_prefix('=') else {
        return Some(((name, text.get(..end)?), rest));
    };
    let value = value.trim_start_matches(is_space);
    let after = match value.chars().next()? {
        quote @ ('"' | '\'') => value.get(value.get(1..)?.find(quote)? + 2..)?,
        _ => value.get(value.find(|character: char| is_space(character) || character == '>')?..)?,
    };
    Some(((name, text.get(..text.len() - after.len())?), after))
}

#[cfg(test)]
mod tests {
    use super::strip_active_content;

    #[test]
    fn active_content_is_removed_and_structure_kept() {
        for (page, left) in [
            ("<p id=a class='b c'>x</p>", "<p id=a class='b c'>x</p>"),
            ("a<SCRIPT src=x>alert(1)</sCript >b", "ab"),
            ("<iframe srcdoc='<p>'></iframe><base href=//x><embed src=x>y", "y"),
            (
                "<meta charset=utf-8><meta HTTP-EQUIV=refresh content='0;url=//x'>",
                "<meta charset=utf-8>",
            ),
            (
                "<img src=a onerror=alert(1) OnLoad = 'x' alt=\"b > c\">",
                "<img src=a alt=\"b > c\">",
            ),
            ("<a href=' JavaScript:alert(1)' id=x>y</a>", "<a id=x>y</a>"),
            (
                "1 < 2 and <!-- note --> <my-bell slot=end></my-bell>",
                "1 < 2 and <!-- note --> <my-bell slot=end></my-bell>",
            ),
            ("<script>never ends", ""),
            ("<p title='never ends", "&lt;p title='never ends"),
            (
                "<a <b onclick=x <meta http-equiv=refresh",
                "&lt;a &lt;b onclick=x &lt;meta http-equiv=refresh",
            ),
            ("<!-- don't <b c='--><i onclick=x>y", "<!-- don't <b c='--><i>y"),
            ("<!--><i onclick=x>", "<!--><i>"),
            ("<!-- a --!><i onclick=x>", "<!-- a --!><i>"),
            ("<!-- never ends <i onclick=x>", "<!-- never ends <i onclick=x>"),
            (
                "<style>a::before{content:\"<b c='\"}</style><i onclick=x>",
                "<style>a::before{content:\"<b c='\"}</style><i>",
            ),
            ("<title>a</titles> <b></TITLE ><i onclick=x>", "<title>a</titles> <b></TITLE ><i>"),
            ("<script>a</scripts></script x>b", "b"),
            ("<p a=\u{a0}'b>c' onclick=x>", "<p a=\u{a0}'b>c' onclick=x>"),
        ] {
            assert_eq!(strip_active_content(page), left, "{page}");
        }
    }

    /// Quadratic if each tag were scanned to the end of the page.
    #[test]
    fn unclosed_tags_take_linear_time() {
        for again in ["<a ", "<a b=\"", "<a b='", "<a b=", "<script", "<script>", "<!--", "<style>"]
        {
            let page = again.repeat(500_000 / again.len());
            assert!(strip_active_content(&page).len() <= 5 * page.len(), "{again}");
        }
    }
}
