//! `GET /api/bot/{bot_id}`: the configuration of an inbox that a client needs before it opens a
//! socket. The preview route returns the same: inboxes have no drafts.

use super::{BotRequest, BotState, error::BotError, json};
use axum::{extract::State, response::Response};
use belfry_app::channel::SessionError;
use serde_json::json;

pub(super) async fn show(
    State(bots): State<BotState>,
    context: BotRequest,
) -> Result<Response, BotError> {
    let inbox = &context.inbox.inbox;
    let site = bots.app.site(inbox.site).await.map_err(SessionError::from)?;
    let hosts = site
        .origins
        .iter()
        .filter_map(|origin| origin.as_str().split_once("://").map(|(_, host)| host));
    Ok(json(&json!({
        "id": inbox.uuid.to_string(),
        "title": inbox.settings.name,
        "purpose": "",
        "privacy_url": "",
        "profile_picture": "",
        "locale": site.language.to_string(),
        "extra_locales": [],
        "ui_labels": {},
        // `pwa` is absent because Belfry has no standalone page for customers; clients interpret
        // its absence that way.
        "widget": { "visitors": true, "visitors_sdk_only": true, "domains": hosts.collect::<Vec<_>>(), "widget": {} },
    })))
}
