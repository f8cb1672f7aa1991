//! `POST /v1/webhooks/{id}/secret`: rotates the secret. The previous secret also signs for one day,
//! so a receiver can switch without losing deliveries.

use crate::{ApiError, ApiState, idempotency::Redacted, path::PathParam};
use axum::{Extension, Json, extract::State, response::IntoResponse};
use belfry_app::AuthenticatedKey;
use belfry_domain::EndpointId;
use serde::Serialize;

/// The new secret.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rotated {
    /// The new secret. It is shown only once.
    secret: String,
    /// Until this time deliveries are signed with both secrets.
    former_until: Option<String>,
}

/// Rotates the secret of a webhook; the previous secret also signs for one day.
#[utoipa::path(post, operation_id = "rotateWebhookSecret", path = "/webhooks/{id}/secret", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")), responses(
    (status = 200, description = "The new secret, shown only once", body = Rotated),
    (status = 404, description = "The webhook does not exist"),
    (status = 409, description = "Message webhooks are not signed"),
))]
pub(crate) async fn rotate(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
) -> Result<impl IntoResponse, ApiError> {
    let (secret, until) = api.app.rotate_webhook_secret(holder.site, id).await?;
    let rotated = Rotated { secret: secret.reveal().to_owned(), former_until: until.rfc3339() };
    Ok((Extension(Redacted(String::new())), Json(rotated)))
}
