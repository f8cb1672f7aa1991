//! Fuzz targets of the theme compiler: bytes become an upload, and what the compiler accepts is
//! checked by an oracle that shares no code with it. Must not depend on the compiler's internals.
//!
//! An input is a file, or a digit and a fragment of a file: most mutations of a whole file are no
//! longer parsed at all, while fragments reach deeper code.

pub mod oracle;

use belfry_theme::{File, Upload};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"360\" height=\"120\" viewBox=\"0 0 360 120\">";
const TITLE: &str = "<text data-slot=\"title\" x=\"70\" y=\"30\" font-size=\"16\">Title</text>";

/// A drawing: as a bell, or after a digit as a card, or as a fragment of either.
///
/// Returns whether it was accepted, so that a test can check that the oracle had something to
/// inspect.
pub fn drawing(bytes: &[u8]) -> bool {
    let (mode, rest) = split(bytes);
    let around = |before: String, after: &str| [before.as_bytes(), rest, after.as_bytes()].concat();
    let shapes = "<g id=\"a\" class=\"a\"><path id=\"b\" class=\"b\" d=\"M0 0h9v9z\"/><text class=\"c\" y=\"9\">9</text></g>";
    let (file, whole) = match mode {
        b'1' => (File::Card, rest.to_vec()),
        b'2' => (File::Bell, around(SVG.to_owned(), "</svg>")),
        b'3' => (
            File::Card,
            around(
                format!("{SVG}<rect width=\"360\" height=\"120\" fill=\"#fff\"/>{TITLE}"),
                "</svg>",
            ),
        ),
        b'4' => (File::Bell, around(format!("{SVG}<style>"), &format!("</style>{shapes}</svg>"))),
        b'5' => {
            (File::Card, around(format!("{SVG}<style>"), &format!("</style>{shapes}{TITLE}</svg>")))
        }
        b'6' => (
            File::Bell,
            around(format!("{SVG}{shapes}<rect width=\"9\" height=\"9\" "), "/></svg>"),
        ),
        b'7' => (
            File::Bell,
            around(format!("{SVG}{shapes}<rect width=\"9\" height=\"9\" style=\""), "\"/></svg>"),
        ),
        b'8' => (
            File::Bell,
            around(
                format!("{SVG}{shapes}<rect width=\"9\" height=\"9\"><animate dur=\"1s\" "),
                "/></rect></svg>",
            ),
        ),
        b'9' => (
            File::Bell,
            around(
                format!("{SVG}<filter id=\"f\">"),
                "</filter><rect filter=\"url(#f)\" width=\"9\" height=\"9\"/></svg>",
            ),
        ),
        _ => (File::Bell, bytes.to_vec()),
    };
    let whole = Some(whole.as_slice());
    judge(&if file == File::Card {
        Upload { card: whole, ..Upload::default() }
    } else {
        Upload { bell: whole, ..Upload::default() }
    })
}

/// A style sheet, or after a digit a fragment of one.
pub fn sheet(bytes: &[u8]) -> bool {
    let whole = styled(bytes);
    judge(&Upload { css: Some(&whole), ..Upload::default() })
}

/// Bell, card and style sheet, separated by a byte that occurs in no text; an empty file is absent.
pub fn theme_of_three(bytes: &[u8]) -> bool {
    let mut pieces = bytes.splitn(3, |byte| *byte == 0xff);
    let mut wrapped = |before: &str, after: &str| {
        let piece = pieces.next().filter(|piece| !piece.is_empty())?;
        Some(if piece.starts_with(b"<") {
            piece.to_vec()
        } else {
            [before.as_bytes(), piece, after.as_bytes()].concat()
        })
    };
    let bell = wrapped(SVG, "</svg>");
    let card = wrapped(&format!("{SVG}{TITLE}"), "</svg>");
    let css = pieces.next().map(styled);
    judge(&Upload { bell: bell.as_deref(), card: card.as_deref(), css: css.as_deref() })
}

fn styled(bytes: &[u8]) -> Vec<u8> {
    let (mode, rest) = split(bytes);
    let around = |before: &str, after: &str| [before.as_bytes(), rest, after.as_bytes()].concat();
    match mode {
        b'1' => around(".title{", "}"),
        b'2' => around("", "{color:red}"),
        b'3' => around(":root{", "}"),
        b'4' => around("@keyframes a{from{", "}}.item{animation:a 1s}"),
        b'5' => around("@media ", "{.item{color:red}}"),
        b'6' => around("@supports ", "{.item{color:red}}"),
        b'7' => around("@container ", "{.item{color:red}}"),
        b'8' => around(".item{background:", "}"),
        b'9' => around(".list{.item{", "}}"),
        _ => bytes.to_vec(),
    }
}

fn split(bytes: &[u8]) -> (u8, &[u8]) {
    bytes.split_first().map_or((0, bytes), |(first, rest)| (*first, rest))
}

/// Compiles, and panics on a violation.
fn judge(upload: &Upload<'_>) -> bool {
    let compiled = match belfry_theme::compile(upload) {
        Ok(compiled) => compiled,
        Err(refusal) => {
            assert!(!refusal.problems.is_empty(), "the rejection has a reason");
            for problem in refusal.problems.iter().chain(&refusal.warnings) {
                assert!(
                    problem.line > 0
                        && problem.column > 0
                        && !problem.reason.to_string().is_empty(),
                    "{problem:?}"
                );
            }
            return false;
        }
    };
    if let Err(found) = oracle::check(upload, &compiled) {
        panic!("{found}\n\n{:?}\n\n{}", compiled.sanitized, compiled.stylesheet.body);
    }
    let cleaned = |file| {
        compiled.sanitized.iter().find(|(known, _)| *known == file).map(|(_, text)| text.as_bytes())
    };
    let again =
        Upload { bell: cleaned(File::Bell), card: cleaned(File::Card), css: cleaned(File::Css) };
    match belfry_theme::compile(&again) {
        Ok(again) => {
            assert_eq!(again.sanitized, compiled.sanitized, "cleaning is idempotent");
            assert_eq!(
                again.stylesheet.body, compiled.stylesheet.body,
                "the cleaned file renders the same"
            );
        }
        Err(refusal) => {
            panic!(
                "what was cleaned is refused: {:?}\n\n{:?}",
                refusal.problems, compiled.sanitized
            )
        }
    }
    true
}
