//! A webhook's page: state and deliveries.

use super::{FAILING, HEARS, OFF, ON, STATE, TITLE, WAITING, event_summary, write};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        pages::path_params::PathId,
        phrases::{DELETE, UiLanguage, words},
        request_context::Member,
        view::{
            Badge, Button, Page, Pager, Stat, Table, Tabs, Tone, csrf_field, date, page,
            relative_time_at,
        },
    },
    domain::{Delivery, DeliveryState, Endpoint, EndpointId, EndpointKind, Role, Timestamp},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use leptos::prelude::*;
use serde::Deserialize;

words! {
    TEST: "Send a test", "Надіслати тест";
    ROTATE: "Rotate secret", "Замінити секрет";
    ENABLE: "Turn on", "Увімкнути";
    DISABLE: "Turn off", "Вимкнути";
    SINCE: "Added", "Додано";
    FAILING_SINCE: "Every attempt has failed since", "Усі спроби невдалі від";
    STOPPED: "Turned off automatically: {reason}", "Вимкнено автоматично: {reason}";
    DELIVERIES: "Deliveries", "Надсилання";
    ALL: "All", "Усі";
    PENDING: "Pending", "Очікують";
    DONE: "Delivered", "Доставлені";
    DEAD: "Failed", "Невдалі";
    NONE: "Nothing sent yet. Send a test to check your receiver.", "Ще нічого не надсилали. Надішліть тест, щоб перевірити отримувача.";
    NONE_SUCH: "No deliveries in this state.", "Немає надсилань у цьому стані.";
    EVENT: "Event", "Подія";
    ANSWER: "Response", "Відповідь";
    ATTEMPTS: "Attempts", "Спроби";
    HAPPENED: "Time", "Час";
    REPLAY_ALL: "Send all failed again", "Надіслати невдалі ще раз";
    MILLIS: "{millis} ms", "{millis} мс";
}

/// Deliveries per page.
const DELIVERIES_PER_PAGE: u32 = 30;

#[derive(Deserialize)]
pub(super) struct EndpointParams {
    state: Option<String>,
    before: Option<String>,
}

/// The badge of a delivery's state.
pub(in crate::console::pages) fn delivery_state(lang: UiLanguage, state: DeliveryState) -> Markup {
    let (tone, word) = match state {
        DeliveryState::Pending => (Tone::Warning, PENDING),
        DeliveryState::Done => (Tone::Good, DONE),
        DeliveryState::Dead => (Tone::Danger, DEAD),
    };
    view! { <Badge tone=tone>{word.t(lang)}</Badge> }.into_markup()
}

/// The result of the last attempt.
pub(in crate::console::pages) fn outcome(lang: UiLanguage, delivery: &Delivery) -> String {
    let status = delivery
        .last
        .status
        .map(|status| status.to_string())
        .or_else(|| delivery.last.error.clone());
    let millis = delivery.last.millis.map(|millis| MILLIS.with(lang, &[("millis", &millis)]));
    let parts: Vec<String> = [status, millis].into_iter().flatten().collect();
    if parts.is_empty() { "—".to_owned() } else { parts.join(" · ") }
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    Query(asked): Query<EndpointParams>,
) -> Result<Response, ConsoleError> {
    let (lang, now) = (member.lang, console.inbox.now());
    let endpoint = console.inbox.webhook(member.site.id, id).await?;
    let state: Option<DeliveryState> = asked.state.and_then(|state| state.parse().ok());
    let before: Option<i64> = asked.before.and_then(|number| number.parse().ok());
    let mut deliveries = console
        .inbox
        .deliveries(member.site.id, id, state, before, DELIVERIES_PER_PAGE + 1)
        .await?;
    let more = deliveries.len() > DELIVERIES_PER_PAGE as usize;
    deliveries.truncate(DELIVERIES_PER_PAGE as usize);
    let own = member.path(&format!("webhooks/{id}"));
    let part = |before: Option<i64>| {
        let mut query: Vec<String> =
            state.iter().map(|state| format!("state={}", state.as_str())).collect();
        query.extend(before.map(|before| format!("before={before}")));
        if query.is_empty() { own.clone() } else { format!("{own}?{}", query.join("&")) }
    };
    let next = deliveries.last().filter(|_| more).map(|delivery| part(Some(delivery.number)));
    let first = before.is_some().then(|| part(None));
    let tab = |of: Option<DeliveryState>, label: &'static str| {
        let href = of.map_or_else(|| own.clone(), |of| format!("{own}?state={}", of.as_str()));
        (href, label.to_owned(), of == state)
    };
    let tabs = vec![
        tab(None, ALL.t(lang)),
        tab(Some(DeliveryState::Pending), PENDING.t(lang)),
        tab(Some(DeliveryState::Done), DONE.t(lang)),
        tab(Some(DeliveryState::Dead), DEAD.t(lang)),
    ];
    let owner = member.role >= Role::Owner;
    let replay =
        (owner && state == Some(DeliveryState::Dead) && !deliveries.is_empty()).then(|| {
            view! {
                <form method="post" action=format!("{own}/replay")>
                    {csrf_field(&member)}
                    <button class="button">{REPLAY_ALL.t(lang)}</button>
                </form>
            }
        });
    let body = if deliveries.is_empty() {
        let text = if state.is_some() { NONE_SUCH } else { NONE };
        view! { <p class="quiet">{text.t(lang)}</p> }.into_markup()
    } else {
        let rows: Vec<Markup> =
            deliveries.iter().map(|delivery| row(&member, now, &own, delivery)).collect();
        let columns =
            vec![EVENT.t(lang), STATE.t(lang), ANSWER.t(lang), ATTEMPTS.t(lang), HAPPENED.t(lang)];
        view! { <Table caption=DELIVERIES.t(lang) columns=columns>{rows}</Table> }.into_markup()
    };
    let content = view! {
        {standing(&member, now, &endpoint)}
        <section>
            <div class="head">
                <h2>{DELIVERIES.t(lang)}</h2>
                {replay}
            </div>
            <Tabs label=DELIVERIES.t(lang) tabs=tabs/>
            {body}
            <Pager lang=lang first=first next=next/>
        </section>
    };
    let about = Page::new(endpoint.url.clone())
        .of(&member, "webhooks")
        .crumb(member.path("webhooks"), TITLE.t(lang));
    Ok(page(&member, about.actions(owner.then(|| acts(lang, &member, &own, &endpoint))), content))
}

