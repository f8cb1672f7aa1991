//! No input, however deep or large, overflows the stack or takes long.

use super::super::super::diagnostics::Report;
use super::{AT, drawing_sheet, drawing_style, rename, themed};
use std::time::{Duration, Instant};

/// Kinds of nesting: prefix, opening, middle, closing, suffix.
const FAMILIES: [(&str, &str, &str, &str, &str); 18] = [
    ("", ".item:is(", ".title", ")", " { color: red }"),
    ("", ".item:not(", ".title", ")", " { color: red }"),
    ("", ".item:where(", ".title", ")", " { color: red }"),
    ("", ".item:has(", ".title", ")", " { color: red }"),
    ("", "@media screen {", ".item { color: red }", "}", ""),
    ("", "@supports (display: grid) {", ".item { color: red }", "}", ""),
    ("", ".item {", "color: red", "}", ""),
    ("@media ", "(", "width > 1px", ")", " { .item { color: red } }"),
    ("@media ", "(not ", "(width > 1px)", ")", " { .item { color: red } }"),
    ("@supports ", "(", "(display: grid)", ")", " { .item { color: red } }"),
    ("@container ", "(", "width > 1px", ")", " { .item { color: red } }"),
    (".item { width: ", "min(", "1px, 2em", ")", " }"),
    (".item { width: ", "calc(1em + ", "1px", ")", " }"),
    (".item { width: calc", "(1em + ", "1px", ")", " }"),
    (".item { color: ", "color-mix(in srgb, red, ", "blue", ")", " }"),
    (".item { color: ", "light-dark(red, ", "blue", ")", " }"),
    (".item { --belfry-x: ", "[", "1", "]", " }"),
    (".item { color: ", "var(--belfry-x, ", "red", ")", " }"),
];

fn nested(
    (before, open, middle, close, after): (&str, &str, &str, &str, &str),
    depth: usize,
) -> String {
    format!("{before}{}{middle}{}{after}", open.repeat(depth), close.repeat(depth))
}

/// Runs on a stack of 2 MiB, like that of a server thread.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).unwrap().join().unwrap();
}

#[test]
fn deep_nesting_is_rejected_before_stack_overflow() {
    on_a_small_stack(|| {
        for family in FAMILIES {
            for depth in [25, 100, 500, 2_000, 5_000] {
                let source = nested(family, depth);
                assert!(themed(&source).0.is_none(), "{depth} of {}", family.1);
                // `@container` is dropped from drawings whatever it contains.
                let sheet = drawing_sheet(&source, AT, &rename, &mut Report::default());
                assert!(sheet.is_none_or(|sheet| sheet.text.is_empty()));
                assert!(
                    drawing_style(
                        &format!("width: {}1px{}", family.1.repeat(depth), family.3.repeat(depth)),
                        AT,
                        &rename,
                        &mut Report::default()
                    )
                    .is_none()
                );
            }
        }
    });
}

#[test]
fn deepest_accepted_nesting_fits_the_stack() {
    on_a_small_stack(|| {
        for family in FAMILIES {
            for depth in 1..=24 {
                let source = nested(family, depth);
                themed(&source);
                drawing_sheet(&source, AT, &rename, &mut Report::default());
            }
        }
    });
}

#[test]
fn long_calculations_are_rejected_before_stack_overflow() {
    on_a_small_stack(|| {
        for term in [" + 1em", " - 1%", " * var(--belfry-x)", " / var(--belfry-x)", " + 1px - 1vw"]
        {
            for times in [24, 5_000] {
                let source = format!(".item {{ padding: calc(1px{}) }}", term.repeat(times));
                let (text, _, _) = themed(&source);
                assert!(times == 24 || text.is_none());
                let mixed = format!(
                    ".item {{ padding: calc({}1px{}) }}",
                    "(1em + ".repeat(20),
                    ")".repeat(20) + &term.repeat(times)
                );
                assert!(times == 24 || themed(&mixed).0.is_none());
            }
        }
        for joint in [" and (width > 1px)", " or (width > 1px)", ", (width > 1px)"] {
            themed(&format!(
                "@media (width > 1px){} {{ .item {{ color: red }} }}",
                joint.repeat(3_000)
            ));
            themed(&format!(
                "@container (width > 1px){} {{ .item {{ color: red }} }}",
                joint.repeat(3_000)
            ));
            themed(&format!(
                "@supports (display: grid){} {{ .item {{ color: red }} }}",
                joint.replace("width > 1px", "display: grid").repeat(2_000)
            ));
        }
    });
}

#[test]
fn large_sheets_compile_fast() {
    let many = |piece: &str| piece.repeat(65_000 / piece.len());
    let sheets = [
        many(".item{color:red}"),
        format!(".item{{{}}}", many("color:red;")),
        format!(".item{{background:{}red}}", many("linear-gradient(red,blue),")),
        format!("{}.item{{color:red}}", many(".item,")),
        format!(".item{{font-family:{}serif}}", many("a,")),
        format!(".item{{{}}}", many("a{}")),
        many("@media screen{}"),
        many("/**/"),
        many("("),
        many("'"),
        many("\\"),
        many("url("),
        many(".item{left:-9999px}"),
        format!(".item{{--belfry-x:{}}}", many("var(--belfry-x) ")),
        format!("{}{{color:red}}", many(".item ")),
        format!("{}{{color:red}}", many(".item")),
        format!(".item{{clip-path:polygon({}0 0)}}", many("-1px -2px,")),
        format!("{}{{color:red}}", many(".item:is(.a,.b)")),
        format!(
            "{}.item{{color:red}}",
            (1..3_000)
                .map(|count| format!(".item:nth-child({count}),"))
                .collect::<Vec<_>>()
                .concat()
        ),
        format!("{}color:red{}", ".item,.title,.body,.meta,.pin{".repeat(5), "}".repeat(5)),
        format!("{}color:red{}", ".item,.title,.body,.meta,.pin{".repeat(7), "}".repeat(7)),
        many("@page{}"),
        many("@x;"),
        many("@x "),
        many("<!---->"),
        many(".u{color:red}"),
        format!("{}{{color:red}}", many(".u,")),
        format!("{}{{color:red}}", many("[a],")),
        format!(".item{{{}}}", many("zoom:1;")),
        format!(".item{{{}}}", many("color:red!important;")),
        format!(".item{{{}}}", many("a{}color:red;")),
        format!(
            ":root{{{}}}.item{{{}}}",
            (0..2_000).map(|count| format!("--belfry-x:{count};")).collect::<Vec<_>>().concat(),
            "margin:var(--belfry-x);".repeat(1_500)
        ),
        format!("@keyframes x{{{}}}", many("1%{color:red}")),
        format!("{}{{}}", many("@layer x{}")),
        format!(".item{{{}}}", many("@layer{color:red}")),
        format!(".item{{{}}}", "font-size:calc(1px + 1px + 1px);".repeat(1_900)),
    ];
    for sheet in sheets {
        let begun = Instant::now();
        themed(&sheet);
        let shown: String = sheet.chars().take(40).collect();
        println!("{shown} took {:?}", begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(6), "{shown} took {:?}", begun.elapsed());
    }
}

#[test]
fn more_than_64_kib_are_rejected() {
    let (text, refused, _) = themed(&" ".repeat(64 * 1024 + 1));
    assert!(text.is_none());
    assert_eq!((refused[0].line, refused[0].column), (1, 1));
}
