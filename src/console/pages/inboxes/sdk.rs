//! The signing keys of one inbox.

use super::{named, own};
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::{
        path_params::PathId,
        sdk_keys::{self, SdkKeyPlace},
    },
    request_context::Member,
    view::{Page, page_with},
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_domain::{
    Role,
    channel::ChannelInbox,
    sdk::{SdkKeyId, SdkScope},
};
use belfry_locales::phrases::{console_inboxes as phrases, console_sdk_keys};

fn about(member: &Member, inbox: &ChannelInbox) -> Page {
    let about = Page::new(console_sdk_keys::TITLE.t(member.lang))
        .for_site(member, "inboxes")
        .crumb(member.path("inboxes"), phrases::TITLE.t(member.lang));
    about.crumb(own(member, inbox.id), &inbox.settings.name)
}

/// Only owners manage keys.
async fn place(
    console: &Console,
    member: &Member,
    id: PathId<i64>,
) -> Result<SdkKeyPlace, ConsoleError> {
    member.require_role(Role::Owner)?;
    let inbox = named(console, member, id).await?;
    let path = format!("{}/sdk", own(member, inbox.id));
    Ok(SdkKeyPlace {
        scope: SdkScope::Inbox(inbox.id),
        uuid: inbox.uuid.to_string(),
        path,
        page: about(member, &inbox),
    })
}

pub(super) async fn show(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
) -> Result<Response, ConsoleError> {
    let place = place(&console, &member, id).await?;
    let content = sdk_keys::part(&console, &member, &place, Form::default()).await?;
    Ok(page_with(StatusCode::OK, &member, place.page, content))
}

pub(super) async fn create(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let place = place(&console, &member, id).await?;
    match sdk_keys::create(&console, &member, place, form).await? {
        Ok(made) => Ok(made),
        Err((place, form)) => {
            let content = sdk_keys::part(&console, &member, &place, form).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &member, place.page, content))
        }
    }
}

pub(super) async fn ask(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    key: PathId<SdkKeyId, 2>,
) -> Result<Response, ConsoleError> {
    let place = place(&console, &member, id).await?;
    sdk_keys::ask(&console, &member, place, key.0).await
}

pub(super) async fn revoke(
    State(console): State<Console>,
    member: Member,
    id: PathId<i64>,
    key: PathId<SdkKeyId, 2>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let place = place(&console, &member, id).await?;
    sdk_keys::revoke(&console, &member, &place, key.0).await
}
