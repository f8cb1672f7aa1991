//! Costs of rendering a message, and of compiling a theme (criterion). A themed card has the same
//! HTML as any other, because the theme is a separate style sheet; both kinds are measured so that
//! this stays true.

#![expect(clippy::unwrap_used, reason = "a bench that can't begin has nothing to say")]

use belfry_app::parse_message;
use belfry_content::markdown;
use belfry_domain::{
    InsertPosition, Message, MessageAudience, Position, Site, SiteDraft, SystemRng, Timestamp,
};
use belfry_theme::{Upload, builtin::BUILTIN_THEMES, compile};
use criterion::{Criterion, criterion_group, criterion_main};
use std::{collections::BTreeMap, hint::black_box, time::Duration};

const NOW: Timestamp = Timestamp::from_millis(1_796_112_000_000);
const MESSAGE: &str = r#"{"audience":"everyone","category":"orders","content":{"en":{
    "title":"Order 1042 is on its way","body":"Your **Halo lamp** left the workshop. Expect it *tomorrow*, [or later](https://shop.example/orders/1042).",
    "link":"https://shop.example/orders/1042","image":"https://shop.example/lamp.png",
    "actions":[{"label":"Track","link":"https://shop.example/track"},{"label":"Change the day","link":"https://shop.example/day"}]}}}"#;

fn site() -> Site {
    let origins = vec!["https://shop.example".parse().unwrap()];
    SiteDraft::new("Shop", origins, "#bell", InsertPosition::default(), "en".parse().unwrap())
        .unwrap()
        .into_site(&SystemRng, NOW)
}

fn message(site: &Site) -> Message {
    let draft = parse_message(MESSAGE.as_bytes(), NOW).unwrap();
    let content: BTreeMap<_, _> = draft.content;
    Message {
        id: belfry_domain::MessageId::from_bytes([7; 16]),
        site: site.id,
        audience: MessageAudience::Everyone,
        content,
        category: draft.category,
        data: None,
        pinned: false,
        created_at: NOW,
        publish_at: NOW.minus(Duration::from_mins(5)),
        expires_at: None,
        edited_at: None,
        recalled_at: None,
        position: Position(1),
        name: None,
        is_test: false,
    }
}

fn cards(criterion: &mut Criterion) {
    let site = site();
    let message = message(&site);
    let language = "en".parse().unwrap();
    let body = &message.content.values().next().unwrap().body;
    criterion.bench_function("card, whatever the theme", |bencher| {
        bencher.iter(|| belfry_widget::card(&site, black_box(&message), &language, NOW));
    });
    criterion.bench_function("the body in it", |bencher| {
        bencher.iter(|| markdown::to_html(black_box(body)));
    });
}

fn themes(criterion: &mut Criterion) {
    for theme in &BUILTIN_THEMES {
        let upload = Upload {
            bell: theme.bell.map(str::as_bytes),
            card: theme.card.map(str::as_bytes),
            css: theme.css.map(str::as_bytes),
        };
        let kilobytes = compile(&upload).unwrap().stylesheet.body.len().div_ceil(1_000);
        criterion.bench_function(&format!("compile {} to {kilobytes} kB", theme.name), |bencher| {
            bencher.iter(|| compile(black_box(&upload)).unwrap());
        });
    }
    // Ten symbols, each of which uses the previous one ten times.
    let level = |level: usize| {
        format!("<g id=\"l{level}\">{}</g>", format!("<use href=\"#l{}\"/>", level - 1).repeat(10))
    };
    let levels = (1..10).map(level).collect::<Vec<_>>().concat();
    let bomb = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><defs><path id=\"l0\" d=\"M0 0h1\"/>{levels}</defs><use href=\"#l9\"/></svg>"
    );
    let upload = Upload { bell: Some(bomb.as_bytes()), ..Upload::default() };
    criterion.bench_function("refuse ten thousand million uses", |bencher| {
        bencher.iter(|| compile(black_box(&upload)).unwrap_err());
    });
}

criterion_group!(benches, cards, themes);
criterion_main!(benches);
