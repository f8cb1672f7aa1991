//! Deletes a canned response, after confirmation.

use super::{all, own};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::{
        conversations::{agent::AgentMember, phrases as talk},
        path_params::PathId,
    },
    phrases::DELETE,
    request_context::redirect,
    view::{Confirm, Page, page},
};
use axum::{extract::State, response::Response};
use belfry_content::text::clean_line;
use belfry_domain::channel::CannedResponseId;
use belfry_locales::phrases::console_conversations as phrases;
use leptos::prelude::*;

pub(super) async fn ask(
    State(console): State<Console>,
    member: AgentMember,
    id: PathId<CannedResponseId>,
) -> Result<Response, ConsoleError> {
    let lang = member.lang;
    let stored = console.app.canned_response(member.site.id, id.0).await?;
    let (code, back) = (clean_line(&stored.short_code), own(&member, stored.id));
    let text = phrases::TEXT.with(lang, &[("code", &code)]);
    let content = view! { <Confirm visit=member.context.clone() text=text action=DELETE.t(lang) back=back.clone()/> };
    let about = Page::new(phrases::ASK.t(lang))
        .for_site(&member, "conversations")
        .crumb(member.path("conversations"), talk::TITLE.t(lang));
    Ok(page(
        &member,
        about.crumb(all(&member), phrases::CANNED_TITLE.t(lang)).crumb(back, code).narrow(),
        content,
    ))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: AgentMember,
    id: PathId<CannedResponseId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let stored = console.app.canned_response(member.site.id, id.0).await?;
    member
        .with_audit(
            &console,
            &stored.short_code,
            console.app.delete_canned_response(member.site.id, stored.id),
        )
        .await?;
    member.flash_success(phrases::DELETED.t(member.lang)).await?;
    Ok(redirect(&all(&member)))
}
