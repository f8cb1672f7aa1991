//! `PATCH /v1/webhooks/{id}`: changes a webhook; absent members stay unchanged. Enabling it resets
//! its failures.

use super::view::View;
use crate::{ApiError, ApiState, body::JsonBody, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, parse_webhook_change};
use belfry_domain::EndpointId;

/// Changes a webhook; absent members stay unchanged.
///
/// If `url` changes to another origin (scheme, host or port) and `auth` is not given, the user name
/// and password of a message webhook are removed.
#[utoipa::path(patch, operation_id = "updateWebhook", path = "/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")),
    request_body = serde_json::Value, responses(
    (status = 200, description = "The changed webhook", body = View),
    (status = 400, description = "A field is invalid"),
    (status = 404, description = "The webhook does not exist"),
))]
pub(crate) async fn update(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
    JsonBody(body): JsonBody,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.app.update_webhook(holder.site, id, &parse_webhook_change(&body)?).await?.into()))
}
