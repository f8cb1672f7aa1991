//! A site's overview: onboarding steps, recent installation issues, and usage.

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        phrases::{Phrase, UiLanguage, words},
        request_context::Member,
        view::{Chart, ChartPoint, Page, Stat, language, page, relative_time},
    },
    content::time,
    domain::{InstallEvent, InstallIssue, InstallStep, Onboarding, SiteStats, TimeZone, Timestamp},
};
use axum::{Router, extract::State, response::Response, routing::get};
use leptos::prelude::*;
use std::time::Duration;

words! {
    TITLE: "Overview", "Огляд";
    STEPS: "Get started", "Перші кроки";
    DONE: "Done", "Готово";
    SITE: "Create the site", "Створити сайт";
    SITE_TEXT: "Your site is ready.", "Ваш сайт готовий.";
    SNIPPET: "Add the snippet to your pages", "Додати код на сторінки";
    SNIPPET_TEXT: "Two lines of HTML; the bell appears when someone is signed in.", "Два рядки HTML; дзвіночок з’явиться, щойно хтось увійде.";
    TOKEN: "Get tokens from your backend", "Отримати токен на сервері";
    TOKEN_TEXT: "A token identifies the reader; the installation page has the call in three languages.", "Токен визначає читача; на сторінці встановлення є виклик трьома мовами.";
    MESSAGE: "Send the first message", "Надіслати перше повідомлення";
    MESSAGE_TEXT: "For example, to yourself.", "Наприклад, собі.";
    READ: "Read it in the widget", "Прочитати його у віджеті";
    READ_TEXT: "Open a page of your site and click the bell.", "Відкрийте сторінку сайту й натисніть дзвіночок.";
    STREAMS: "Open pages now", "Відкрито сторінок зараз";
    CONTACTS: "Contacts", "Контакти";
    ACTIVE: "Contacts reached in 30 days", "Охоплено контактів за 30 днів";
    SENT: "Messages in 30 days", "Повідомлень за 30 днів";
    READS: "Readers per day", "Читачі за днями";
    MESSAGES: "Messages per day", "Повідомлення за днями";
    DAY: "Day", "День";
    DAYS_IN_UTC: "Days are those of UTC.", "Дні — за UTC.";
    PARTLY: "There is more activity than is counted here; only the newest is included.", "Подій більше, ніж тут пораховано; враховано лише найновіші.";
    TROUBLES: "Needs attention", "Потребує уваги";
    TROUBLES_TEXT: "Problems that kept the bell from showing in the last seven days.", "Що завадило показати дзвіночок за останні сім днів.";
    ORIGINS: "Pages on addresses that are not allowed", "Сторінки недозволених адрес";
    TOKENS: "Expired or invalid tokens", "Прострочені або недійсні токени";
    UNKNOWN: "Unknown contacts", "Невідомі контакти";
    LOOK: "See how to fix it", "Як це виправити";
}

const DAYS: u64 = 30;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/sites/{site}", get(show))
}

/// A step: whether it is done, title, text, and link.
type Step = (bool, Phrase, Phrase, String);

fn steps(who: &Member, come: Onboarding) -> [Step; 5] {
    [
        (true, SITE, SITE_TEXT, String::new()),
        (come.widget, SNIPPET, SNIPPET_TEXT, who.path("snippet")),
        (come.token, TOKEN, TOKEN_TEXT, format!("{}#call-part", who.path("snippet"))),
        (come.message, MESSAGE, MESSAGE_TEXT, who.path("messages")),
        (come.read, READ, READ_TEXT, format!("{}#working", who.path("snippet"))),
    ]
}

fn onboarding(who: &Member, come: Onboarding) -> Markup {
    let lang = who.lang;
    let steps = steps(who, come);
    let next = steps.iter().position(|(done, ..)| !done);
    let row = |(index, (done, title, text, href)): (usize, Step)| {
        let here = next == Some(index);
        let class = if done {
            "done"
        } else if here {
            "next"
        } else {
            ""
        };
        let mark = if done { "M5 13l4 4L19 7" } else { "" };
        let title = if done || href.is_empty() {
            view! { <span class="main">{title.t(lang)}</span> }.into_markup()
        } else {
            view! { <a class="main" href=href>{title.t(lang)}</a> }.into_markup()
        };
        view! {
            <li class=class aria-current=here.then_some("step")>
                <svg viewBox="0 0 24 24" width="14" height="14" fill="none" stroke="currentColor" stroke-width="2.500" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                    <path d=mark></path>
                </svg>
                <div>{title} {done.then(|| view! { <span class="unseen">{DONE.t(lang)}</span> })} <p class="quiet">{text.t(lang)}</p></div>
            </li>
        }
        .into_markup()
    };
    let rows = steps.into_iter().enumerate().map(row).collect_view();
    view! {
        <section>
            <h2>{STEPS.t(lang)}</h2>
            <ol class="steps">{rows}</ol>
        </section>
    }
    .into_markup()
}

