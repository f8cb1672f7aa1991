//! The signing keys of a whole site.

use super::tab;
use crate::{
    Console,
    error::ConsoleError,
    form::Form,
    pages::{
        path_params::PathId,
        sdk_keys::{self, SdkKeyPlace},
    },
    request_context::Member,
    view::Page,
};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_domain::{
    Role,
    sdk::{SdkKeyId, SdkScope},
};
use belfry_locales::phrases::console_sdk_keys;
use belfry_web::router::{Routes, get};

const HERE: &str = "settings/sdk";

pub(super) fn routes() -> Routes<Console> {
    Routes::new()
        .route("/sites/{site}/settings/sdk", get(show).post(create))
        .route("/sites/{site}/settings/sdk/{key}/revoke", get(ask).post(revoke))
}

/// The keys are an owner's affair.
fn place(who: &Member) -> Result<SdkKeyPlace, ConsoleError> {
    who.require_role(Role::Owner)?;
    Ok(SdkKeyPlace {
        scope: SdkScope::Site,
        uuid: who.site.id.to_string(),
        path: who.path(HERE),
        page: Page::new(console_sdk_keys::TITLE.t(who.lang)).for_site(who, "settings"),
    })
}

async fn show(State(console): State<Console>, who: Member) -> Result<Response, ConsoleError> {
    let place = place(&who)?;
    Ok(tab(
        StatusCode::OK,
        &who,
        HERE,
        sdk_keys::part(&console, &who, &place, Form::default()).await?,
    ))
}

async fn create(
    State(console): State<Console>,
    who: Member,
    form: Form,
) -> Result<Response, ConsoleError> {
    let place = place(&who)?;
    match sdk_keys::create(&console, &who, place, form).await? {
        Ok(made) => Ok(made),
        Err((place, form)) => {
            let content = sdk_keys::part(&console, &who, &place, form).await?;
            Ok(tab(StatusCode::UNPROCESSABLE_ENTITY, &who, HERE, content))
        }
    }
}

async fn ask(
    State(console): State<Console>,
    who: Member,
    key: PathId<SdkKeyId>,
) -> Result<Response, ConsoleError> {
    let place = place(&who)?;
    sdk_keys::ask(&console, &who, place, key.0).await
}

async fn revoke(
    State(console): State<Console>,
    who: Member,
    key: PathId<SdkKeyId>,
    _form: Form,
) -> Result<Response, ConsoleError> {
    let place = place(&who)?;
    sdk_keys::revoke(&console, &who, &place, key.0).await
}
