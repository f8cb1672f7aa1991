//! `POST /v1/webhooks/{id}/secret`: a new secret. For a day the former one signs, too, so that a receiver may change over when it likes.

use crate::{
    api::{Api, ApiError, path::Named, time::rfc3339},
    domain::EndpointId,
    inbox::KeyHolder,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The answer.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Rotated {
    /// Keep it; it is not shown again.
    secret: String,
    /// Until then both secrets sign.
    former_until: Option<String>,
}

/// Gives a webhook a new secret; the former one signs beside it for a day.
#[utoipa::path(post, operation_id = "rotateWebhookSecret", path = "/webhooks/{id}/secret", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")), responses(
    (status = 200, description = "The new secret, shown here and never again", body = Rotated),
    (status = 404, description = "There is no such webhook"),
    (status = 409, description = "It is a message webhook, which is not signed"),
))]
pub(in crate::api) async fn rotate(State(api): State<Api>, holder: KeyHolder, Named(id): Named<EndpointId>) -> Result<Json<Rotated>, ApiError> {
    let (secret, until) = api.inbox.rotate_webhook_secret(holder.site, id).await?;
    Ok(Json(Rotated { secret: secret.reveal().to_owned(), former_until: rfc3339(until) }))
}
