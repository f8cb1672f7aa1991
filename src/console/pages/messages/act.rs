//! Actions on a published or scheduled message: cancel, recall, send again.

use super::{compose::named, list, phrases};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::Phrase,
    request_context::{Member, redirect},
    view::{Confirm, Page, page},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use belfry_app::AppError;
use belfry_domain::{Message, MessageId, Resend, Role};
use belfry_locales::Template;
use leptos::prelude::*;

type OfSite = Path<(String, String)>;

async fn load(console: &Console, member: &Member, id: &str) -> Result<Message, ConsoleError> {
    member.require_role(Role::Editor)?;
    Ok(console.app.message(member.site.id, named(id)?).await?)
}

fn at(member: &Member, id: MessageId) -> String {
    member.path(&format!("messages/{id}"))
}

/// Cancels a scheduled message. Within the undo window it leads back to the editor.
pub(super) async fn cancel(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
    form: Form,
) -> Result<Response, ConsoleError> {
    let message = load(&console, &member, &id).await?;
    match member.with_audit(&console, &id, console.app.cancel(member.site.id, message.id)).await {
        Ok(()) => {
            member.flash_success(phrases::UNDONE.t(member.lang)).await?;
            let here = at(&member, message.id);
            Ok(redirect(&if form.contains("undo") { format!("{here}/duplicate") } else { here }))
        }
        Err(AppError::NotScheduled) => {
            member.flash_error(phrases::TOO_LATE.t(member.lang)).await?;
            Ok(redirect(&at(&member, message.id)))
        }
        Err(other) => Err(other.into()),
    }
}

fn ask(
    member: &Member,
    message: &Message,
    title: Phrase,
    text: Template,
    action: Phrase,
) -> Response {
    let lang = member.lang;
    let named = list::title(message, &member.site);
    let text = text.with(lang, &[("title", &named)]);
    let back = at(member, message.id);
    let content = view! { <Confirm visit=member.context.clone() text=text action=action.t(lang) back=back.clone()/> };
    page(
        member,
        Page::new(title.t(lang)).for_site(member, "messages").crumb(back, named).narrow(),
        content,
    )
}

pub(super) async fn ask_recall(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
) -> Result<Response, ConsoleError> {
    let message = load(&console, &member, &id).await?;
    Ok(ask(&member, &message, phrases::RECALL_TITLE, phrases::RECALL_TEXT, phrases::RECALL))
}

pub(super) async fn recall(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let message = load(&console, &member, &id).await?;
    match member.with_audit(&console, &id, console.app.recall(member.site.id, message.id)).await {
        // Already recalled: nothing to do.
        Ok(()) | Err(AppError::NotFound) => {}
        Err(other) => return Err(other.into()),
    }
    member.flash_success(phrases::RECALL_DONE.t(member.lang)).await?;
    Ok(redirect(&at(&member, message.id)))
}

pub(super) async fn ask_resend(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
) -> Result<Response, ConsoleError> {
    let message = load(&console, &member, &id).await?;
    Ok(ask(&member, &message, phrases::RESEND_TITLE, phrases::RESEND_TEXT, phrases::RESEND))
}

pub(super) async fn resend(
    State(console): State<Console>,
    member: Member,
    Path((_, id)): OfSite,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let message = load(&console, &member, &id).await?;
    match member
        .with_audit(
            &console,
            "",
            console.app.resend(member.site.id, message.id, Resend::default(), None),
        )
        .await
    {
        Ok(receipt) => {
            member.flash_success(phrases::RESEND_DONE.t(member.lang)).await?;
            Ok(redirect(&at(&member, receipt.id)))
        }
        Err(AppError::ValidationError(invalid)) => {
            member.flash_error(invalid.text().t(member.lang)).await?;
            Ok(redirect(&at(&member, message.id)))
        }
        Err(other) => Err(other.into()),
    }
}
