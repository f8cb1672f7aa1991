//! `POST /v1/segments/count`.

use crate::{ApiError, ApiState, body::JsonBody};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, body::SegmentCountRequest, parse_condition};
use serde::Serialize;

/// Number of matching contacts.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SegmentCount)]
pub(crate) struct Count {
    /// Matching contacts among those that were examined.
    count: u64,
    /// Whether all contacts were examined; if `false`, there may be more than `count`.
    complete: bool,
}

/// Counts the contacts that match a condition now.
///
/// For a site with more than 200,000 contacts the count is partial.
#[utoipa::path(post, operation_id = "countSegment", path = "/segments/count", tag = "Segments", request_body = SegmentCountRequest, responses(
    (status = 200, body = Count), (status = 400, description = "A field is invalid."), (status = 401, description = "The API key is missing or invalid."),
    (status = 429, description = "Too many requests.")))]
pub(crate) async fn count(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<Count>, ApiError> {
    let count = api.app.segment_count(holder.site, parse_condition(&body)?).await?;
    Ok(Json(Count { count: count.count, complete: count.complete }))
}
