//! `POST /contacts`. The response contains the contact twice: inside `payload` as upstream returns
//! it, and at the top level as the upstream user guide documents it.

use super::fields;
use crate::application::{
    ApplicationState, access::Caller, error::ApplicationError, json, params::Params, schema,
};
use axum::{extract::State, response::Response};
use belfry_content::wire::{ContactJson, InboxJson, SourceJson};
use belfry_domain::channel::SourceId;
use serde::Serialize;

#[derive(Serialize)]
struct Created<'a> {
    payload: Nested<'a>,
    id: i64,
    name: &'a str,
    email: Option<&'a str>,
    phone_number: Option<&'a str>,
    thumbnail: &'a str,
    additional_attributes: &'a serde_json::Map<String, serde_json::Value>,
    availability_status: &'static str,
    contact_inboxes: &'a [SourceJson<'a>],
}

#[derive(Serialize)]
struct Nested<'a> {
    contact: &'a ContactJson<'a>,
    contact_inbox: Session<'a>,
}

#[derive(Serialize)]
struct Session<'a> {
    inbox: Option<InboxJson<'a>>,
    source_id: Option<&'a str>,
}

/// Adds a contact, with `inbox_id` also a session in that inbox.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/contacts", operation_id = "createConversationContact", tag = "Contacts of conversations",
    request_body = Option<schema::ContactBody>, responses((status = 200, description = "The contact, and the session.", body = schema::CreatedContact)))]
pub(in crate::application) async fn create(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    let session = match params.present("inbox_id") {
        Some(inbox) => {
            let source_id =
                params.present("source_id").map(|text| SourceId::parse(&text)).transpose()?;
            Some((inbox.parse().map_err(|_| ApplicationError::not_found())?, source_id))
        }
        None => None,
    };
    let fields = fields::read(&params)?;
    let created = application.app.create_channel_contact(&caller, fields, session).await?;
    let inbox = match &created.session {
        Some(session) => Some(application.app.channel_inbox(&caller, session.inbox).await?),
        None => None,
    };
    let renderer = application.renderer(caller.site);
    let contact =
        renderer.contact_with_sessions(&created.profile.contact, &created.profile.sessions);
    let contact_inbox = Session {
        inbox: inbox.as_ref().map(|inbox| renderer.inbox(inbox, None)),
        source_id: created.session.as_ref().map(|session| session.source_id.as_str()),
    };
    Ok(json(&Created {
        id: contact.id,
        name: &contact.name,
        email: contact.email,
        phone_number: contact.phone_number,
        thumbnail: contact.thumbnail,
        additional_attributes: contact.additional_attributes,
        availability_status: contact.availability_status,
        contact_inboxes: contact.contact_inboxes.as_deref().unwrap_or_default(),
        payload: Nested { contact: &contact, contact_inbox },
    }))
}
