//! Messages of a conversation.

mod act;
mod draft;
mod list;

pub(super) use draft::draft;

use super::{
    ApplicationState, access::Caller, body::ParsedBody, error::ApplicationError, json,
    path::ConversationPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_app::channel::ChannelError;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![routes!(list::list, create), routes!(act::update, act::delete), routes!(act::retry)]
}

/// Adds a message to a conversation, as JSON or as parts with files.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages", operation_id = "createMessage", tag = "Conversations",
    request_body(content(
        (schema::MessageBody = "application/json"),
        (schema::MessageForm = "multipart/form-data"),
    )),
    responses((status = 200, description = "The message.", body = schema::Message)))]
async fn create(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    body: ParsedBody,
) -> Result<Response, ApplicationError> {
    let of_message = |error: ApplicationError| error.into_message_error();
    let mut draft = draft(&body.params).map_err(|invalid| of_message(invalid.into()))?;
    let files = application.app.prepare_attachments(caller.site, body.files).await;
    draft.attachments = files.map_err(|error| of_message(ChannelError::from(error).into()))?;
    let posted = application
        .app
        .post_message(&caller, number, &draft)
        .await
        .map_err(|error| of_message(error.into()))?;
    let renderer = application.renderer(caller.site);
    Ok(json(&renderer.message(&posted.message, &posted.view.contact, draft.echo_id.as_deref())))
}
