//! Diagnostics and results for styles of drawings, in detail.

use super::super::{Scheme, SimpleRule, SimpleSelector};
use super::{AT, Report, describe, drawing_sheet, drawing_style, drawing_value, rename};

fn value(property: &str, value: &str) -> (Option<String>, String) {
    let mut report = Report::default();
    let cleaned = drawing_value(property, value, AT, &rename, &mut report);
    let (refused, warnings) = report.into_parts();
    (cleaned, describe(&refused) + &describe(&warnings))
}

fn style(source: &str) -> (Option<Vec<(String, String)>>, String) {
    let mut report = Report::default();
    let cleaned = drawing_style(source, AT, &rename, &mut report);
    let (refused, warnings) = report.into_parts();
    (cleaned, describe(&refused) + &describe(&warnings))
}

#[test]
fn presentation_attributes_keep_what_drawing_programs_write() {
    for (property, source, expected) in [
        ("fill", "#FF0000", "red"),
        ("fill", "none", "none"),
        ("fill", "currentColor", "currentColor"),
        ("fill", "url(#known)", "url(#x-known)"),
        ("stroke", "url('#known') #000", "url(#x-known) #000"),
        ("clip-path", "url(#known)", "url(#x-known)"),
        ("mask", "url(#known)", "url(#x-known)"),
        ("filter", "url(#known)", "url(#x-known)"),
        ("filter", "blur(4px)", "blur(4px)"),
        ("opacity", "0.5", ".5"),
        ("font-size", "12", "12px"),
        ("font-family", "'Segoe UI', Arial", "Segoe UI, Arial"),
        ("stroke-dasharray", "4,2", "4 2"),
        ("text-anchor", "middle", "middle"),
        ("font-weight", "bold", "bold"),
        ("letter-spacing", "0.5", ".5px"),
        ("fill-opacity", ".4", ".4"),
        ("stop-color", "#123456", "#123456"),
        ("display", "none", "none"),
    ] {
        let (cleaned, problems) = value(property, source);
        assert_eq!(cleaned.as_deref(), Some(expected), "{property}: {source} {problems}");
        assert_eq!(problems, "", "{property}: {source}");
        assert_eq!(value(property, expected).0.as_deref(), Some(expected), "{property} is stable");
    }
}

#[test]
fn presentation_attributes_follow_property_rules() {
    for (property, source, part) in [
        ("fill", "url(https://evil.example/x#a)", "leads out"),
        ("fill", "url(#gone)", "names nothing"),
        ("fill", "u\\72 l(https://evil.example/x)", "leads out"),
        ("fill", "red;stroke:blue", "has no meaning"),
        ("fill", "red !important", "has no meaning"),
        ("fill", "red}", "never opened"),
        ("fill", "{red}", ""),
        ("fill", "image-set('https://evil.example/x' 1x)", "could load"),
        ("mask", "src('https://evil.example/x')", "could load"),
        ("font-family", "'</style>'", "no name of a font"),
        ("filter", "blur(5000px)", "blurs too much"),
        ("d", "path('M0 0')", "left out"),
        ("onclick", "alert(1)", "left out"),
        ("behavior", "x", "old browsers"),
        ("stroke-width", "1e400", "too large"),
        ("fill", "", "left out"),
        ("fill", "/*", "does not end"),
        // No function: it begins like a colour.
        ("fill", "#FFFurl(#known)", "left out"),
    ] {
        let (cleaned, problems) = value(property, source);
        assert_eq!(cleaned, None, "{property}: {source}");
        assert!(
            problems.contains(part) && !problems.is_empty(),
            "{property}: {source} is reported as: {problems}"
        );
    }
}

#[test]
fn style_attributes_become_pairs() {
    let (pairs, problems) = style(
        "fill:#F00;stroke : url(#known) ; stroke-width:2!important;-inkscape-stroke:none; font-family:'Inter'",
    );
    let pairs = pairs.unwrap_or_else(|| panic!("{problems}"));
    let shown: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        shown,
        ["fill=red", "stroke=url(#x-known)", "font-family=Inter", "stroke-width=2px"]
    );
    assert_eq!(problems, "");
}

#[test]
fn harmful_style_attributes_are_rejected() {
    for source in [
        "fill: url(https://evil.example/x)",
        "fill: red; } * { fill: blue",
        "fill: red; .a { fill: blue }",
        "@import 'https://evil.example/x'",
        "--x: url(https://evil.example/x)",
        "fill: expression(alert(1))",
        "behavior: url(#known)",
        "fill",
        "font-family: 'x",
    ] {
        let (pairs, problems) = style(source);
        assert!(pairs.is_none() && !problems.is_empty(), "{source}: {pairs:?}");
    }
}

#[test]
fn sheet_problem_has_place_in_the_drawing() {
    let mut report = Report::default();
    assert!(
        drawing_sheet(
            ".a{fill:red}\n  .b { fill: url(https://evil.example/x) }",
            AT,
            &rename,
            &mut report
        )
        .is_none()
    );
    let (refused, _) = report.into_parts();
    assert_eq!((refused[0].line, refused[0].column), (8, 14), "{}", describe(&refused));
    let mut report = Report::default();
    assert!(
        drawing_sheet(".ä{fill:red} .b { stroke: red; behavior: x }", AT, &rename, &mut report)
            .is_none()
    );
    let (refused, _) = report.into_parts();
    assert_eq!((refused[0].line, refused[0].column), (7, 42), "{}", describe(&refused));
}

#[test]
fn simple_rules_have_scheme_and_specificity() {
    let source = "text, .a.b, #known, * { fill: red } g .c, .d:hover { fill: blue }\
        @media (prefers-color-scheme: dark) { .a { fill: white } } @media (min-width: 1px) { .a { fill: green } } .a { .b { fill: red } }";
    let sheet = drawing_sheet(source, AT, &rename, &mut Report::default()).unwrap();
    let red = |selector| SimpleRule {
        scheme: None,
        selector,
        declarations: vec![("fill".to_owned(), "red".to_owned())],
    };
    let expected = [
        red(SimpleSelector { element: Some("text".to_owned()), ..SimpleSelector::default() }),
        red(SimpleSelector {
            classes: vec!["a".to_owned(), "b".to_owned()],
            ..SimpleSelector::default()
        }),
        red(SimpleSelector { id: Some("x-known".to_owned()), ..SimpleSelector::default() }),
        red(SimpleSelector::default()),
        SimpleRule {
            scheme: Some(Scheme::Dark),
            selector: SimpleSelector { classes: vec!["a".to_owned()], ..SimpleSelector::default() },
            declarations: vec![("fill".to_owned(), "#fff".to_owned())],
        },
    ];
    assert_eq!(sheet.rules, expected);
    let weights: Vec<u32> = sheet.rules.iter().map(|rule| rule.selector.specificity()).collect();
    assert!(weights[2] > weights[1] && weights[1] > weights[0] && weights[0] > weights[3]);
}
