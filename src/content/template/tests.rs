//! What variables are replaced by, where they are rejected, and that values can't break out of
//! their context.

use super::{body::source, *};
use crate::markdown::tests::{find_fault, sanitized};
use belfry_domain::{ContactId, Origin, Position, Timestamp};
use proptest::prelude::*;
use serde_json::json;

fn contact(first_name: Option<&str>, plan: Value) -> Contact {
    Contact {
        id: ContactId(1),
        external_id: Some("42".to_owned()),
        email: Some("anna@shop.example".to_owned()),
        phone: None,
        first_name: first_name.map(str::to_owned),
        last_name: Some("Kovalenko".to_owned()),
        language: None,
        attributes: json!({"plan": plan, "address": {"city": "Lviv"}}).as_object().unwrap().clone(),
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
        last_seen_at: None,
        hidden_until: Position::default(),
    }
}

fn content(title: &str, body: &str, link: Option<&str>) -> MessageContent {
    let link = link.map(|link| Link::parse(&escape_for_url(link)).unwrap());
    let actions = link
        .iter()
        .map(|link| MessageAction {
            label: title.to_owned(),
            kind: MessageActionKind::Link { link: link.clone(), new_tab: false },
        })
        .collect();
    MessageContent {
        title: title.to_owned(),
        body: body.to_owned(),
        link,
        new_tab: false,
        image: None,
        actions,
        is_literal: false,
    }
}

fn filled_body(text: &str, contact: &Contact) -> String {
    render_body(&content("x", text, None), Some(contact), None)
}

#[test]
fn variables_are_replaced() {
    let anna = contact(Some("Anna"), json!("pro"));
    let written = content(
        "Hi {{ firstName }}",
        "You, {{name}}, have *{{attributes.plan}}*.",
        Some("https://shop.example/u/{{externalCustomerId}}?c={{attributes.address.city}}"),
    );
    check(&written).unwrap();
    let said = fill(&written, Some(&anna));
    assert_eq!(said.title, "Hi Anna");
    assert_eq!(filled_body(&written.body, &anna), "<p>You, Anna Kovalenko, have <em>pro</em>.</p>");
    assert_eq!(
        filled_body("`{{attributes.plan}}` & variablex0z", &contact(None, json!("SAVE_10_<b>"))),
        "<p><code>SAVE_10_&lt;b&gt;</code> &amp; variablex0z</p>"
    );
    assert_eq!(said.link.as_ref().unwrap().as_str(), "https://shop.example/u/42?c=Lviv");
    assert_eq!(
        (said.actions[0].label.as_str(), said.actions[0].link().unwrap().as_str()),
        ("Hi Anna", "https://shop.example/u/42?c=Lviv")
    );
}

#[test]
fn missing_value_becomes_default_or_empty() {
    let nobody = contact(None, Value::Null);
    let said = |title: &str| fill(&content(title, "", None), Some(&nobody)).title.clone();
    assert_eq!(said("Hi {{firstName|there}}!"), "Hi there!");
    assert_eq!(said("Hi {{firstName}}!"), "Hi !");
    assert_eq!(said("{{attributes.address|somewhere}} {{phone | -}}"), "somewhere -");
    assert_eq!(said("{{ not closed"), "{{ not closed");
    let plain = content("Hi", "there {single}", Some("https://shop.example/a"));
    assert!(matches!(fill(&plain, Some(&nobody)), Cow::Borrowed(_)));
    assert!(!is_personal(&BTreeMap::from([((), plain)])));
    assert!(is_personal(&BTreeMap::from([(
        (),
        content("Hi", "", Some("https://shop.example/{{name}}"))
    )])));
}

