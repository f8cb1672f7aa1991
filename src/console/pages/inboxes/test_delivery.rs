//! The test delivery to an inbox's callback URL: button and action.

use super::{named, own};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    request_context::{Member, redirect},
    view::{Button, csrf_field},
};
use axum::{extract::State, response::Response};
use belfry_app::channel::ChannelError;
use belfry_domain::{
    Endpoint, Role,
    channel::{InboxId, Rejection},
};
use belfry_locales::phrases::{console_inboxes as phrases, console_webhooks};
use belfry_web::html::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The button; `None` without the permission or without a callback URL.
pub(super) fn button(member: &Member, inbox: InboxId, endpoint: &Endpoint) -> Option<Markup> {
    let lang = member.lang;
    let shown = endpoint.enabled && member.role >= Role::Owner;
    shown.then(|| {
        view! {
            <form method="post" action=format!("{}/test", own(member, inbox))>
                {csrf_field(member)}
                <Button>{console_webhooks::TEST.t(lang)}</Button>
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
    member.require_role(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let testing = console.app.test_callback(member.site.id, inbox.id);
    match member.with_audit(&console, &inbox.settings.name, testing).await {
        Ok(_) => member.flash_success(phrases::TESTED.t(member.lang)).await?,
        // The callback URL may have been removed since the page was loaded.
        Err(ChannelError::Rejected(Rejection::NotFound("webhook"))) => {
            member.flash_error(phrases::NOT_SENT.t(member.lang)).await?;
        }
        Err(other) => return Err(other.into()),
    }
    Ok(redirect(&format!("{}#deliveries", own(&member, inbox.id))))
}
