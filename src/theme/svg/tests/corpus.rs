//! Every drawing of the corpus, and files that are not text.

use super::super::super::css::describe;
use super::super::super::tests::table::{Case, root, tables};
use super::{BELL, CARD, outcome, settled};

/// The drawings exported by real tools, which are long and therefore separate files.
pub(super) fn real() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(root().join("svg/benign"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Every drawing of the tables with this prefix.
pub(super) fn cases(start: &str) -> Vec<(String, Vec<u8>)> {
    tables(start)
        .into_iter()
        .flat_map(|table| table.cases)
        .map(|Case { name, input, .. }| (name, input))
        .collect()
}

fn found(case: &Case) -> (Vec<String>, Option<String>) {
    let Case { name, input, .. } = case;
    let (drawing, refused, warnings) = outcome(input, CARD);
    let text = String::from_utf8_lossy(input);
    for problem in refused.iter().chain(&warnings) {
        let line = text
            .split('\n')
            .nth(usize::try_from(problem.line - 1).unwrap())
            .unwrap_or_else(|| panic!("{name}: {problem}"));
        assert!(
            usize::try_from(problem.column).unwrap() <= line.chars().count() + 1,
            "{name}: {problem}"
        );
        assert!(
            problem.column >= 1
                && !problem.reason.to_string().is_empty()
                && !problem.what.is_empty(),
            "{name}: {problem}"
        );
    }
    (describe(&refused, &warnings), drawing.map(|drawing| settled(&drawing, input, CARD)))
}

#[test]
fn hostile_drawings_match_the_tables() {
    let wrong: Vec<String> =
        tables("svg/hostile").into_iter().flat_map(|table| table.compare(found)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases("svg/hostile").len() >= 230);
}

#[test]
fn drawings_with_dropped_content_match_the_table() {
    let wrong: Vec<String> =
        tables("svg/left-out").into_iter().flat_map(|table| table.compare(found)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for case in tables("svg/left-out").into_iter().flat_map(|table| table.cases) {
        assert!(case.output.is_some() && !case.diagnostics.is_empty(), "{}", case.name);
    }
}

#[test]
fn rejections_say_how_to_fix_them() {
    let all = cases("svg/hostile");
    for (name, word) in [
        ("foreign-object", "export text as text, not as HTML"),
        ("doctype-entity", "Preserve Illustrator Editing Capabilities"),
        ("root-no-namespace", "the file must begin with <svg xmlns="),
        ("size-missing", "add a viewBox"),
        ("bomb-use", "through references"),
        ("bomb-use-circle", "leads back to itself"),
        ("bomb-depth", "ungroup"),
        ("link-javascript-soft-hyphen", "remove the link"),
    ] {
        let (_, bytes) = all.iter().find(|(known, _)| known == name).unwrap();
        let (_, refused, _) = outcome(bytes, BELL);
        assert!(refused[0].reason.to_string().contains(word), "{}", refused[0]);
    }
}

#[test]
fn real_drawings_are_accepted_and_stable() {
    let files = real();
    assert!(files.len() >= 15);
    for (name, bytes) in &files {
        let parts = if name.contains("card") { CARD } else { BELL };
        let (drawing, refused, _) = outcome(bytes, parts);
        let drawing = drawing.unwrap_or_else(|| panic!("{name}: {refused:?}"));
        settled(&drawing, bytes, parts);
    }
}

#[test]
fn real_drawings_lose_nothing_visible() {
    for (name, bytes) in &real() {
        let (drawing, _, warnings) = outcome(bytes, BELL);
        let printed = drawing.unwrap().print();
        let source = String::from_utf8_lossy(bytes);
        for element in [
            "<path",
            "<rect",
            "<circle",
            "<linearGradient",
            "<stop",
            "<fe",
            "<mask",
            "<pattern",
            "<text",
            "<tspan",
            "<use",
            "<image",
            "<animate",
        ] {
            // A `<switch>` keeps one of its two children.
            let expected = source.replace("svg:", "").matches(element).count()
                - usize::from(name == "switch-and-link" && element == "<rect");
            assert_eq!(printed.matches(element).count(), expected, "{name} {element}");
        }
        let diagnostics: Vec<String> =
            warnings.iter().map(|problem| problem.what.clone()).collect();
        let expected: &[&str] = match name.as_str() {
            "figma-masks" => &["fill=\"url(#missing_paint)\""],
            "switch-and-link" => &["systemLanguage", "<a>"],
            _ => &[],
        };
        assert_eq!(diagnostics, expected, "{name} {warnings:?}");
    }
}

#[test]
fn parts_are_found_in_exports_of_every_tool() {
    let slots = |name: &str, parts: &[&str]| {
        let bytes = real().into_iter().find(|(found, _)| found == name).unwrap().1;
        let printed = outcome(&bytes, parts).0.unwrap().print();
        let found = printed
            .split("data-slot=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned());
        found.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(slots("figma-bell", BELL), "badge");
    assert_eq!(slots("illustrator-bell", BELL), "badge");
    assert_eq!(slots("inkscape-bell", BELL), "badge count");
    assert_eq!(slots("figma-card", CARD), "title body time image action-1 action-2 unread");
    assert_eq!(slots("illustrator-card", CARD), "title body action-1 action-2");
    assert_eq!(slots("japanese", CARD), "title");
}

#[test]
fn non_text_bytes_are_rejected() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";
    let wide = |big: bool| {
        svg.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect::<Vec<u8>>()
    };
    let mut cases: Vec<Vec<u8>> = vec![
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec(),
        [b"\xff\xfe".to_vec(), wide(false)].concat(),
        [b"\xfe\xff".to_vec(), wide(true)].concat(),
        wide(false),
        b"\x00\x00\xfe\xff\x00\x00\x00<".to_vec(),
        svg.replace("<svg", "\u{c0}\u{bc}svg").into_bytes(),
        [svg.as_bytes(), b"\0"].concat(),
        [b"\xc0\xbcscript\xc0\xbe".to_vec(), svg.as_bytes().to_vec()].concat(),
        svg.replace("/>", "><!-- \u{1} --></svg>").into_bytes(),
        [b"\xef\xbb\xbf\xef\xbb\xbf".to_vec(), svg.as_bytes().to_vec()].concat(),
        b"\x89PNG\r\n\x1a\n".to_vec(),
    ];
    let long = svg.replace("/>", &format!("><path d=\"M0 0{}\"/></svg>", "h1".repeat(40_000)));
    let many = svg.replace("/>", &format!(">{}</svg>", "<g/>".repeat(5_000)));
    let comments = svg.replace("/>", &format!(">{}</svg>", "<!---->".repeat(20_000)));
    let words = svg.replace("/>", &format!("><text>{}</text></svg>", "w".repeat(20_000)));
    cases.extend([long, many, comments, words].map(String::into_bytes));
    for bytes in cases {
        let (drawing, refused, _) = outcome(&bytes, BELL);
        assert!(drawing.is_none() && !refused.is_empty(), "{:?}", &bytes[..bytes.len().min(40)]);
    }
    let (drawing, refused, _) =
        outcome(&[b"\xef\xbb\xbf".to_vec(), svg.as_bytes().to_vec()].concat(), BELL);
    assert!(drawing.is_some(), "{refused:?}");
}

#[test]
fn equal_ids_of_two_drawings_are_renamed_apart() {
    let file = |fill: &str| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><g id=\"a\" fill=\"{fill}\"/><use href=\"#a\"/></svg>"
        )
    };
    let id = |fill: &str| {
        let printed = outcome(file(fill).as_bytes(), BELL).0.unwrap().print();
        printed.split("href=\"#").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_ne!(id("red"), id("tan"));
    assert_eq!(id("red"), id("red"));
}

#[test]
fn rejected_file_does_not_reject_the_next() {
    let mut report = super::Report::default();
    let good = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";
    assert!(super::super::read(super::File::Bell, b"", BELL, &mut report).is_none());
    assert!(super::super::read(super::File::Card, good.as_bytes(), CARD, &mut report).is_some());
    assert!(report.is_rejected());
}
