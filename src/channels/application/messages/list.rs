//! `GET /conversations/{conversation_id}/messages`.

use crate::application::{
    ApplicationState, access::Caller, error::ApplicationError, json, params::Params,
    path::ConversationPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_content::wire::{AgentJson, ContactJson, seconds_or_zero};
use belfry_domain::channel::{ConversationMessageId, MessageWindow};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Listed<'a, T> {
    meta: Meta<'a>,
    payload: T,
}

#[derive(Serialize)]
struct Meta<'a> {
    labels: &'a [String],
    additional_attributes: &'a Map<String, Value>,
    contact: ContactJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<AgentJson<'a>>,
    agent_last_seen_at: i64,
    assignee_last_seen_at: i64,
}

/// Lists messages of a conversation, oldest first: the 20 newest, up to 20 before one, up to 100
/// after one, or up to 1,000 between two.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages", operation_id = "listConversationMessages",
    tag = "Conversations",
    params(
        ("before" = Option<String>, Query, description = "Only those with a smaller id."),
        ("after" = Option<String>, Query, description = "Only those with a larger id; with `before` this one, too."),
    ),
    responses((status = 200, description = "The messages.", body = schema::MessageList)))]
pub(in crate::application) async fn list(
    State(application): State<ApplicationState>,
    caller: Caller,
    ConversationPath(number): ConversationPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let id = |name: &str| params.integer(name).map(ConversationMessageId);
    let window = MessageWindow { before: id("before"), after: id("after"), public: false };
    let list = application.app.conversation_messages(&caller, number, window).await?;
    let (renderer, view) = (application.renderer(caller.site), &list.view);
    let meta = Meta {
        labels: &view.conversation.labels,
        additional_attributes: &view.conversation.additional_attributes,
        contact: renderer.contact(&view.contact),
        assignee: view.assignee.as_ref().map(|agent| renderer.agent(agent, view.account)),
        agent_last_seen_at: seconds_or_zero(view.conversation.agent_last_seen_at),
        assignee_last_seen_at: seconds_or_zero(view.conversation.assignee_last_seen_at),
    };
    let payload: Vec<_> = list
        .messages
        .iter()
        .map(|message| renderer.message(message, &view.contact, None))
        .collect();
    Ok(json(&Listed { meta, payload }))
}
