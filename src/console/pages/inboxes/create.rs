//! A new inbox.

use super::{
    ADD, TITLE,
    form::{FIELDS, first_fields, read, wrong},
    own,
};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        phrases::{CANCEL, words},
        request_context::{Member, redirect},
        view::{Button, Errors, Page, Tone, csrf_field, page_with},
    },
    domain::{Role, channel::InboxSettings},
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;

words! {
    CREATE: "Create inbox", "Створити скриньку";
    CREATED: "Inbox created. Choose its agents, and connect your site.", "Скриньку створено. Виберіть агентів і під’єднайте свій сайт.";
}

fn form_page(status: StatusCode, member: &Member, form: &Form) -> Response {
    let lang = member.lang;
    let content = view! {
        <form method="post">
            {csrf_field(member)}
            <Errors form=form.clone() fields=FIELDS/>
            {first_fields(lang, form)}
            <div class="actions">
                <Button tone=Tone::Accent>{CREATE.t(lang)}</Button>
                <Button href=member.path("inboxes")>{CANCEL.t(lang)}</Button>
            </div>
        </form>
    };
    page_with(
        status,
        member,
        Page::new(ADD.t(lang))
            .of(member, "inboxes")
            .crumb(member.path("inboxes"), TITLE.t(lang))
            .narrow(),
        content,
    )
}

pub(super) async fn blank(member: Member) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    Ok(form_page(StatusCode::OK, &member, &Form::default()))
}

pub(super) async fn create(
    State(console): State<Console>,
    member: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let creation =
        console.inbox.create_inbox(member.site.id, read(&form, &InboxSettings::default()));
    match member.acting(&console, "inbox.created", "", creation).await {
        Ok(created) => {
            member.done(CREATED.t(member.lang)).await?;
            Ok(redirect(&own(&member, created.inbox.id)))
        }
        Err(error) => {
            Ok(form_page(StatusCode::UNPROCESSABLE_ENTITY, &member, &form.refused(wrong(error)?)))
        }
    }
}
