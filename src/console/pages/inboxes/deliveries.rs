//! What was sent to an inbox's callback URL of late.

use super::{CALLBACK, test_delivery};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    console::{
        pages::webhooks::{
            ANSWER, ATTEMPTS, EVENT, FAILING_SINCE, HAPPENED, STATE, STOPPED, delivery_state,
            outcome,
        },
        phrases::words,
        request_context::Member,
        view::{Table, date, relative_time},
    },
    domain::{Delivery, Endpoint, channel::InboxId},
};
use leptos::prelude::*;

words! {
    TITLE: "Recent deliveries", "Останні надсилання";
    TEXT: "What was sent to the callback URL, and the response. A failed delivery is tried three times; a message that could not be delivered is marked as failed in its conversation, where it can be sent again.", "Що надіслано на URL зворотного виклику та яка була відповідь. Невдалу спробу повторюють тричі; недоставлене повідомлення позначається в розмові, звідки його можна надіслати знову.";
    NONE: "Nothing sent yet. Messages in this inbox appear here.", "Ще нічого не надсилали. Повідомлення цієї скриньки з’являться тут.";
    NO_URL: "This inbox has no callback URL, so your backend is not notified. Set one above to receive each message.", "Скринька не має URL зворотного виклику, тож ваш сервер нічого не отримує. Задайте його вище, щоб отримувати кожне повідомлення.";
    SAVE_TO_TURN_ON: "Save the settings to turn it on again.", "Збережіть налаштування, щоб увімкнути знову.";
}

/// How many are shown.
pub(super) const MAX_DELIVERIES: u32 = 20;

fn row(member: &Member, delivery: &Delivery) -> Markup {
    let lang = member.lang;
    view! {
        <tr>
            <td><code>{delivery.kind.clone()}</code></td>
            <td>{delivery_state(lang, delivery.state)}</td>
            <td class="quiet">{outcome(lang, delivery)}</td>
            <td class="number">{delivery.attempts}</td>
            <td class="quiet">{relative_time(member, delivery.created_at)}</td>
        </tr>
    }
    .into_markup()
}

fn failure_notice(member: &Member, endpoint: &Endpoint) -> Option<Markup> {
    let lang = member.lang;
    if let Some(reason) = endpoint.reason.as_ref().filter(|_| !endpoint.enabled) {
        let text = STOPPED.with(lang, &[("reason", reason)]);
        return Some(
            view! { <p class="notice failed">{text} " " {SAVE_TO_TURN_ON.t(lang)}</p> }
                .into_markup(),
        );
    }
    endpoint.failing_since.map(|at| {
        view! { <p class="notice failed">{FAILING_SINCE.t(lang)} " " {date(member, at)}</p> }
            .into_markup()
    })
}

/// The part of an inbox's page about its callback URL.
pub(super) fn part(
    member: &Member,
    inbox: InboxId,
    found: Option<(Endpoint, Vec<Delivery>)>,
) -> Markup {
    let lang = member.lang;
    let test =
        found.as_ref().and_then(|(endpoint, _)| test_delivery::button(member, inbox, endpoint));
    let body = match found {
        None => view! { <p class="quiet">{NO_URL.t(lang)}</p> }.into_markup(),
        Some((endpoint, deliveries)) => {
            let list = if deliveries.is_empty() {
                view! { <p class="quiet">{NONE.t(lang)}</p> }.into_markup()
            } else {
                let rows: Vec<Markup> =
                    deliveries.iter().map(|delivery| row(member, delivery)).collect();
                let columns = vec![
                    EVENT.t(lang),
                    STATE.t(lang),
                    ANSWER.t(lang),
                    ATTEMPTS.t(lang),
                    HAPPENED.t(lang),
                ];
                view! { <Table caption=TITLE.t(lang) columns=columns>{rows}</Table> }.into_markup()
            };
            view! {
                <dl class="facts">
                    <div>
                        <dt>{CALLBACK.t(lang)}</dt>
                        <dd><code>{endpoint.url.clone()}</code></dd>
                    </div>
                </dl>
                {failure_notice(member, &endpoint)}
                {list}
            }
            .into_markup()
        }
    };
    view! {
        <section id="deliveries">
            <div class="head">
                <h2>{TITLE.t(lang)}</h2>
                {test}
            </div>
            <p class="lead">{TEXT.t(lang)}</p>
            {body}
        </section>
    }
    .into_markup()
}
