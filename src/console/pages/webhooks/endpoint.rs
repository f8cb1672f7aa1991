//! A webhook's page: state and deliveries.

use super::event_summary;
use crate::{
    Console,
    error::ConsoleError,
    pages::path_params::PathId,
    phrases::{DELETE, UiLanguage},
    request_context::Member,
    view::{
        Badge, Button, Page, Pager, Stat, Table, Tabs, Tone, csrf_field, date, page,
        relative_time_at,
    },
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use belfry_domain::{
    Delivery, DeliveryState, Endpoint, EndpointId, EndpointKind, Role, Timestamp, paginate,
};
use belfry_locales::phrases::console_webhooks as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;
use serde::Deserialize;

/// Deliveries per page.
const DELIVERIES_PER_PAGE: u32 = 30;

#[derive(Deserialize)]
pub(super) struct EndpointParams {
    state: Option<String>,
    before: Option<String>,
}

/// The badge of a delivery's state.
pub(in crate::pages) fn delivery_state(lang: UiLanguage, state: DeliveryState) -> Markup {
    let (tone, word) = match state {
        DeliveryState::Pending => (Tone::Warning, phrases::PENDING),
        DeliveryState::Delivered => (Tone::Good, phrases::DONE),
        DeliveryState::Failed => (Tone::Danger, phrases::DEAD),
    };
    view! { <Badge tone=tone>{word.t(lang)}</Badge> }.into_markup()
}

/// The result of the last attempt.
pub(in crate::pages) fn outcome(lang: UiLanguage, delivery: &Delivery) -> String {
    let status = delivery
        .last_attempt
        .status
        .map(|status| status.to_string())
        .or_else(|| delivery.last_attempt.error.clone());
    let millis = delivery
        .last_attempt
        .duration_millis
        .map(|millis| phrases::MILLIS.with(lang, &[("millis", &millis)]));
    let parts: Vec<String> = [status, millis].into_iter().flatten().collect();
    if parts.is_empty() { "—".to_owned() } else { parts.join(" · ") }
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    Query(asked): Query<EndpointParams>,
) -> Result<Response, ConsoleError> {
    let (lang, now) = (member.lang, console.app.now());
    let endpoint = console.app.webhook(member.site.id, id).await?;
    let state: Option<DeliveryState> = asked.state.and_then(|state| state.parse().ok());
    let before: Option<i64> = asked.before.and_then(|number| number.parse().ok());
    let deliveries =
        console.app.deliveries(member.site.id, id, state, before, DELIVERIES_PER_PAGE + 1).await?;
    let own = member.path(&format!("webhooks/{id}"));
    let part = |before: Option<i64>| {
        let mut query: Vec<String> =
            state.iter().map(|state| format!("state={}", state.as_str())).collect();
        query.extend(before.map(|before| format!("before={before}")));
        if query.is_empty() { own.clone() } else { format!("{own}?{}", query.join("&")) }
    };
    let (deliveries, next) =
        paginate(deliveries, DELIVERIES_PER_PAGE, |last| part(Some(last.number)));
    let first = before.is_some().then(|| part(None));
    let tab = |of: Option<DeliveryState>, label: &'static str| {
        let href = of.map_or_else(|| own.clone(), |of| format!("{own}?state={}", of.as_str()));
        (href, label.to_owned(), of == state)
    };
    let tabs = vec![
        tab(None, phrases::ALL.t(lang)),
        tab(Some(DeliveryState::Pending), phrases::PENDING.t(lang)),
        tab(Some(DeliveryState::Delivered), phrases::DONE.t(lang)),
        tab(Some(DeliveryState::Failed), phrases::DEAD.t(lang)),
    ];
    let owner = member.role >= Role::Owner;
    let replay =
        (owner && state == Some(DeliveryState::Failed) && !deliveries.is_empty()).then(|| {
            view! {
                <form method="post" action=format!("{own}/replay")>
                    {csrf_field(&member)}
                    <button class="button">{phrases::REPLAY_ALL.t(lang)}</button>
                </form>
            }
        });
    let body = if deliveries.is_empty() {
        let text = if state.is_some() { phrases::NONE_SUCH } else { phrases::NONE };
        view! { <p class="quiet">{text.t(lang)}</p> }.into_markup()
    } else {
        let rows: Vec<Markup> =
            deliveries.iter().map(|delivery| row(&member, now, &own, delivery)).collect();
        let columns = vec![
            phrases::EVENT.t(lang),
            phrases::STATE.t(lang),
            phrases::ENDPOINT_ANSWER.t(lang),
            phrases::ATTEMPTS.t(lang),
            phrases::HAPPENED.t(lang),
        ];
        view! { <Table caption=phrases::DELIVERIES.t(lang) columns=columns>{rows}</Table> }
            .into_markup()
    };
    let content = view! {
        {standing(&member, now, &endpoint)}
        <section>
            <div class="head">
                <h2>{phrases::DELIVERIES.t(lang)}</h2>
                {replay}
            </div>
            <Tabs label=phrases::DELIVERIES.t(lang) tabs=tabs/>
            {body}
            <Pager lang=lang first=first next=next/>
        </section>
    };
    let about = Page::new(endpoint.url.clone())
        .for_site(&member, "webhooks")
        .crumb(member.path("webhooks"), phrases::TITLE.t(lang));
    Ok(page(&member, about.actions(owner.then(|| acts(lang, &member, &own, &endpoint))), content))
}

fn acts(lang: UiLanguage, member: &Member, own: &str, endpoint: &Endpoint) -> Markup {
    let switch = if endpoint.enabled { ("off", phrases::DISABLE) } else { ("on", phrases::ENABLE) };
    let rotate = (endpoint.kind == EndpointKind::Standard)
        .then(|| view! { <Button href=format!("{own}/secret")>{phrases::ENDPOINT_ROTATE.t(lang)}</Button> });
    let test = endpoint.enabled.then(|| {
        view! {
            <form method="post" action=format!("{own}/test")>
                {csrf_field(member)}
                <Button tone=Tone::Accent>{phrases::TEST.t(lang)}</Button>
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
        <Button href=format!("{own}/edit")>{phrases::EDIT.t(lang)}</Button>
        {test}
    }
    .into_markup()
}

fn standing(member: &Member, now: Timestamp, endpoint: &Endpoint) -> Markup {
    let lang = member.lang;
    let state = match (endpoint.enabled, endpoint.failing_since) {
        (false, _) => phrases::OFF,
        (true, Some(_)) => phrases::FAILING,
        (true, None) => phrases::ON,
    };
    let failing = endpoint.failing_since.map(
        |at| view! { <p class="notice failed">{phrases::FAILING_SINCE.t(lang)} " " {date(member, at)}</p> },
    );
    let stopped = endpoint.reason.as_ref().map(
        |reason| view! { <p class="notice failed">{phrases::STOPPED.with(lang, &[("reason", reason)])}</p> },
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
            <Stat label=phrases::STATE.t(lang) value=state.t(lang)/>
            <Stat label=phrases::WAITING.t(lang) value=endpoint.pending.to_string()/>
        </dl>
        <dl class="facts">
            <div>
                <dt>{phrases::HEARS.t(lang)}</dt>
                <dd>{events}</dd>
            </div>
            <div>
                <dt>{phrases::SINCE.t(lang)}</dt>
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