#[test]
fn unknown_variable_is_rejected_with_its_field() {
    for (content, field) in [
        (content("Hi {{surname}}", "", None), "title"),
        (content("Hi", "{{}}", None), "body"),
        (content("Hi", "{{attributes.}}", None), "body"),
        (content("Hi", "[go](https://shop.example/{{name}})", None), "body"),
        (content("Hi", "[go][a]\n\n[a]: https://{{name}}.example", None), "body"),
        (content("Hi", "<https://shop.example/{{name}}>", None), "body"),
        (content("Hi", "[go](https://shop.example/ \"{{name}}\")", None), "body"),
        (content("Hi", "![x](https://shop.example/{{name}}.png)", None), "body"),
        (content("Hi", "```{{name}}\nx\n```", None), "body"),
        (content("Hi", "", Some("https://shop.example/{{other}}")), "link"),
    ] {
        let rejection = check(&content).unwrap_err();
        assert_eq!(rejection.field, field, "{rejection}");
    }
    // The URL standard allows no brace in a host, so none gets here.
    for invalid in [
        "{{attributes.home}}/x",
        "mailto:{{email}}",
        "tel:{{phone}}",
        "myshop://{{name}}/x",
        "https://{{name}}.example/",
        "https://shop.example{{name}}",
        "https://shop.example:{{name}}/",
    ] {
        assert!(
            Link::parse(invalid).is_err() || check(&content("Hi", "", Some(invalid))).is_err(),
            "{invalid}"
        );
    }
}

#[test]
fn hostile_value_is_escaped() {
    for hostile in [
        "<script>alert(1)</script>",
        "](javascript:alert(1))",
        "[x](https://evil.example)",
        "**bold** _em_ `code`",
        "https://evil.example www.evil.example a@evil.example",
        "# heading\n\n- list\n> quote",
        "<https://evil.example>",
        "![x](https://evil.example/p.png)",
        "&lt;b&gt; &#60;",
        "{{email}}",
        "\u{202e}evil",
    ] {
        let them = contact(Some(hostile), json!(hostile));
        let said = fill(
            &content("{{firstName}}", "", Some("https://shop.example/u/{{firstName}}")),
            Some(&them),
        )
        .into_owned();
        let html =
            filled_body("{{firstName}} and [go](https://shop.example/) {{attributes.plan}}", &them);
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert_eq!(html.matches('<').count(), 4, "one paragraph and one link: {html}");
        assert!(
            !said.title.contains('\n')
                && !said.title.contains('\u{202e}')
                && !html.contains("anna@"),
            "{said:?} {html}"
        );
        let link = said.link.as_ref().unwrap().as_str();
        assert!(
            link.starts_with("https://shop.example/u/")
                && !link.contains(['<', '('])
                && link.matches('/').count() == 4,
            "{link}"
        );
    }
    let up = fill(
        &content("x", "", Some("https://shop.example/u/{{firstName}}/x")),
        Some(&contact(Some(".."), json!(1))),
    )
    .into_owned();
    assert_eq!(up.link.unwrap().as_str(), "https://shop.example/u//x");
    // A value can't leave its path segment.
    let said = fill(
        &content("x", "", Some("https://shop.example/u/{{firstName}}/x?a=1")),
        Some(&contact(Some("../../admin?b=2#c"), json!(1))),
    )
    .into_owned();
    assert_eq!(
        said.link.unwrap().as_str(),
        "https://shop.example/u/%2E%2E%2F%2E%2E%2Fadmin%3Fb%3D2%23c/x?a=1"
    );
}

