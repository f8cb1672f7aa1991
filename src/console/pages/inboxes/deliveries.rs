//! The latest deliveries to an inbox's callback URL.

use super::test_delivery;
use crate::{
    pages::webhooks::{delivery_state, outcome},
    request_context::Member,
    view::{Table, date, relative_time},
};
use belfry_domain::{Delivery, Endpoint, channel::InboxId};
use belfry_locales::phrases::{console_inboxes as phrases, console_webhooks};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// Maximum number of listed deliveries.
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
        let text = console_webhooks::STOPPED.with(lang, &[("reason", reason)]);
        return Some(
            view! { <p class="notice failed">{text} " " {phrases::SAVE_TO_TURN_ON.t(lang)}</p> }
                .into_markup(),
        );
    }
    endpoint.failing_since.map(|at| {
        view! { <p class="notice failed">{console_webhooks::FAILING_SINCE.t(lang)} " " {date(member, at)}</p> }
            .into_markup()
    })
}

/// The section of an inbox's page about its callback URL.
pub(super) fn part(
    member: &Member,
    inbox: InboxId,
    found: Option<(Endpoint, Vec<Delivery>)>,
) -> Markup {
    let lang = member.lang;
    let test =
        found.as_ref().and_then(|(endpoint, _)| test_delivery::button(member, inbox, endpoint));
    let body = match found {
        None => view! { <p class="quiet">{phrases::NO_URL.t(lang)}</p> }.into_markup(),
        Some((endpoint, deliveries)) => {
            let list = if deliveries.is_empty() {
                view! { <p class="quiet">{phrases::NONE.t(lang)}</p> }.into_markup()
            } else {
                let rows: Vec<Markup> =
                    deliveries.iter().map(|delivery| row(member, delivery)).collect();
                let columns = vec![
                    console_webhooks::EVENT.t(lang),
                    console_webhooks::STATE.t(lang),
                    console_webhooks::ENDPOINT_ANSWER.t(lang),
                    console_webhooks::ATTEMPTS.t(lang),
                    console_webhooks::HAPPENED.t(lang),
                ];
                view! { <Table caption=phrases::DELIVERIES_TITLE.t(lang) columns=columns>{rows}</Table> }.into_markup()
            };
            view! {
                <dl class="facts">
                    <div>
                        <dt>{phrases::CALLBACK.t(lang)}</dt>
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
                <h2>{phrases::DELIVERIES_TITLE.t(lang)}</h2>
                {test}
            </div>
            <p class="lead">{phrases::DELIVERIES_TEXT.t(lang)}</p>
            {body}
        </section>
    }
    .into_markup()
}
