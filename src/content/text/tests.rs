use super::*;
use proptest::prelude::*;

#[test]
fn single_no_break_space_is_kept() {
    assert_eq!(clean_line("30\u{a0}% less"), "30\u{a0}% less");
    assert_eq!(clean_line("30\u{a0} \u{a0}% less\u{a0}"), "30 % less");
}

#[test]
fn line_has_no_hidden_characters() {
    assert_eq!(clean_line("  Order\r\n\tshipped\u{85}today\u{2028}! "), "Order shipped today !");
    assert_eq!(clean_line("a\u{0}b\u{7}c\u{1b}[31m"), "abc[31m");
    for hidden in
        "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}\u{200b}\u{feff}\u{2060}\u{ad}\u{e0041}"
            .chars()
    {
        assert_eq!(clean_line(&format!("a{hidden}b")), "ab", "{:x}", u32::from(hidden));
    }
    assert_eq!(clean_line("a\u{2800}\u{3164}b"), "a b");
}

#[test]
fn joiners_in_emoji_and_scripts_are_kept() {
    for whole in [
        "👩\u{200d}💻",
        "❤\u{fe0f}\u{200d}🔥",
        "1\u{fe0f}\u{20e3}",
        "👋🏽",
        "می\u{200c}خواهم",
        "क\u{94d}\u{200d}ष",
        "Zürich",
        "nin\u{303}o",
        "🇺🇦",
    ] {
        assert_eq!(clean_line(whole), whole);
        assert!(is_visible(whole));
    }
    assert_eq!(clean_line("\u{200d}a\u{200d} \u{200d}b\u{200c}\u{200c}"), "a b");
    assert_eq!(clean_line("a\u{fe0f}\u{fe0f}\u{fe0e}"), "a\u{fe0f}");
}

#[test]
fn flag_tags_are_kept_and_lone_tags_removed() {
    let flag = |code: &str| {
        let tags = code.chars().map(|letter| char::from_u32(0xe0000 + u32::from(letter)).unwrap());
        format!("\u{1f3f4}{}\u{e007f}", tags.collect::<String>())
    };
    for code in ["gbeng", "gbsct", "gbwls", "usca", "gb1"] {
        let whole = format!("{} Cup {}", flag(code), flag(code));
        assert_eq!((clean_line(&whole), clean_body(&whole)), (whole.clone(), whole), "{code}");
    }
    for code in ["", "gb", "gbenglish", "GBENG", "gb-eng"] {
        assert_eq!(
            (clean_line(&flag(code)), clean_body(&flag(code))),
            ("\u{1f3f4}".to_owned(), "\u{1f3f4}".to_owned()),
            "{code}"
        );
    }
    let open = flag("gbeng").replace('\u{e007f}', "");
    let stranger = flag("gbeng").replace('\u{1f3f4}', "👩");
    for (text, kept) in [
        (open.as_str(), "\u{1f3f4}"),
        (&stranger, "👩"),
        ("a\u{e0001}\u{e0062}b", "ab"),
        ("\u{1f3f4}\u{200d}☠\u{fe0f}", "\u{1f3f4}\u{200d}☠\u{fe0f}"),
    ] {
        assert_eq!((clean_line(text).as_str(), clean_body(text).as_str()), (kept, kept));
    }
}

#[test]
fn needed_marks_and_spaces_are_kept() {
    for whole in [
        "C++\u{200f} בעברית",
        "\u{200f}(abc) שלום",
        "שלום\u{200e} 5-3",
        "مرحبا\u{61c} 5",
        "ภาษา\u{200b}ไทย",
        "ភាសា\u{200b}ខ្មែរ",
        "ดู\u{200b}Belfry",
    ] {
        assert_eq!(clean_line(whole), whole);
    }
    for (text, kept) in [
        ("C++\u{200f} in English", "C++ in English"),
        ("שלום\u{200f}\u{200f}\u{200e}", "שלום\u{200f}"),
        ("שלום \u{200f} ", "שלום"),
        ("\u{200f}\u{200e}", ""),
        ("a\u{200b}b", "ab"),
        ("ภาษา\u{200b}\u{200b} ไทย\u{200b}", "ภาษา ไทย"),
    ] {
        assert_eq!(clean_line(text), kept, "{text:?}");
    }
}

