//! A site's overview: onboarding steps, recent installation issues, and usage.

use crate::{
    Console,
    error::ConsoleError,
    phrases::{Phrase, UiLanguage},
    request_context::Member,
    view::{Chart, ChartPoint, Page, Stat, language, page, relative_time},
};
use axum::{extract::State, response::Response};
use belfry_content::time;
use belfry_domain::{
    InstallEvent, InstallIssue, InstallStep, Onboarding, SiteStats, TimeZone, Timestamp,
};
use belfry_locales::phrases::console_overview as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get};
use leptos::prelude::*;
use std::time::Duration;

const DAYS: u64 = 30;

pub(super) fn routes() -> Routes<Console> {
    Routes::new().route("/sites/{site}", get(show))
}

/// A step: whether it is done, title, text, and link.
type Step = (bool, Phrase, Phrase, String);

fn steps(who: &Member, come: Onboarding) -> [Step; 5] {
    [
        (true, phrases::SITE, phrases::SITE_TEXT, String::new()),
        (come.widget, phrases::SNIPPET, phrases::SNIPPET_TEXT, who.path("snippet")),
        (
            come.token,
            phrases::TOKEN,
            phrases::TOKEN_TEXT,
            format!("{}#call-part", who.path("snippet")),
        ),
        (come.message, phrases::MESSAGE, phrases::MESSAGE_TEXT, who.path("messages")),
        (come.read, phrases::READ, phrases::READ_TEXT, format!("{}#working", who.path("snippet"))),
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
                <div>{title} {done.then(|| view! { <span class="unseen">{phrases::DONE.t(lang)}</span> })} <p class="quiet">{text.t(lang)}</p></div>
            </li>
        }
        .into_markup()
    };
    let rows = steps.into_iter().enumerate().map(row).collect_view();
    view! {
        <section>
            <h2>{phrases::STEPS.t(lang)}</h2>
            <ol class="steps">{rows}</ol>
        </section>
    }
    .into_markup()
}

/// The latest issue of each kind within a week.
fn recent_issues(
    who: &Member,
    install_events: &[InstallEvent],
    now: Timestamp,
) -> Vec<(Phrase, Timestamp)> {
    let since = now.minus(Duration::from_hours(7 * 24));
    let strange = |install_event: &InstallEvent| {
        install_event.origin.as_ref().is_some_and(|origin| !who.site.origins.contains(origin))
    };
    let last = |word, is: &dyn Fn(&InstallEvent) -> bool| {
        install_events
            .iter()
            .filter(|install_event| install_event.at >= since && is(install_event))
            .map(|install_event| install_event.at)
            .max()
            .map(|at| (word, at))
    };
    let of = |issue| move |install_event: &InstallEvent| install_event.issue == Some(issue);
    let unlisted = |install_event: &InstallEvent| {
        strange(install_event)
            && (install_event.issue == Some(InstallIssue::Origin)
                || install_event.step == InstallStep::Script)
    };
    [
        last(phrases::ORIGINS, &unlisted),
        last(phrases::TOKENS, &of(InstallIssue::Token)),
        last(phrases::UNKNOWN, &of(InstallIssue::Contact)),
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
            <h2>{phrases::TROUBLES.t(lang)}</h2>
            <p class="lead">{phrases::TROUBLES_TEXT.t(lang)}</p>
            <ul class="plain troubles">{rows}</ul>
            <p><a href=format!("{}#working", who.path("snippet"))>{phrases::LOOK.t(lang)}</a></p>
        </section>
    }
    .into_markup()
}

/// A point for each of the last 30 days.
fn days(
    stats: &SiteStats,
    lang: UiLanguage,
    now: Timestamp,
    count: impl Fn(&belfry_domain::DailyStats) -> u64,
) -> Vec<ChartPoint> {
    let day = 86_400_000;
    let today = now.millis() - now.millis().rem_euclid(day);
    let point = |at: Timestamp| {
        // The store counts by the days of UTC.
        let (local, language) = (TimeZone::UTC.to_local(at), language(lang));
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
                <Chart lang=lang label=phrases::READS.t(lang) unit=phrases::DAY points=read/>
                <Chart lang=lang label=phrases::MESSAGES.t(lang) unit=phrases::DAY points=sent/>
            </section>
            {(who.zone.name() != "UTC").then(|| view! { <p class="hint">{phrases::DAYS_IN_UTC.t(lang)}</p> })}
        }
        .into_markup()
    });
    view! {
        <dl class="stats">
            <Stat label=phrases::STREAMS.t(lang) value=open.to_string()/>
            <Stat label=phrases::CONTACTS.t(lang) value=stats.contacts.to_string()/>
            <Stat label=phrases::ACTIVE.t(lang) value=stats.active_month.to_string()/>
            <Stat label=phrases::SENT.t(lang) value=sent.to_string()/>
        </dl>
        {charts}
        {(!stats.complete).then(|| view! { <p class="hint">{phrases::PARTLY.t(lang)}</p> })}
    }
    .into_markup()
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    let (site, now) = (who.site.id, console.app.now());
    let come = console.app.onboarding(site).await?;
    let install_events = console.app.install_events(site).await?;
    let stats =
        console.app.site_stats(site, now.minus(Duration::from_hours((DAYS - 1) * 24))).await?;
    let complete = come.widget && come.token && come.message && come.read;
    let troubles = recent_issues(&who, &install_events, now);
    let content = view! {
        {(!complete).then(|| onboarding(&who, come))}
        {usage(&who, &stats, console.hub.open_streams_of(site), now)}
        {(!troubles.is_empty()).then(|| troubles_view(&who, troubles))}
    };
    Ok(page(&who, Page::new(phrases::TITLE.t(who.lang)).for_site(&who, ""), content))
}
