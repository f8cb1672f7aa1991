//! Creates an inbox.

use super::{
    form::{FIELDS, first_fields, read, wrong},
    own,
};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    phrases::CANCEL,
    request_context::{Member, redirect},
    view::{Button, Errors, Page, Tone, csrf_field, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_domain::{Role, channel::InboxSettings};
use belfry_locales::phrases::console_inboxes as phrases;
use leptos::prelude::*;

fn form_page(status: StatusCode, member: &Member, form: &Form) -> Response {
    let lang = member.lang;
    let content = view! {
        <form method="post">
            {csrf_field(member)}
            <Errors form=form.clone() fields=FIELDS/>
            {first_fields(lang, form)}
            <div class="actions">
                <Button tone=Tone::Accent>{phrases::CREATE.t(lang)}</Button>
                <Button href=member.path("inboxes")>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    };
    page_with(
        status,
        member,
        Page::new(phrases::ADD.t(lang))
            .for_site(member, "inboxes")
            .crumb(member.path("inboxes"), phrases::TITLE.t(lang))
            .narrow(),
        content,
    )
}

pub(super) async fn blank(member: Member) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    Ok(form_page(StatusCode::OK, &member, &Form::default()))
}

pub(super) async fn create(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let creation = console.app.create_inbox(member.site.id, read(&form, &InboxSettings::default()));
    match member.with_audit(&console, "", creation).await {
        Ok(created) => {
            member.flash_success(phrases::CREATED.t(member.lang)).await?;
            Ok(redirect(&own(&member, created.inbox.id)))
        }
        Err(error) => {
            Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &member, &form.rejected(wrong(error)?)))
        }
    }
}
