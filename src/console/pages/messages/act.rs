//! Actions on a published or scheduled message: cancel, recall, send again.

use super::{compose::named, list, phrases};
use crate::{
    app::AppError,
    console::{
        Console,
        error::ConsoleError,
        error_translations,
        form::Form,
        phrases::Phrase,
        request_context::{Member, redirect},
        view::{Confirm, Page, page},
    },
    domain::{Message, MessageId, Resend, Role},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use leptos::prelude::*;

type OfSite = Path<(String, String)>;

async fn load(console: &Console, member: &Member, id: &str) -> Result<Message, ConsoleError> {
    member.may(Role::Editor)?;
    Ok(console.inbox.message(member.site.id, named(id)?).await?)
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
    match member
        .acting(
            &console,
            "message.cancelled",
            &id,
            console.inbox.cancel(member.site.id, message.id),
        )
        .await
    {
        Ok(()) => {
            member.done(phrases::UNDONE.t(member.lang)).await?;
            let here = at(&member, message.id);
            Ok(redirect(&if form.has("undo") { format!("{here}/duplicate") } else { here }))
        }
        Err(AppError::NotScheduled) => {
            member.failed(phrases::TOO_LATE.t(member.lang)).await?;
            Ok(redirect(&at(&member, message.id)))
        }
        Err(other) => Err(other.into()),
    }
}

fn ask(
    member: &Member,
    message: &Message,
    title: Phrase,
    text: Phrase,
    action: Phrase,
) -> Response {
    let lang = member.lang;
    let named = list::title(message, &member.site);
    let text = text.with(lang, &[("title", &named)]);
    let back = at(member, message.id);
    let content = view! { <Confirm visit=member.visit.clone() text=text action=action.t(lang) back=back.clone()/> };
    page(
        member,
        Page::new(title.t(lang)).of(member, "messages").crumb(back, named).narrow(),
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
    match member
        .acting(&console, "message.recalled", &id, console.inbox.recall(member.site.id, message.id))
        .await
    {
        // Already recalled: nothing to do.
        Ok(()) | Err(AppError::NotFound) => {}
        Err(other) => return Err(other.into()),
    }
    member.done(phrases::RECALL_DONE.t(member.lang)).await?;
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
        .acting(
            &console,
            "message.resent",
            "",
            console.inbox.resend(member.site.id, message.id, Resend::default(), None),
        )
        .await
    {
        Ok(receipt) => {
            member.done(phrases::RESEND_DONE.t(member.lang)).await?;
            Ok(redirect(&at(&member, receipt.id)))
        }
        Err(AppError::ValidationError(invalid)) => {
            member.failed(error_translations::translate(member.lang, &invalid.to_string())).await?;
            Ok(redirect(&at(&member, message.id)))
        }
        Err(other) => Err(other.into()),
    }
}
