use super::*;

#[test]
fn link_kinds() {
    for (text, kept, target) in [
        ("HTTPS://Shop.Example/ä", "https://shop.example/%C3%A4", LinkTarget::Web as fn(_) -> _),
        ("/orders/7", "/orders/7", LinkTarget::Site),
        ("orders/7", "/orders/7", LinkTarget::Site),
        ("/index.html", "/index.html", LinkTarget::Site),
        ("./orders", "/orders", LinkTarget::Site),
        ("../x", "/x", LinkTarget::Site),
        ("?tab=2", "/?tab=2", LinkTarget::Site),
        ("#x", "/#x", LinkTarget::Site),
        ("/t?at=12:30", "/t?at=12:30", LinkTarget::Site),
        (" /Ünï ", "/%C3%9Cn%C3%AF", LinkTarget::Site),
        (
            "mailto:help@shop.example?subject=Order%207",
            "mailto:help@shop.example?subject=Order%207",
            LinkTarget::Contact,
        ),
        ("MAILTO:a@b.example", "mailto:a@b.example", LinkTarget::Contact),
        ("tel:+380441234567", "tel:+380441234567", LinkTarget::Contact),
        ("myshop://orders/7", "myshop://orders/7", LinkTarget::App),
        ("MyShop:orders", "myshop:orders", LinkTarget::App),
        ("com.example.shop://x?y=1#z", "com.example.shop://x?y=1#z", LinkTarget::App),
    ] {
        let link = Link::parse(text).unwrap_or_else(|invalid| panic!("{text}: {invalid}"));
        assert_eq!((link.as_str(), link.target()), (kept, target(kept)), "{text}");
        assert_eq!(Link::parse(link.as_str()).unwrap(), link, "{text} round-trips");
    }
}

#[test]
fn dangerous_schemes_are_rejected_in_any_spelling() {
    for name in FORBIDDEN_SCHEMES {
        let capital: String = name
            .char_indices()
            .map(|(at, letter)| if at % 2 == 0 { letter.to_ascii_uppercase() } else { letter })
            .collect();
        for invalid in [
            format!("{name}:x"),
            format!("{capital}:x"),
            format!("  {name}:alert(1)//https://shop.example"),
            format!("{name}://x"),
        ] {
            assert!(Link::parse(&invalid).is_err(), "{invalid}");
        }
        for inside in [
            "\t", "\n", "\r", "\u{0}", "\u{1}", " ", "\u{a0}", "\u{200b}", "\u{ad}", "\u{feff}",
            "\u{202e}",
        ] {
            let (head, tail) = name.split_at(1);
            for invalid in [
                format!("{head}{inside}{tail}:x"),
                format!("{name}{inside}:x"),
                format!("{inside}{name}:x"),
            ] {
                let link = Link::parse(&invalid).ok();
                assert!(
                    link.as_ref().is_none_or(|link| !link.as_str().contains(':')),
                    "{invalid:?}: {link:?}"
                );
            }
        }
        assert!(
            parse_app_scheme(name).is_err()
                && parse_app_scheme(&capital).is_err()
                && parse_app_scheme(&format!(" {name}: ")).is_err(),
            "{name}"
        );
    }
}

#[test]
fn site_link_cannot_name_another_host() {
    for invalid in [
        "//evil.example",
        "///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/.//evil.example",
        "/x/..//evil.example",
        "/%2e//evil.example",
        "./..//evil.example",
        ".//evil.example",
        "//a:b@evil.example/x",
        "shop",
        "index.html",
        "shop.example",
        "www.shop.example",
        "www.shop.example/orders",
        "shop.example/orders",
        "{{attributes.home}}/x",
        "12:30",
        "",
        " ",
        "https://a:b@shop.example",
        "https://",
        "mailto:",
        "tel:",
        "tel:abc",
        "myshop:",
    ] {
        assert!(Link::parse(invalid).is_err(), "{invalid}: {:?}", Link::parse(invalid));
    }
    let shop: Origin = "https://shop.example".parse().unwrap();
    assert_eq!(
        Link::parse("orders/7").unwrap().resolve(Some(&shop)),
        "https://shop.example/orders/7"
    );
    assert_eq!(
        Link::parse("https://a.example/").unwrap().resolve(Some(&shop)),
        "https://a.example/"
    );
}

#[test]
fn link_length_is_bounded() {
    let long = |length: usize| format!("https://shop.example/{}", "x".repeat(length - 21));
    assert!(Link::parse(&long(8_192)).is_ok());
    assert!(Link::parse(&long(8_193)).unwrap_err().reason.to_string().contains("8,192"));
}

#[test]
fn authority_is_the_prefix_with_the_host() {
    for (link, authority) in [
        ("https://shop.example/x?y", "https://shop.example"),
        ("/x", ""),
        ("mailto:a@b.example?subject=x", "mailto:a@b.example"),
        ("tel:+380", "tel:+380"),
        ("myshop://orders/7", "myshop://orders"),
        ("myshop:orders/7", "myshop:orders"),
    ] {
        assert_eq!(Link::parse(link).unwrap().authority(), authority);
    }
}

#[test]
fn app_schemes_are_lower_case() {
    assert_eq!(parse_app_scheme(" MyShop:// ").unwrap(), "myshop");
    assert_eq!(parse_app_scheme("com.example.shop").unwrap(), "com.example.shop");
    for invalid in [
        "",
        ":",
        "1shop",
        "my shop",
        "my/shop",
        "shop:x",
        "ш",
        "https",
        "mailto",
        "tel",
        "my\tshop",
        "java\u{0}script",
    ] {
        assert!(parse_app_scheme(invalid).is_err(), "{invalid:?}");
    }
}
