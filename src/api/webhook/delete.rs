//! `DELETE /v1/webhooks/{id}`: deletes a webhook with its deliveries, pending ones included.

use crate::{ApiError, ApiState, path::PathParam};
use axum::{extract::State, http::StatusCode};
use belfry_app::AuthenticatedKey;
use belfry_domain::EndpointId;

/// Deletes a webhook with its deliveries.
#[utoipa::path(delete, operation_id = "deleteWebhook", path = "/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "The webhook does not exist"),
))]
pub(crate) async fn delete(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
) -> Result<StatusCode, ApiError> {
    api.app.delete_webhook(holder.site, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
