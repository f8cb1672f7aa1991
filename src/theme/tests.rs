//! Whole themes: the results of compilation, that compiling a compiled theme changes nothing, and
//! that a theme is rejected as a whole.

pub(super) mod table;

use super::{CompiledTheme, Diagnostics, File, Upload, builtin::BUILTIN_THEMES, compile};

const CARD: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="400" height="120" viewBox="0 0 400 120">
<rect x="8" y="4" width="384" height="112" rx="12" fill="#ffffff" stroke="#dddddd"/>
<circle cx="370" cy="16" r="4" fill="#ff0055"/>
<circle id="unread" cx="20" cy="28" r="4" fill="#0055ff"/>
<rect id="image" x="32" y="20" width="48" height="48" rx="8"/>
<text id="title" x="92" y="34" font-size="15" font-weight="600" fill="#111111">A title</text>
<text id="time" x="376" y="34" font-size="12" text-anchor="end" fill="#555555">2 min</text>
<text id="body" x="92" y="56" font-size="13" fill="#444444">A body</text>
<g id="action-1"><rect x="92" y="76" width="80" height="28" rx="6" fill="#0044cc"/><text x="132" y="94" font-size="13" text-anchor="middle" fill="#ffffff">Do it</text></g>
</svg>"##;

fn card(source: &str) -> Result<CompiledTheme, Diagnostics> {
    compile(&Upload { card: Some(source.as_bytes()), ..Upload::default() })
}

fn bell(source: &str) -> CompiledTheme {
    compile(&Upload { bell: Some(source.as_bytes()), ..Upload::default() })
        .unwrap_or_else(|rejection| panic!("{:?}", rejection.problems))
}

fn svg(size: u32, content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\">{content}</svg>"
    )
}

/// The declarations of the last rule with this selector.
fn rule<'a>(compiled: &'a CompiledTheme, selector: &str) -> &'a str {
    let sheet = &compiled.stylesheet.body;
    let start = sheet
        .rfind(&format!("}}{selector}{{"))
        .unwrap_or_else(|| panic!("no rule {selector} in {sheet}"))
        + selector.len()
        + 2;
    sheet[start..].split('}').next().unwrap()
}

#[test]
fn texts_keep_position_style_and_end_distance() {
    let compiled = card(CARD).unwrap();
    assert_eq!(
        rule(&compiled, ".title"),
        "grid-area:1/1;margin-block:0px 0;margin-inline:calc(92px - var(--gain-start,0px)) 130px;font-size:15px;line-height:21px;font-weight:600;color:#111111;"
    );
    assert!(
        rule(&compiled, ".when").contains("justify-self:end;margin-inline:8px 24px;"),
        "{}",
        rule(&compiled, ".when")
    );
    assert!(rule(&compiled, ".body").starts_with("grid-area:2/1;"), "{}", rule(&compiled, ".body"));
    assert!(
        rule(&compiled, ".actions").starts_with("grid-area:3/1;"),
        "{}",
        rule(&compiled, ".actions")
    );
    let action = rule(&compiled, ".action");
    for wanted in
        ["min-height:28px", "background:#0044cc", "border-radius:6px", "color:#ffffff", "border:0"]
    {
        assert!(action.contains(wanted), "{wanted} in {action}");
    }
    let picture = rule(&compiled, ".picture");
    for wanted in ["width:48px", "height:48px", "border-radius:8px", "margin-inline:32px 0"] {
        assert!(picture.contains(wanted), "{wanted} in {picture}");
    }
    assert!(
        rule(&compiled, ".item:not(:has(>.picture))").contains("--gain-start:60px"),
        "the text takes the space of an absent picture"
    );
}

#[test]
fn picture_is_cut_in_plain_areas() {
    let compiled = card(CARD).unwrap();
    let frame = rule(&compiled, ".item::before");
    let numbers = frame.split(") ").nth(1).unwrap().split(" fill").next().unwrap();
    let cuts: Vec<f64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
    let [top, right, bottom, left] = cuts[..] else { panic!("{frame}") };
    assert!(top >= 21.0, "below the spot in the corner: {top}");
    assert!(
        400.0 - right <= 365.0 && left >= 92.0,
        "within the title and left of the spot: {left} {right}"
    );
    assert!(bottom >= 16.0, "above the rounded corners: {bottom}");
    assert!(120.0 - bottom - top > 40.0, "the widest plain band");
}

#[test]
fn unread_part_is_only_in_the_unread_picture() {
    let compiled = card(CARD).unwrap();
    let (read, unread) = (rule(&compiled, ".item::before"), rule(&compiled, ".unread::before"));
    assert!(!read.contains("%2305f") && unread.contains("%2305f"));
    assert!(
        !read.contains("A title") && !unread.contains("A title"),
        "the picture contains no text of a slot"
    );
    assert!(!unread.contains("%2304c"), "the picture contains no button");
    let plain = card(&CARD.replace("id=\"unread\"", "")).unwrap();
    assert!(!plain.stylesheet.body.contains(".unread::before"));
    assert!(plain.warnings.iter().any(|warning| warning.what == "unread"));
}

