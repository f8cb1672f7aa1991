//! Canned responses. Every agent of the site may read and change them, as in the upstream API.

use super::{
    ApplicationState, access::Caller, empty, error::ApplicationError, json, params::Params,
    path::CannedResponsePath, schema,
};
use axum::{extract::State, response::Response};
use belfry_app::channel::CannedResponseChange;
use belfry_content::wire::iso;
use belfry_domain::channel::{CannedResponse, CannedResponseDraft, SiteNumber};
use serde::Serialize;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![routes!(list, create), routes!(update, replace, delete)]
}

#[derive(Serialize)]
struct CannedResponseJson<'a> {
    id: i64,
    account_id: i64,
    short_code: &'a str,
    content: &'a str,
    created_at: String,
    updated_at: String,
}

impl<'a> CannedResponseJson<'a> {
    fn new(response: &'a CannedResponse, account: SiteNumber) -> Self {
        Self {
            id: response.id.0,
            account_id: account.0,
            short_code: &response.short_code,
            content: &response.content,
            created_at: iso(response.created_at),
            updated_at: iso(response.updated_at),
        }
    }
}

/// Lists the canned responses.
///
/// Up to 1,000. Variables such as `{{contact.name}}` are returned unexpanded; the client
/// substitutes the values.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/canned_responses", operation_id = "listCannedResponses", tag = "Canned responses",
    params(("search" = Option<String>, Query, description = "Only those whose short code or content has this text, whatever the case of its letters; first those whose short code begins with it, then those whose short code has it.")),
    responses((status = 200, description = "The canned responses, by short code.", body = Vec<schema::CannedResponse>)))]
async fn list(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    let responses =
        application.app.canned_responses(caller.site, params.present("search").as_deref()).await?;
    Ok(json(
        &responses
            .iter()
            .map(|response| CannedResponseJson::new(response, caller.account))
            .collect::<Vec<_>>(),
    ))
}

/// Adds a canned response.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/canned_responses", operation_id = "createCannedResponse", tag = "Canned responses",
    request_body = schema::CannedResponseBody, responses((status = 200, description = "The canned response.", body = schema::CannedResponse)))]
async fn create(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    let change = parse_change(&params)?;
    let draft = CannedResponseDraft::new(
        &change.short_code.unwrap_or_default(),
        change.content.unwrap_or_default(),
    )?;
    let response = caller
        .with_audit(&application, "", application.app.create_canned_response(caller.site, &draft))
        .await?;
    Ok(json(&CannedResponseJson::new(&response, caller.account)))
}

/// Changes a canned response; absent members stay as they are.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}", operation_id = "updateCannedResponse",
    tag = "Canned responses", request_body = schema::CannedResponseBody,
    responses((status = 200, description = "The canned response.", body = schema::CannedResponse)))]
async fn update(
    State(application): State<ApplicationState>,
    caller: Caller,
    CannedResponsePath(response): CannedResponsePath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let change = parse_change(&params)?;
    let stored = application.app.canned_response(caller.site, response).await?;
    let changed = application
        .app
        .update_canned_response(caller.site, response, move |present| change.apply_to(present));
    let response = caller.with_audit(&application, &stored.short_code, changed).await?;
    Ok(json(&CannedResponseJson::new(&response, caller.account)))
}

/// Changes a canned response, as `PATCH` does.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}", operation_id = "putCannedResponse",
    tag = "Canned responses", request_body = schema::CannedResponseBody,
    responses((status = 200, description = "The canned response.", body = schema::CannedResponse)))]
async fn replace(
    application: State<ApplicationState>,
    caller: Caller,
    response: CannedResponsePath,
    params: Params,
) -> Result<Response, ApplicationError> {
    update(application, caller, response, params).await
}

/// Deletes a canned response.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/canned_responses/{canned_response_id}", operation_id = "deleteCannedResponse",
    tag = "Canned responses", responses((status = 200, description = "It is gone.")))]
async fn delete(
    State(application): State<ApplicationState>,
    caller: Caller,
    CannedResponsePath(response): CannedResponsePath,
) -> Result<Response, ApplicationError> {
    let stored = application.app.canned_response(caller.site, response).await?;
    let deleted = application.app.delete_canned_response(caller.site, response);
    caller.with_audit(&application, &stored.short_code, deleted).await?;
    Ok(empty())
}

/// Reads the members from `canned_response` or from the top level. `null` counts as blank, which is
/// rejected.
fn parse_change(params: &Params) -> Result<CannedResponseChange, ApplicationError> {
    let nested = params.nested("canned_response");
    let params = nested.as_ref().unwrap_or(params);
    let text = |name: &str| params.text(name).map(Option::unwrap_or_default);
    let change = CannedResponseChange { short_code: text("short_code"), content: text("content") };
    if change.short_code.is_none() && change.content.is_none() {
        return Err(ApplicationError::missing("canned_response"));
    }
    Ok(change)
}
