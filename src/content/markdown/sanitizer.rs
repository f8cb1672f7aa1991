//! The second layer: a sanitizer (`ammonia`) that allows exactly the writer's output.

use super::writer::{LINK_REL, LINK_TARGET, SITE_LINK_ATTRIBUTE, TAGS};
use ammonia::{Builder, UrlRelative};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(build_sanitizer);

/// The same sanitizer, but links open in a new tab.
static NEW_TAB_SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut fence = build_sanitizer();
    fence.set_tag_attribute_values(HashMap::from([("a", HashMap::from([("target", "_blank")]))]));
    fence
});

fn build_sanitizer() -> Builder<'static> {
    let mut fence = Builder::empty();
    fence
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::new())
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .tag_attribute_values(HashMap::from([(
            "a",
            HashMap::from([
                ("rel", HashSet::from([LINK_REL])),
                ("target", HashSet::from([LINK_TARGET])),
                (SITE_LINK_ATTRIBUTE, HashSet::from([""])),
            ]),
        )]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    fence
}

/// Rewrites sanitized HTML so that its links open in a new tab.
pub fn open_links_in_new_tabs(html: &str) -> String {
    NEW_TAB_SANITIZER.clean(&split_long_texts(html)).to_string()
}

/// Removes everything that the writer can't have written.
pub(super) fn sanitize(html: &str) -> String {
    SANITIZER.clean(&split_long_texts(html)).to_string()
}

/// An empty comment, which splits a text and is removed by the sanitizer.
const TEXT_SEPARATOR: &str = "<!---->";
/// A text is split after this number of characters that the serializer scans for.
const MAX_SCANNED_CHARS: u32 = 64;

/// Splits long texts, because the sanitizer's serializer scans the rest of a text for each `&` and
/// for each character whose first byte is that of a no-break space, which is quadratic. Texts on
/// both sides of a removed comment aren't joined again. Safe at any position, since the sanitizer
/// runs afterwards.
fn split_long_texts(html: &str) -> Cow<'_, str> {
    let is_looked_for = |byte: u8| byte == b'&' || byte == 0xc2;
    if html.bytes().filter(|byte| is_looked_for(*byte)).count() < MAX_SCANNED_CHARS as usize {
        return Cow::Borrowed(html);
    }
    let mut whole = String::with_capacity(html.len() + html.len() / 8);
    let (mut is_in_tag, mut is_quoted, mut passed, mut written) = (false, false, 0, 0);
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' if is_in_tag => is_quoted = !is_quoted,
            b'<' if !is_in_tag => (is_in_tag, passed) = (true, 0),
            b'>' if is_in_tag && !is_quoted => is_in_tag = false,
            _ if !is_in_tag && is_looked_for(byte) => {
                if passed == MAX_SCANNED_CHARS {
                    whole.push_str(html.get(written..at).unwrap_or_default());
                    whole.push_str(TEXT_SEPARATOR);
                    (written, passed) = (at, 0);
                }
                passed += 1;
            }
            _ => {}
        }
    }
    whole.push_str(html.get(written..).unwrap_or_default());
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_tabs_change_only_link_targets() {
        let html = format!(
            "<p>target=\"_top\" &amp; <a href=\"https://a.example/?b=1&amp;c\" rel=\"{LINK_REL}\" target=\"{LINK_TARGET}\">a</a></p>"
        );
        let new_tabs = html.replace(
            "c\" rel=\"noopener noreferrer nofollow\" target=\"_top\"",
            "c\" rel=\"noopener noreferrer nofollow\" target=\"_blank\"",
        );
        assert_ne!(html, new_tabs);
        assert_eq!(open_links_in_new_tabs(&sanitize(&html)), new_tabs);
        assert_eq!(open_links_in_new_tabs("<p onclick=\"x\"><script>x</script></p>"), "<p>x</p>");
    }

    /// Splitting changes the cost and not the result.
    #[test]
    fn splitting_does_not_change_the_result() {
        for sign in ["&amp;", "&lt;", "\u{a7}", "\u{a0}x", "&amp;\u{a7}", "a&gt;"] {
            let html = format!(
                "<p>{0}<a href=\"https://a.example/?{1}\" rel=\"{LINK_REL}\">{0}</a></p>",
                sign.repeat(1_000),
                "b=c&amp;".repeat(300)
            );
            assert!(split_long_texts(&html).contains(TEXT_SEPARATOR));
            assert_eq!(sanitize(&html), SANITIZER.clean(&html).to_string());
            assert!(!sanitize(&html).contains("<!--"));
        }
        for fragment in ["<p title=\"", "<", "<p x='", "\">", "<!--", "&"] {
            let html = format!("{fragment}{}", format!("&amp;\u{a7}{fragment}").repeat(500));
            assert!(!sanitize(&html).contains("<!--"), "{fragment}");
        }
        assert!(matches!(split_long_texts("<p>a &amp; b</p>"), Cow::Borrowed(_)));
    }

    #[test]
    fn foreign_markup_is_removed() {
        for foreign in [
            "<script>x</script>",
            "<img src=x onerror=y>",
            "<p onclick=x>",
            "<p style=x>",
            "<a href=\"javascript:x\">",
            "<a href=\"/x\">",
            "<a target=\"_self\">",
            "<svg><a>",
            "<iframe>",
            "<style>x</style>",
            "<p class=x>",
            "<form>",
            "<input>",
            "<a href=\"data:x\">",
            "<a href=\"myshop:x\">",
            "<a rel=opener>",
        ] {
            let passed = sanitize(foreign);
            for word in [
                "<script", "<img", "on", "style", "href", "_self", "<svg", "<iframe", "class",
                "<form", "<input", "rel",
            ] {
                assert!(!passed.contains(word), "{foreign}: {passed}");
            }
        }
    }
}
