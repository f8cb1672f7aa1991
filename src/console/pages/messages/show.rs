//! A message's page: facts, preview, results.

use super::{
    audience,
    compose::{UNDO_WINDOW, named},
    format, list, phrases, preview,
};
use crate::{
    Console,
    error::ConsoleError,
    phrases::{LANGUAGE, Phrase, UiLanguage},
    request_context::Member,
    view::{
        Badge, Button, Chart, ChartPoint, CopyField, Page, Table, Tone, csrf_field, date, grouped,
        grouped_count, language, page,
    },
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::Response,
};
use belfry_domain::{
    Funnel, Language, Message, MessageState, MessageStats, Role, SegmentFunnel, StatsBucket,
    Timestamp,
};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Maximum number of days of a chart.
const MAX_DAYS: usize = 60;
const MAX_HOURS: usize = 48;

/// Query parameters. Counting by segment is requested separately, since it is slow.
#[derive(Deserialize)]
pub(super) struct ShowParams {
    by: Option<String>,
}

const BY_SEGMENT: &str = "segment";

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<ShowParams>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let message = console.app.message(member.site.id, named(&id)?).await?;
    let now = console.app.now();
    let state = MessageState::of(&message, now);
    let writes = member.role >= Role::Editor;
    let to = audience::name(&console, &member, &message).await?;
    let results = if state == MessageState::Scheduled {
        None
    } else {
        let counted = if asked.by.as_deref() == Some(BY_SEGMENT) {
            console.app.message_stats_by_segment(member.site.id, message.id).await?
        } else {
            console.app.message_stats(member.site.id, message.id).await?
        };
        Some(results(&member, &message, &counted, now))
    };
    // Within the undo window it can be undone.
    let soon =
        state == MessageState::Scheduled && writes && message.publish_at <= now.plus(UNDO_WINDOW);
    let undo = soon.then(|| undo(&member, &message, now));
    let languages: Vec<Language> = message.content.keys().cloned().collect();
    let secret = console.app.preview_draft(member.site.id, preview::again(&message), None).await?;
    let content = view! {
        {undo}
        <div class="compose">
            <div class="stack">
                {facts(&member, &message, state, to)}
                {results}
                <section class="narrow">
                    <CopyField lang=lang name="message-id" label=phrases::MESSAGE_ID.t(lang) value=message.id.to_string()/>
                </section>
            </div>
            <aside class="preview" aria-label=phrases::PREVIEW.t(lang)>
                <h2>{phrases::PREVIEW.t(lang)}</h2>
                {preview::view(&member, &languages, Some(secret.reveal()))}
            </aside>
        </div>
    };
    let title = list::title(&message, &member.site);
    let page_of = Page::new(title)
        .for_site(&member, "messages")
        .actions(writes.then(|| actions(&member, &message, state, soon)));
    let mut response = page(&member, page_of, content);
    if soon {
        // Without JavaScript the page reloads once the message is published.
        let seconds = now.until(message.publish_at).as_secs() + 2;
        response.headers_mut().insert(header::REFRESH, HeaderValue::from(seconds));
    }
    Ok(response)
}

fn undo(member: &Member, message: &Message, now: Timestamp) -> Markup {
    let lang = member.lang;
    let left = now.until(message.publish_at).as_millis().to_string();
    let action = member.path(&format!("messages/{}/cancel", message.id));
    view! {
        <form method="post" class="notice undo" action=action data-left=left>
            {csrf_field(member).into_markup()}
            <p role="status">{phrases::SENDING.t(lang)} " " <output data-seconds="1"></output></p>
            <Button name="undo" value="1">{phrases::UNDO.t(lang)}</Button>
        </form>
    }
    .into_markup()
}

fn actions(member: &Member, message: &Message, state: MessageState, soon: bool) -> Markup {
    let lang = member.lang;
    let at = |kind: &str| member.path(&format!("messages/{}/{kind}", message.id));
    let link = |kind: &str, word: Phrase| {
        let href = at(kind);
        view! { <Button href=href>{word.t(lang)}</Button> }.into_markup()
    };
    let cancel = (state == MessageState::Scheduled && !soon).then(|| {
        view! {
            <form method="post" action=at("cancel")>
                {csrf_field(member).into_markup()}
                <Button tone=Tone::Danger>{phrases::CANCEL_SENDING.t(lang)}</Button>
            </form>
        }
        .into_markup()
    });
    let edit = matches!(state, MessageState::Scheduled | MessageState::Live)
        .then(|| link("edit", phrases::EDIT));
    let again = (state != MessageState::Scheduled).then(|| link("resend", phrases::RESEND));
    let recall = (state == MessageState::Live).then(|| {
        let href = at("recall");
        view! { <Button tone=Tone::Danger href=href>{phrases::RECALL.t(lang)}</Button> }
            .into_markup()
    });
    view! { {edit} {link("duplicate", phrases::DUPLICATE)} {again} {recall} {cancel} }.into_markup()
}

