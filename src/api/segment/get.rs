//! `GET /v1/segments/{id}`.

use super::View;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::SegmentId;

/// Returns one segment.
#[utoipa::path(get, operation_id = "getSegment", path = "/segments/{id}", tag = "Segments", params(("id" = i64, Path,)), responses(
    (status = 200, body = View), (status = 401, description = "The API key is missing or invalid."), (status = 404, description = "The segment does not exist."),
    (status = 429, description = "Too many requests.")))]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<SegmentId>,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.app.segment(holder.site, id).await?.into()))
}
