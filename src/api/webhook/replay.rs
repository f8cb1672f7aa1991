//! `POST /v1/webhooks/{id}/deliveries/{delivery}/replay` and `POST /v1/webhooks/{id}/replay`: sends
//! deliveries again with the same `webhook-id`, so a receiver can detect duplicates.

use super::{deliveries::DeliveryPath, view::DeliveryView};
use crate::{ApiError, ApiState, body::JsonBody, path::PathParam};
use axum::{Json, extract::State, http::StatusCode};
use belfry_app::{AuthenticatedKey, parse_replay};
use belfry_domain::EndpointId;
use serde::Serialize;

/// Result of a replay.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Replayed {
    /// Number of deliveries that are sent again.
    replayed: u64,
}

/// Sends one delivery again.
#[utoipa::path(post, operation_id = "replayDelivery", path = "/webhooks/{id}/deliveries/{delivery}/replay", tag = "Webhooks", params(
    ("id" = String, Path, description = "The webhook"),
    ("delivery" = i64, Path, description = "The delivery"),
), responses(
    (status = 202, description = "It is queued", body = DeliveryView),
    (status = 404, description = "The delivery does not exist"),
))]
pub(crate) async fn replay(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    DeliveryPath(id, number): DeliveryPath,
) -> Result<(StatusCode, Json<DeliveryView>), ApiError> {
    let delivery = api.app.replay_delivery(holder.site, id, number).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryView::whole(delivery))))
}

/// Sends all failed deliveries since a given time again.
#[utoipa::path(post, operation_id = "replayDeliveries", path = "/webhooks/{id}/replay", tag = "Webhooks", params(("id" = String, Path, description = "The webhook")),
    request_body(content = serde_json::Value, description = "`since`: start time; RFC 3339"), responses(
    (status = 202, description = "Failed deliveries since then are queued", body = Replayed),
    (status = 400, description = "`since` is missing or invalid"),
    (status = 404, description = "The webhook does not exist"),
))]
pub(crate) async fn replay_all(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Replayed>), ApiError> {
    let replayed = api.app.replay_webhook(holder.site, id, parse_replay(&body)?).await?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { replayed })))
}