#[test]
fn excess_and_baseless_marks_are_removed() {
    assert_eq!(
        clean_line(&format!("Z{}a", "\u{301}".repeat(50))),
        format!("Z{}a", "\u{301}".repeat(8))
    );
    assert_eq!(
        clean_line(&format!("Z{}", "\u{301}\u{fe0f}".repeat(50))),
        format!("Z{}", "\u{301}".repeat(8)),
        "selectors don't begin a new tower"
    );
    assert_eq!(clean_line("\u{301}a \u{301}b"), "a b");
}

#[test]
fn blank_is_not_visible() {
    for blank in [
        "",
        " \t\n",
        "\u{200b}\u{feff}",
        "\u{2800}\u{3164}",
        "\u{301}",
        "\u{200d}\u{fe0f}",
        "\u{202e}",
        "\u{e0041}",
    ] {
        assert!(!is_visible(blank), "{blank:?}");
        assert_eq!(clean_line(blank), "", "{blank:?}");
    }
    assert!(is_visible(" . "));
}

#[test]
fn body_keeps_lines_and_loses_overrides() {
    assert_eq!(clean_body("a\r\nb\rc\n\td\u{0}\u{1b}\u{202e}e\u{2067}"), "a\nb\nc\n\tde");
}

#[test]
fn truncation_keeps_grapheme_clusters_whole() {
    assert_eq!(truncate_graphemes("Order", 5), "Order");
    assert_eq!(truncate_graphemes("Orders", 5), "Orde…");
    assert_eq!(truncate_graphemes("👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻", 2), "👩\u{200d}💻…");
    assert_eq!(truncate_graphemes("one two", 5), "one…");
    assert_eq!(truncate_graphemes("ab", 1), "…");
    assert_eq!(truncate_graphemes("ab", 0), "");
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            " ",
            "\n",
            "\u{301}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{202e}",
            "\u{2069}",
            "a",
            "👩",
            "\u{0}",
            "\u{200b}",
            "1",
            "\u{903}",
            "\u{3164}",
            "\u{200f}",
            "\u{200e}",
            "א",
            "ก",
            "🏴",
            "\u{e0067}",
            "\u{e0062}",
            "\u{e0065}",
            "\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(belfry_testing::config(1_000))]
    #[test]
    fn cleaning_a_line_is_idempotent(text in hostile()) {
        let line = clean_line(&text);
        prop_assert_eq!(&clean_line(&line), &line);
        let strange = |character| is_space(character) && !matches!(character, ' ' | '\u{a0}' | '\u{202f}');
        let alone = |character| !is_direction_mark(character) && !is_invisible_space(character) && (character.is_control() || is_hidden(character));
        prop_assert!(!line.chars().any(|character| alone(character) || strange(character)));
        prop_assert!(!line.starts_with(' ') && !line.ends_with(' ') && !line.contains("  "));
        prop_assert_eq!(is_visible(&line), !line.is_empty());
        prop_assert_eq!(is_visible(&line), is_visible(&text));
        let mut marks = 0;
        for character in line.chars() {
            marks = if is_selector(character) || is_joiner(character) { marks } else if is_combining_mark(character) { marks + 1 } else { 0 };
            prop_assert!(marks <= 8);
        }
    }

    #[test]
    fn cleaning_a_body_is_idempotent(text in hostile()) {
        let body = clean_body(&text);
        prop_assert_eq!(&clean_body(&body), &body);
        prop_assert!(body.chars().all(|character| matches!(character, '\n' | '\t') || !character.is_control()));
        prop_assert!(!body.chars().any(is_override));
    }

    #[test]
    fn truncation_never_lengthens_or_splits(text in hostile(), limit in 0_usize..20) {
        let short = truncate_graphemes(&text, limit);
        prop_assert!(short.graphemes(true).count() <= limit || text.graphemes(true).count() <= limit);
        let kept = short.strip_suffix('…').unwrap_or(&short);
        prop_assert!(text.starts_with(kept));
    }
}
