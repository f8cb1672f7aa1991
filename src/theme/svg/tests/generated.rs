//! Generated drawings: no input causes a panic, and every result is harmless and stable.

use super::{BELL, CARD, corpus, outcome, settled};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;

const NAMES: &[&str] = &[
    "g",
    "svg",
    "defs",
    "symbol",
    "use",
    "path",
    "rect",
    "text",
    "tspan",
    "textPath",
    "linearGradient",
    "stop",
    "pattern",
    "clipPath",
    "mask",
    "marker",
    "filter",
    "feGaussianBlur",
    "feOffset",
    "image",
    "style",
    "switch",
    "a",
    "animate",
    "animateTransform",
    "animateMotion",
    "mpath",
    "set",
    "title",
    "desc",
    "metadata",
    "script",
    "foreignObject",
    "SCRIPT",
    "view",
    "unknown",
    "i:x",
];

const ATTRIBUTES: &[&str] = &[
    "id",
    "id",
    "href",
    "xlink:href",
    "class",
    "style",
    "fill",
    "stroke",
    "mask",
    "clip-path",
    "filter",
    "marker-mid",
    "d",
    "points",
    "x",
    "width",
    "height",
    "transform",
    "viewBox",
    "stdDeviation",
    "values",
    "type",
    "attributeName",
    "begin",
    "dur",
    "to",
    "in",
    "result",
    "offset",
    "xml:space",
    "data-slot",
    "data-name",
    "i:label",
    "onclick",
    "xml:base",
    "font-family",
    "stroke-dasharray",
    "patternUnits",
    "media",
    "whatever",
];

const VALUES: &[&str] = &[
    "a",
    "b",
    "a b",
    "été",
    "\u{30a2}",
    "#a",
    "#b",
    "#a%20b",
    "url(#a)",
    "url(#b) red",
    "url(#gone)",
    "url('#a b')",
    "1",
    "-1e3",
    "50%",
    "0 0 24 24",
    "M0 0h9v9z",
    "0,0 9,9 0,9",
    "red",
    "none",
    "rotate(45)",
    "matrix(1 0 0 1 0 0)",
    "fill:red",
    "fill:url(#a);stroke:blue",
    "transform",
    "fill",
    "x",
    "0s;1s",
    "1s",
    "a.click",
    "rotate",
    "preserve",
    "title",
    "badge",
    "action_1_",
    "javascript:alert(1)",
    "https://evil.example/",
    "&lt;",
    "&quot;",
    "&#9;x&#10;",
    "",
    " ",
    "'Inter', sans-serif",
    "t0123abcd-a",
    "t0123abcd-b",
    "objectBoundingBox",
    "userSpaceOnUse",
    "\\75rl(x)",
    "text/css",
    "(min-width: 1px)",
];

const TEXTS: &[&str] = &[
    "words",
    "  two  spaces ",
    "\n",
    "&amp;&lt;&gt;",
    "]]&gt;",
    "&#13;&#127;",
    ".a{fill:red}",
    "#a{fill:url(#b)}",
    "@import 'x';",
    "<!-- note -->",
    "<![CDATA[ .b{stroke:blue} ]]>",
    "@media (prefers-color-scheme:dark){.a{fill:blue}}",
    "g > rect{opacity:.5}",
    "<?php ?>",
    "&unknown;",
];

fn attributes() -> impl Strategy<Value = String> {
    prop::collection::btree_map(select(ATTRIBUTES), select(VALUES), 0..5).prop_map(|all| {
        all.into_iter()
            .map(|(name, value)| format!(" {name}=\"{value}\""))
            .collect::<Vec<_>>()
            .concat()
    })
}

/// Mostly allowed content, so that much of it is accepted.
fn tree() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![select(TEXTS).prop_map(str::to_owned), element(Just(String::new()))];
    leaf.prop_recursive(5, 40, 5, |inner| {
        element(prop::collection::vec(inner, 0..5).prop_map(|all| all.concat()))
    })
}

fn element(inner: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (select(NAMES), attributes(), inner)
        .prop_map(|(name, attributes, inner)| format!("<{name}{attributes}>{inner}</{name}>"))
}

