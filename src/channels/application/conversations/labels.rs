//! Labels of a conversation.

use crate::application::{
    ApplicationState, Payload, access::Caller, error::ApplicationError, json, params::Params,
    path::ConversationPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_domain::channel::ConversationChange;

/// Lists the labels of a conversation.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels", operation_id = "listLabels", tag = "Conversations",
    responses((status = 200, description = "The labels.", body = schema::Labels)))]
pub(in crate::application) async fn get(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
) -> Result<Response, ApplicationError> {
    let view = application.app.conversation(&caller, number).await?;
    Ok(json(&Payload { payload: &view.conversation.labels }))
}

/// Replaces the labels of a conversation.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/labels", operation_id = "setLabels", tag = "Conversations",
    request_body = schema::LabelsBody, responses((status = 200, description = "The labels, in small letters, each once.", body = schema::Labels)))]
pub(in crate::application) async fn set(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let labels = params.list("labels").ok_or_else(|| ApplicationError::missing("labels"))?;
    let change = ConversationChange { labels: Some(labels), ..ConversationChange::default() };
    let view = application.app.update_conversation(&caller, number, change).await?;
    Ok(json(&Payload { payload: &view.conversation.labels }))
}
