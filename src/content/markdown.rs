//! A message's Markdown body as HTML that is safe in any page.
//!
//! Two fences. The writer builds the result from the parser's events, out of a handful of tags, and lets no markup of the
//! sender through; a sanitiser with exactly the writer's own list stands behind it and, while the writer is right, changes nothing.
//! Must not know of themes, readers or languages.

mod fence;
mod writer;

use pulldown_cmark::{Options, Parser};

/// Renders a body: paragraphs, line breaks, emphasis, code, links to the web, lists, quotations. Headings become bold
/// paragraphs, pictures their description, HTML is shown as it was written. Safe to place into a page as it is.
pub fn to_html(markdown: &str) -> String {
    fence::pass(&write(markdown))
}

fn write(markdown: &str) -> String {
    let mut writer = writer::Writer::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH) {
        writer.take(event);
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property_tests;
    use proptest::prelude::*;

    /// What is wrong with this HTML, judged without any parser: in the writer's output each `<` begins a tag of its own list.
    fn fault(html: &str) -> Option<String> {
        const PLAIN: [&str; 11] = ["p", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a"];
        let mut open = Vec::new();
        for part in html.split('<').skip(1) {
            let Some((tag, _)) = part.split_once('>') else { return Some(format!("unclosed tag {part}")) };
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return Some(format!("{tag} closes nothing"));
                }
            } else if matches!(tag, "br" | "hr") {
            } else if PLAIN.contains(&tag) && tag != "a" {
                open.push(tag);
            } else if let Some(number) = tag.strip_prefix("ol start=\"").and_then(|rest| rest.strip_suffix('"')) {
                if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Some(format!("odd number {tag}"));
                }
                open.push("ol");
            } else if let Some(address) =
                tag.strip_prefix("a href=\"").and_then(|rest| rest.strip_suffix("\" rel=\"noopener noreferrer nofollow\" target=\"_top\""))
            {
                if !(address.starts_with("http://") || address.starts_with("https://")) || address.contains(['"', '<', '>', ' ']) {
                    return Some(format!("odd address {tag}"));
                }
                if open.contains(&"a") {
                    return Some("a link in a link".to_owned());
                }
                open.push("a");
            } else {
                return Some(format!("foreign tag {tag}"));
            }
        }
        (!open.is_empty()).then(|| format!("left open: {open:?}"))
    }

    #[test]
    fn the_inline_set_is_rendered() {
        for (markdown, html) in [
            (
                "It is *on its **way***, ~~today~~ `1 < 2`.",
                "<p>It is <em>on its <strong>way</strong></em>, <del>today</del> <code>1 &lt; 2</code>.</p>",
            ),
            ("one\ntwo  \nthree\n\nfour", "<p>one\ntwo<br>three</p><p>four</p>"),
            (
                "[Track](https://Shop.example/t?a=1&b=2 \"title\")",
                "<p><a href=\"https://shop.example/t?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow\" target=\"_top\">Track</a></p>",
            ),
            (
                "<https://shop.example>",
                "<p><a href=\"https://shop.example/\" rel=\"noopener noreferrer nofollow\" target=\"_top\">https://shop.example</a></p>",
            ),
            ("- a\n- b\n\n1. c\n2. d", "<ul><li>a</li><li>b</li></ul><ol><li>c</li><li>d</li></ol>"),
            ("7. seventh", "<ol start=\"7\"><li>seventh</li></ol>"),
            ("> said", "<blockquote><p>said</p></blockquote>"),
            ("```html\n<b>\n\n  x\n```", "<pre><code>&lt;b&gt;\n\n  x\n</code></pre>"),
            ("# Big *news*\ntext", "<p><strong>Big <em>news</em></strong></p><p>text</p>"),
            ("# **Big**", "<p><strong>Big</strong></p>"),
            ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
            ("5&nbsp;€ &amp; \"more\"", "<p>5&nbsp;€ &amp; \"more\"</p>"),
            ("", ""),
        ] {
            assert_eq!(to_html(markdown), html, "{markdown}");
        }
    }

    #[test]
    fn html_is_shown_as_it_was_written() {
        assert_eq!(to_html("a <b onclick=x()>b</b>"), "<p>a &lt;b onclick=x()&gt;b&lt;/b&gt;</p>");
        assert_eq!(to_html("<script>\nalert(1)\n</script>"), "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>");
        assert_eq!(to_html("<!-- x -->"), "<p>&lt;!-- x --&gt;</p>");
    }

    #[test]
    fn a_link_to_elsewhere_is_only_its_text() {
        for target in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "&#106;avascript:alert(1)",
            "java&#10;script:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//shop.example",
            "/orders",
            "#x",
            "mailto:a@b.example",
            "https://user:secret@shop.example",
            "https://",
            "blob:https://shop.example/1",
        ] {
            assert_eq!(to_html(&format!("[go]({target})")), "<p>go</p>", "{target}");
        }
        assert_eq!(to_html("<a@b.example>"), "<p>a@b.example</p>");
    }

    #[test]
    fn a_picture_is_its_description() {
        assert_eq!(to_html("![a *red* hat](https://elsewhere.example/x.png)"), "<p>a red hat</p>");
        assert_eq!(to_html("![a [b](https://c.example) ![d](e)](f)"), "<p>a b d</p>");
        assert_eq!(
            to_html("[![hat](x.png)](https://shop.example/)"),
            "<p><a href=\"https://shop.example/\" rel=\"noopener noreferrer nofollow\" target=\"_top\">hat</a></p>"
        );
    }

    #[test]
    fn entities_bring_back_neither_controls_nor_overrides_nor_towers() {
        assert_eq!(to_html("a&#x202e;b&#2;c&#13;d&#0;"), "<p>abcd\u{fffd}</p>");
        assert_eq!(to_html(&format!("`a`Z{}", "&#x301;".repeat(50))), format!("<p><code>a</code>Z{}</p>", "\u{301}".repeat(8)));
    }

    #[test]
    fn nesting_is_capped_and_nothing_is_lost_by_it() {
        let quotes = to_html(&format!("{} deep", ">".repeat(40)));
        assert_eq!(quotes.matches("<blockquote>").count(), 8);
        assert!(quotes.contains("<p>deep</p>"), "{quotes}");
        let lists = (0..20).map(|depth| format!("{}- item {depth}", "  ".repeat(depth))).collect::<Vec<_>>().join("\n");
        let lists = to_html(&lists);
        assert_eq!(lists.matches("<ul>").count(), 8);
        assert!((0..20).all(|depth| lists.contains(&format!("item {depth}<")) || lists.contains(&format!("item {depth}\n"))), "{lists}");
        assert_eq!(fault(&lists), None);
        assert_eq!(to_html("*a _b_*"), "<p><em>a b</em></p>", "emphasis in emphasis adds nothing");
    }

    #[test]
    fn ten_thousand_hostile_characters_stay_small_and_closed() {
        let units = [
            "[",
            "]",
            "(",
            "![",
            ">",
            "> ",
            "*",
            "_",
            "`",
            "~",
            "<",
            "<a ",
            "</",
            "&",
            "#",
            "- ",
            "1. ",
            "\\",
            "*a ",
            "*a _b ",
            "a**",
            "[a](",
            "[a]: b\n",
            "[a][",
            "<!--",
            "<![CDATA[",
            "`a``",
            "*a_b",
            "\n",
            "> a\n",
            "- a\n\n",
            "\t",
            "[x](https://a.example/)",
            "&#x202e;",
            "&amp;",
            "![[x](https://a.example)](y) ",
        ];
        for unit in units {
            let input: String = unit.chars().cycle().take(10_000).collect();
            let html = to_html(&input);
            assert_eq!(fault(&html), None, "{unit}");
            assert!(html.len() < 300_000, "{unit}: {}", html.len());
            let both_ends = format!("{}{}", unit.repeat(2_000), unit.chars().rev().collect::<String>().repeat(2_000));
            assert_eq!(fault(&to_html(&both_ends)), None, "{unit} and back");
        }
        let referred = format!("[a]: https://a.example/{}\n\n{}", "x".repeat(1_900), "[a] ".repeat(2_000));
        assert!(to_html(&referred).len() < 400_000, "a long address is not repeated without end");
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            3 => prop::sample::select(vec![
                "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=x>", "<style>*{}</style>", "<math>", "<iframe src=//x>", "</p>", "<a href='javascript:x'>",
                "<!--", "-->", "<![CDATA[", "]]>", "<?php", "[x](javascript:alert(1))", "[x](https://a.example/\"onclick=x)", "[x](<https://a.example/ y>)", "![i](https://b.example/i.png)",
                "![", "](", ")", "[", "]", "[r]", "[r]: https://a.example/?a&b='\n", "&lt;script&gt;", "&#60;", "&#x3c;img", "&quot;", "&nbsp;", "\u{a0}", "&#13;", "\r", "\u{0}", "\u{202e}",
            ]),
            3 => prop::sample::select(vec![
                "*", "**", "***", "_", "__", "~~", "~", "`", "``", "```\n", "~~~ html\n", "\n", "\n\n", "  \n", "\\\n", "> ", ">", "- ", "* ", "1. ", "3) ", "    ", "\t", "# ", "===\n", "---\n",
                "<https://a.example/x?y=\"z\">", "<a@b.example>", "https://a.example", "word", " ", "e\u{301}", "日本", "|", "[^1]", "- [ ] ", "$x$", "\\",
            ]),
            1 => any::<char>().prop_map(|character| character.to_string().leak() as &str),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(property_tests::config(2_000))]
        #[test]
        fn what_the_writer_makes_is_safe_and_the_fence_leaves_it_alone(markdown in hostile()) {
            let written = write(&markdown);
            prop_assert_eq!(fault(&written), None);
            prop_assert_eq!(fence::pass(&written), written);
        }

        #[test]
        fn arbitrary_text_is_safe(markdown in any::<String>()) {
            let written = write(&markdown);
            prop_assert_eq!(fault(&written), None);
            prop_assert_eq!(fence::pass(&written), written);
        }
    }
}
