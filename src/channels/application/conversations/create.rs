//! `POST /conversations`.

use super::status;
use crate::application::{
    ApplicationState, access::Caller, error::ApplicationError, json, messages, params::Params,
    schema,
};
use axum::{extract::State, response::Response};
use belfry_app::channel::ConversationDraft;
use belfry_domain::{ContactId, channel::SourceId};
use std::str::FromStr;

/// Creates a conversation, optionally with a first message.
///
/// With `inbox_id` and `contact_id` the session is found or created; otherwise it is looked up by
/// `source_id`.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/conversations", operation_id = "createConversation", tag = "Conversations",
    request_body = schema::ConversationBody,
    responses((status = 200, description = "The conversation; the newest one of the session, where the inbox has one for each session.", body = schema::Conversation)))]
pub(in crate::application) async fn create(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    let draft = draft(&params)?;
    let created = application.app.create_conversation(&caller, draft).await?;
    Ok(json(&application.renderer(caller.site).conversation(&created.view)))
}

fn draft(params: &Params) -> Result<ConversationDraft, ApplicationError> {
    let message = params.nested("message").map(|message| messages::draft(&message)).transpose()?;
    Ok(ConversationDraft {
        inbox: number(params, "inbox_id")?,
        contact: number(params, "contact_id")?.map(ContactId),
        source_id: params.present("source_id").map(|text| SourceId::parse(&text)).transpose()?,
        status: params.present("status").map(|text| text.parse()).transpose()?,
        snoozed_until: status::snoozed_until(params)?,
        priority: status::priority(params)?.flatten(),
        assignee: number(params, "assignee_id")?,
        custom_attributes: params.object("custom_attributes").unwrap_or_default(),
        additional_attributes: params.object("additional_attributes").unwrap_or_default(),
        message,
    })
}

/// Parses an id. A value that is no number is answered with 404, like an unknown id.
fn number<T: FromStr>(params: &Params, name: &str) -> Result<Option<T>, ApplicationError> {
    params
        .present(name)
        .map(|text| text.trim().parse().map_err(|_| ApplicationError::not_found()))
        .transpose()
}
