//! Actions on a webhook: test, switch, resend, delete, rotate the secret.

use super::write::secret_page;
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::DELETE,
    request_context::{Member, redirect},
    view::{Confirm, Page, date, page},
};
use axum::{extract::State, response::Response};
use belfry_app::AppError;
use belfry_domain::{EndpointChange, EndpointId, Role, Timestamp};
use belfry_locales::phrases::console_webhooks as phrases;
use belfry_web::html::IntoMarkup;
use leptos::prelude::*;

fn own(member: &Member, id: EndpointId) -> String {
    member.path(&format!("webhooks/{id}"))
}

pub(super) async fn test(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let refused = match member
        .with_audit(&console, &id.to_string(), console.app.test_webhook(member.site.id, id))
        .await
    {
        Ok(_) => None,
        Err(AppError::Conflict(reason)) => Some(reason),
        Err(other) => return Err(other.into()),
    };
    if let Some(reason) = refused {
        member.flash_error(reason.t(member.lang)).await?;
    } else {
        member.flash_success(phrases::TESTED.t(member.lang)).await?;
    }
    Ok(redirect(&own(&member, id)))
}

pub(super) async fn switch(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let on = form.get("to") == "on";
    let change = EndpointChange { enabled: Some(on), ..EndpointChange::default() };
    let act = if on { "webhook.enabled" } else { "webhook.disabled" };
    member
        .with_audit_as(
            &console,
            act,
            &id.to_string(),
            console.app.update_webhook(member.site.id, id, &change),
        )
        .await?;
    member
        .flash_success(if on { phrases::TURNED_ON } else { phrases::TURNED_OFF }.t(member.lang))
        .await?;
    Ok(redirect(&own(&member, id)))
}

pub(super) async fn replay_dead(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let replay = console.app.replay_webhook(member.site.id, id, Timestamp::from_millis(0));
    let count = member.with_audit(&console, &id.to_string(), replay).await?;
    let text = phrases::ACTS_REPLAYED.with(member.lang, &[("count", &count)]);
    member.flash_success(text).await?;
    Ok(redirect(&own(&member, id)))
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let lang = member.lang;
    let endpoint = console.app.webhook(member.site.id, id).await?;
    let text = phrases::ASK_TEXT.with(lang, &[("url", &endpoint.url)]);
    let content = view! { <Confirm visit=member.context.clone() text=text action=DELETE.t(lang) back=own(&member, id)/> };
    let about = Page::new(phrases::ASK.t(lang))
        .for_site(&member, "webhooks")
        .crumb(member.path("webhooks"), phrases::TITLE.t(lang));
    Ok(page(&member, about.crumb(own(&member, id), endpoint.url).narrow(), content))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    member
        .with_audit(&console, &id.to_string(), console.app.delete_webhook(member.site.id, id))
        .await?;
    member.flash_success(phrases::DELETED.t(member.lang)).await?;
    Ok(redirect(&member.path("webhooks")))
}

pub(super) async fn ask_secret(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let lang = member.lang;
    let endpoint = console.app.webhook(member.site.id, id).await?;
    let content = view! { <Confirm visit=member.context.clone() text=phrases::ROTATE_TEXT.t(lang) action=phrases::ROTATE_VERB.t(lang) back=own(&member, id)/> };
    let about = Page::new(phrases::ACTS_ROTATE.t(lang))
        .for_site(&member, "webhooks")
        .crumb(member.path("webhooks"), phrases::TITLE.t(lang));
    Ok(page(&member, about.crumb(own(&member, id), endpoint.url).narrow(), content))
}

pub(super) async fn rotate(
    State(console): State<Console>,
    member: Member,
    PathId(id): PathId<EndpointId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let lang = member.lang;
    let rotation = console.app.rotate_webhook_secret(member.site.id, id);
    let (secret, until) = member.with_audit(&console, &id.to_string(), rotation).await?;
    let note =
        view! { <p class="quiet">{phrases::UNTIL.t(lang)} " " {date(&member, until)} "."</p> }
            .into_markup();
    Ok(secret_page(
        &member,
        phrases::ROTATED.t(lang),
        secret.reveal(),
        own(&member, id),
        Some(note),
    ))
}
