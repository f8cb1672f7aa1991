//! `…/messages`: the messages of a conversation.

use super::{
    PublicState, SMALL_BODY_LIMITS, error::PublicError, json, request::SessionRequest,
    view::PublicMessageSchema,
};
use crate::params::{Params, is_multipart, scalar};
use axum::{
    extract::{Request, State},
    response::Response,
};
use belfry_domain::channel::{ConversationMessageId, MessageKind, NewMessage};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

/// Maximum values in one submitted form.
const MAX_SUBMITTED_VALUES: usize = 100;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<PublicState>> {
    vec![routes!(list, create), routes!(update)]
}

/// A contact's message. With files it is a multipart form whose files are named `attachments[]`.
#[derive(Deserialize, ToSchema)]
#[schema(as = PublicMessageParams)]
#[expect(dead_code, reason = "it describes what is read leniently")]
struct MessageParams {
    /// Up to 150,000 characters.
    content: Option<String>,
    /// The client's own name for this call; real-time updates of the message carry it.
    echo_id: Option<String>,
}

/// The response to an interactive message.
#[derive(Deserialize, ToSchema)]
#[schema(as = PublicSubmittedValues)]
#[expect(dead_code, reason = "it describes what is read leniently")]
struct SubmittedParams {
    /// A list of `{name, title, value}`, or `{csat_survey_response: {rating, feedback_message}}`.
    #[schema(value_type = Option<Object>)]
    submitted_values: Option<Value>,
}

/// The newest 20 messages that the contact sees, oldest first.
#[utoipa::path(
    get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages",
    operation_id = "publicMessages",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("conversation_id" = i64, Path, description = "The number of the conversation."),
        ("before" = Option<String>, Query, description = "The id of a message: only messages with a smaller id are given. What is no number is ignored.")
    ),
    responses((status = 200, description = "The messages.", body = Vec<PublicMessageSchema>))
)]
async fn list(
    State(public): State<PublicState>,
    context: SessionRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let params = Params::parse_query(request.uri().query())?;
    let before = params.integer("before").filter(|id| *id > 0).map(ConversationMessageId);
    let number = context.inbox.path.conversation()?;
    let messages = public
        .app
        .session_messages(context.site(), &context.session.session, number, before)
        .await?;
    let renderer = context.renderer(&public);
    Ok(json(&messages.iter().map(|message| renderer.message(message)).collect::<Vec<_>>()))
}

/// Adds a message of the contact.
#[utoipa::path(
    post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages",
    operation_id = "publicCreateMessage",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("conversation_id" = i64, Path, description = "The number of the conversation.")
    ),
    request_body = inline(MessageParams),
    responses((status = 200, description = "The message.", body = PublicMessageSchema))
)]
async fn create(
    State(public): State<PublicState>,
    context: SessionRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let number = context.inbox.path.conversation()?;
    let (site, session) = (context.site(), &context.session.session);
    public.limiter.check_message(session.id)?;
    if is_multipart(request.headers()) {
        // No body is read for an unknown conversation.
        public.app.session_conversation(site, session, number).await?;
        public.limiter.check_upload(context.inbox.address)?;
    }
    let mut params = Params::read(request, public.message_bounds()).await?;
    let attachments = public
        .app
        .prepare_attachments(site, params.take_files())
        .await
        .map_err(belfry_app::channel::SessionError::from)?;
    let draft = NewMessage {
        content: params.text("content"),
        echo_id: params.text("echo_id").filter(|id| id.len() <= 255),
        attachments,
        ..NewMessage::text(MessageKind::Incoming, "")
    };
    let message = public.app.post_session_message(site, session, number, draft).await?;
    Ok(json(&context.renderer(&public).message(&message)))
}

/// Answers an interactive message: a choice, a form, or a survey.
#[utoipa::path(
    patch,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/messages/{message_id}",
    operation_id = "publicUpdateMessage",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("conversation_id" = i64, Path, description = "The number of the conversation."),
        ("message_id" = i64, Path, description = "The number of the message.")
    ),
    request_body = inline(SubmittedParams),
    responses((status = 200, description = "The message.", body = PublicMessageSchema))
)]
async fn update(
    State(public): State<PublicState>,
    context: SessionRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let params = Params::read(request, SMALL_BODY_LIMITS).await?;
    let place = (context.inbox.path.conversation()?, context.inbox.path.message()?);
    let session = &context.session.session;
    public.limiter.check_message(session.id)?;
    let message = public
        .app
        .answer_session_message(context.site(), session, place, submitted(&params))
        .await?;
    Ok(json(&context.renderer(&public).message(&message)))
}

/// Returns the known members; others are ignored.
fn submitted(params: &Params) -> Option<Value> {
    match params.get("submitted_values")? {
        Value::Array(items) => {
            let item = |item: &Value| {
                let fields = ["name", "title", "value"].into_iter();
                let fields = fields.filter_map(|name| {
                    Some((name.to_owned(), Value::String(scalar(item.get(name)?)?)))
                });
                Value::Object(fields.collect::<Map<_, _>>())
            };
            Some(
                items
                    .iter()
                    .take(MAX_SUBMITTED_VALUES)
                    .filter(|item| item.is_object())
                    .map(item)
                    .collect(),
            )
        }
        Value::Object(members) => {
            let survey = members.get("csat_survey_response")?;
            let rating = survey.get("rating").and_then(|rating| {
                rating.as_i64().or_else(|| rating.as_str()?.trim().parse().ok())
            });
            let feedback = survey.get("feedback_message").and_then(scalar);
            Some(
                json!({ "csat_survey_response": { "rating": rating, "feedback_message": feedback } }),
            )
        }
        _ => None,
    }
}
