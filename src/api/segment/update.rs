//! `PUT /v1/segments/{id}`.

use super::View;
use crate::{ApiError, ApiState, body::JsonBody, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, body::SegmentRequest, parse_segment};
use belfry_domain::SegmentId;

/// Replaces a segment's name and condition.
///
/// The new condition applies immediately, also to messages that were sent to the segment before.
#[utoipa::path(put, operation_id = "updateSegment", path = "/segments/{id}", tag = "Segments", params(("id" = i64, Path,)), request_body = SegmentRequest, responses(
    (status = 200, body = View), (status = 400, description = "A field is invalid."), (status = 401, description = "The API key is missing or invalid."),
    (status = 404, description = "The segment does not exist."), (status = 409, description = "Another segment has this name already."),
    (status = 429, description = "Too many requests.")))]
pub(crate) async fn update(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<SegmentId>,
    JsonBody(body): JsonBody,
) -> Result<Json<View>, ApiError> {
    let (name, rule) = parse_segment(&body)?;
    Ok(Json(api.app.update_segment(holder.site, id, name, rule, None).await?.into()))
}
