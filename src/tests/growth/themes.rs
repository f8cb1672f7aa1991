//! Uploads of designers: style sheets and drawings.

use super::{Case, Work, numbered};
use belfry_theme::{Upload, compile};
use std::hint::black_box;

/// Builds an input with this many repetitions.
type Shape = fn(usize) -> String;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, before, again, after) in SHEETS {
        cases.push(Case::new(format!("sheet/{name}"), Work::Call(sheet), 12, move |count| {
            numbered(before, again, after, count)
        }));
    }
    for (name, before, again, after) in DRAWINGS {
        cases.push(Case::new(format!("drawing/{name}"), Work::Call(drawing), 12, move |count| {
            drawn(&numbered(before, again, after, count))
        }));
    }
    let mixed: [(&str, Shape); 6] = [
        ("rules-for-elements", |count| {
            styled(
                &numbered("", ".c#{fill:red}", "", count),
                &numbered("", "<path class=\"c#\" d=\"M0 0h1\"/>", "", count),
            )
        }),
        ("rules-of-one-class", |count| {
            styled(
                &numbered("", ".c{fill:red}.c:hover{fill:#f00}", "", count),
                &"<path class=\"c\" d=\"M0 0h1\"/>".repeat(count),
            )
        }),
        ("rules-of-two-classes", |count| {
            styled(
                &numbered("", ".c.c#{fill:red}", "", count),
                &numbered("", "<path class=\"c c#\" d=\"M0 0h1\"/>", "", count),
            )
        }),
        ("classes-of-one-element", |count| {
            styled(
                &numbered("", ".c#{fill:red}", "", count),
                &format!("<path class=\"{}\" d=\"M0 0h1\"/>", numbered("", "c# ", "", count)),
            )
        }),
        ("selectors-with-declarations", |count| {
            styled(
                &format!(
                    "{}.x{{{}}}",
                    numbered("", ".c#,", "", count),
                    "fill:red;stroke:red;".repeat(count)
                ),
                "<path/>",
            )
        }),
        ("fonts-that-are-inherited", |count| {
            format!(
                "<g font-family=\"{}\">{}</g>",
                numbered("", "font#,", "serif", count),
                "<text>a</text>".repeat(count)
            )
        }),
    ];
    for (name, shape) in mixed {
        cases.push(Case::new(format!("drawing/{name}"), Work::Call(drawing), 12, move |count| {
            drawn(&shape(count))
        }));
    }
    cases
}

fn styled(rules: &str, elements: &str) -> String {
    format!("<style>{rules}</style>{elements}")
}

fn drawn(elements: &str) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">{elements}</svg>")
}

fn sheet(css: &str) {
    let _ = black_box(compile(&Upload { css: Some(css.as_bytes()), ..Upload::default() }));
}

/// A drawing as the bell and as the cards.
fn drawing(svg: &str) {
    let _ = black_box(compile(&Upload { bell: Some(svg.as_bytes()), ..Upload::default() }));
    let card = svg.replace("viewBox=\"0 0 24 24\"", "width=\"360\" height=\"120\"");
    let _ = black_box(compile(&Upload { card: Some(card.as_bytes()), ..Upload::default() }));
}

const SHEETS: [(&str, &str, &str, &str); 38] = [
    ("rules", "", ".item{color:#333}", ""),
    ("rules-that-differ", "", ".item{padding:#px}.title{color:red}", ""),
    ("rules-by-line", "", ".item {\n  color: red;\n}\n", ""),
    ("rules-by-old-line", "", ".item{\rcolor:red}\r", ""),
    ("letters-of-two-bytes-before-rules", "/*", "ї", "*/.item{color:red}"),
    ("selectors", ".item", ",.item", "{color:red}"),
    ("selectors-that-differ", ".item", ",.item:nth-child(#)", "{color:red}"),
    ("compounds", ".item", " .title", "{color:red}"),
    ("classes", ".item", ".item", "{color:red}"),
    ("pseudo-classes", ".item", ":hover", "{color:red}"),
    ("nots", ".item:not(", ".title,", ".title){color:red}"),
    ("nots-in-nots", "", ".item:not(:not(:not(.title))){color:red}", ""),
    ("declarations", ".item{", "color:red;", "}"),
    ("declarations-that-differ", ".item{", "--x#:1px;", "}"),
    ("declarations-that-are-refused", ".item{", "position:fixed;", "}"),
    ("unknown-declarations", ".item{", "x#:1;", "}"),
    ("variables-of-variables", ".item{--x0:1px;", "--y#:var(--x#);--x#:var(--y#);", "}"),
    ("definitions-of-one-variable", "", ".item{--x:#px}", ".item{margin:var(--x)}"),
    ("uses-of-a-variable", ".item{--x:1px}", ".item{padding:var(--x) var(--x)}", ""),
    ("media", "", "@media (min-width:#px){.item{color:red}}", ""),
    ("media-lists", "@media (min-width:1px)", ",(min-width:#px)", "{.item{color:red}}"),
    ("media-with-and", "@media (min-width:1px)", " and (min-width:#px)", "{.item{color:red}}"),
    ("supports", "", "@supports (display:grid){.item{color:red}}", ""),
    ("containers", "", "@container (min-width:#px){.item{color:red}}", ""),
    ("nests", "", ".item{&:hover{color:red}}", ""),
    ("nests-with-lists", "", ".item,.title{.body,.when{color:red}}", ""),
    ("keyframes", "", "@keyframes k#{from{opacity:.9}to{opacity:1}}", ""),
    ("steps-of-keyframes", "@keyframes k{", "#%{opacity:1}", "}"),
    ("comments", "", "/* a */", ".item{color:red}"),
    ("open-comments", "", "/*", ""),
    ("strings", ".item::before{content:", "\"a\" ", "}"),
    ("open-strings", "", ".item{content:\"", ""),
    ("open-brackets", ".item{width:", "calc(", ""),
    ("open-blocks", "", ".item{", ""),
    ("sums", ".item{width:calc(1px", " + 1px", ")}"),
    ("long-numbers", ".item{width:1.", "1", "px}"),
    ("gradients", ".item{background:linear-gradient(red", ",#fff #%", ")}"),
    ("escapes", ".", "\\69 ", "{color:red}"),
];

