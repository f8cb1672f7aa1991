//! `GET /v1/segments/{id}`.

use super::View;
use crate::{
    api::{ApiError, ApiState, path::PathParam},
    app::AuthenticatedKey,
    domain::SegmentId,
};
use axum::{Json, extract::State};

/// Returns one segment.
#[utoipa::path(get, operation_id = "getSegment", path = "/segments/{id}", tag = "Segments", params(("id" = i64, Path,)), responses(
    (status = 200, body = View), (status = 401, description = "The API key is missing or invalid."), (status = 404, description = "The segment does not exist."),
    (status = 429, description = "Too many requests.")))]
pub(in crate::api) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<SegmentId>,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.inbox.segment(holder.site, id).await?.into()))
}