#[test]
fn escaped_braces_are_accepted() {
    let anna = contact(Some("Anna"), json!("pro"));
    for (text, title, html) in [
        (r"Write \{{name}} here", "Write {{name}} here", "<p>Write {{name}} here</p>"),
        (
            r"\{{firstName}} is {{firstName}}",
            "{{firstName}} is Anna",
            "<p>{{firstName}} is Anna</p>",
        ),
        (r"\\{{firstName}}", r"\Anna", r"<p>\Anna</p>"),
        (r"\\\{{firstName}}", r"\{{firstName}}", r"<p>\{{firstName}}</p>"),
        (r"`\{{user}}`", "`{{user}}`", "<p><code>{{user}}</code></p>"),
        ("{{ not closed", "{{ not closed", "<p>{{ not closed</p>"),
        ("{single} }} {", "{single} }} {", "<p>{single} }} {</p>"),
        (r"a \{ b", r"a \{ b", "<p>a { b</p>"),
    ] {
        let written = content(text, text, None);
        check(&written).unwrap();
        assert_eq!(
            (fill(&written, Some(&anna)).title.as_str(), filled_body(text, &anna).as_str()),
            (title, html),
            "{text}"
        );
    }
    let link = content("x", "", Some(r"https://shop.example/\{{a}}/{{externalCustomerId}}"));
    check(&link).unwrap();
    assert_eq!(
        fill(&link, Some(&anna)).link.as_ref().unwrap().as_str(),
        "https://shop.example/%7b%7ba%7D%7D/42"
    );

    let literal = MessageContent {
        is_literal: true,
        ..content(
            "{{user}}",
            "{{#each}} [go](https://shop.example/{{x}}) {{firstName}}",
            Some("/{{x}}"),
        )
    };
    check(&literal).unwrap();
    assert!(!is_personal(&BTreeMap::from([((), literal.clone())])));
    assert!(matches!(fill(&literal, Some(&anna)), Cow::Borrowed(_)));
    assert!(
        render_body(&literal, Some(&anna), None)
            .starts_with("<p>{{#each}} <a href=\"https://shop.example/%7B%7Bx%7D%7D\"")
    );
}

#[test]
fn without_contact_variables_are_unchanged() {
    let written =
        content(r"{{ firstName|there }} \{{x}}", r"{{attributes.a_b_c|*x*}} \{{x}}", None);
    assert_eq!(fill(&written, None).title, "{{ firstName|there }} {{x}}");
    assert_eq!(render_body(&written, None, None), "<p>{{attributes.a_b_c|*x*}} {{x}}</p>");
}

#[test]
fn value_in_bare_url_is_percent_encoded() {
    let anna = contact(Some("../a?b=c#d"), json!("pro"));
    let html = filled_body(
        "See https://shop.example/u/{{firstName}}/x?p={{attributes.plan}}, please",
        &anna,
    );
    assert!(
        html.contains("href=\"https://shop.example/u/%2E%2E%2Fa%3Fb%3Dc%23d/x?p=pro\""),
        "{html}"
    );
    assert!(html.contains(">https://shop.example/u/../a?b=c#d/x?p=pro</a>, please"), "{html}");
    // Only the sender decides which host a link leads to.
    for text in [
        "https://{{attributes.plan}}.example/x",
        "https://shop.example{{attributes.plan}}",
        "www.{{attributes.plan}}.example/",
        "{{attributes.plan}}@shop.example",
        "{{attributes.plan}}://shop.example",
    ] {
        check(&content("x", text, None)).unwrap();
        let html = filled_body(text, &contact(None, json!("evil")));
        assert!(!html.contains("<a "), "{html}");
    }
}

/// Texts that were once taken for a value's placeholder: entities, escapes, capitals, URL
/// normalization.
#[test]
fn text_cannot_imitate_a_value() {
    let anna = contact(Some("Anna"), json!("pro"));
    for text in [
        "{{firstName|you}} [x](https://VARIABLEXq.example/) z\" onmouseover=alert(1) [y](https://e.example/)",
        "{{firstName|you}} vari&#97;blex0z [x](https://a.example/variablex0z)",
        "{{firstName|you}} [x](https://\u{fdd0}.example/\u{fdd0}) \u{fdd0}\" onmouseover=x &#xfdd0; [y](https://e.example/&#xFDD0;)",
        "{{firstName|you}} <https://a.example/\u{fdd0}> https://a.example/&#xfdd0; `\u{fdd0}`",
    ] {
        let html = filled_body(text, &anna);
        assert_eq!((find_fault(&html), html.matches("Anna").count()), (None, 1), "{html}");
    }
}

