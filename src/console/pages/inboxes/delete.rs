//! The end of an inbox, asked for by its name.

use super::{TITLE, named, own};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::path_params::PathId,
        phrases::{DELETE, NAME, words},
        request_context::{Member, redirect},
        view::{Confirm, Field, Page, page_with},
    },
    domain::{Role, ValidationError, channel::ChannelInbox},
};
use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;

words! {
    ASK: "Delete {name}?", "Видалити {name}?";
    TEXT: "All conversations of this inbox are deleted with their messages and files, and everything that uses its inbox_identifier stops working. This can’t be undone. Type the inbox’s name to confirm.", "Усі розмови цієї скриньки буде видалено разом із повідомленнями та файлами, а все, що використовує її inbox_identifier, перестане працювати. Цього не можна скасувати. Щоб підтвердити, введіть назву скриньки.";
    OTHER: "does not match the name of this inbox, {name}", "не збігається з назвою цієї скриньки: {name}";
    DELETED: "Inbox deleted.", "Скриньку видалено.";
}

fn ask_page(status: StatusCode, member: &Member, inbox: &ChannelInbox, form: Form) -> Response {
    let (lang, name) = (member.lang, inbox.settings.name.clone());
    let placeholder = name.clone();
    let (text, back) = (TEXT.t(lang), own(member, inbox.id));
    let content = view! {
        <Confirm visit=member.visit.clone() text=text action=DELETE.t(lang) back=back>
            <Field form=form name="name" label=NAME.t(lang) placeholder=placeholder required=true/>
        </Confirm>
    };
    let about = Page::new(ASK.with(lang, &[("name", &name)]))
        .of(member, "inboxes")
        .crumb(member.path("inboxes"), TITLE.t(lang));
    page_with(status, member, about.crumb(own(member, inbox.id), name).narrow(), content)
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    Ok(ask_page(StatusCode::OK, &member, &inbox, Form::default()))
}

pub(super) async fn delete(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    form: Form,
) -> Result<Response, ConsoleError> {
    member.may(Role::Owner)?;
    let inbox = named(&console, &member, id).await?;
    let name = &inbox.settings.name;
    if form.get("name").trim() != name {
        let form =
            form.refused(ValidationError::new("name", OTHER.with(member.lang, &[("name", name)])));
        return Ok(ask_page(StatusCode::UNPROCESSABLE_ENTITY, &member, &inbox, form));
    }
    member
        .acting(
            &console,
            "inbox.deleted",
            name,
            console.inbox.delete_inbox(member.site.id, inbox.id),
        )
        .await?;
    member.done(DELETED.t(member.lang)).await?;
    Ok(redirect(&member.path("inboxes")))
}
