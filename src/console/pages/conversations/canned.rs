//! Canned responses: prepared replies of a site that agents insert into the composer. Every agent
//! may change them.
//!
//! `list`, `write` and `delete` are the pages that manage them; `insert` is the menu in the
//! composer. Changes are in the audit log.

mod delete;
mod insert;
mod list;
mod write;

pub(super) use insert::{Insertable, listbox, popup};

use super::agent::AgentMember;
use crate::{Console, edit_conflict::REVISION_FIELD, error::ConsoleError, form::Form};
use axum::extract::DefaultBodyLimit;
use belfry_app::channel::ChannelError;
use belfry_domain::{
    ValidationError,
    channel::{CannedResponse, CannedResponseId, Rejection},
};
use belfry_locales::phrases::errors;
use belfry_store::StoreError;
use belfry_web::router::{Routes, get, post};

pub(super) fn routes() -> Routes<Console> {
    let files = DefaultBodyLimit::max(super::post::MAX_POST_BYTES);
    Routes::new()
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
            post(insert::insert).map(|methods| methods.layer(files)),
        )
}

/// The path of the list.
fn all(member: &AgentMember) -> String {
    member.path("conversations/canned-responses")
}

/// The path of a canned response.
fn own(member: &AgentMember, response: CannedResponseId) -> String {
    format!("{}/{response}", all(member))
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
            Ok(ValidationError::new(field, errors::TAKEN))
        }
        other => Err(other.into()),
    }
}

/// The form of a stored response.
fn form_of(response: &CannedResponse) -> Form {
    Form::new([
        ("short_code", response.short_code.clone()),
        (TEXT_FIELD, response.content.clone()),
        (REVISION_FIELD, response.revision()),
    ])
}
