//! Endpoints that change an existing message: delivery status, deletion and retry.

use crate::application::{
    ApplicationState,
    access::Caller,
    error::ApplicationError,
    json,
    params::Params,
    path::{ConversationPath, MessagePath},
    schema,
};
use axum::{extract::State, response::Response};
use belfry_domain::channel::PostedMessage;

/// Sets the delivery status of a message.
///
/// An unknown status, or one before the present status, changes nothing.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}", operation_id = "updateMessageStatus",
    tag = "Conversations", request_body = schema::MessageStatusBody,
    responses(
        (status = 200, description = "The message.", body = schema::Message),
        (status = 403, description = "The inbox is not of a kind whose messages are delivered by the site."),
    ))]
pub(in crate::application) async fn update(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    MessagePath(message): MessagePath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let status = params.present("status").and_then(|text| text.parse().ok());
    let error = params.present("external_error");
    let posted = application
        .app
        .set_message_status(&caller, (number, message), status, error.as_deref())
        .await?;
    Ok(answer(&application, &caller, &posted))
}

/// Deletes a message: its content is removed.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}", operation_id = "deleteMessage",
    tag = "Conversations", responses((status = 200, description = "What stands in its place.", body = schema::Message)))]
pub(in crate::application) async fn delete(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    MessagePath(message): MessagePath,
) -> Result<Response, ApplicationError> {
    let posted = application.app.delete_message(&caller, (number, message)).await?;
    Ok(answer(&application, &caller, &posted))
}

/// Sends a message to the callback URL again.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages/{message_id}/retry", operation_id = "retryMessage",
    tag = "Conversations", responses((status = 200, description = "The message.", body = schema::Message)))]
pub(in crate::application) async fn retry(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    MessagePath(message): MessagePath,
) -> Result<Response, ApplicationError> {
    let posted = application.app.retry_message(&caller, (number, message)).await?;
    Ok(answer(&application, &caller, &posted))
}

fn answer(application: &ApplicationState, caller: &Caller, posted: &PostedMessage) -> Response {
    json(&application.renderer(caller.site).message(&posted.message, &posted.view.contact, None))
}
