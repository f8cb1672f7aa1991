//! What bodies are rendered to, and that no other output is possible.

use super::*;
use proptest::prelude::*;

fn write(markdown: &str) -> String {
    Source::of(markdown).write(None).0
}

/// The sanitizer's result.
pub(crate) fn sanitized(html: &str) -> String {
    sanitizer::sanitize(html)
}

/// Checks HTML without a parser: in the writer's output every `<` begins one of its own tags.
/// Returns what is wrong.
pub(crate) fn find_fault(html: &str) -> Option<String> {
    const PLAIN: [&str; 11] =
        ["p", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a"];
    const REST: &str = "\" rel=\"noopener noreferrer nofollow\" target=\"_top\"";
    let mut open = Vec::new();
    for part in html.split('<').skip(1) {
        let Some((tag, _)) = part.split_once('>') else {
            return Some(format!("unclosed tag {part}"));
        };
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("{tag} closes nothing"));
            }
        } else if matches!(tag, "br" | "hr") {
        } else if PLAIN.contains(&tag) && tag != "a" {
            open.push(tag);
        } else if let Some(number) =
            tag.strip_prefix("ol start=\"").and_then(|rest| rest.strip_suffix('"'))
        {
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Some(format!("odd number {tag}"));
            }
            open.push("ol");
        } else if let Some(address) = tag.strip_prefix("a href=\"").and_then(|rest| {
            rest.strip_suffix(REST).or_else(|| rest.strip_suffix(&format!("{REST} data-own=\"\"")))
        }) {
            if !["http://", "https://", "mailto:", "tel:"]
                .iter()
                .any(|scheme| address.starts_with(scheme))
                || address.contains(['"', '<', '>', ' '])
            {
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
fn inline_markup_is_rendered() {
    for (markdown, html) in [
        (
            "It is *on its **way***, ~~today~~ `1 < 2`.",
            "<p>It is <em>on its <strong>way</strong></em>, <del>today</del> <code>1 &lt; 2</code>.</p>",
        ),
        (
            "Street 1\nLviv  \n79000\\\nUkraine\n\nTotal: 5",
            "<p>Street 1<br>Lviv<br>79000<br>Ukraine</p><p>Total: 5</p>",
        ),
        ("- a\n  b\n\n> c\n> d", "<ul><li>a<br>b</li></ul><blockquote><p>c<br>d</p></blockquote>"),
        ("Big\nnews\n===", "<p><strong>Big<br>news</strong></p>"),
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
fn raw_html_is_shown_as_text() {
    assert_eq!(to_html("a <b onclick=x()>b</b>"), "<p>a &lt;b onclick=x()&gt;b&lt;/b&gt;</p>");
    assert_eq!(
        to_html("<script>\nalert(1)\n</script>"),
        "<p>&lt;script&gt;<br>alert(1)<br>&lt;/script&gt;</p>"
    );
    assert_eq!(to_html("<!-- x -->"), "<p>&lt;!-- x --&gt;</p>");
}

#[test]
fn forbidden_links_become_text() {
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
        "mailto:",
        "myshop://orders/7",
        "file:///etc/passwd",
        "https://user:secret@shop.example",
        "https://",
        "blob:https://shop.example/1",
    ] {
        assert_eq!(to_html(&format!("[go]({target})")), "<p>go</p>", "{target}");
    }
}

#[test]
fn image_becomes_its_description() {
    assert_eq!(to_html("![a *red* hat](https://elsewhere.example/x.png)"), "<p>a red hat</p>");
    assert_eq!(to_html("![a [b](https://c.example) ![d](e)](f)"), "<p>a b d</p>");
    assert_eq!(
        to_html("[![hat](x.png)](https://shop.example/)"),
        "<p><a href=\"https://shop.example/\" rel=\"noopener noreferrer nofollow\" target=\"_top\">hat</a></p>"
    );
}

#[test]
fn entities_cannot_bypass_text_cleaning() {
    assert_eq!(to_html("a&#x202e;b&#2;c&#13;d&#0;"), "<p>abcd\u{fffd}</p>");
    assert_eq!(
        to_html(&format!("`a`Z{}", "&#x301;".repeat(50))),
        format!("<p><code>a</code>Z{}</p>", "\u{301}".repeat(8))
    );
}

#[test]
fn deep_nesting_is_capped_without_losing_text() {
    let quotes = to_html(&format!("{} deep", ">".repeat(40)));
    assert_eq!(quotes.matches("<blockquote>").count(), 8);
    assert!(quotes.contains("<p>deep</p>"), "{quotes}");
    let lists = (0..20)
        .map(|depth| format!("{}- item {depth}", "  ".repeat(depth)))
        .collect::<Vec<_>>()
        .join("\n");
    let lists = to_html(&lists);
    assert_eq!(lists.matches("<ul>").count(), 8);
    assert!(
        (0..20).all(|depth| lists.contains(&format!("item {depth}<"))
            || lists.contains(&format!("item {depth}\n"))),
        "{lists}"
    );
    assert_eq!(find_fault(&lists), None);
    assert_eq!(to_html("*a _b_*"), "<p><em>a b</em></p>", "nested emphasis is dropped");
}

#[test]
fn hostile_input_has_bounded_balanced_output() {
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
        assert_eq!(find_fault(&html), None, "{unit}");
        assert!(html.len() < 300_000, "{unit}: {}", html.len());
        let both_ends = format!(
            "{}{}",
            unit.repeat(2_000),
            unit.chars().rev().collect::<String>().repeat(2_000)
        );
        assert_eq!(find_fault(&to_html(&both_ends)), None, "{unit} and back");
    }
    let referred =
        format!("[a]: https://a.example/{}\n\n{}", "x".repeat(1_900), "[a] ".repeat(2_000));
    assert!(to_html(&referred).len() < 400_000, "a long URL must not multiply the output");
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
    #![proptest_config(belfry_testing::config(2_000))]
    #[test]
    fn writer_output_passes_sanitizer_unchanged(markdown in hostile()) {
        let written = write(&markdown);
        prop_assert_eq!(find_fault(&written), None);
        prop_assert_eq!(sanitizer::sanitize(&written), written);
    }

    #[test]
    fn arbitrary_text_is_safe(markdown in any::<String>()) {
        let written = write(&markdown);
        prop_assert_eq!(find_fault(&written), None);
        prop_assert_eq!(sanitizer::sanitize(&written), written);
    }
}

const REL: &str = "rel=\"noopener noreferrer nofollow\" target=\"_top\"";

/// Renders links as `[text](address)`.
fn linked(markdown: &str) -> String {
    let html = to_html(markdown).replace(&format!(" {REL}"), "");
    let html = html
        .strip_prefix("<p>")
        .and_then(|html| html.strip_suffix("</p>"))
        .unwrap_or(&html)
        .to_owned();
    html.split("<a href=\"").enumerate().fold(String::new(), |text, (index, part)| {
        match part.split_once("\">") {
            Some((address, rest)) if index > 0 => {
                text + "[" + &rest.replacen("</a>", &format!("]({address})"), 1)
            }
            _ => text + part,
        }
    })
}

#[test]
fn bare_addresses_become_links() {
    for (markdown, html) in [
        (
            "Track it: https://shop.example/t?a=1&b=2. Or <https://shop.example>, or www.shop.example, or help@shop.example",
            "Track it: [https://shop.example/t?a=1&amp;b=2](https://shop.example/t?a=1&amp;b=2). Or [https://shop.example](https://shop.example/), \
             or [www.shop.example](https://www.shop.example/), or [help@shop.example](mailto:help@shop.example)",
        ),
        ("https://shop.example/a_b_c", "[https://shop.example/a_b_c](https://shop.example/a_b_c)"),
        (
            "https://shop.example/a/_b_/__c__/~d/e~",
            "[https://shop.example/a/_b_/__c__/~d/e~](https://shop.example/a/_b_/__c__/~d/e~)",
        ),
        (
            "_https://shop.example/x_ and _www.shop.example/_",
            "<em>[https://shop.example/x](https://shop.example/x)</em> and <em>[www.shop.example/](https://www.shop.example/)</em>",
        ),
        ("[x](https://shop.example/_b_/~c~)", "[x](https://shop.example/_b_/~c~)"),
        (
            "**https://shop.example/x**.",
            "<strong>[https://shop.example/x](https://shop.example/x)</strong>.",
        ),
        (
            "- https://shop.example\n",
            "<ul><li>[https://shop.example](https://shop.example/)</li></ul>",
        ),
        ("a\nhttps://shop.example\nb", "a<br>[https://shop.example](https://shop.example/)<br>b"),
        (
            "https://shop.example/?q=1&amp;r=2",
            "[https://shop.example/?q=1&amp;r=2](https://shop.example/?q=1&amp;r=2)",
        ),
        ("(https://a.example/x_(y))", "([https://a.example/x_(y)](https://a.example/x_(y)))"),
        ("<help@shop.example>", "[help@shop.example](mailto:help@shop.example)"),
        (
            "[Write](mailto:help@shop.example?subject=x) or [call](tel:+380441234567)",
            "[Write](mailto:help@shop.example?subject=x) or [call](tel:+380441234567)",
        ),
        ("[https://a.example](https://b.example/)", "[https://a.example](https://b.example/)"),
        (
            "[a@b.example *https://c.example*](https://b.example/)",
            "[a@b.example <em>https://c.example</em>](https://b.example/)",
        ),
        ("`https://shop.example`", "<code>https://shop.example</code>"),
        ("![https://shop.example](x.png)", "https://shop.example"),
    ] {
        assert_eq!(linked(markdown), html, "{markdown}");
    }
    let code = "```\nhttps://shop.example\n```";
    assert!(!to_html(code).contains("<a "));
}

#[test]
fn hostile_addresses_are_not_linked() {
    for text in [
        "javascript:alert(1)",
        "javascript://shop.example/%0aalert(1)",
        "https://user:secret@shop.example/",
        "http://",
        "data:text/html,x",
        "file:///etc/passwd",
        "myshop://orders/7",
        "vbscript:x@y",
        "//evil.example/x",
        "<a href=https://evil.example>",
        "ht&#x74;ps&#58//shop.example",
    ] {
        assert!(!to_html(text).contains("<a "), "{}", to_html(text));
    }
    for text in [
        "https://a.example/\"onclick=x",
        "www.a.example/<b>x",
        "x?bcc=evil@b.example",
        "https://a.example/&quot;x&lt;",
    ] {
        assert_eq!(find_fault(&write(text)), None, "{text}");
    }
    assert_eq!(linked("x?bcc=a@b.example"), "x?bcc=[a@b.example](mailto:a@b.example)");
}

#[test]
fn site_links_resolve_to_the_origin() {
    let shop: Origin = "https://shop.example".parse().unwrap();
    let html = Source::of(
        "[go](/orders/7?a=b&c) [x](//evil.example) [y](/\\evil.example) [z](javascript:x)",
    )
    .render(Some(&shop));
    assert_eq!(
        html,
        format!(
            "<p><a href=\"https://shop.example/orders/7?a=b&amp;c\" {REL} data-own=\"\">go</a> x y z</p>"
        )
    );
    assert_eq!(sanitizer::sanitize(&html), html);
}

#[test]
fn emphasis_without_spaces_is_recognized() {
    for (markdown, html) in [
        ("これは**「重要」**です", "これは<strong>「重要」</strong>です"),
        ("**重要：**请注意", "<strong>重要：</strong>请注意"),
        ("**마크다운(Markdown)**을", "<strong>마크다운(Markdown)</strong>을"),
        ("Ваш **«Київ»**ський", "Ваш <strong>«Київ»</strong>ський"),
        ("l’**«offre»**s", "l’<strong>«offre»</strong>s"),
        ("これは*「重要」*です", "これは<em>「重要」</em>です"),
        ("これは***「重要」***です", "これは<em><strong>「重要」</strong></em>です"),
        ("これは~~「重要」~~です", "これは<del>「重要」</del>です"),
        (
            "これは**「重要」**です。**「次」**も",
            "これは<strong>「重要」</strong>です。<strong>「次」</strong>も",
        ),
        ("请看**（重要）**，**“好”**的", "请看<strong>（重要）</strong>，<strong>“好”</strong>的"),
        ("**「重要」**です", "<strong>「重要」</strong>です"),
        ("これは**「重要」**", "これは<strong>「重要」</strong>"),
        ("このコード**`x`**は", "このコード<strong><code>x</code></strong>は"),
        (
            "**[링크](https://a.example/)**를",
            "<strong><a href=\"https://a.example/\" rel=\"noopener noreferrer nofollow\" target=\"_top\">링크</a></strong>를",
        ),
        ("Das **„Wort“**chen", "Das <strong>„Wort“</strong>chen"),
        ("Der**„Wort“**", "Der<strong>„Wort“</strong>"),
        ("**\"Київ\"**ський", "<strong>\"Київ\"</strong>ський"),
        ("l’**“offre”**s", "l’<strong>“offre”</strong>s"),
        ("ราคา**(ใหม่)**นะ", "ราคา<strong>(ใหม่)</strong>นะ"),
        ("`は**「x」**で`", "<code>は**「x」**で</code>"),
        ("は\\**「x」\\**で", "は**「x」**で"),
    ] {
        assert_eq!(to_html(markdown), format!("<p>{html}</p>"), "{markdown}");
    }
}

/// Examples of the specification, and similar ones, in which asterisks stay literal or nest by its
/// rules.
#[test]
fn emphasis_otherwise_follows_commonmark() {
    for (markdown, html) in [
        ("a*\"foo\"*", "a*\"foo\"*"),
        ("a**\"foo\"**", "a**\"foo\"**"),
        ("*(*foo)", "*(*foo)"),
        ("*(*foo*)*", "<em>(foo)</em>"),
        ("**foo \"*bar*\" foo**", "<strong>foo \"<em>bar</em>\" foo</strong>"),
        ("**foo «*bar*» foo**", "<strong>foo «<em>bar</em>» foo</strong>"),
        ("2*(3+4)*5", "2*(3+4)*5"),
        ("foo*bar*baz", "foo<em>bar</em>baz"),
        ("a * foo bar*", "a * foo bar*"),
        ("\"**foo**\" and «**bar**»", "\"<strong>foo</strong>\" and «<strong>bar</strong>»"),
        ("*$*alpha.", "*$*alpha."),
        ("_foo_bar", "_foo_bar"),
        (
            "**Gomphocarpus (*Gomphocarpus physocarpus*, syn.\n*Asclepias physocarpa*)**",
            "<strong>Gomphocarpus (<em>Gomphocarpus physocarpus</em>, syn.<br><em>Asclepias physocarpa</em>)</strong>",
        ),
    ] {
        assert_eq!(to_html(markdown), format!("<p>{html}</p>"), "{markdown}");
    }
}

#[test]
fn senders_placeholder_is_dropped() {
    for text in ["a\u{fdd0}b", "a&#xfdd0;b", "`a\u{fdd0}b`", "a\u{fdd0}**b**"] {
        assert!(!to_html(text).contains('\u{fdd0}'), "{text}");
    }
    assert_eq!(
        to_html("[x](https://a.example/\u{fdd0}b)").matches("https://a.example/b").count(),
        1
    );
    let mut source = Source::of("");
    source.push("&#xfdd0; \u{fdd0} ");
    source.push_value("Ann");
    source.push(" &#xfdd0;");
    assert_eq!(source.render(None), "<p>  Ann </p>");
}

#[test]
fn flag_tags_are_kept_and_lone_tags_removed() {
    let england = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
    assert_eq!(to_html(england), format!("<p>{england}</p>"));
    assert_eq!(to_html("a&#xe0067;&#xe007f;b"), "<p>ab</p>");
}

impl Source<'_> {
    /// The writer's output, not sanitized.
    pub(crate) fn written(self, origin: Option<&Origin>) -> String {
        self.write(origin).0
    }
}
