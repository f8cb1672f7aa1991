//! Diagnostics and results for themes, in detail.

use super::{Report, canonical, describe, themed};

/// The warnings of a source that must not be rejected.
fn left_out(source: &str) -> String {
    let (text, refused, warnings) = themed(source);
    assert!(text.is_some(), "{source}: {}", describe(&refused));
    describe(&warnings)
}

fn scoped(source: &str) -> String {
    let (text, refused, _) = themed(source);
    text.unwrap_or_else(|| panic!("{source}: {}", describe(&refused)))
}

fn refused(source: &str) -> String {
    let (text, refused, _) = themed(source);
    assert!(text.is_none(), "{source} became {text:?}");
    describe(&refused)
}

#[test]
fn problem_contains_line_column_excerpt_and_reason() {
    for (source, begin) in [
        (
            ".item {\n  color: red;\n  position: fixed;\n}",
            "theme.css:3:13: `fixed` takes a part out",
        ),
        (
            ".item {\r\n  \t/* ü */ margin: 1px; margin: 900px\r\n}",
            "theme.css:2:33: `900px` in `margin`",
        ),
        (
            "@keyframes x {\n from { left: 1px }\n to { left: 500px }\n}",
            "theme.css:3:13: `500px` in `left`",
        ),
        (".item { colour red }", "theme.css:1:"),
        (".item { color: red; }\n@import 'x';", "theme.css:2:1: `@import` loads"),
    ] {
        let diagnostics = refused(source);
        assert!(diagnostics.starts_with(begin), "{source}\n{diagnostics}");
    }
    for (source, begin) in [
        (".item {\n  color: red;\n}\n.a, .tittle { color: red }", "theme.css:4:1: `.a` is no part"),
        (
            "@media (prefers-color-scheme: dark) {\n  .item .nothing-like-it { color: red }\n}",
            "theme.css:2:9: `.nothing-like-it` is no part",
        ),
        (
            ".item { color: red; .title { color: blue !important } }",
            "theme.css:1:30: `color` is `!important`",
        ),
        (
            ".item { color: red }\n\t@charset 'ü'; .b { color: red }",
            "theme.css:2:2: `@charset` is not needed",
        ),
        (".item { color: red }\n\t@charset 'ü'; .b { color: red }", "theme.css:2:2"),
    ] {
        let diagnostics = left_out(source);
        assert!(diagnostics.starts_with(begin), "{source}\n{diagnostics}");
    }
    assert!(left_out("@charset 'ü'; .b { color: red }").contains("theme.css:1:15: `.b`"));
}

#[test]
fn unknown_part_suggests_the_nearest_one() {
    for (written, meant) in [
        ("tittle", "title"),
        ("items", "item"),
        ("bagde", "badge"),
        ("catgory", "category"),
        ("emptytitle", "empty-title"),
    ] {
        let diagnostics = left_out(&format!(".{written} {{ color: red }}"));
        assert!(diagnostics.contains(&format!("did you mean `.{meant}`?")), "{diagnostics}");
    }
    assert!(left_out(".sidebar-navigation { color: red }").contains("documentation lists them"));
}

#[test]
fn harmless_unknown_content_is_dropped_with_warning() {
    let (text, _, warnings) =
        themed(".item { zoom: 2; color: red; -webkit-font-smoothing: antialiased; color: bluish }");
    assert_eq!(text.unwrap(), ".belfry .item {\n  color: red;\n  color: bluish;\n}\n");
    let diagnostics: Vec<String> = warnings
        .iter()
        .map(|warning| format!("{}:{} {}", warning.line, warning.column, warning.what))
        .collect();
    assert_eq!(diagnostics.len(), 3, "{diagnostics:?}");
    assert!(
        diagnostics.contains(&"1:9 zoom".to_owned())
            && diagnostics.contains(&"1:74 bluish".to_owned()),
        "{diagnostics:?}"
    );
}

/// The printer of the parser's crate fails at it where overflow is checked.
#[test]
fn areas_without_rows_are_dropped() {
    for source in [
        ".item { grid-template-areas: ; color: red }",
        ".item { grid-template-areas: !important; color: red }",
    ] {
        let (text, _, warnings) = themed(source);
        assert_eq!(text.unwrap(), ".belfry .item {\n  color: red;\n}\n", "{source}");
        assert!(describe(&warnings).contains("left out"), "{}", describe(&warnings));
    }
}

#[test]
fn scheme_rules_keep_their_specificity() {
    let text = scoped("@media (prefers-color-scheme: light) { .item, .title { color: red } }");
    let rule = "{\n  color: red;\n}\n";
    let by_choice = ":where(:root[data-scheme=\"light\"]) .belfry";
    assert!(text.starts_with(&format!("{by_choice} .item, {by_choice} .title {rule}")), "{text}");
    assert!(text.contains("@media (prefers-color-scheme: light) {\n  :where(:root[data-scheme=\"auto\"]) .belfry .item, "), "{text}");
}

#[test]
fn nested_rules_are_unnested() {
    let text = scoped(
        ".item, .panel > .empty { color: red; &:hover { opacity: .5 } & > .title { order: 1 } + .item { gap: 1px } }",
    );
    for rule in [
        ".belfry .item, .belfry .panel > .empty {\n  color: red;",
        ".belfry .item > .title, .belfry .panel > .empty > .title {\n  order: 1;",
        ".belfry .item + .item, .belfry .panel > .empty + .item {\n  gap: 1px;",
    ] {
        assert!(text.contains(rule), "{rule} is not in\n{text}");
    }
}

#[test]
fn trailing_parent_selector_works_for_single_parts() {
    assert!(scoped(".item { .wide & { color: red } }").contains(".belfry .wide .item {"));
}

