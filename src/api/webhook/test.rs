//! `POST /v1/webhooks/{id}/test`: sends a test event. The result is in the delivery.

use super::view::DeliveryView;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State, http::StatusCode};
use belfry_app::AuthenticatedKey;
use belfry_domain::EndpointId;

/// Sends a test event.
#[utoipa::path(post, operation_id = "testWebhook", path = "/webhooks/{id}/test", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")), responses(
    (status = 202, description = "It is queued", body = DeliveryView),
    (status = 404, description = "The webhook does not exist"),
    (status = 409, description = "The webhook is disabled"),
))]
pub(crate) async fn test(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
) -> Result<(StatusCode, Json<DeliveryView>), ApiError> {
    let delivery = api.app.test_webhook(holder.site, id).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryView::whole(delivery))))
}
