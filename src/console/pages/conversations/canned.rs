//! Canned responses: prepared answers that the agents of a site write once, and insert into their
//! replies. Every agent may change them.
//!
//! The pages that keep them are `list`, `write` and `delete`; `insert` is what a thread has of
//! them. What is changed is in the audit log.

mod delete;
mod insert;
mod list;
mod write;

pub(super) use insert::{Insertable, listbox, popup};

use super::agent::AgentMember;
use crate::{
    app::channel::ChannelError,
    console::{
        Console, edit_conflict::REVISION_FIELD, error::ConsoleError, form::Form, phrases::words,
    },
    domain::{
        ValidationError,
        channel::{CannedResponse, CannedResponseId, Rejection},
    },
    store::StoreError,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

words! {
    TITLE: "Canned responses", "Готові відповіді";
    ADD: "New canned response", "Нова готова відповідь";
    SHORT_CODE: "Short code", "Короткий код";
    CONTENT: "Content", "Текст";
    TEACHING: "Save answers you give often. In a reply, type / and the first letters of a short code to insert one.", "Збережіть відповіді, які часто даєте. У відповіді введіть / і перші літери короткого коду, щоб вставити потрібну.";
}

pub(super) fn routes() -> Router<Console> {
    let files = DefaultBodyLimit::max(super::post::MAX_POST_BYTES);
    Router::new()
        .route("/sites/{site}/conversations/canned-responses", get(list::list))
        .route(
            "/sites/{site}/conversations/canned-responses/new",
            get(write::blank).post(write::create),
        )
        .route(
            "/sites/{site}/conversations/canned-responses/{response}",
            get(write::show).post(write::save),
        )
        .route(
            "/sites/{site}/conversations/canned-responses/{response}/delete",
            get(delete::ask).post(delete::delete),
        )
        .route("/sites/{site}/conversations/{conversation}/canned", get(insert::options))
        .route(
            "/sites/{site}/conversations/{conversation}/insert",
            post(insert::insert).layer(files),
        )
}

/// The path of the list.
fn all(who: &AgentMember) -> String {
    who.path("conversations/canned-responses")
}

/// The path of a canned response.
fn own(who: &AgentMember, response: CannedResponseId) -> String {
    format!("{}/{response}", all(who))
}

/// The field with the content; `content` is taken on the thread's page.
const TEXT_FIELD: &str = "text";

/// The validation error of an error, if it is one.
fn wrong(error: ChannelError) -> Result<ValidationError, ConsoleError> {
    match error {
        ChannelError::Rejected(Rejection::Invalid(invalid)) if invalid.field == "content" => {
            Ok(ValidationError { field: TEXT_FIELD.to_owned(), ..invalid })
        }
        ChannelError::Rejected(Rejection::Invalid(invalid))
        | ChannelError::Store(StoreError::Limit(invalid)) => Ok(invalid),
        ChannelError::Rejected(Rejection::Taken(field)) => {
            Ok(ValidationError::new(field, "has already been taken"))
        }
        other => Err(other.into()),
    }
}

/// The form of a stored response.
fn form_of(response: &CannedResponse) -> Form {
    Form::of([
        ("short_code", response.short_code.clone()),
        (TEXT_FIELD, response.content.clone()),
        (REVISION_FIELD, response.revision()),
    ])
}