#[test]
fn missing_title_rejects_card_and_other_parts_warn() {
    let rejection = card(&CARD.replace("id=\"title\"", "")).unwrap_err();
    assert_eq!(rejection.problems.len(), 1);
    assert_eq!(
        (rejection.problems[0].file, rejection.problems[0].what.as_str()),
        (File::Card, "title")
    );
    let lines: Vec<String> =
        card(CARD).unwrap().warnings.into_iter().map(|warning| warning.what).collect();
    assert_eq!(lines, ["category", "archive"]);
}

#[test]
fn low_contrast_text_warns_with_place() {
    let warnings = card(&CARD.replace("fill=\"#444444\"", "fill=\"#cccccc\"")).unwrap().warnings;
    let matches: Vec<_> = warnings.iter().filter(|warning| warning.what == "body").collect();
    assert_eq!(matches.len(), 2, "on light and on dark pages: {warnings:?}");
    assert_eq!(matches[0].line, 8);
    assert!(matches[0].reason.to_string().contains("contrast of 1.6"), "{}", matches[0].reason);
}

#[test]
fn dark_page_uses_dark_colours_of_drawing() {
    let style = "<style>.t { fill: #111111 } @media (prefers-color-scheme: dark) { .t { fill: #eeeeee } }</style><rect x=\"8\"";
    let source = CARD
        .replacen("<rect x=\"8\"", style, 1)
        .replace("font-weight=\"600\" fill=\"#111111\"", "class=\"t\"");
    let compiled = card(&source).unwrap();
    assert!(
        rule(&compiled, ".title").contains("color:light-dark(#111111,#eeeeee)"),
        "{}",
        rule(&compiled, ".title")
    );
}

#[test]
fn drawing_in_current_color_becomes_mask() {
    let mask = bell(&svg(24, "<path d=\"M4 4h16v16H4z\" fill=\"none\" stroke=\"currentColor\"/>"));
    assert!(
        rule(&mask, ".bell::before").contains("mask:url(")
            && mask.critical_css.contains("background-color:currentColor")
    );
    for coloured in [
        "<path d=\"M4 4h16v16H4z\" fill=\"teal\"/>",
        "<path d=\"M4 4h16v16H4z\"/><path d=\"M1 1h2\" stroke=\"currentColor\"/>",
    ] {
        assert!(
            rule(&bell(&svg(24, coloured)), ".bell::before").contains(";background:url("),
            "{coloured}"
        );
    }
}

#[test]
fn bell_has_picture_per_state_and_real_count() {
    let parts = "<path d=\"M8 8h24v24H8z\" fill=\"teal\"/><g id=\"empty\"><path d=\"M1 1h1v1z\" fill=\"#111\"/></g><g id=\"unread\"><path d=\"M2 2h1v1z\" fill=\"#222\"/></g>\
                 <g id=\"badge\"><circle cx=\"30\" cy=\"10\" r=\"8\" fill=\"#e00\"/><text id=\"count\" x=\"30\" y=\"13\" font-size=\"9\" font-weight=\"700\" text-anchor=\"middle\" fill=\"#fff\">3</text></g>";
    let compiled = bell(&svg(40, parts));
    let (empty, unread, unseen) = (
        rule(&compiled, ".bell::before"),
        rule(&compiled, ":root:not([data-unread=\"0\"]) .bell::before"),
        rule(&compiled, ":root:not([data-unseen=\"0\"]) .bell::before"),
    );
    assert!(
        empty.contains("%23111") && !empty.contains("%23222") && !empty.contains("%23e00"),
        "{empty}"
    );
    assert!(
        unread.contains("%23222") && !unread.contains("%23111") && !unread.contains("%23e00"),
        "{unread}"
    );
    assert!(
        unseen.contains("%23222") && unseen.contains("%23e00") && !unseen.contains("text"),
        "{unseen}"
    );
    let badge = rule(&compiled, ".badge");
    for wanted in [
        "left:30px",
        "top:9.9px",
        "font-size:9px",
        "font-weight:700",
        "color:#ffffff",
        "background:none",
    ] {
        assert!(badge.contains(wanted), "{wanted} in {badge}");
    }
    assert!(
        !bell(&svg(24, "<path d=\"M4 4h16v16H4z\" fill=\"teal\"/>"))
            .critical_css
            .contains(".badge"),
        "without parts the standard badge lies over the drawing"
    );
}

