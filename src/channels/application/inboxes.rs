//! Inboxes: listed for every agent who may see them, changed by administrators.

use super::{
    ApplicationState, Payload,
    access::{Administrator, Caller},
    error::ApplicationError,
    json,
    params::Params,
    path::InboxPath,
    schema, working_hours,
};
use axum::{extract::State, response::Response};
use belfry_domain::{
    ValidationError,
    channel::{ChannelInbox, InboxSecrets, InboxSettings},
};
use belfry_locales::phrases::errors;
use std::collections::BTreeMap;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![routes!(list, create), routes!(get, update, delete)]
}

/// Lists the inboxes that the caller sees.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/inboxes", operation_id = "listInboxes", tag = "Inboxes",
    responses((status = 200, description = "All inboxes of the site for administrators, those that they are a member of for others.", body = schema::Inboxes)))]
async fn list(
    State(application): State<ApplicationState>,
    caller: Caller,
) -> Result<Response, ApplicationError> {
    let inboxes = application.app.channel_inboxes(&caller).await?;
    let renderer = application.renderer(caller.site);
    let mut keys = Vec::with_capacity(inboxes.len());
    for inbox in &inboxes {
        keys.push(secrets(&application, &caller, inbox).await?);
    }
    let payload: Vec<_> = inboxes
        .iter()
        .zip(&keys)
        .map(|(inbox, keys)| renderer.inbox(inbox, keys.as_ref()))
        .collect();
    Ok(json(&Payload { payload }))
}

/// Adds an inbox. Only administrators may.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/inboxes", operation_id = "createInbox", tag = "Inboxes", request_body = schema::InboxBody,
    responses((status = 200, description = "The inbox.", body = schema::Inbox)))]
async fn create(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    params: Params,
) -> Result<Response, ApplicationError> {
    if params.present("name").is_none() {
        return Err(ApplicationError::missing("name"));
    }
    let channel = params
        .nested("channel")
        .filter(|channel| !channel.is_empty())
        .ok_or_else(|| ApplicationError::missing("channel"))?;
    match channel.present("type").as_deref() {
        Some("api") => {}
        Some(_) => return Err(ValidationError::new("channel.type", errors::API).into()),
        None => return Err(ApplicationError::missing("type")),
    }
    let days = working_hours::DayChanges::parse(&params)?;
    let creation = application
        .app
        .create_inbox(caller.site, settings(&params, &days, &InboxSettings::default()));
    let created = caller
        .with_audit(&application, "", creation)
        .await
        .map_err(working_hours::name_attribute)?;
    Ok(json(&application.renderer(caller.site).inbox(&created.inbox, Some(&created.secrets))))
}

/// Gets an inbox that the caller sees.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", operation_id = "getInbox", tag = "Inboxes",
    responses((status = 200, description = "The inbox; `hmac_token` and `secret` are for administrators alone.", body = schema::Inbox)))]
async fn get(
    State(application): State<ApplicationState>,
    caller: Caller,
    InboxPath(inbox): InboxPath,
) -> Result<Response, ApplicationError> {
    let inbox = application.app.channel_inbox(&caller, inbox).await?;
    answer(&application, &caller, &inbox).await
}

/// Changes an inbox; absent members stay as they are. Only administrators may.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", operation_id = "updateInbox", tag = "Inboxes",
    request_body = Option<schema::InboxBody>, responses((status = 200, description = "The inbox.", body = schema::Inbox)))]
async fn update(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    InboxPath(inbox): InboxPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let days = working_hours::DayChanges::parse(&params)?;
    let change = move |present: &InboxSettings| settings(&params, &days, present);
    let name = application.app.inbox_of_site(caller.site, inbox).await?.settings.name;
    let update = application.app.update_inbox(caller.site, inbox, change);
    let inbox = caller
        .with_audit(&application, &name, update)
        .await
        .map_err(working_hours::name_attribute)?;
    answer(&application, &caller, &inbox).await
}

/// Deletes an inbox with its conversations. Only administrators may.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/inboxes/{inbox_id}", operation_id = "deleteInbox", tag = "Inboxes",
    responses((status = 200, description = "It is gone, and its conversations with it.", body = schema::Said)))]
async fn delete(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    InboxPath(inbox): InboxPath,
) -> Result<Response, ApplicationError> {
    let name = application.app.inbox_of_site(caller.site, inbox).await?.settings.name;
    caller
        .with_audit(&application, &name, application.app.delete_inbox(caller.site, inbox))
        .await?;
    Ok(json(&BTreeMap::from([(
        "message",
        "Your inbox deletion request will be processed in some time.",
    )])))
}

async fn answer(
    application: &ApplicationState,
    caller: &Caller,
    inbox: &ChannelInbox,
) -> Result<Response, ApplicationError> {
    let secrets = secrets(application, caller, inbox).await?;
    Ok(json(&application.renderer(caller.site).inbox(inbox, secrets.as_ref())))
}

/// The secrets of an inbox; `None` unless the caller is an administrator.
async fn secrets(
    application: &ApplicationState,
    caller: &Caller,
    inbox: &ChannelInbox,
) -> Result<Option<InboxSecrets>, ApplicationError> {
    Ok(if caller.is_administrator() {
        Some(application.app.inbox_secrets(caller.site, inbox.id).await?)
    } else {
        None
    })
}

/// Merges the request into the present settings. Members of the channel may be inside `channel` or
/// beside it.
fn settings(
    params: &Params,
    days: &working_hours::DayChanges,
    present: &InboxSettings,
) -> InboxSettings {
    let channel = params.nested("channel").unwrap_or_default();
    let boolean = |name: &str, present: bool| {
        settings_source(&channel, params, name).boolean(name).unwrap_or(present)
    };
    let text = |name: &str, present: &Option<String>| {
        settings_source(&channel, params, name).text(name).unwrap_or_else(|| present.clone())
    };
    let additional_attributes =
        settings_source(&channel, params, "additional_attributes").object("additional_attributes");
    InboxSettings {
        initiate: present.initiate.clone(),
        name: params.text("name").flatten().unwrap_or_else(|| present.name.clone()),
        callback_url: text("webhook_url", &present.callback_url),
        hmac_mandatory: boolean("hmac_mandatory", present.hmac_mandatory),
        greeting_enabled: boolean("greeting_enabled", present.greeting_enabled),
        greeting_message: text("greeting_message", &present.greeting_message),
        enable_auto_assignment: boolean("enable_auto_assignment", present.enable_auto_assignment),
        working_hours_enabled: boolean("working_hours_enabled", present.working_hours_enabled),
        working_hours: days.apply_to(present.working_hours),
        out_of_office_message: text("out_of_office_message", &present.out_of_office_message),
        timezone: params.present("timezone").unwrap_or_else(|| present.timezone.clone()),
        lock_to_single_conversation: boolean(
            "lock_to_single_conversation",
            present.lock_to_single_conversation,
        ),
        csat_survey_enabled: boolean("csat_survey_enabled", present.csat_survey_enabled),
        allow_messages_after_resolved: boolean(
            "allow_messages_after_resolved",
            present.allow_messages_after_resolved,
        ),
        upstream_headers: boolean("upstream_headers", present.upstream_headers),
        additional_attributes: additional_attributes
            .unwrap_or_else(|| present.additional_attributes.clone()),
    }
}

/// Returns the object that contains the member.
fn settings_source<'a>(channel: &'a Params, params: &'a Params, name: &str) -> &'a Params {
    if channel.contains(name) { channel } else { params }
}
