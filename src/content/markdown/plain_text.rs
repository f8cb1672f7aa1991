//! Renders plain text, such as a contact's message, as safe HTML with its addresses as links. The
//! result passes the same sanitizer as Markdown.

use super::{
    autolink, sanitizer,
    writer::{LINK_REL, LINK_TARGET},
};
use belfry_domain::{Link, LinkTarget};
use html_escape::{encode_double_quoted_attribute, encode_text};

/// Renders the text as one paragraph with line breaks. The result is safe in any page.
pub fn plain_to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8 + 16);
    html.push_str("<p>");
    let mut written = 0;
    for found in autolink::find(text) {
        let Some(address) = text.get(found.range.clone()) else { continue };
        let Ok(link) = Link::parse(&format!("{}{address}", found.prefix)) else { continue };
        let (LinkTarget::Web(target) | LinkTarget::Contact(target)) = link.target() else {
            continue;
        };
        lines(text.get(written..found.range.start).unwrap_or_default(), &mut html);
        html.extend([
            "<a href=\"",
            &encode_double_quoted_attribute(target),
            "\" rel=\"",
            LINK_REL,
            "\" target=\"",
            LINK_TARGET,
            "\">",
        ]);
        html.push_str(&encode_text(address));
        html.push_str("</a>");
        written = found.range.end;
    }
    lines(text.get(written..).unwrap_or_default(), &mut html);
    html.push_str("</p>");
    sanitizer::sanitize(&html)
}

fn lines(text: &str, html: &mut String) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            html.push_str("<br>");
        }
        html.push_str(&encode_text(line.strip_suffix('\r').unwrap_or(line)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_escaped_and_linkified() {
        assert_eq!(
            plain_to_html("**a** <b>\r\nsecond & last"),
            "<p>**a** &lt;b&gt;<br>second &amp; last</p>"
        );
        let linked = plain_to_html("see https://shop.example/?a=1&b=2, or ann@shop.example.");
        assert!(linked.contains("<a href=\"https://shop.example/?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow\" target=\"_top\">"), "{linked}");
        assert!(
            linked.contains("href=\"mailto:ann@shop.example\"") && linked.ends_with("</a>.</p>"),
            "{linked}"
        );
    }

    #[test]
    fn active_content_is_escaped() {
        for hostile in [
            "<script>alert(1)</script>",
            "javascript:alert(1)",
            "javascript://shop.example/%0aalert(1)",
            "https://a.example/\"onmouseover=\"alert(1)",
            "https://a.example/<img src=x onerror=alert(1)>",
            "<a href=\"javascript:x\">x</a>",
            "&lt;script&gt;",
            "\u{202e}https://a.example",
        ] {
            let html = plain_to_html(hostile);
            assert!(
                !html.contains("<script")
                    && !html.contains("<img")
                    && !html.contains("<a href=\"javascript")
                    && !html.contains("\" onmouse"),
                "{html}"
            );
        }
    }
}
