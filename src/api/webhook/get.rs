//! `GET /v1/webhooks/{id}`: one webhook, without its secret.

use super::view::View;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::EndpointId;

/// Returns one webhook.
#[utoipa::path(get, operation_id = "getWebhook", path = "/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")), responses(
    (status = 200, description = "The webhook", body = View),
    (status = 404, description = "The webhook does not exist"),
))]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.app.webhook(holder.site, id).await?.into()))
}
