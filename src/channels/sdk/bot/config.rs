//! `GET /api/bot/{bot_id}`: what a client has to know of an inbox before it opens a socket. A preview is the same: inboxes have no drafts.

use super::{Bots, Visit, error::BotError, json};
use crate::inbox::channel::SessionError;
use axum::{extract::State, response::Response};
use serde_json::json;

pub(super) async fn show(State(bots): State<Bots>, visit: Visit) -> Result<Response, BotError> {
    let inbox = &visit.open.inbox;
    let site = bots.inbox.site(inbox.site).await.map_err(SessionError::from)?;
    let hosts = site.origins.iter().filter_map(|origin| origin.as_str().split_once("://").map(|(_, host)| host));
    Ok(json(&json!({
        "id": inbox.uuid.to_string(),
        "title": inbox.settings.name,
        "purpose": "",
        "privacy_url": "",
        "profile_picture": "",
        "locale": site.language.to_string(),
        "extra_locales": [],
        "ui_labels": {},
        // There is no `pwa`: Belfry has no page of its own for customers, and clients take its absence for that.
        "widget": { "visitors": true, "visitors_sdk_only": true, "domains": hosts.collect::<Vec<_>>(), "widget": {} },
    })))
}