fn bodies() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "{{firstName}}", "{{name|you}}", "{{ attributes.plan | *x* }}", "{{attributes.a_b_c}}", "\\{{x}}", "\\\\{{email}}", "{{", "}}", "{{{{name}}}}", "{{name|{{name}}}}", "&#123;{name}}",
            "{{firstName", "|", "{{nobody|<b>}}", "{{nobody|&lt;}}", "{{language}}{{phone|-}}",
        ]),
        4 => prop::sample::select(vec![
            "[x](https://", "](", ")", "[", "]", "![", "<https://a.example/", ">", "<a@", "https://A.Example/", "HTTP://VARIABLEXQ.example/", "www.", "WWW.A.example/", "a@b.example", "mailto:", ".example/",
            "[r]", "\n\n[r]: https://a.example/", "[x](mailto:a@b.example?subject=", "[x](/orders/", "\" onmouseover=x ", "'", "variablex0z", "VARIABLEX", "z",
        ]),
        3 => prop::sample::select(vec![
            "*", "**", "_", "~~", "`", "``", "```\n", "\n", "\n\n", "> ", "- ", "1. ", "    ", "# ", "\\", "&amp;", "&#97;", "&#x61;", "&#xfdd0;", "\u{fdd0}", "&quot;", "&lt;", "<b>", "<!--", "-->", "</p>",
            "<script>", "重要", "「", "」", "«", "»", " ", "word", "\u{301}", "\u{202e}", "\u{1f3f4}\u{e0067}\u{e0062}",
        ]),
        1 => any::<char>().prop_map(|character| character.to_string().leak() as &str),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(belfry_testing::config(3_000))]

    /// For any body and any reader, the HTML consists of our own tags, and the sanitizer after the
    /// writer changes nothing.
    #[test]
    fn any_body_passes_the_sanitizer_unchanged(text in bodies(), first in bodies(), plan in any::<String>(), uk in any::<bool>(), literal in any::<bool>()) {
        let mut them = contact(Some(&first), json!(plan));
        them.language = uk.then(|| "uk".parse().unwrap());
        let shop: Origin = "https://shop.example".parse().unwrap();
        let written = MessageContent { is_literal: literal, ..content("x", &text, None) };
        for (contact, origin) in [(Some(&them), Some(&shop)), (Some(&them), None), (None, Some(&shop))] {
            let html = render_body(&written, contact, origin);
            prop_assert_eq!(find_fault(&html), None, "{}", &html);
            prop_assert_eq!(sanitized(&html), html);
        }
        let raw = source(&text, |variable| clean_line(&value_or_default(variable, &them))).written(Some(&shop));
        prop_assert_eq!(find_fault(&raw), None, "{}", &raw);
        prop_assert_eq!(sanitized(&raw), raw, "the sanitizer must not change anything");
    }

    /// For any values, a title stays one line of text, and a link leads to the sender's host.
    #[test]
    fn any_value_keeps_title_and_link_host(text in bodies(), first in any::<String>()) {
        let them = contact(Some(&first), json!(first.clone()));
        let title = clean_line(&format!("Hi {text}"));
        let said = fill(&content(&title, "", Some("https://shop.example/u/{{firstName}}?p={{attributes.plan}}")), Some(&them)).into_owned();
        prop_assert!(!said.title.contains('\n'));
        let link = said.link.unwrap();
        prop_assert_eq!(link.authority(), "https://shop.example");
        prop_assert_eq!((link.as_str().matches('/').count(), link.as_str().matches(['?', '#', '&']).count()), (4, 1));
    }
}

#[test]
fn body_of_variables_has_bounded_size() {
    let them = contact(Some(&"&".repeat(190)), Value::Null);
    let html = filled_body(&"{{firstName}}".repeat(760), &them);
    assert_eq!(html.matches("&amp;").count(), 20_000);
    assert_eq!(filled_body("{{firstName}}", &them).matches("&amp;").count(), 190);
}
