//! A contact's sessions in inboxes, and its conversations.

use crate::application::{
    ApplicationState, Payload, access::Caller, error::ApplicationError, json, params::Params,
    path::ContactPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_content::wire::{InboxJson, SlimInbox, SourceJson};
use belfry_domain::channel::SourceId;
use serde::Serialize;

/// Lists the newest conversations of a contact that the caller sees, up to 20.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/conversations", operation_id = "listConversationsOfContact",
    tag = "Contacts of conversations", responses((status = 200, description = "The conversations.", body = schema::Conversations)))]
pub(in crate::application) async fn conversations(
    State(application): State<ApplicationState>,
    caller: Caller,
    ContactPath(contact): ContactPath,
) -> Result<Response, ApplicationError> {
    let views = application.app.conversations_of_contact(&caller, contact).await?;
    let renderer = application.renderer(caller.site);
    Ok(json(&Payload {
        payload: views.iter().map(|view| renderer.conversation(view)).collect::<Vec<_>>(),
    }))
}

/// Adds a session of a contact in an inbox.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/contact_inboxes", operation_id = "addContactInbox",
    tag = "Contacts of conversations", request_body = schema::ContactInboxBody,
    responses((status = 200, description = "The session; the one of that name where the contact has it already.", body = schema::ContactInbox)))]
pub(in crate::application) async fn add(
    State(application): State<ApplicationState>,
    caller: Caller,
    ContactPath(contact): ContactPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let inbox = params.present("inbox_id").ok_or_else(|| ApplicationError::missing("inbox_id"))?;
    let inbox = inbox.parse().map_err(|_| ApplicationError::not_found())?;
    let source_id = params.present("source_id").map(|text| SourceId::parse(&text)).transpose()?;
    let (session, inbox) =
        application.app.add_contact_session(&caller, contact, inbox, source_id).await?;
    let inbox = SlimInbox::new(inbox.id, &inbox.settings.name);
    Ok(json(&SourceJson { source_id: session.source_id.as_str(), inbox }))
}

#[derive(Serialize)]
struct Contactable<'a> {
    source_id: &'a str,
    inbox: InboxJson<'a>,
}

/// Lists the inboxes in which a conversation with a contact can begin.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}/contactable_inboxes", operation_id = "listContactableInboxes",
    tag = "Contacts of conversations",
    responses((status = 200, description = "The inboxes that the caller sees, with the name that the contact's session has or would have.", body = schema::ContactableInboxes)))]
pub(in crate::application) async fn contactable(
    State(application): State<ApplicationState>,
    caller: Caller,
    ContactPath(contact): ContactPath,
) -> Result<Response, ApplicationError> {
    let inboxes = application.app.contactable_inboxes(&caller, contact).await?;
    let renderer = application.renderer(caller.site);
    let payload: Vec<_> = inboxes
        .iter()
        .map(|(source_id, inbox)| Contactable {
            source_id: source_id.as_str(),
            inbox: renderer.inbox(inbox, None),
        })
        .collect();
    Ok(json(&Payload { payload }))
}