/// The latest issue of each kind within a week.
fn recent_issues(
    who: &Member,
    sightings: &[InstallEvent],
    now: Timestamp,
) -> Vec<(Phrase, Timestamp)> {
    let since = now.minus(Duration::from_hours(7 * 24));
    let strange = |sighting: &InstallEvent| {
        sighting.origin.as_ref().is_some_and(|origin| !who.site.origins.contains(origin))
    };
    let last = |word, is: &dyn Fn(&InstallEvent) -> bool| {
        sightings
            .iter()
            .filter(|sighting| sighting.at >= since && is(sighting))
            .map(|sighting| sighting.at)
            .max()
            .map(|at| (word, at))
    };
    let of = |obstacle| move |sighting: &InstallEvent| sighting.obstacle == Some(obstacle);
    let unlisted = |sighting: &InstallEvent| {
        strange(sighting)
            && (sighting.obstacle == Some(InstallIssue::Origin)
                || sighting.seen == InstallStep::Script)
    };
    [
        last(ORIGINS, &unlisted),
        last(TOKENS, &of(InstallIssue::Token)),
        last(UNKNOWN, &of(InstallIssue::Contact)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn troubles_view(who: &Member, troubles: Vec<(Phrase, Timestamp)>) -> Markup {
    let lang = who.lang;
    let row = |(word, at): (Phrase, Timestamp)| {
        view! { <li><span>{word.t(lang)}</span> <span class="quiet">{relative_time(who, at)}</span></li> }.into_markup()
    };
    let rows = troubles.into_iter().map(row).collect_view();
    view! {
        <section>
            <h2>{TROUBLES.t(lang)}</h2>
            <p class="lead">{TROUBLES_TEXT.t(lang)}</p>
            <ul class="plain troubles">{rows}</ul>
            <p><a href=format!("{}#working", who.path("snippet"))>{LOOK.t(lang)}</a></p>
        </section>
    }
    .into_markup()
}

/// A point for each of the last 30 days.
fn days(
    stats: &SiteStats,
    lang: UiLanguage,
    now: Timestamp,
    count: impl Fn(&crate::domain::DailyStats) -> u64,
) -> Vec<ChartPoint> {
    let day = 86_400_000;
    let today = now.millis() - now.millis().rem_euclid(day);
    let point = |at: Timestamp| {
        // The store counts by the days of UTC.
        let (local, language) = (TimeZone::UTC.local(at), language(lang));
        ChartPoint {
            name: time::day(local, &language),
            short: time::short_day(local, &language),
            value: stats.days.get(&at).map_or(0, &count),
        }
    };
    (0..i64::try_from(DAYS).unwrap_or(30))
        .rev()
        .map(|back| Timestamp::from_millis(today - back * day))
        .map(point)
        .collect()
}

fn usage(who: &Member, stats: &SiteStats, open: usize, now: Timestamp) -> Markup {
    let lang = who.lang;
    let sent: u64 = stats.days.values().map(|day| day.sent).sum();
    let charts = (sent > 0 || stats.days.values().any(|day| day.read > 0)).then(|| {
        let (read, sent) = (days(stats, lang, now, |day| day.read), days(stats, lang, now, |day| day.sent));
        view! {
            <section class="charts">
                <Chart lang=lang label=READS.t(lang) unit=DAY points=read/>
                <Chart lang=lang label=MESSAGES.t(lang) unit=DAY points=sent/>
            </section>
            {(who.zone.name() != "UTC").then(|| view! { <p class="hint">{DAYS_IN_UTC.t(lang)}</p> })}
        }
        .into_markup()
    });
    view! {
        <dl class="stats">
            <Stat label=STREAMS.t(lang) value=open.to_string()/>
            <Stat label=CONTACTS.t(lang) value=stats.contacts.to_string()/>
            <Stat label=ACTIVE.t(lang) value=stats.active_month.to_string()/>
            <Stat label=SENT.t(lang) value=sent.to_string()/>
        </dl>
        {charts}
        {(!stats.complete).then(|| view! { <p class="hint">{PARTLY.t(lang)}</p> })}
    }
    .into_markup()
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    let (site, now) = (who.site.id, console.inbox.now());
    let come = console.inbox.onboarding(site).await?;
    let sightings = console.inbox.sightings(site).await?;
    let stats =
        console.inbox.site_stats(site, now.minus(Duration::from_hours((DAYS - 1) * 24))).await?;
    let complete = come.widget && come.token && come.message && come.read;
    let troubles = recent_issues(&who, &sightings, now);
    let content = view! {
        {(!complete).then(|| onboarding(&who, come))}
        {usage(&who, &stats, console.hub.open_streams_of(site), now)}
        {(!troubles.is_empty()).then(|| troubles_view(&who, troubles))}
    };
    Ok(page(&who, Page::new(TITLE.t(who.lang)).of(&who, ""), content))
}