fn acts(lang: UiLanguage, member: &Member, own: &str, endpoint: &Endpoint) -> Markup {
    let switch = if endpoint.enabled { ("off", DISABLE) } else { ("on", ENABLE) };
    let rotate = (endpoint.kind == EndpointKind::Standard)
        .then(|| view! { <Button href=format!("{own}/secret")>{ROTATE.t(lang)}</Button> });
    let test = endpoint.enabled.then(|| {
        view! {
            <form method="post" action=format!("{own}/test")>
                {csrf_field(member)}
                <Button tone=Tone::Accent>{TEST.t(lang)}</Button>
            </form>
        }
    });
    view! {
        <Button tone=Tone::Danger href=format!("{own}/delete")>{DELETE.t(lang)}</Button>
        <form method="post" action=format!("{own}/switch")>
            {csrf_field(member)}
            <Button name="to" value=switch.0>{switch.1.t(lang)}</Button>
        </form>
        {rotate}
        <Button href=format!("{own}/edit")>{write::EDIT.t(lang)}</Button>
        {test}
    }
    .into_markup()
}

fn standing(member: &Member, now: Timestamp, endpoint: &Endpoint) -> Markup {
    let lang = member.lang;
    let state = match (endpoint.enabled, endpoint.failing_since) {
        (false, _) => OFF,
        (true, Some(_)) => FAILING,
        (true, None) => ON,
    };
    let failing = endpoint.failing_since.map(
        |at| view! { <p class="notice failed">{FAILING_SINCE.t(lang)} " " {date(member, at)}</p> },
    );
    let stopped = endpoint.reason.as_ref().map(
        |reason| view! { <p class="notice failed">{STOPPED.with(lang, &[("reason", reason)])}</p> },
    );
    let description = (!endpoint.description.is_empty())
        .then(|| view! { <p class="lead">{endpoint.description.clone()}</p> });
    let events: Vec<Markup> = endpoint
        .events
        .iter()
        .map(|event| event.as_str())
        .map(|name| view! { <Badge>{name}</Badge> }.into_markup())
        .collect();
    let events = if events.is_empty() {
        event_summary(lang, endpoint).into_markup()
    } else {
        view! { <span class="badges">{events}</span> }.into_markup()
    };
    view! {
        {description}
        {stopped}
        {failing}
        <dl class="stats">
            <Stat label=STATE.t(lang) value=state.t(lang)/>
            <Stat label=WAITING.t(lang) value=endpoint.pending.to_string()/>
        </dl>
        <dl class="facts">
            <div>
                <dt>{HEARS.t(lang)}</dt>
                <dd>{events}</dd>
            </div>
            <div>
                <dt>{SINCE.t(lang)}</dt>
                <dd>{relative_time_at(member, now, endpoint.created_at)}</dd>
            </div>
        </dl>
    }
    .into_markup()
}

fn row(member: &Member, now: Timestamp, own: &str, delivery: &Delivery) -> Markup {
    let lang = member.lang;
    let again = delivery
        .next_at
        .filter(|_| delivery.state == DeliveryState::Pending && delivery.attempts > 0);
    let again = again.map(|at| view! { <span class="quiet">{date(member, at)}</span> });
    view! {
        <tr>
            <td><a class="main" href=format!("{own}/deliveries/{}", delivery.number)><code>{delivery.kind.clone()}</code></a></td>
            <td class="stacked">{delivery_state(lang, delivery.state)} {again}</td>
            <td class="quiet">{outcome(lang, delivery)}</td>
            <td class="number">{delivery.attempts}</td>
            <td class="quiet">{relative_time_at(member, now, delivery.created_at)}</td>
        </tr>
    }
    .into_markup()
}
