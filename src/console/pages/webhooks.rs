//! The webhooks of a site.

mod acts;
mod deliveries;
mod endpoint;
mod write;

pub(super) use endpoint::{delivery_state, outcome};

use crate::{
    Console,
    error::ConsoleError,
    phrases::UiLanguage,
    request_context::Member,
    view::{Badge, Button, EmptyState, Page, Table, Tone, page},
};
use axum::{extract::State, response::Response};
use belfry_domain::{Endpoint, EndpointKind, Role};
use belfry_locales::phrases::console_webhooks as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use belfry_web::router::{Routes, get, post};
use leptos::prelude::*;

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
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
        (false, _) => (Tone::Plain, phrases::OFF),
        (true, Some(_)) => (Tone::Danger, phrases::FAILING),
        (true, None) => (Tone::Good, phrases::ON),
    };
    view! { <Badge tone=tone>{word.t(lang)}</Badge> }.into_markup()
}

fn event_summary(lang: UiLanguage, endpoint: &Endpoint) -> String {
    match endpoint.kind {
        EndpointKind::Message | EndpointKind::Callback | EndpointKind::Account => {
            phrases::MESSAGES.t(lang).to_owned()
        }
        EndpointKind::Standard if endpoint.events.len() <= 2 => {
            endpoint.events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ")
        }
        EndpointKind::Standard => phrases::COUNT.with(lang, &[("count", &endpoint.events.len())]),
    }
}

async fn list(State(console): State<Console>, member: Member) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let owner = member.role >= Role::Owner;
    let endpoints = console.app.webhooks(member.site.id).await?;
    let new = member.path("webhooks/new");
    let add = move |href: String| {
        owner.then(|| view! { <Button tone=Tone::Accent href=href>{phrases::ADD.t(lang)}</Button> })
    };
    let about = Page::new(phrases::TITLE.t(lang)).for_site(&member, "webhooks");
    if endpoints.is_empty() {
        let note = (!owner).then(|| view! { <p class="quiet">{phrases::EMPTY_VIEWER.t(lang)}</p> });
        let content = view! { <EmptyState title=phrases::EMPTY.t(lang) text=phrases::EMPTY_TEXT.t(lang)>{add(new)} {note}</EmptyState> };
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
    let content = view! { <Table caption=phrases::TITLE.t(lang) columns=vec![phrases::ADDRESS.t(lang), phrases::HEARS.t(lang), phrases::STATE.t(lang), phrases::WAITING.t(lang)]>{rows}</Table> };
    Ok(page(&member, about.actions(add(new)), content))
}