/// Only allowed names and values; nearly all of it is accepted.
fn tame() -> impl Strategy<Value = String> {
    let attributes = || {
        let pairs = [
            "id=\"a\"",
            "id=\"b c\"",
            "id=\"\u{30a2}\"",
            "id=\"title\"",
            "data-slot=\"Title 2\"",
            "data-name=\"action_1\"",
            "class=\"a b\"",
            "fill=\"url(#a) red\"",
            "fill=\"url(#gone)\"",
            "stroke=\" red \"",
            "style=\" fill : red ; stroke:url(#b) \"",
            "style=\"opacity:.5\"",
            "xml:space=\"preserve\"",
            "xml:space=\"default\"",
            "href=\"#a\"",
            "xlink:href=\"#\u{30a2}\"",
            "x=\" 1  2\"",
            "d=\"M 0,0\n h 9\"",
            "transform=\"rotate( 4 )\"",
            "aria-label=\"x\"",
            "font-family=\"'A;b', &quot;C&quot;\"",
            "opacity=\".50\"",
            "mask=\"url(#m)\"",
            "unknown=\"x\"",
            "begin=\"1s\"",
            "points=\"1 1\"",
            "rotate=\"1\"",
        ];
        prop::collection::btree_map(0..pairs.len(), Just(()), 0..4).prop_map(move |chosen| {
            let mut seen = Vec::new();
            let mut out = String::new();
            for (index, ()) in chosen {
                let name = pairs[index].split('=').next().unwrap();
                if !seen.contains(&name) {
                    seen.push(name);
                    out = format!("{out} {}", pairs[index]);
                }
            }
            out
        })
    };
    let words =
        select(&["words", " a  b\n", "", "&#13;", "&gt;\u{a0}"][..]).prop_map(str::to_owned);
    let names = &[
        "g",
        "path",
        "rect",
        "text",
        "tspan",
        "use",
        "title",
        "symbol",
        "linearGradient",
        "switch",
        "a",
        "metadata",
        "defs",
        "textPath",
    ][..];
    let leaf = prop_oneof![
        words,
        (select(names), attributes())
            .prop_map(|(name, attributes)| format!("<{name}{attributes}/>"))
    ];
    leaf.prop_recursive(4, 30, 4, move |inner| {
        (select(names), attributes(), prop::collection::vec(inner, 0..4)).prop_map(
            |(name, attributes, inner)| format!("<{name}{attributes}>{}</{name}>", inner.concat()),
        )
    })
}

fn whole(inner: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         xmlns:i=\"http://www.inkscape.org/namespaces/inkscape\" viewBox=\"0 0 24 24\">{inner}</svg>"
    )
}

fn judge(source: &str) -> bool {
    [BELL, CARD].into_iter().all(|parts| {
        let drawing = outcome(source.as_bytes(), parts).0;
        drawing.is_some_and(|drawing| !settled(&drawing, source.as_bytes(), parts).is_empty())
    })
}

proptest! {
    #![proptest_config(belfry_testing::config(600))]

    #[test]
    fn wild_trees_are_harmless(inner in tree()) {
        judge(&whole(&inner));
    }

    #[test]
    fn tame_trees_are_stable(inner in prop::collection::vec(tame(), 0..4)) {
        judge(&whole(&inner.concat()));
    }

    #[test]
    fn any_text_is_harmless(inner in "[ -~\n<>&;\"'=/]{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        judge(&whole(&inner));
        judge(&inner);
        outcome(&bytes, BELL);
    }

    #[test]
    fn recombined_corpus_files_are_harmless(one in any::<Index>(), other in any::<Index>(), from in any::<Index>(), to in any::<Index>(), folder in any::<bool>()) {
        let (benign, hostile) = (corpus::real(), if folder { corpus::cases("svg/hostile") } else { corpus::real() });
        let (one, other) = (&one.get(&benign).1, &other.get(&hostile).1);
        if other.is_empty() {
            return Ok(());
        }
        let (one, other) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
        let starts: Vec<usize> = one.match_indices('<').map(|(at, _)| at).collect();
        let pieces: Vec<&str> = other.split_inclusive('>').collect();
        let at = *from.get(&starts);
        judge(&format!("{}{}{}", &one[..at], to.get(&pieces), &one[at..]));
        judge(&one[..at]);
    }
}

#[test]
fn most_tame_trees_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(tame(), 0..4);
    let accepted = (0..200)
        .filter(|_| judge(&whole(&strategy.new_tree(&mut runner).unwrap().current().concat())))
        .count();
    assert!(accepted > 80, "{accepted}");
}
