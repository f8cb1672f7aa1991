//! Deletes a canned response, after confirmation.

use super::{TITLE, all, own};
use crate::{
    console::{
        Console,
        error::ConsoleError,
        form::Form,
        pages::{
            conversations::{agent::AgentMember, phrases as talk},
            path_params::PathId,
        },
        phrases::{DELETE, words},
        request_context::redirect,
        view::{Confirm, Page, page},
    },
    content::text::clean_line,
    domain::channel::CannedResponseId,
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;

words! {
    ASK: "Delete this canned response?", "Видалити цю готову відповідь?";
    TEXT: "“{code}” can no longer be inserted. Replies already sent with it are not changed.", "«{code}» більше не можна буде вставити. Уже надіслані з нею відповіді не зміняться.";
    DELETED: "Canned response deleted.", "Готову відповідь видалено.";
}

pub(super) async fn ask(
    State(console): State<Console>,
    who: AgentMember,
    id: PathId<CannedResponseId>,
) -> Result<Response, ConsoleError> {
    let lang = who.lang;
    let stored = console.inbox.canned_response(who.site.id, id.0).await?;
    let (code, back) = (clean_line(&stored.short_code), own(&who, stored.id));
    let text = TEXT.with(lang, &[("code", &code)]);
    let content = view! { <Confirm visit=who.visit.clone() text=text action=DELETE.t(lang) back=back.clone()/> };
    let about = Page::new(ASK.t(lang))
        .of(&who, "conversations")
        .crumb(who.path("conversations"), talk::TITLE.t(lang));
    Ok(page(&who, about.crumb(all(&who), TITLE.t(lang)).crumb(back, code).narrow(), content))
}

pub(super) async fn delete(
    State(console): State<Console>,
    who: AgentMember,
    id: PathId<CannedResponseId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let stored = console.inbox.canned_response(who.site.id, id.0).await?;
    who.acting(
        &console,
        "canned-response.deleted",
        &stored.short_code,
        console.inbox.delete_canned_response(who.site.id, stored.id),
    )
    .await?;
    who.done(DELETED.t(who.lang)).await?;
    Ok(redirect(&all(&who)))
}
