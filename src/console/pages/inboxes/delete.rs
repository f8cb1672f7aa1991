//! Deletes an inbox, after its name was typed as a confirmation.

use super::{named, own};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::path_params::PathId,
    phrases::{DELETE, NAME},
    request_context::{Member, redirect},
    view::{Confirm, Field, Page, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_domain::{Role, ValidationError, channel::ChannelInbox};
use belfry_locales::phrases::console_inboxes as phrases;
use leptos::prelude::*;

fn ask_page(status: StatusCode, member: &Member, inbox: &ChannelInbox, form: Form) -> Response {
    let (lang, name) = (member.lang, inbox.settings.name.clone());
    let placeholder = name.clone();
    let (text, back) = (phrases::DELETE_TEXT.t(lang), own(member, inbox.id));
    let content = view! {
        <Confirm visit=member.context.clone() text=text action=DELETE.t(lang) back=back>
            <Field form=form name="name" label=NAME.t(lang) placeholder=placeholder required=true/>
        </Confirm>
    };
    let about = Page::new(phrases::ASK.with(lang, &[("name", &name)]))
        .for_site(member, "inboxes")
        .crumb(member.path("inboxes"), phrases::TITLE.t(lang));
    page_with(status, member, about.crumb(own(member, inbox.id), name).narrow(), content)
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    Ok(ask_page(StatusCode::OK, &member, &inbox, Form::default()))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.require_role(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let name = &inbox.settings.name;
    if form.get("name").trim() != name {
        let form = form.rejected(ValidationError::new(
            "name",
            phrases::OTHER.text([("name", name.clone().into())]),
        ));
        return Ok(ask_page(StatusCode::UNPROCESSABLE_ENTITY, &member, &inbox, form));
    }
    member.with_audit(&console, name, console.app.delete_inbox(member.site.id, inbox.id)).await?;
    member.flash_success(phrases::DELETED.t(member.lang)).await?;
    Ok(redirect(&member.path("inboxes")))
}
