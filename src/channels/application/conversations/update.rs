//! `PATCH /conversations/{conversation_id}`.

use super::{act, status};
use crate::application::{
    ApplicationState, access::Caller, error::ApplicationError, json, params::Params,
    path::ConversationPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_domain::channel::ConversationChange;

/// Changes a conversation; absent members stay as they are.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}", operation_id = "updateConversation",
    tag = "Conversations", request_body = schema::ConversationChangeBody,
    responses((status = 200, description = "The conversation.", body = schema::Conversation)))]
pub(in crate::application) async fn update(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let change = ConversationChange {
        status: status::change(&params)?,
        priority: status::priority(&params)?,
        assignee: act::assignee(&params)?,
        custom_attributes: params.object("custom_attributes"),
        ..ConversationChange::default()
    };
    let view = application.app.update_conversation(&caller, number, change).await?;
    Ok(json(&application.renderer(caller.site).conversation(&view)))
}