#[test]
fn canonical_form_has_no_scope_and_no_nesting() {
    let source = "HTML { --belfry-a: 1 } .item { @media (prefers-color-scheme: dark) and (width > 300px) { &:hover { color: red } } }";
    let text = canonical(source, &mut Report::default()).unwrap();
    let expected = ":root {\n  --belfry-a: 1;\n}\n@media (prefers-color-scheme: dark) {\n  @media not (max-width: 300px) {\n    .item:hover {\n      color: red;\n    }\n  }\n}\n";
    assert_eq!(text, expected);
}

#[test]
fn custom_properties_are_checked_where_used() {
    scoped(":root { --belfry-pill: 999px } .badge { border-radius: var(--belfry-pill) }");
    assert!(
        refused(":root { --belfry-pill: 999px } .badge { margin: var(--belfry-pill) }")
            .contains("`999px` in `margin`")
    );
    assert!(
        left_out(":root { --belfry-font: 'Inter' } .badge { text-overflow: var(--belfry-font) }")
            .contains("cannot stand")
    );
    assert!(
        refused(".item { --belfry-t: 50ms } .badge { animation: x var(--belfry-t) }")
            .contains("flickers")
    );
}

#[test]
fn sums_and_products_cannot_pass_a_limit() {
    for value in [
        "calc(var(--belfry-a) * 3)",
        "calc(100px * var(--belfry-a))",
        "calc(4px / .01 + 1em)",
        "max(1em, 200px)",
        "calc(150px - 1em)",
        "calc(90px + 6em + 40% + 20vw + 40ch)",
    ] {
        refused(&format!(".item {{ margin-top: {value} }}"));
    }
    refused(
        ".item { --belfry-a: 90px; --belfry-b: calc(var(--belfry-a) + var(--belfry-a)); margin-top: calc(var(--belfry-b) + var(--belfry-b)) }",
    );
    for value in [
        "calc(var(--belfry-a) * -1)",
        "calc(var(--belfry-a) / 2)",
        "clamp(4px, 2vw, 12px)",
        "calc(1em - 2px)",
    ] {
        scoped(&format!(".item {{ margin-top: {value} }}"));
    }
}

#[test]
fn combined_declarations_are_checked() {
    let mut wrong = Vec::new();
    for source in [
        ".item::before .title { color: red }",
        "> .item { color: red }",
        ".item >>> .title { color: red }",
        ".item { font: 0 serif }",
        ".item { font: 12px/0.01 serif }",
        ".item { font-size: calc(1px * 0) }",
        ".item { font-size: 0% }",
        ".item { font-size-adjust: 9 }",
        ".item { border-image: linear-gradient(red, red) 1 / 1px / 900px }",
        ".item { border-image-outset: 900px }",
        ".item { border-width: 900px }",
        ".item { background: paint(x) }",
        ".item { animation: x 1s; animation-duration: 1ms }",
        ".item { transition: color 200ms, opacity 20ms }",
        ".item { line-height: 0 }",
        ".item { letter-spacing: -2em }",
        ".item { column-width: .01px }",
        ".item { grid-row: 99999 }",
        ".item { grid-template-columns: repeat(9999, 1px) }",
        ".item::before, .item { position: absolute }",
        ".item || .title { color: red }",
        "@keyframes x { from { position: fixed } }",
        "@keyframes x { from { transform: scale(99) } }",
        ".item { content: \"👍👍👍👍\" }",
    ] {
        let (text, told, _) = themed(source);
        if text.is_some() || told.is_empty() {
            wrong.push(format!("{source} became\n{}", text.unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn comments_keep_tokens_separate() {
    let text =
        scoped("@supports (display: /* a */ grid) { .item { tab-size: 1/**/2; color: red } }");
    assert!(
        text.starts_with("@supports (display: grid) {")
            || text.starts_with("@supports (display:  grid) {"),
        "{text}"
    );
    assert!(!text.contains("/*") && !text.contains("12"), "{text}");
    assert!(
        left_out("@supports (display: inline-g!important) { .item { color: red } }")
            .contains("has no meaning in a condition")
    );
}

#[test]
fn unusable_selectors_are_dropped() {
    for source in [
        ".item:hover::part(x) { color: red }",
        "svg|a { color: red }",
        "*|* { color: red }",
        ".item:has(.title:has(.body)) { color: red }",
        ".item:not(html) { color: red }",
        ".item :is(body) { color: red }",
        ".item::before { &:hover { color: red } }",
        ".item:is(:root) { color: red }",
        ":root, .item { --belfry-a: 1 }",
        "html:hover { --belfry-a: 1 }",
        "& { color: red }",
        ".item:nth-child(1 of .title) { color: red }",
        ".item:state(x) { color: red }",
        ".bell.item::after { content: '' }",
        "@keyframes x { entry 0% { color: red } }",
        "@keyframes \"a b\" { from { color: red } }",
        "@supports (x: image-set(\"y\" 1x)) { .item { color: red } }",
        "@supports selector(:has(a)) { .item { color: red } }",
        "@media (min-width: 1px) and (script: 1) { .item { color: red } }",
        "@container x style(--y) { .item { color: red } }",
        ".item { list-style-type: symbols(\"Pay\") }",
        ".item { --belfry-x: { a: b } }",
        ".item { --belfry-\\41: 1; --belfry-\\:: 1 }",
        ".item { color: rgb(var(--x) 0 0) }",
    ] {
        let (text, refused, warnings) = themed(source);
        assert!(refused.is_empty() && !warnings.is_empty(), "{source}: {}", describe(&refused));
        let text = text.unwrap();
        assert!(!text.contains("red") && !text.contains("symbols"), "{source} became\n{text}");
    }
}
