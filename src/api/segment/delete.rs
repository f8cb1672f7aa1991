//! `DELETE /v1/segments/{id}`.

use crate::{ApiError, ApiState, path::PathParam};
use axum::{extract::State, http::StatusCode};
use belfry_app::AuthenticatedKey;
use belfry_domain::SegmentId;

/// Deletes a segment that is not the audience of a message; recalled messages don't count.
#[utoipa::path(delete, operation_id = "deleteSegment", path = "/segments/{id}", tag = "Segments", params(("id" = i64, Path,)), responses(
    (status = 204), (status = 401, description = "The API key is missing or invalid."), (status = 404, description = "The segment does not exist."),
    (status = 409, description = "The segment is the audience of messages."), (status = 429, description = "Too many requests.")))]
pub(crate) async fn delete(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<SegmentId>,
) -> Result<StatusCode, ApiError> {
    api.app.delete_segment(holder.site, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
