use super::*;

#[test]
fn values_are_parsed_by_kind() {
    let kept = [
        (ValueKind::Length(&[]), "12.5px"),
        (ValueKind::Length(&["auto"]), "auto"),
        (ValueKind::Lengths, "1 2em,3%"),
        (ValueKind::Path, "M0 0h1v1z"),
        (ValueKind::Path, "M10-20l30.1.5.1-20z"),
        (ValueKind::Points, "0,0 1,1 2e0 3"),
        (ValueKind::Transform, "rotate(45 1 1) translate(1)"),
        (ValueKind::PreserveAspectRatio, "xMidYMax slice"),
        (ValueKind::ViewBox, "-1 0 24 24"),
        (ValueKind::Percentage, "50%"),
        (ValueKind::NumberOrKeyword(&["auto"]), "90deg"),
    ];
    for (kind, value) in kept {
        assert_eq!(
            clean(kind, &format!(" {} \n", value.replace(' ', " \t "))).as_deref(),
            Ok(value),
            "{value}"
        );
    }
    let dropped = [
        (ValueKind::Length(&[]), "12 px"),
        (ValueKind::Length(&[]), "1e7"),
        (ValueKind::Length(&[]), "calc(1px)"),
        (ValueKind::Lengths, ""),
        (ValueKind::Path, "M0 0 L"),
        (ValueKind::Path, "M0 0 L9999999 0"),
        (ValueKind::Points, "1 1 x"),
        (ValueKind::Transform, "rotate(1e9)"),
        (ValueKind::Transform, "rotate(1) x"),
        (ValueKind::PreserveAspectRatio, "xMidYMid slice slice"),
        (ValueKind::ViewBox, "0 0 1 1 1"),
        (ValueKind::ViewBox, "0 0 NaN inf"),
        (ValueKind::ViewBox, "0 0 -1 1"),
        (ValueKind::Percentage, "nan%"),
        (ValueKind::Keywords(&["pad"]), "PAD"),
    ];
    for (kind, value) in dropped {
        assert_eq!(clean(kind, value), Err(InvalidValue::Malformed), "{value}");
    }
}

#[test]
fn values_for_another_parser_are_rejected() {
    for value in ["javascript:alert(1)", "URL(#a)", "1\"><script>", "1&amp;", "\\75rl(x)", "data:x"]
    {
        assert!(
            matches!(clean(ValueKind::Length(&[]), value), Err(InvalidValue::Rejected(_))),
            "{value}"
        );
    }
    assert!(matches!(
        clean(ValueKind::Numbers(2, 0.0, 100.0), "101"),
        Err(InvalidValue::Rejected(_))
    ));
    assert!(matches!(
        clean(ValueKind::Numbers(2, 0.0, 100.0), "1 1 1"),
        Err(InvalidValue::Rejected(_))
    ));
    assert!(matches!(
        clean(ValueKind::Path, &("M0 0".to_owned() + &"h1".repeat(MAX_PATH_COMMANDS))),
        Err(InvalidValue::Rejected(_))
    ));
}

#[test]
fn url_target_is_found_in_any_notation() {
    for value in [
        "javascript:alert(1)",
        " jAvA\nscript:x",
        "\u{1}javascript:x",
        "java\u{ad}script:x",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
    ] {
        assert_eq!(address(value), Address::Other, "{value:?}");
    }
    assert_eq!(address("https://evil.example/"), Address::Page);
    assert_eq!(address("//evil.example/x"), Address::Page);
    assert_eq!(address(" #a"), Address::Here);
}

#[test]
fn references_are_found_literally() {
    let matches: Vec<_> =
        references("url(#a) URL( '#b' ) url(\"#c\") none url(x#d) url(#e").collect();
    assert_eq!(matches, ["a", "b", "c", "e"]);
}
