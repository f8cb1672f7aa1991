//! A delivery's page: request and response.

use super::{
    TITLE,
    endpoint::{ATTEMPTS, HAPPENED, delivery_state, outcome},
};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::path_params::PathId,
        phrases::words,
        request_context::{Member, redirect},
        view::{Page, csrf_field, date, page},
    },
    content::webhook_body,
    domain::{EndpointId, Role},
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;

words! {
    DELIVERY: "Delivery {number}", "Надсилання {number}";
    STATE: "State", "Стан";
    LAST: "Last attempt", "Остання спроба";
    OUTCOME: "Result", "Результат";
    AGAIN: "Next attempt", "Наступна спроба";
    CONTACT: "Contact", "Контакт";
    REQUEST: "Request", "Запит";
    ANSWER: "Response", "Відповідь";
    NO_ANSWER: "No response.", "Відповіді не було.";
    REPLAY: "Send again", "Надіслати ще раз";
    REPLAYED: "The delivery is being sent again, with the same ID.", "Надсилається ще раз, із тим самим ідентифікатором.";
}

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
    let endpoint = console.inbox.webhook(member.site.id, id).await?;
    let delivery = console.inbox.delivery(member.site.id, id, number).await?;
    let own = member.path(&format!("webhooks/{id}"));
    let replay = (member.role >= Role::Owner).then(|| {
        view! {
            <form method="post" action=format!("{own}/deliveries/{number}/replay")>
                {csrf_field(&member)}
                <button class="button accent">{REPLAY.t(lang)}</button>
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
        fact(CONTACT.t(lang), view! { <a href=href>{format!("#{contact}")}</a> }.into_markup())
    });
    let headers = format!(
        "POST {}\ncontent-type: application/json\nwebhook-id: {}",
        endpoint.url, delivery.event
    );
    let answer = match &delivery.last.answer {
        Some(answer) if !answer.is_empty() => view! { <pre class="listing" tabindex="0"><code>{pretty(answer)}</code></pre> }.into_markup(),
        _ => view! { <p class="quiet">{delivery.last.error.clone().unwrap_or_else(|| NO_ANSWER.t(lang).to_owned())}</p> }.into_markup(),
    };
    let content = view! {
        <dl class="facts">
            {fact(STATE.t(lang), delivery_state(lang, delivery.state))}
            {fact(OUTCOME.t(lang), outcome(lang, &delivery).into_markup())}
            {fact(ATTEMPTS.t(lang), delivery.attempts.to_string().into_markup())}
            {fact(HAPPENED.t(lang), date(&member, delivery.created_at))}
            {delivery.attempted_at.map(|at| fact(LAST.t(lang), date(&member, at)))}
            {delivery.next_at.map(|at| fact(AGAIN.t(lang), date(&member, at)))}
            {contact}
        </dl>
        <section>
            <h2>{REQUEST.t(lang)}</h2>
            <pre class="listing" tabindex="0"><code>{headers} "\n\n" {pretty(&webhook_body::render(&delivery.payload))}</code></pre>
        </section>
        <section>
            <h2>{ANSWER.t(lang)}</h2>
            {answer}
        </section>
    };
    let about = Page::new(DELIVERY.with(lang, &[("number", &number)])).of(&member, "webhooks");
    let about = about
        .crumb(member.path("webhooks"), TITLE.t(lang))
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
    member.may(Role::Owner)?;
    let replay = console.inbox.replay_delivery(member.site.id, id, number);
    member.acting(&console, "delivery.replayed", &format!("{id}/{number}"), replay).await?;
    member.done(REPLAYED.t(member.lang)).await?;
    Ok(redirect(&member.path(&format!("webhooks/{id}/deliveries/{number}"))))
}
