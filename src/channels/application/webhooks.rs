//! Account webhooks. Only administrators may read and change them.

use super::{
    ApplicationState, Payload, access::Administrator, empty, error::ApplicationError, json,
    params::Params, path::WebhookPath, schema,
};
use axum::{extract::State, response::Response};
use belfry_app::channel::AccountWebhookChange;
use belfry_domain::{
    EndpointUrl, ValidationError,
    channel::{
        AccountWebhook, AccountWebhookDraft, ConversationEventKind, SiteNumber, Subscription,
    },
};
use belfry_locales::phrases::errors;
use serde::Serialize;
use utoipa_axum::{router::UtoipaMethodRouter, routes};

const MAX_NAME_CHARS: usize = 255;

pub(super) fn routes() -> Vec<UtoipaMethodRouter<ApplicationState>> {
    vec![routes!(list, create), routes!(update, delete)]
}

#[derive(Serialize)]
struct WebhookJson<'a> {
    id: i64,
    name: Option<&'a str>,
    url: &'a str,
    account_id: i64,
    subscriptions: Vec<&'static str>,
    secret: &'a str,
}

impl<'a> WebhookJson<'a> {
    fn new(webhook: &'a AccountWebhook, account: SiteNumber) -> Self {
        Self {
            id: webhook.id.0,
            name: webhook.name.as_deref(),
            url: &webhook.url,
            account_id: account.0,
            subscriptions: webhook.subscriptions.iter().map(|kind| kind.webhook_name()).collect(),
            secret: webhook.secret.reveal(),
        }
    }
}

#[derive(Serialize)]
struct One<'a> {
    webhook: WebhookJson<'a>,
}

#[derive(Serialize)]
struct All<'a> {
    webhooks: Vec<WebhookJson<'a>>,
}

/// Lists the account webhooks.
#[utoipa::path(get, path = "/api/v1/accounts/{account_id}/webhooks", operation_id = "listAccountWebhooks", tag = "Account webhooks",
    responses((status = 200, description = "The webhooks, oldest first, with the secrets that sign what they are sent.", body = schema::AccountWebhooks)))]
async fn list(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
) -> Result<Response, ApplicationError> {
    let webhooks = application.app.account_webhooks(caller.site).await?;
    let webhooks =
        webhooks.iter().map(|webhook| WebhookJson::new(webhook, caller.account)).collect();
    Ok(json(&Payload { payload: All { webhooks } }))
}

/// Adds an account webhook.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/webhooks", operation_id = "createAccountWebhook", tag = "Account webhooks",
    request_body = schema::AccountWebhookBody, responses((status = 200, description = "The webhook, with its secret.", body = schema::AccountWebhookPayload)))]
async fn create(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    params: Params,
) -> Result<Response, ApplicationError> {
    let change = parse_change(&params)?;
    let draft = AccountWebhookDraft {
        name: change.name.flatten(),
        url: change.url.ok_or_else(|| ValidationError::new("url", errors::BLANK))?,
        subscriptions: change.subscriptions.unwrap_or_else(default_subscriptions),
    };
    let webhook = caller
        .with_audit(&application, "", application.app.create_account_webhook(caller.site, &draft))
        .await?;
    Ok(json(&Payload { payload: One { webhook: WebhookJson::new(&webhook, caller.account) } }))
}

/// Changes an account webhook; absent members stay as they are.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}/webhooks/{webhook_id}", operation_id = "updateAccountWebhook", tag = "Account webhooks",
    request_body = schema::AccountWebhookBody, responses((status = 200, description = "The webhook.", body = schema::AccountWebhookPayload)))]
async fn update(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    WebhookPath(webhook): WebhookPath,
    params: Params,
) -> Result<Response, ApplicationError> {
    let update =
        application.app.update_account_webhook(caller.site, webhook, parse_change(&params)?);
    let webhook = caller.with_audit(&application, &webhook.to_string(), update).await?;
    Ok(json(&Payload { payload: One { webhook: WebhookJson::new(&webhook, caller.account) } }))
}

/// Deletes an account webhook with its pending deliveries.
#[utoipa::path(delete, path = "/api/v1/accounts/{account_id}/webhooks/{webhook_id}", operation_id = "deleteAccountWebhook", tag = "Account webhooks",
    responses((status = 200, description = "It is gone.")))]
async fn delete(
    State(application): State<ApplicationState>,
    Administrator(caller): Administrator,
    WebhookPath(webhook): WebhookPath,
) -> Result<Response, ApplicationError> {
    let deletion = application.app.delete_account_webhook(caller.site, webhook);
    caller.with_audit(&application, &webhook.to_string(), deletion).await?;
    Ok(empty())
}

/// Reads the members from `webhook` or from the top level.
fn parse_change(params: &Params) -> Result<AccountWebhookChange, ApplicationError> {
    let nested = params.nested("webhook");
    let params = nested.as_ref().unwrap_or(params);
    if !["name", "url", "subscriptions"].into_iter().any(|name| params.contains(name)) {
        return Err(ApplicationError::missing("webhook"));
    }
    let name = params
        .text("name")
        .map(|name| name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
    if name.as_ref().is_some_and(|name| {
        name.as_ref().is_some_and(|name| {
            name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control)
        })
    }) {
        return Err(ValidationError::new("name", errors::at_most_printable_characters(255)).into());
    }
    let url = params
        .text("url")
        .map(|url| EndpointUrl::parse(url.unwrap_or_default().trim()))
        .transpose()?;
    let subscriptions =
        params.list("subscriptions").map(|names| subscriptions(&names)).transpose()?;
    Ok(AccountWebhookChange { name, url, subscriptions })
}

fn subscriptions(names: &[String]) -> Result<Vec<ConversationEventKind>, ValidationError> {
    let kinds = Subscription::parse(names)?;
    if kinds.is_empty() {
        Err(ValidationError::new("subscriptions", errors::NO_EVENT))
    } else {
        Ok(kinds)
    }
}

/// The subscriptions of a webhook created without any: all events except typing and inboxes, as
/// upstream.
fn default_subscriptions() -> Vec<ConversationEventKind> {
    let left_out = [
        ConversationEventKind::TypingOn,
        ConversationEventKind::TypingOff,
        ConversationEventKind::InboxCreated,
        ConversationEventKind::InboxUpdated,
    ];
    Subscription::EACH.into_iter().filter(|kind| !left_out.contains(kind)).collect()
}
