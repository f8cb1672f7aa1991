//! `POST /v1/webhooks`: registers a webhook. Only this response contains the secret.

use super::view::View;
use crate::{ApiError, ApiState, audited::Audited, body::JsonBody, idempotency::Redacted};
use axum::{Extension, Json, extract::State, http::StatusCode, response::IntoResponse};
use belfry_app::{AuthenticatedKey, parse_webhook};
use serde::Serialize;

/// The new webhook with its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Created {
    #[serde(flatten)]
    webhook: View,
    /// The secret that signs the deliveries of a standard webhook. It is shown only once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// Registers a webhook. Its secret is shown only in this response.
#[utoipa::path(post, operation_id = "createWebhook", path = "/webhooks", tag = "Webhooks", request_body = serde_json::Value, responses(
    (status = 201, description = "Registered; the secret is shown only once", body = Created),
    (status = 400, description = "A field is invalid; the URL must use https and lead to a public address"),
    (status = 409, description = "The site has the maximum number of webhooks"),
))]
pub(crate) async fn create(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<impl IntoResponse, ApiError> {
    let (endpoint, secret) = api.app.create_webhook(holder.site, parse_webhook(&body)?).await?;
    let secret = secret.map(|secret| secret.reveal().to_owned());
    let id = endpoint.id;
    let secretive = secret.is_some().then(|| Extension(Redacted(id.to_string())));
    let created = Created { webhook: endpoint.into(), secret };
    Ok(Audited::new(id, (StatusCode::CREATED, secretive, Json(created))))
}
