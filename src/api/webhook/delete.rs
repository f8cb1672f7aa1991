//! `DELETE /v1/webhooks/{id}`: deletes a webhook with its deliveries, pending ones included.

use crate::{
    api::{ApiError, ApiState, path::PathParam},
    app::AuthenticatedKey,
    domain::EndpointId,
};
use axum::{extract::State, http::StatusCode};

/// Deletes a webhook with its deliveries.
#[utoipa::path(delete, operation_id = "deleteWebhook", path = "/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "The webhook does not exist"),
))]
pub(in crate::api) async fn delete(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
) -> Result<StatusCode, ApiError> {
    api.inbox.delete_webhook(holder.site, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
