//! Tests of the oracle: it detects violations, and accepts the corpora.

#[path = "../../theme/tests/table.rs"]
#[expect(dead_code, reason = "only the theme compiler's own tests compare and write tables")]
mod table;

use belfry_fuzz::oracle::drawing::check;
use belfry_fuzz::oracle::style::{Layer, layers, text};

fn file(inner: &str) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">{inner}</svg>")
}

#[test]
fn valid_drawing_is_accepted() {
    for inner in [
        "<g id=\"t0123abcd-a\" fill=\"url(#t0123abcd-a)\" style=\"fill:red;stroke:url(#t0123abcd-a)\"/><text>x javascript: x</text>",
        "<rect><animate attributeName=\"x\" values=\"1;2\" dur=\"1s\" begin=\"0s;-1.5s\" repeatCount=\"indefinite\"/></rect>",
        "<style>.a{fill:rgb(1 2 3)}@media (prefers-color-scheme: dark) {#t0123abcd-a{fill:red}}</style>",
    ] {
        assert_eq!(check(&file(inner)), Ok(()), "{inner}");
    }
}

#[test]
fn other_content_is_detected() {
    for inner in [
        "<script/>",
        "<a/>",
        "<g onclick=\"\"/>",
        "<g id=\"a\"/>",
        "<g id=\"t0123abcd-a\"/><g id=\"t0123abcd-a\"/>",
        "<g fill=\"url(#gone)\"/>",
        "<g fill=\"url(x)\"/>",
        "<g fill=\"u\\72l(x)\"/>",
        "<use href=\"x\"/>",
        "<use href=\"#gone\"/>",
        "<use href=\"data:image/png;base64,AAAA\"/>",
        "<image href=\"data:image/svg+xml;base64,AAAA\"/>",
        "<image href=\"https://example.com/a.png\"/>",
        "<feImage/>",
        "<style>@import 'x';</style>",
        "<style>a{b:expression(1)}</style>",
        "<style>a{b:image-set('x' 1x)}</style>",
        "<g style=\"fill:URL(x)\"/>",
        "<g style=\"fill:red}a{\"/>",
        "<g xmlns:q=\"q\"/>",
        "<g xmlns=\"q\"/>",
        "x",
        "<!-- -->",
        "<![CDATA[]]>",
        "<?x y?>",
        "<set attributeName=\"href\"/>",
        "<set attributeName=\"fill\" to=\"url(#x)\"/>",
        "<set attributeName=\"fill\" to=\"red\" begin=\"click\"/>",
        "<set attributeName=\"fill\" to=\"javascript:1\"/>",
    ] {
        assert!(check(&file(inner)).is_err(), "{inner}");
    }
}

#[test]
fn oracle_accepts_and_rejects_known_samples() {
    for fits in [
        ".belfry .title {\n  color: rgb(1, 2, 3);\n}\n",
        ":where(:root[data-scheme=\"dark\"]) .belfry { --belfry-a: red; }",
        "@media (width >= 3px) { .belfry .a:is(.b, .c), .belfry .d { background: url(\"data:image/png;base64,AA==\") } }",
        "@keyframes a { from { opacity: 0; } 50.5% { opacity: 1 } }",
    ] {
        assert!(text(fits, Layer::Scoped).is_ok(), "{fits}");
    }
    for wrong in [
        ".title { color: red }",
        ".belfry .a, .b { color: red }",
        ".belfry + .a { color: red }",
        ".belfry .a { background: url(https://example.com) }",
        ".belfry .a { background: URL(\"//example.com\") }",
        ".belfry .a { background: image-set(\"x\" 1x) }",
        ".belfry .a { background: \"</style>\" }",
        ".belfry .a { b: \\75rl(x) }",
        ".belfry .a { color: red } }",
        ".belfry .a { color: red",
        ".belfry .a { color: \"red }",
        ".belfry .a { .b { color: red } }",
        "@import \"x\";",
        "@layer guard { .belfry .a { color: red } }",
        "@font-face { font-family: a }",
        ".belfry .a { position: fixed }",
        ".belfry .a { color: /* */ red }",
    ] {
        assert!(text(wrong, Layer::Scoped).is_err(), "{wrong}");
    }
    assert_eq!(
        layers("@layer a{b{c:\"}\"}}@layer d{}"),
        Ok(vec![("@layer a", "b{c:\"}\"}"), ("@layer d", "")])
    );
}

#[test]
fn corpora_pass_the_oracle_in_every_mode() {
    let mut inputs: Vec<(bool, String, Vec<u8>)> = Vec::new();
    for (start, is_drawing) in [
        ("svg/hostile", true),
        ("svg/left-out", true),
        ("drawing-css/hostile", true),
        ("drawing-css/benign", true),
        ("css/hostile", false),
        ("css/benign", false),
    ] {
        let cases = table::tables(start).into_iter().flat_map(|table| table.cases);
        inputs.extend(cases.map(|case| (is_drawing, case.name, case.input)));
    }
    for entry in table::root().join("svg/benign").read_dir().unwrap() {
        let path = entry.unwrap().path();
        inputs.push((true, path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    let mut accepted = 0;
    for (is_drawing, name, bytes) in &inputs {
        println!("{name}");
        for mode in [&b""[..], b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9"] {
            let input = [mode, bytes].concat();
            accepted += usize::from(if *is_drawing {
                belfry_fuzz::drawing(&input)
            } else {
                belfry_fuzz::sheet(&input)
            });
        }
    }
    assert!(inputs.len() > 530 && accepted > 300, "{accepted} accepted of {}", inputs.len());
}

#[test]
fn past_crashes_stay_fixed() {
    for table in table::tables("found/inputs") {
        for case in table.cases {
            println!("{}", case.name);
            match case.name.split('-').next() {
                Some("svg") => belfry_fuzz::drawing(&case.input),
                Some("css") => belfry_fuzz::sheet(&case.input),
                _ => belfry_fuzz::theme_of_three(&case.input),
            };
        }
    }
}
