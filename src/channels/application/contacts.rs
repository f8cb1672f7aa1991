//! Contacts and their sessions in inboxes.

mod create;
mod fields;
mod sessions;

use super::{
    ApplicationState, Payload,
    access::{Administrator, Caller},
    empty,
    error::ApplicationError,
    json,
    params::Params,
    path::ContactPath,
    schema,
};
use axum::{extract::State, response::Response};
use belfry_domain::channel::{ContactListPage, ContactListQuery, ContactSort};
use serde::Serialize;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![
        routes!(list, create::create),
        routes!(search),
        routes!(get, update, replace, delete),
        routes!(sessions::conversations),
        routes!(sessions::add),
        routes!(sessions::contactable),
    ]
}

#[derive(Serialize)]
struct Page<T> {
    meta: PageMeta,
    payload: T,
}

#[derive(Serialize)]
struct PageMeta {
    count: u32,
    current_page: u32,
}

/// Lists contacts, 15 on a page.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts", operation_id = "listConversationContacts", tag = "Contacts of conversations",
    params(
        ("page" = Option<String>, Query, description = "Which page, from 1."),
        ("sort" = Option<String>, Query, description = "`created_at` for the oldest first; the newest first otherwise."),
    ),
    responses((status = 200, description = "The page; `count` is exact up to 1,000.", body = schema::ContactPage)))]
async fn list(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    page(&application, &caller, &params, None).await
}

/// Searches contacts by name, e-mail address, phone number and identifier, 15 on a page.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/search", operation_id = "searchConversationContacts", tag = "Contacts of conversations",
    params(
        ("q" = Option<String>, Query, description = "These characters; needed."),
        ("page" = Option<String>, Query, description = "Which page, from 1."),
        ("sort" = Option<String>, Query, description = "`created_at` for the oldest first; the newest first otherwise."),
    ),
    responses((status = 200, description = "The page; `count` is exact up to 1,000.", body = schema::ContactPage)))]
async fn search(
    State(application): State<ApplicationState>,
    caller: Caller,
    params: Params,
) -> Result<Response, ApplicationError> {
    application.limiter.search(caller.site)?;
    let text = params.present("q").ok_or_else(ApplicationError::no_search_text)?;
    page(&application, &caller, &params, Some(text.trim().to_owned())).await
}

async fn page(
    application: &ApplicationState,
    caller: &Caller,
    params: &Params,
    text: Option<String>,
) -> Result<Response, ApplicationError> {
    let sort = match params.present("sort").as_deref() {
        Some("created_at") => ContactSort::OldestFirst,
        _ => ContactSort::NewestFirst,
    };
    let query = ContactListQuery { text, sort, page: params.page() };
    let ContactListPage { count, contacts } =
        application.app.channel_contacts(caller, &query).await?;
    let renderer = application.renderer(caller.site);
    let payload: Vec<_> = contacts
        .iter()
        .map(|profile| renderer.contact_with_sessions(&profile.contact, &profile.sessions))
        .collect();
    Ok(json(&Page { meta: PageMeta { count, current_page: query.page }, payload }))
}

/// Gets a contact.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}", operation_id = "getConversationContact", tag = "Contacts of conversations",
    responses((status = 200, description = "The contact with up to 100 sessions.", body = schema::ContactPayload)))]
async fn get(
    State(application): State<ApplicationState>,
    caller: Caller,
    ContactPath(contact): ContactPath,
) -> Result<Response, ApplicationError> {
    let profile = application.app.channel_contact(&caller, contact).await?;
    Ok(json(&Payload {
        payload: application
            .renderer(caller.site)
            .contact_with_sessions(&profile.contact, &profile.sessions),
    }))
}

/// Changes a contact; absent members stay as they are, and attributes are merged.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}", operation_id = "updateConversationContact", tag = "Contacts of conversations",
    request_body = Option<schema::ContactBody>, responses((status = 200, description = "The contact.", body = schema::ContactPayload)))]
async fn update(
    State(application): State<ApplicationState>,
    caller: Caller,
    ContactPath(contact): ContactPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let profile =
        application.app.update_channel_contact(&caller, contact, fields::read(&params)?).await?;
    Ok(json(&Payload {
        payload: application
            .renderer(caller.site)
            .contact_with_sessions(&profile.contact, &profile.sessions),
    }))
}

/// Changes a contact, as `PATCH` does.
#[utoipa::path(put, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}", operation_id = "putConversationContact", tag = "Contacts of conversations",
    request_body = Option<schema::ContactBody>, responses((status = 200, description = "The contact.", body = schema::ContactPayload)))]
async fn replace(
    application: State<ApplicationState>,
    caller: Caller,
    contact: ContactPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    update(application, caller, contact, params).await
}

/// Erases a contact with all conversations. Only administrators may.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/contacts/{contact_id}", operation_id = "deleteConversationContact", tag = "Contacts of conversations",
    responses((status = 200, description = "The contact is gone.")))]
async fn delete(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    ContactPath(contact): ContactPath,
) -> Result<Response, ApplicationError> {
    let erasure = application.app.erase_channel_contact(&caller, contact);
    caller.with_audit(&application, &contact.to_string(), erasure).await?;
    Ok(empty())
}