fn facts(member: &Member, message: &Message, state: MessageState, to: String) -> Markup {
    let lang = member.lang;
    let (word, tone) = phrases::state(state);
    let sent = if state == MessageState::Scheduled { phrases::GOES_OUT } else { phrases::SENT_AT };
    let times = [
        (sent, Some(message.publish_at)),
        (phrases::UNTIL, message.expires_at),
        (phrases::EDITED_AT, message.edited_at),
        (phrases::RECALLED_AT, message.recalled_at),
    ];
    let times = times
        .into_iter()
        .filter_map(|(word, at)| {
            at.map(|at| view! { <dt>{word.t(lang)}</dt><dd>{date(member, at)}</dd> })
        })
        .collect_view();
    let category = message
        .category
        .clone()
        .map(|category| view! { <dt>{phrases::CATEGORY.t(lang)}</dt><dd>{category}</dd> });
    let pinned = message.pinned.then(|| view! { <Badge>{phrases::PINNED_MARK.t(lang)}</Badge> });
    let languages = message.content.keys().map(format::named).collect::<Vec<_>>().join(", ");
    view! {
        <dl class="facts">
            <dt>{phrases::STATE.t(lang)}</dt>
            <dd><Badge tone=tone>{word.t(lang)}</Badge> " " {pinned}</dd>
            <dt>{phrases::TO.t(lang)}</dt>
            <dd>{to}</dd>
            {times}
            {category}
            <dt>{phrases::REVIEW_LANGUAGES.t(lang)}</dt>
            <dd>{languages}</dd>
        </dl>
    }
    .into_markup()
}

/// A bar of the funnel.
fn bar(lang: UiLanguage, word: Phrase, part: u64, total: u64) -> Markup {
    let width = part.min(total).saturating_mul(1_000).checked_div(total).unwrap_or_default();
    view! {
        <li>
            <span class="what">{word.t(lang)}</span>
            <span class="count">{grouped(part)} " " <small>{format::share(part, total)}</small></span>
            <svg class="share" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
                <path class="ground" d="M0 0h1000v8H0z"></path>
                <path class="part" d=format!("M0 0h{width}v8H0z")></path>
            </svg>
        </li>
    }
    .into_markup()
}

fn results(member: &Member, message: &Message, stats: &MessageStats, now: Timestamp) -> Markup {
    let lang = member.lang;
    let Funnel { audience, reached, seen, read, clicked, archived } = stats.total;
    let steps = [
        (phrases::IN_AUDIENCE, audience),
        (phrases::REACHED, reached),
        (phrases::SEEN, seen),
        (phrases::READ, read),
        (phrases::CLICKED, clicked),
        (phrases::ARCHIVED, archived),
    ];
    let bars = steps.into_iter().map(|(word, part)| bar(lang, word, part, audience)).collect_view();
    let part =
        (stats.counted < audience).then(|| view! { <p class="hint">{phrases::COUNTED_PART.with(lang, &[("count", &grouped_count(stats.counted))])}</p> });
    let charts = if stats.series.is_empty() {
        view! { <p class="hint">{phrases::NO_RESULTS.t(lang)}</p> }.into_markup()
    } else {
        let hourly = message.publish_at.until(now) <= DAY * 2;
        let seen = series(member, message.publish_at, now, hourly, stats, |step| step.seen);
        let read = series(member, message.publish_at, now, hourly, stats, |step| step.read);
        let unit = if hourly { phrases::HOUR } else { phrases::DAY };
        let (seen_word, read_word) = if hourly {
            (phrases::SEEN_BY_HOUR, phrases::BY_HOUR)
        } else {
            (phrases::SEEN_BY_DAY, phrases::BY_DAY)
        };
        view! {
            <div class="charts">
                <Chart lang=lang label=seen_word.t(lang) unit=unit points=seen/>
                <Chart lang=lang label=read_word.t(lang) unit=unit points=read/>
            </div>
        }
        .into_markup()
    };
    view! {
        <section>
            <h2>{phrases::RESULTS.t(lang)}</h2>
            <ul class="funnel">{bars}</ul>
            {part}
            {charts}
            {by_language(lang, stats)}
            {by_segment(member, stats)}
        </section>
    }
    .into_markup()
}

