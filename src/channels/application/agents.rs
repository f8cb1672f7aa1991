//! The calling agent's profile, and the list of the site's agents.

use super::{ApplicationState, access::Caller, error::ApplicationError, json, schema};
use axum::{extract::State, response::Response};
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![routes!(profile), routes!(list)]
}

/// Gets the agent whose token this is.
#[utoipa::path(get, path = "/api/v1/profile", operation_id = "getProfile", tag = "Agents of conversations",
    responses((status = 200, description = "The agent, with the token for real-time updates.", body = schema::User)))]
async fn profile(
    State(application): State<ApplicationState>,
    caller: Caller,
) -> Result<Response, ApplicationError> {
    Ok(json(&application.renderer(caller.site).user(&caller, caller.token().reveal())))
}

/// Lists the agents of the site, up to 500.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/agents", operation_id = "listAgents", tag = "Agents of conversations",
    responses((status = 200, description = "The agents, by their numbers.", body = Vec<schema::Agent>)))]
async fn list(
    State(application): State<ApplicationState>,
    caller: Caller,
) -> Result<Response, ApplicationError> {
    let agents = application.app.agents(caller.site).await?;
    let renderer = application.renderer(caller.site);
    Ok(json(&agents.iter().map(|agent| renderer.agent(agent, caller.account)).collect::<Vec<_>>()))
}