#[test]
fn small_bell_is_inlined_and_large_one_is_a_file() {
    let small = bell(&svg(24, "<path d=\"M4 4h16v16H4z\" fill=\"teal\"/>"));
    assert!(
        small.pictures.is_empty()
            && small.critical_css.starts_with("@layer drawing{")
            && !small.critical_css.contains('<')
    );
    let shape =
        |number: u32| format!("<path d=\"M{number} {number}h1v1z\" fill=\"#{number:03x}\"/>");
    let large = bell(&svg(240, &(0..200).map(shape).collect::<Vec<_>>().concat()));
    assert_eq!((large.pictures.len(), large.critical_css.as_str()), (1, ""));
    assert!(large.stylesheet.body.contains(&format!("url({})", large.pictures[0].name)));
}

#[test]
fn one_invalid_file_rejects_the_theme() {
    let good = svg(24, "<path d=\"M4 4h16v16H4z\" fill=\"teal\"/>");
    let upload = Upload {
        bell: Some(good.as_bytes()),
        card: Some(
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">\n<script/></svg>",
        ),
        css: Some(b".title { color: teal }"),
    };
    let rejection = compile(&upload).unwrap_err();
    assert_eq!(
        rejection.problems.iter().map(|problem| (problem.file, problem.line)).collect::<Vec<_>>(),
        [(File::Card, 2)]
    );
    assert!(compile(&Upload::default()).is_err());
    assert_eq!(
        compile(&Upload { css: Some(b".a { }\n\xff"), ..Upload::default() }).unwrap_err().problems
            [0]
        .line,
        2
    );
}

#[test]
fn compilation_is_idempotent() {
    for theme in &BUILTIN_THEMES {
        let bytes = |text: Option<&'static str>| text.map(str::as_bytes);
        let once = compile(&Upload {
            bell: bytes(theme.bell),
            card: bytes(theme.card),
            css: bytes(theme.css),
        })
        .unwrap();
        let cleaned = |file| {
            once.sanitized.iter().find(|(known, _)| *known == file).map(|(_, text)| text.as_bytes())
        };
        let twice = compile(&Upload {
            bell: cleaned(File::Bell),
            card: cleaned(File::Card),
            css: cleaned(File::Css),
        })
        .unwrap();
        assert_eq!(once.sanitized, twice.sanitized, "{}", theme.name);
        assert_eq!(
            (&once.critical_css, &once.stylesheet.body, &once.pictures),
            (&twice.critical_css, &twice.stylesheet.body, &twice.pictures),
            "{}",
            theme.name
        );
    }
}

#[test]
fn xlink_href_is_kept() {
    let old = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 24 24\"><defs><path id=\"a\" d=\"M4 4h16v16H4z\"/></defs>\
               <use xlink:href=\"#a\" fill=\"teal\"/></svg>";
    let cleaned = bell(old).sanitized;
    assert!(cleaned[0].1.contains("<use href=\"#t"), "{}", cleaned[0].1);
    // If both attributes are present, browsers use the plain one.
    let both = old
        .replace("<use xlink:href=\"#a\"", "<use xlink:href=\"#a\" href=\"#b\"")
        .replace("</defs>", "<path id=\"b\" d=\"M0 0h1\"/></defs>");
    let cleaned = bell(&both).sanitized;
    assert!(cleaned[0].1.contains("-b\" fill"), "{}", cleaned[0].1);
}

/// Neither many rules for many shapes nor many compound selectors may take long.
#[test]
fn many_rules_for_many_shapes_compile_fast() {
    let shapes = |class: &dyn Fn(usize) -> String| {
        let shape = |number: usize| format!("<path class=\"{}\" d=\"M0 0h1\"/>", class(number));
        (0..3_000).map(shape).collect::<Vec<_>>().concat()
    };
    let card = |rules: &str, shapes: &str| {
        CARD.replacen("<rect x=\"8\"", &format!("<style>{rules}</style>{shapes}<rect x=\"8\""), 1)
    };
    let plain =
        (0..1_900).map(|number| format!(".c{number}{{fill:red}}")).collect::<Vec<_>>().concat();
    let repeated = ".a{fill:red}".repeat(1_900);
    let several =
        (0..1_900).map(|number| format!(".a.c{number}{{fill:red}}")).collect::<Vec<_>>().concat();
    for (rules, class) in [(&plain, "c"), (&repeated, "a"), (&several, "a c")] {
        let source = card(
            rules,
            &shapes(&|number| {
                if class == "a" { "a".to_owned() } else { format!("{class}{number}") }
            }),
        );
        let begun = std::time::Instant::now();
        let compiled = compile(&Upload { card: Some(source.as_bytes()), ..Upload::default() });
        println!("{class} took {:?}", begun.elapsed());
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(20),
            "{class} took {:?}",
            begun.elapsed()
        );
        let code = compiled.err().map(|rejection| rejection.problems[0].code);
        assert_eq!(code, (class == "a c").then_some(super::Code::TooComplex));
    }
}
