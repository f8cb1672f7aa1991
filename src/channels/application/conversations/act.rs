//! Endpoints for typing, last seen, assignment and custom attributes.

use crate::application::{
    ApplicationState, access::Caller, empty, error::ApplicationError, json, params::Params,
    path::ConversationPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_domain::channel::{AgentId, ConversationChange};
use serde::Serialize;
use serde_json::{Map, Value};

/// Tells the contact and other agents that the caller is typing, or stopped typing.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_typing_status", operation_id = "toggleTypingStatus",
    tag = "Conversations", request_body = schema::TypingBody, responses((status = 200, description = "It is told.")))]
pub(in crate::application) async fn toggle_typing_status(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let is_on = match params.present("typing_status").as_deref() {
        Some("on") => true,
        Some("off") => false,
        // As upstream: any other value is ignored, but an unknown conversation is still an error.
        _ => {
            return application
                .app
                .conversation(&caller, number)
                .await
                .map(|_| empty())
                .map_err(Into::into);
        }
    };
    application
        .app
        .publish_typing(&caller, number, is_on, params.boolean("is_private").unwrap_or_default())
        .await?;
    Ok(empty())
}

/// Marks a conversation as seen by the caller.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/update_last_seen", operation_id = "updateLastSeen",
    tag = "Conversations", responses((status = 200, description = "The conversation.", body = schema::Conversation)))]
pub(in crate::application) async fn update_last_seen(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
) -> Result<Response, ApplicationError> {
    let view = application.app.mark_seen_by_agent(&caller, number).await?;
    Ok(json(&application.renderer(caller.site).conversation(&view)))
}

/// Assigns a conversation to an agent, or to nobody.
///
/// There are no teams: `team_id` is ignored.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/assignments", operation_id = "assignConversation",
    tag = "Conversations", request_body = schema::AssignmentBody,
    responses((status = 200, description = "The agent who answers from now on, or `null`.", body = Option<schema::Agent>)))]
pub(in crate::application) async fn assign(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let agent = match assignee(&params)? {
        Some(assignee) => application.app.assign(&caller, number, assignee).await?,
        // The request contains only a team.
        None => application.app.conversation(&caller, number).await.map(|_| None)?,
    };
    let renderer = application.renderer(caller.site);
    Ok(json(&agent.as_ref().map(|agent| renderer.agent(agent, caller.account))))
}

#[derive(Serialize)]
struct CustomAttributes<'a> {
    custom_attributes: &'a Map<String, Value>,
}

/// Replaces the custom attributes of a conversation.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/custom_attributes", operation_id = "setCustomAttributes",
    tag = "Conversations", request_body = schema::CustomAttributesBody,
    responses((status = 200, description = "The custom attributes.", body = schema::CustomAttributes)))]
pub(in crate::application) async fn custom_attributes(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let attributes = params
        .object("custom_attributes")
        .ok_or_else(|| ApplicationError::missing("custom_attributes"))?;
    let change =
        ConversationChange { custom_attributes: Some(attributes), ..ConversationChange::default() };
    let view = application.app.update_conversation(&caller, number, change).await?;
    Ok(json(&CustomAttributes { custom_attributes: &view.conversation.custom_attributes }))
}

/// The requested assignee. The outer `None` means absent; `null`, blank and 0 mean nobody.
#[expect(clippy::option_option, reason = "said, said to be nothing, and not said are three things")]
pub(super) fn assignee(params: &Params) -> Result<Option<Option<AgentId>>, ApplicationError> {
    let Some(text) = params.text("assignee_id") else { return Ok(None) };
    let text = text.filter(|text| !matches!(text.trim(), "" | "0"));
    text.map(|text| text.trim().parse().map_err(|_| ApplicationError::not_found()))
        .transpose()
        .map(Some)
}
