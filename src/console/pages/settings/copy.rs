//! Takes out of a pasted page what acts by itself, so that its copy stands still. The page's shape stays, since selectors are read
//! from it. This is not the fence: the copy's policy and its sandbox are, and they hold for what is missed here.

/// Elements that go with all that is in them.
const WHOLE: [&str; 7] = ["script", "iframe", "object", "frameset", "noscript", "portal", "fencedframe"];
/// Elements that are a single tag.
const SINGLE: [&str; 3] = ["base", "embed", "frame"];

/// The page without scripts, frames, event handlers, and tags that lead elsewhere.
pub(super) fn clean(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let Some(tag) = Tag::read(from) else {
            out.push('<');
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        rest = from.get(tag.text.len()..).unwrap_or_default();
        if WHOLE.contains(&tag.name.as_str()) {
            if !tag.closes {
                rest = after_end(rest, &tag.name);
            }
        } else if !SINGLE.contains(&tag.name.as_str()) && !(tag.name == "meta" && tag.has("http-equiv")) {
            tag.write(&mut out);
        }
    }
    out.push_str(rest);
    out
}

/// What follows the end of an element; nothing when it has none.
fn after_end<'h>(html: &'h str, name: &str) -> &'h str {
    let end = format!("</{name}");
    let found = html
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| html.as_bytes().get(*at..at + end.len()).is_some_and(|part| part.eq_ignore_ascii_case(end.as_bytes())));
    let Some(rest) = found.and_then(|at| html.get(at..)) else { return "" };
    rest.find('>').and_then(|at| rest.get(at + 1..)).unwrap_or_default()
}

struct Tag<'h> {
    text: &'h str,
    name: String,
    closes: bool,
    /// Each attribute as it stands, with its name in lower case.
    attributes: Vec<(String, &'h str)>,
}

impl<'h> Tag<'h> {
    /// The tag that a text begins with, if it does.
    fn read(html: &'h str) -> Option<Self> {
        let closes = html.starts_with("</");
        let inside = html.get(if closes { 2 } else { 1 }..)?;
        if !inside.starts_with(|character: char| character.is_ascii_alphabetic()) {
            return None;
        }
        let end = inside.find(|character: char| character.is_whitespace() || matches!(character, '/' | '>'))?;
        let name = inside.get(..end)?.to_ascii_lowercase();
        let mut rest = inside.get(end..)?;
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == '/');
            if rest.starts_with('>') {
                let length = html.len() - rest.len() + 1;
                return Some(Self { text: html.get(..length)?, name, closes, attributes });
            }
            let (attribute, after) = attribute(rest)?;
            attributes.push(attribute);
            rest = after;
        }
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(named, _)| named == name)
    }

    fn write(&self, out: &mut String) {
        out.push_str(if self.closes { "</" } else { "<" });
        out.push_str(&self.name);
        let links = |text: &str| text.to_ascii_lowercase().contains("javascript:");
        for (_, text) in self.attributes.iter().filter(|(name, text)| !name.starts_with("on") && name != "srcdoc" && !links(text)) {
            out.push(' ');
            out.push_str(text);
        }
        out.push('>');
    }
}

/// One attribute as it stands, and what follows it. `None` when the text ends inside it.
fn attribute(text: &str) -> Option<((String, &str), &str)> {
    // A name may begin with `=`, as browsers read it.
    let end =
        text.char_indices().skip(1).find(|(_, character)| character.is_whitespace() || matches!(character, '/' | '>' | '=')).map(|(at, _)| at)?;
    let (name, rest) = text.split_at(end);
    let name = name.to_ascii_lowercase();
    let Some(value) = rest.trim_start().strip_prefix('=') else { return Some(((name, text.get(..end)?), rest)) };
    let value = value.trim_start();
    let after = match value.chars().next()? {
        quote @ ('"' | '\'') => value.get(value.get(1..)?.find(quote)? + 2..)?,
        _ => value.get(value.find(|character: char| character.is_whitespace() || character == '>')?..)?,
    };
    Some(((name, text.get(..text.len() - after.len())?), after))
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_acts_by_itself_goes_and_the_shape_stays() {
        for (page, left) in [
            ("<p id=a class='b c'>x</p>", "<p id=a class='b c'>x</p>"),
            ("a<SCRIPT src=x>alert(1)</sCript >b", "ab"),
            ("<iframe srcdoc='<p>'></iframe><base href=//x><embed src=x>y", "y"),
            ("<meta charset=utf-8><meta HTTP-EQUIV=refresh content='0;url=//x'>", "<meta charset=utf-8>"),
            ("<img src=a onerror=alert(1) OnLoad = 'x' alt=\"b > c\">", "<img src=a alt=\"b > c\">"),
            ("<a href=' JavaScript:alert(1)' id=x>y</a>", "<a id=x>y</a>"),
            ("1 < 2 and <!-- note --> <my-bell slot=end></my-bell>", "1 < 2 and <!-- note --> <my-bell slot=end></my-bell>"),
            ("<script>never ends", ""),
            ("<p title='never ends", "<p title='never ends"),
        ] {
            assert_eq!(clean(page), left, "{page}");
        }
    }
}
