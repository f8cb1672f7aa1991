//! Randomly generated sheets: none causes a panic, and accepted ones are clean and stable.

use super::{AT, Report, canonical, corpus, drawing_sheet, oracle, theme};
use proptest::prelude::*;

const PIECES: &[&str] = &[
    ".item",
    ".title",
    ".panel",
    ":root",
    "html",
    "*",
    "a",
    "&",
    "&:hover",
    "::before",
    ":is(",
    ":not(",
    ":has(",
    ":nth-child(2n+1)",
    ":dir(rtl)",
    "[aria-current]",
    "[dir=\"rtl\"]",
    ":lang(ar)",
    "html",
    "::selection",
    "::-webkit-scrollbar",
    ".unknown",
    ".a\\:b",
    "[href^=\"x\"]",
    "#known",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ":",
    ",",
    " ",
    "\n",
    "\\",
    "/*",
    "*/",
    "\"",
    "'",
    "<",
    ">",
    "+",
    "~",
    "!important",
    "@media ",
    "(prefers-color-scheme: dark)",
    "(width > 400px)",
    " and ",
    "@supports ",
    "@container ",
    "@keyframes x",
    "from",
    "50%",
    "@import ",
    "@layer x",
    "@font-face",
    "@charset \"utf-8\";",
    "@layer x { .item { color: red } }",
    "@page { margin: 0 }",
    "<!--",
    "-->",
    "cursor: not-allowed",
    "color-scheme: dark",
    "pointer-events: none",
    "-webkit-text-fill-color: transparent",
    "padding: env(x)",
    "--brand: red",
    "color: red",
    "color: light-dark(#fff, black)",
    "background: url(https://evil.example/x)",
    "background: linear-gradient(red, blue)",
    "fill: url(#known)",
    "--belfry-x: 4px",
    "--x: 1",
    "var(--belfry-x)",
    "var(--belfry-x, 9999px)",
    "margin: ",
    "padding: 4px",
    "left: ",
    "-9999px",
    "calc(1px + 2em)",
    "calc(var(--belfry-x) * 2)",
    "font: 600 14px/1.5 \"Inter\", serif",
    "content: \"→\"",
    "content: \"</style>\"",
    "position: absolute",
    "position: fixed",
    "transform: scale(2) rotate(10deg)",
    "animation: x 1s infinite",
    "transition: color .2s",
    "box-shadow: 0 0 4px red",
    "\\75rl(x)",
    "\\",
    "\\26 B",
    "\u{e9}",
    "\u{1f600}",
    "url(",
    "image-set(\"x\" 1x)",
    "expression(1)",
    "1e400px",
    "0",
    "none",
    "grid-template-areas: \"a b\" \"c d\"",
    "display: grid",
    "-webkit-line-clamp: 2",
];

/// Whole rules, which are accepted far more often than fragments.
const RULES: &[&str] = &[
    ".item { color: red }",
    ".item:hover, .title { margin: -4px 0 calc(1px + .5em); }",
    ".item { &:hover { color: blue } .title & { color: red } > a { opacity: .5 } }",
    "@media (prefers-color-scheme: dark) { .item { color: white } @media (width >= 300px) { .title { color: red } } }",
    "@media screen and (400px <= width < 700px) { .item { color: white } }",
    "@media not all and (hover) { .item { color: white } }",
    "@supports (display: grid) and (not (display: inline-grid)) { .item { display: grid } }",
    "@container (width < 400px) and (orientation: landscape) { .item { display: grid } }",
    "@keyframes x { 0%, 50% { opacity: 0 } to { opacity: 1 } }",
    ":root { --belfry-x: 4px; --belfry-y: var(--belfry-x) var(--belfry-x) }",
    ".item { padding: var(--belfry-y, 2px); transition: all .2s ease-in 20ms, color 1s }",
    ".item::before { content: '*'; position: absolute; inset: 0 }",
    ".panel { background: color-mix(in srgb, red, blue 20%) linear-gradient(in oklch, red, blue) 0 0 / cover; background-position: right 4px top 2px }",
    ".panel { font: italic small-caps 600 1rem/1.4 'A B', \"C\"; grid: 'a b' 1fr 'c d' / auto 2fr; }",
    ".item:is(.unread, .pinned):not(:hover) > .title ~ .meta { color: rgb(1 2 3 / 40%) !ie }",
    ".item { transform: translate(10%, 2px) scale(1.5) rotate(0.5turn); border-image: linear-gradient(red, blue) 1 / 2px }",
    ".st0 { fill: url(#known) red; stroke-width: 1.50; -inkscape-x: 1 }",
    "text { font-size: 12; fill: rgb(10%, 20%, 30%) !important }",
    ".item { width: min(100%, 20em - 4px); filter: blur(2px) drop-shadow(0 1px 2px #0003) }",
];

#[expect(clippy::unnecessary_wraps, reason = "the signature of the callback that renames ids")]
fn same(id: &str) -> Option<String> {
    Some(id.to_owned())
}

/// The invariants of any source.
fn holds(source: &str) {
    let mut report = Report::default();
    if let Some(scoped) = theme(source, &mut report) {
        assert!(!report.is_rejected(), "{source}");
        assert_eq!(oracle::theme(&scoped), Ok(()), "{source}\n{scoped}");
        let once = canonical(source, &mut Report::default()).unwrap();
        assert_eq!(canonical(&once, &mut Report::default()).as_ref(), Some(&once), "{source}");
        assert_eq!(theme(&once, &mut Report::default()), Some(scoped), "{source}");
    } else {
        assert!(report.is_rejected(), "{source}");
    }
    let mut report = Report::default();
    if let Some(sheet) = drawing_sheet(source, AT, &same, &mut report) {
        assert!(!report.is_rejected(), "{source}");
        assert_eq!(
            oracle::drawing(&sheet.text.replace("url(#", "url(#x-known) (")),
            Ok(()),
            "{source}\n{}",
            sheet.text
        );
        assert_eq!(
            drawing_sheet(&sheet.text, AT, &same, &mut Report::default()),
            Some(sheet),
            "{source}"
        );
    } else {
        assert!(report.is_rejected(), "{source}");
    }
}

proptest! {
    #![proptest_config(belfry_testing::config(400))]

    #[test]
    fn random_pieces_are_rejected_or_clean(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        holds(&pieces.concat());
    }

    #[test]
    fn random_declarations_are_rejected_or_clean(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..8)) {
        holds(&format!(".item {{ {} }}", pieces.join("; ")));
        holds(&format!(".item {{ {} }}", pieces.concat()));
    }

    #[test]
    fn rules_with_a_stray_piece_are_rejected_or_clean(
        rules in prop::collection::vec(prop::sample::select(RULES), 0..6), piece in prop::sample::select(PIECES), at in 0.0..1.0_f64, stray in any::<bool>(),
    ) {
        let mut source = rules.join("\n");
        if stray {
            let length = source.chars().count();
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a short text")]
            let place = (length as f64 * at) as usize;
            let (before, after): (String, String) = (source.chars().take(place).collect(), source.chars().skip(place).collect());
            source = before + piece + &after;
        }
        holds(&source);
    }

    #[test]
    fn any_text_is_rejected_or_clean(source in "\\PC{0,60}") {
        holds(&source);
    }
}

#[test]
fn every_prefix_of_every_case_is_rejected_or_clean() {
    for folder in ["css/hostile", "css/benign", "drawing-css/hostile", "drawing-css/benign"] {
        for (_, source) in corpus::cases(folder) {
            for (offset, _) in source.char_indices().step_by(9) {
                holds(&source[..offset]);
            }
            holds(&source);
        }
    }
}
