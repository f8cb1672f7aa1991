//! `GET /v1/webhooks/{id}`: one webhook, without its secret.

use super::view::View;
use crate::{
    api::{ApiError, ApiState, path::PathParam},
    app::AuthenticatedKey,
    domain::EndpointId,
};
use axum::{Json, extract::State};

/// Returns one webhook.
#[utoipa::path(get, operation_id = "getWebhook", path = "/webhooks/{id}", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")), responses(
    (status = 200, description = "The webhook", body = View),
    (status = 404, description = "The webhook does not exist"),
))]
pub(in crate::api) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.inbox.webhook(holder.site, id).await?.into()))
}
