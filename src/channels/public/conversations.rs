//! `…/conversations`: a contact's conversations.

use super::{
    PublicState, SMALL_BODY_LIMITS, empty,
    error::PublicError,
    json,
    request::SessionRequest,
    view::{ConversationView, SessionRenderer},
};
use crate::params::Params;
use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<PublicState>> {
    vec![
        routes!(list, create),
        routes!(show),
        routes!(toggle_status),
        routes!(toggle_typing),
        routes!(update_last_seen),
    ]
}

/// The members of a new conversation.
#[derive(Deserialize, ToSchema)]
#[schema(as = PublicConversationParams)]
#[expect(dead_code, reason = "it describes what is read leniently")]
struct ConversationParams {
    #[schema(value_type = Option<Object>)]
    custom_attributes: Option<Map<String, Value>>,
}

/// Whether the contact is typing.
#[derive(Deserialize, ToSchema)]
#[schema(as = PublicTypingParams)]
#[expect(dead_code, reason = "it describes what is read leniently")]
struct TypingParams {
    /// `on` or `off`; anything else is ignored.
    typing_status: Option<String>,
}

/// The newest 20 conversations that the session sees, each with its newest messages.
///
/// A session that is not verified sees its own; a verified one those of all verified sessions of
/// its contact.
#[utoipa::path(
    get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations",
    operation_id = "publicConversations",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session.")
    ),
    responses((status = 200, description = "The conversations.", body = Vec<ConversationView<'static>>))
)]
async fn list(
    State(public): State<PublicState>,
    context: SessionRequest,
) -> Result<Response, PublicError> {
    let session_conversations =
        public.app.session_conversations(context.site(), &context.session.session).await?;
    let renderer = context.renderer(&public);
    Ok(json(
        &session_conversations
            .iter()
            .map(|conversation| renderer.conversation(conversation))
            .collect::<Vec<_>>(),
    ))
}

/// Creates a conversation.
///
/// If the inbox allows one conversation per session, the existing one is returned.
#[utoipa::path(
    post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations",
    operation_id = "publicCreateConversation",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session.")
    ),
    request_body = inline(ConversationParams),
    responses((status = 200, description = "The conversation.", body = ConversationView<'static>))
)]
async fn create(
    State(public): State<PublicState>,
    context: SessionRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let params = Params::read(request, SMALL_BODY_LIMITS).await?;
    let session = &context.session.session;
    public.limiter.check_new_conversation(session.id, session.inbox)?;
    let attributes = params.object("custom_attributes").unwrap_or_default();
    let begun = public.app.begin_session_conversation(context.site(), session, attributes).await?;
    Ok(json(&context.renderer(&public).conversation(&begun)))
}

/// One conversation.
#[utoipa::path(
    get,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}",
    operation_id = "publicConversation",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("conversation_id" = i64, Path, description = "The number of the conversation.")
    ),
    responses((status = 200, description = "The conversation.", body = ConversationView<'static>))
)]
async fn show(
    State(public): State<PublicState>,
    context: SessionRequest,
) -> Result<Response, PublicError> {
    let number = context.inbox.path.conversation()?;
    let session_conversation =
        public.app.session_conversation(context.site(), &context.session.session, number).await?;
    Ok(json(&context.renderer(&public).conversation(&session_conversation)))
}

/// Resolves a conversation. A resolved one stays resolved.
#[utoipa::path(
    post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/toggle_status",
    operation_id = "publicToggleStatus",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("conversation_id" = i64, Path, description = "The number of the conversation.")
    ),
    responses((status = 200, description = "The conversation.", body = ConversationView<'static>))
)]
async fn toggle_status(
    State(public): State<PublicState>,
    context: SessionRequest,
) -> Result<Response, PublicError> {
    let number = context.inbox.path.conversation()?;
    let resolved = public
        .app
        .resolve_session_conversation(context.site(), &context.session.session, number)
        .await?;
    Ok(json(&context.renderer(&public).conversation(&resolved)))
}

/// Tells agents that the contact is typing, or stopped typing.
#[utoipa::path(
    post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/toggle_typing",
    operation_id = "publicToggleTyping",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("conversation_id" = i64, Path, description = "The number of the conversation.")
    ),
    request_body = inline(TypingParams),
    responses((status = 200, description = "Agents are told. The body is empty."))
)]
async fn toggle_typing(
    State(public): State<PublicState>,
    context: SessionRequest,
    request: Request,
) -> Result<Response, PublicError> {
    let params = Params::read(request, SMALL_BODY_LIMITS).await?;
    let number = context.inbox.path.conversation()?;
    let (site, session) = (context.site(), &context.session.session);
    let status = params.text("typing_status");
    match status.as_deref() {
        Some("on") => public.app.publish_session_typing(site, session, number, true).await?,
        Some("off") => public.app.publish_session_typing(site, session, number, false).await?,
        _ => drop(public.app.session_conversation(site, session, number).await?),
    }
    Ok(empty())
}

/// Marks the agents' messages up to now as read.
#[utoipa::path(
    post,
    path = "/public/api/v1/inboxes/{inbox_identifier}/contacts/{source_id}/conversations/{conversation_id}/update_last_seen",
    operation_id = "publicUpdateLastSeen",
    tag = "Public client API",
    params(
        ("inbox_identifier" = String, Path, description = "The public name of the inbox."),
        ("source_id" = String, Path, description = "The name of the session."),
        ("conversation_id" = i64, Path, description = "The number of the conversation.")
    ),
    responses((status = 200, description = "Done. The body is empty."))
)]
async fn update_last_seen(
    State(public): State<PublicState>,
    context: SessionRequest,
) -> Result<Response, PublicError> {
    let number = context.inbox.path.conversation()?;
    public.app.mark_seen_in_session(context.site(), &context.session.session, number).await?;
    Ok(empty())
}

impl SessionRequest {
    pub(super) fn site(&self) -> belfry_domain::SiteId {
        self.inbox.inbox.inbox.site
    }

    /// Returns the renderer for what the session may see.
    pub(super) fn renderer<'a>(&'a self, public: &'a PublicState) -> SessionRenderer<'a> {
        SessionRenderer::new(
            self.inbox.renderer(public),
            &self.session,
            self.inbox.inbox.inbox.account,
        )
    }
}
