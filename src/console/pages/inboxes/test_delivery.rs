//! A test of an inbox's callback URL: the button, and what it does.

use super::{named, own};
use crate::web::html::{IntoMarkup, Markup};
use crate::{
    app::channel::ChannelError,
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::{path_params::PathId, webhooks::TEST},
        phrases::words,
        request_context::{Member, redirect},
        view::{Button, csrf_field},
    },
    domain::{
        Endpoint, Role,
        channel::{InboxId, Rejection},
    },
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;

words! {
    TESTED: "Test sent. Reload this page to see the response of your receiver.", "Тест надіслано. Оновіть сторінку, щоб побачити відповідь отримувача.";
    NOT_SENT: "No test was sent: the inbox has no callback URL, it is turned off, or its queue is full.", "Тест не надіслано: скринька не має URL зворотного виклику, його вимкнено або черга до нього повна.";
}

/// The button, for those who may press it and where something would be sent.
pub(super) fn button(member: &Member, inbox: InboxId, endpoint: &Endpoint) -> Option<Markup> {
    let lang = member.lang;
    let shown = endpoint.enabled && member.role >= Role::Owner;
    shown.then(|| {
        view! {
            <form method="post" action=format!("{}/test", own(member, inbox))>
                {csrf_field(member)}
                <Button>{TEST.t(lang)}</Button>
            </form>
        }
        .into_markup()
    })
}

pub(super) async fn test(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let testing = console.inbox.test_callback(member.site.id, inbox.id);
    match member.acting(&console, "inbox.tested", &inbox.settings.name, testing).await {
        Ok(_) => member.done(TESTED.t(member.lang)).await?,
        // The page may have been loaded before the callback URL was taken away.
        Err(ChannelError::Rejected(Rejection::NotFound("webhook"))) => {
            member.failed(NOT_SENT.t(member.lang)).await?;
        }
        Err(other) => return Err(other.into()),
    }
    Ok(redirect(&format!("{}#deliveries", own(&member, inbox.id))))
}
