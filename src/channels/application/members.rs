//! Members of inboxes: the agents who may see an inbox without being administrators.

use super::{
    ApplicationState, Payload,
    access::{Administrator, Caller},
    empty,
    error::ApplicationError,
    json,
    params::Params,
    path::InboxPath,
    schema,
};
use axum::{extract::State, response::Response};
use belfry_domain::channel::{Agent, AgentId, InboxId, MembersChange};
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![routes!(list), routes!(add, replace, remove)]
}

/// Lists the members of an inbox that the caller sees.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/inbox_members/{inbox_id}", operation_id = "listInboxMembers", tag = "Inboxes",
    responses((status = 200, description = "The members.", body = schema::Agents)))]
async fn list(
    State(application): State<ApplicationState>,
    caller: Caller,
    InboxPath(inbox): InboxPath,
) -> Result<Response, ApplicationError> {
    let members = application.app.inbox_members(&caller, inbox).await?;
    Ok(payload(&application, &caller, &members))
}

/// Adds members to an inbox. Only administrators may.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/inbox_members", operation_id = "addInboxMembers", tag = "Inboxes",
    request_body = schema::MembersBody, responses((status = 200, description = "All members.", body = schema::Agents)))]
async fn add(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    params: Params,
) -> Result<Response, ApplicationError> {
    let (inbox, agents) = parse_members(&params)?;
    let members = change(&application, &caller, inbox, MembersChange::Add(agents)).await?;
    Ok(payload(&application, &caller, &members))
}

/// Replaces the members of an inbox with these agents. Only administrators may.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/inbox_members", operation_id = "replaceInboxMembers", tag = "Inboxes",
    request_body = schema::MembersBody, responses((status = 200, description = "All members.", body = schema::Agents)))]
async fn replace(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    params: Params,
) -> Result<Response, ApplicationError> {
    let (inbox, agents) = parse_members(&params)?;
    let members = change(&application, &caller, inbox, MembersChange::Replace(agents)).await?;
    Ok(payload(&application, &caller, &members))
}

/// Removes members from an inbox. Only administrators may.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/inbox_members", operation_id = "removeInboxMembers", tag = "Inboxes",
    request_body = schema::MembersBody, responses((status = 200, description = "They are no members any more.")))]
async fn remove(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    params: Params,
) -> Result<Response, ApplicationError> {
    let (inbox, agents) = parse_members(&params)?;
    change(&application, &caller, inbox, MembersChange::Remove(agents)).await?;
    Ok(empty())
}

async fn change(
    application: &ApplicationState,
    caller: &Caller,
    inbox: InboxId,
    change: MembersChange,
) -> Result<Vec<Agent>, ApplicationError> {
    let name = application.app.inbox_of_site(caller.site, inbox).await?.settings.name;
    let changing = application.app.change_inbox_members(caller.site, inbox, &change);
    Ok(caller.with_audit(application, &name, changing).await?)
}

fn parse_members(params: &Params) -> Result<(InboxId, Vec<AgentId>), ApplicationError> {
    let inbox = params.present("inbox_id").ok_or_else(|| ApplicationError::missing("inbox_id"))?;
    let agents = params.list("user_ids").ok_or_else(|| ApplicationError::missing("user_ids"))?;
    // A value that is no number is answered with 404, like an unknown id.
    let inbox = inbox.parse().map_err(|_| ApplicationError::not_found())?;
    let agents = agents
        .iter()
        .map(|agent| agent.parse().map_err(|_| ApplicationError::not_found()))
        .collect::<Result<_, _>>()?;
    Ok((inbox, agents))
}

fn payload(application: &ApplicationState, caller: &Caller, members: &[Agent]) -> Response {
    let renderer = application.renderer(caller.site);
    json(&Payload {
        payload: members
            .iter()
            .map(|agent| renderer.agent(agent, caller.account))
            .collect::<Vec<_>>(),
    })
}
