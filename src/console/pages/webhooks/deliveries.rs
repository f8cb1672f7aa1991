//! A delivery's page: request and response.

use super::endpoint::{delivery_state, outcome};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    request_context::{Member, redirect},
    view::{Page, csrf_field, date, page},
};
use axum::{extract::State, response::Response};
use belfry_content::webhook_body;
use belfry_domain::{EndpointId, Role};
use belfry_locales::phrases::console_webhooks as phrases;
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

fn pretty(text: &str) -> String {
    let read: Option<serde_json::Value> = serde_json::from_str(text).ok();
    read.and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| text.to_owned())
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    PathId(number): PathId<i64, 2>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let endpoint = console.app.webhook(member.site.id, id).await?;
    let delivery = console.app.delivery(member.site.id, id, number).await?;
    let own = member.path(&format!("webhooks/{id}"));
    let replay = (member.role >= Role::Owner).then(|| {
        view! {
            <form method="post" action=format!("{own}/deliveries/{number}/replay")>
                {csrf_field(&member)}
                <button class="button accent">{phrases::REPLAY.t(lang)}</button>
            </form>
        }
    });
    let fact = |name: &'static str, value: Markup| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
        .into_markup()
    };
    let contact = delivery.contact.map(|contact| {
        let href = member.path(&format!("contacts/{contact}"));
        fact(
            phrases::CONTACT.t(lang),
            view! { <a href=href>{format!("#{contact}")}</a> }.into_markup(),
        )
    });
    let headers = format!(
        "POST {}\ncontent-type: application/json\nwebhook-id: {}",
        endpoint.url, delivery.event
    );
    let answer = match &delivery.last_attempt.response_excerpt {
        Some(answer) if !answer.is_empty() => view! { <pre class="listing" tabindex="0"><code>{pretty(answer)}</code></pre> }.into_markup(),
        _ => view! { <p class="quiet">{delivery.last_attempt.error.clone().unwrap_or_else(|| phrases::NO_ANSWER.t(lang).to_owned())}</p> }.into_markup(),
    };
    let content = view! {
        <dl class="facts">
            {fact(phrases::DELIVERIES_STATE.t(lang), delivery_state(lang, delivery.state))}
            {fact(phrases::OUTCOME.t(lang), outcome(lang, &delivery).into_markup())}
            {fact(phrases::ATTEMPTS.t(lang), delivery.attempts.to_string().into_markup())}
            {fact(phrases::HAPPENED.t(lang), date(&member, delivery.created_at))}
            {delivery.attempted_at.map(|at| fact(phrases::LAST.t(lang), date(&member, at)))}
            {delivery.next_at.map(|at| fact(phrases::AGAIN.t(lang), date(&member, at)))}
            {contact}
        </dl>
        <section>
            <h2>{phrases::REQUEST.t(lang)}</h2>
            <pre class="listing" tabindex="0"><code>{headers} "\n\n" {pretty(&webhook_body::render(&delivery.payload))}</code></pre>
        </section>
        <section>
            <h2>{phrases::DELIVERIES_ANSWER.t(lang)}</h2>
            {answer}
        </section>
    };
    let about = Page::new(phrases::DELIVERY.with(lang, &[("number", &number)]))
        .for_site(&member, "webhooks");
    let about = about
        .crumb(member.path("webhooks"), phrases::TITLE.t(lang))
        .crumb(own, endpoint.url)
        .actions(replay);
    Ok(page(&member, about, content))
}

pub(super) async fn replay(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    PathId(number): PathId<i64, 2>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let replay = console.app.replay_delivery(member.site.id, id, number);
    member.with_audit(&console, &format!("{id}/{number}"), replay).await?;
    member.flash_success(phrases::DELIVERIES_REPLAYED.t(member.lang)).await?;
    Ok(redirect(&member.path(&format!("webhooks/{id}/deliveries/{number}"))))
}
