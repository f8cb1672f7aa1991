//! The webhooks of a site.

mod acts;
mod deliveries;
mod endpoint;
mod write;

pub(super) use endpoint::{
    ANSWER, ATTEMPTS, EVENT, FAILING_SINCE, HAPPENED, STOPPED, TEST, delivery_state, outcome,
};

use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        phrases::{UiLanguage, words},
        request_context::Member,
        view::{Badge, Button, EmptyState, Page, Table, Tone, page},
    },
    domain::{Endpoint, EndpointKind, Role},
};
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use leptos::prelude::*;

words! {
    TITLE: "Webhooks", "Вебхуки";
    ADD: "Add webhook", "Додати вебхук";
    EMPTY: "No webhooks yet", "Ще немає вебхуків";
    EMPTY_TEXT: "A webhook notifies your backend of events: a message was read, a link was clicked, a contact was erased. Each request is signed, and retried until it is accepted.", "Вебхук повідомляє вашому серверу про події: повідомлення прочитано, за посиланням перейшли, контакт стерто. Кожен запит підписано, і він повторюється, доки його не приймуть.";
    EMPTY_VIEWER: "An owner of the site can add one.", "Додати його може власник сайту.";
    ADDRESS: "Address", "Адреса";
    HEARS: "Events", "Події";
    STATE: "State", "Стан";
    WAITING: "Pending", "Очікують";
    ON: "On", "Увімкнено";
    OFF: "Off", "Вимкнено";
    FAILING: "failing", "збої";
    MESSAGES: "whole messages", "повні повідомлення";
    COUNT: "{count} events", "Подій: {count}";
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/sites/{site}/webhooks", get(list))
        .route("/sites/{site}/webhooks/new", get(write::blank).post(write::create))
        .route("/sites/{site}/webhooks/{webhook}", get(endpoint::show))
        .route("/sites/{site}/webhooks/{webhook}/edit", get(write::show).post(write::save))
        .route("/sites/{site}/webhooks/{webhook}/secret", get(acts::ask_secret).post(acts::rotate))
        .route("/sites/{site}/webhooks/{webhook}/test", post(acts::test))
        .route("/sites/{site}/webhooks/{webhook}/switch", post(acts::switch))
        .route("/sites/{site}/webhooks/{webhook}/replay", post(acts::replay_dead))
        .route("/sites/{site}/webhooks/{webhook}/delete", get(acts::ask).post(acts::delete))
        .route("/sites/{site}/webhooks/{webhook}/deliveries/{delivery}", get(deliveries::show))
        .route(
            "/sites/{site}/webhooks/{webhook}/deliveries/{delivery}/replay",
            post(deliveries::replay),
        )
}

/// The badge of an endpoint's state.
fn state(lang: UiLanguage, endpoint: &Endpoint) -> Markup {
    let (tone, word) = match (endpoint.enabled, endpoint.failing_since) {
        (false, _) => (Tone::Plain, OFF),
        (true, Some(_)) => (Tone::Danger, FAILING),
        (true, None) => (Tone::Good, ON),
    };
    view! { <Badge tone=tone>{word.t(lang)}</Badge> }.into_markup()
}

fn event_summary(lang: UiLanguage, endpoint: &Endpoint) -> String {
    match endpoint.kind {
        EndpointKind::Message | EndpointKind::Callback | EndpointKind::Account => {
            MESSAGES.t(lang).to_owned()
        }
        EndpointKind::Standard if endpoint.events.len() <= 2 => {
            endpoint.events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ")
        }
        EndpointKind::Standard => COUNT.with(lang, &[("count", &endpoint.events.len())]),
    }
}

async fn list(State(console): State<Console>, member: Member) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let owner = member.role >= Role::Owner;
    let endpoints = console.inbox.webhooks(member.site.id).await?;
    let new = member.path("webhooks/new");
    let add = move |href: String| {
        owner.then(|| view! { <Button tone=Tone::Accent href=href>{ADD.t(lang)}</Button> })
    };
    let about = Page::new(TITLE.t(lang)).of(&member, "webhooks");
    if endpoints.is_empty() {
        let note = (!owner).then(|| view! { <p class="quiet">{EMPTY_VIEWER.t(lang)}</p> });
        let content = view! { <EmptyState title=EMPTY.t(lang) text=EMPTY_TEXT.t(lang)>{add(new)} {note}</EmptyState> };
        return Ok(page(&member, about, content));
    }
    let rows: Vec<Markup> = endpoints
        .iter()
        .map(|endpoint| {
            let href = member.path(&format!("webhooks/{}", endpoint.id));
            let description = (!endpoint.description.is_empty()).then(|| view! { <span class="quiet">{endpoint.description.clone()}</span> });
            view! {
                <tr>
                    <td class="stacked"><a class="main" href=href>{endpoint.url.clone()}</a> {description}</td>
                    <td class="quiet">{event_summary(lang, endpoint)}</td>
                    <td>{state(lang, endpoint)}</td>
                    <td class="number">{endpoint.pending}</td>
                </tr>
            }
            .into_markup()
        })
        .collect();
    let content = view! { <Table caption=TITLE.t(lang) columns=vec![ADDRESS.t(lang), HEARS.t(lang), STATE.t(lang), WAITING.t(lang)]>{rows}</Table> };
    Ok(page(&member, about.actions(add(new)), content))
}