const DRAWINGS: [(&str, &str, &str, &str); 36] = [
    ("elements", "", "<path d=\"M0 0h1\"/>", ""),
    ("elements-by-line", "", "<path\n d=\"M0 0h1\"/>\n", ""),
    ("groups", "", "<g><path d=\"M0 0h1\"/></g>", ""),
    ("groups-with-style", "", "<g style=\"fill:red;opacity:.9\"><path d=\"M0 0h1\"/></g>", ""),
    ("open-elements", "", "<g>", ""),
    ("texts", "", "<text x=\"1\" y=\"#\">a</text>", ""),
    ("lines-of-a-text", "<text>", "<tspan x=\"1\" y=\"#\">a</tspan>", "</text>"),
    ("words-of-a-text", "<text>", "a  b &amp; ", "</text>"),
    ("path-numbers", "<path d=\"M0 0", " L1.5 2.25", "\"/>"),
    ("path-digits", "<path d=\"M0 0h1.", "1", "\"/>"),
    ("path-arcs", "<path d=\"M0 0", "a1 2 3 0 1 4 5", "\"/>"),
    ("path-nonsense", "<path d=\"M0 0", "zzz!", "\"/>"),
    ("points", "<polygon points=\"0 0", " 1 2", "\"/>"),
    ("transforms", "<path d=\"M0 0h1\" transform=\"", "rotate(1) ", "\"/>"),
    (
        "transforms-in-groups",
        "",
        "<g transform=\"scale(1.1)\"><path d=\"M0 0h1\" transform=\"rotate(#)\"/></g>",
        "",
    ),
    ("ids", "", "<path id=\"i#\" d=\"M0 0h1\"/>", ""),
    (
        "gradients",
        "",
        "<linearGradient id=\"g#\"><stop stop-color=\"red\"/></linearGradient><path fill=\"url(#g#)\" d=\"M0 0h1\"/>",
        "",
    ),
    ("uses", "<path id=\"p\" d=\"M0 0h1\"/>", "<use href=\"#p\" x=\"#\"/>", ""),
    ("uses-of-uses", "<path id=\"p0\" d=\"M0 0h1\"/>", "<g id=\"q#\"><use href=\"#p0\"/></g>", ""),
    (
        "masks",
        "",
        "<mask id=\"m#\"><path d=\"M0 0h1\"/></mask><path mask=\"url(#m#)\" d=\"M0 0h1\"/>",
        "",
    ),
    ("filters", "", "<filter id=\"f#\"><feGaussianBlur stdDeviation=\"1\"/></filter>", ""),
    (
        "stops",
        "<linearGradient id=\"g\">",
        "<stop offset=\".#\" stop-color=\"red\"/>",
        "</linearGradient>",
    ),
    ("styles", "", "<style>.c#{fill:red}</style>", ""),
    ("rules", "<style>", ".c#{fill:red}", "</style>"),
    ("rules-in-media", "<style>", "@media (prefers-color-scheme:dark){.c#{fill:red}}", "</style>"),
    ("declarations-of-style", "<path d=\"M0 0h1\" style=\"", "fill:red;", "\"/>"),
    ("comments", "", "<!-- a -->", ""),
    ("open-comments", "", "<!-- ", ""),
    ("entities", "<title>", "&lt;&#60;", "</title>"),
    ("unknown-entities", "<title>", "&a#;", "</title>"),
    ("cdata", "<title>", "<![CDATA[a]]>", "</title>"),
    ("unknown-elements", "", "<x#/>", ""),
    ("unknown-attributes", "<path ", "data-x#=\"1\" ", "/>"),
    ("namespaces", "<g ", "xmlns:n#=\"http://a.example/#\" ", "/>"),
    (
        "animations",
        "",
        "<rect width=\"1\" height=\"1\"><animate attributeName=\"opacity\" values=\"0;1\" dur=\"2s\"/></rect>",
        "",
    ),
    ("event-handlers", "<path ", "on#=\"a\" ", "/>"),
];