/// The chart's points without gaps, from publication until now, up to its maximum.
fn series(
    member: &Member,
    begin: Timestamp,
    now: Timestamp,
    hourly: bool,
    stats: &MessageStats,
    of: fn(&StatsBucket) -> u64,
) -> Vec<ChartPoint> {
    let (width, most) = if hourly { (HOUR, MAX_HOURS) } else { (DAY, MAX_DAYS) };
    let passed = begin.until(now).as_secs() / width.as_secs().max(1) + 1;
    let count = usize::try_from(passed).unwrap_or(most).clamp(6, most);
    let mut values = vec![0; count];
    for (at, step) in &stats.series {
        let index =
            usize::try_from(begin.until(*at).as_secs() / width.as_secs().max(1)).unwrap_or(count);
        if let Some(value) = values.get_mut(index.min(count - 1)) {
            *value += of(step);
        }
    }
    let mut at = begin;
    let named = values.into_iter().map(|value| {
        let (local, language) = (member.zone.to_local(at), language(member.lang));
        let (day, short_day) = (
            belfry_content::time::day(local, &language),
            belfry_content::time::short_day(local, &language),
        );
        let clock = format!("{:02}:{:02}", local.hour(), local.minute());
        let (name, short) = if hourly {
            (format!("{day}, {clock}"), format!("{short_day}, {clock}"))
        } else {
            (day, short_day)
        };
        at = at.plus(width);
        ChartPoint { name, short, value }
    });
    named.collect()
}

fn counts<const COLUMNS: usize>(numbers: [u64; COLUMNS]) -> Markup {
    numbers.map(|number| view! { <td>{grouped(number)}</td> }.into_markup()).into_markup()
}

fn by_language(lang: UiLanguage, stats: &MessageStats) -> Markup {
    if stats.languages.len() < 2 {
        return ().into_markup();
    }
    let rows = stats
        .languages
        .iter()
        .map(|(language, funnel)| {
            let name = language
                .as_ref()
                .map_or_else(|| phrases::UNKNOWN_LANGUAGE.t(lang).to_owned(), format::named);
            let numbers =
                [funnel.audience, funnel.reached, funnel.seen, funnel.read, funnel.clicked];
            view! { <tr><td class="main">{name}</td>{counts(numbers)}</tr> }
        })
        .collect_view();
    let columns = vec![
        LANGUAGE.t(lang),
        phrases::IN_AUDIENCE.t(lang),
        phrases::REACHED.t(lang),
        phrases::SEEN.t(lang),
        phrases::READ.t(lang),
        phrases::CLICKED.t(lang),
    ];
    view! { <Table caption=phrases::BY_LANGUAGE.t(lang) columns=columns>{rows}</Table> }
        .into_markup()
}

fn by_segment(member: &Member, stats: &MessageStats) -> Markup {
    let lang = member.lang;
    let Some(segments) = &stats.segments else {
        let href = format!("?by={BY_SEGMENT}#segments");
        return view! { <p id="segments"><Button href=href>{phrases::COUNT_BY_SEGMENT.t(lang)}</Button></p> }.into_markup();
    };
    if segments.is_empty() {
        return view! {
            <p class="hint" id="segments">
                {phrases::NO_SEGMENTS.t(lang)} " " <a href=member.path("segments")>{phrases::TO_SEGMENTS.t(lang)}</a>
            </p>
        }
        .into_markup();
    }
    let rows = segments
        .iter()
        .map(|SegmentFunnel { id, name, reached, seen, read, clicked, archived }| {
            let href = member.path(&format!("segments/{id}"));
            let numbers = counts([*reached, *seen, *read, *clicked, *archived]);
            view! { <tr><td><a class="main" href=href>{name.clone()}</a></td>{numbers}</tr> }
        })
        .collect_view();
    let columns = vec![
        phrases::SEGMENT.t(lang),
        phrases::REACHED.t(lang),
        phrases::SEEN.t(lang),
        phrases::READ.t(lang),
        phrases::CLICKED.t(lang),
        phrases::ARCHIVED.t(lang),
    ];
    let max = MessageStats::SEGMENTS;
    let cut = (segments.len() >= max as usize)
        .then(|| phrases::NEWEST_SEGMENTS.with(lang, &[("count", &max)]));
    view! {
        <div id="segments"><Table caption=phrases::BY_SEGMENT.t(lang) columns=columns>{rows}</Table></div>
        <p class="hint">{phrases::BY_SEGMENT_HINT.t(lang)} " " {cut}</p>
    }
    .into_markup()
}
