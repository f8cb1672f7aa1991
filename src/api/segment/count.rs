//! `POST segments/count`.

use super::view::Tried;
use crate::{
    api::{Api, ApiError, body::JsonBody},
    inbox::{KeyHolder, parse_condition},
};
use axum::{Json, extract::State};
use serde::Serialize;

/// How many contacts match.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SegmentCount)]
pub(in crate::api) struct Count {
    /// Of the contacts that were looked at.
    count: u64,
    /// Whether all were looked at; where it is false there may be more than `count`.
    complete: bool,
}

/// Counts the contacts of which a condition is true at this moment. A site with more than 200,000 contacts is counted in part.
#[utoipa::path(post, operation_id = "countSegment", path = "/segments/count", tag = "Segments", request_body = Tried, responses(
    (status = 200, body = Count), (status = 400, description = "The field and the reason."), (status = 401, description = "No valid key."),
    (status = 429, description = "Too many requests.")))]
pub(in crate::api) async fn count(State(api): State<Api>, holder: KeyHolder, JsonBody(body): JsonBody) -> Result<Json<Count>, ApiError> {
    let count = api.inbox.segment_count(holder.site, parse_condition(&body)?).await?;
    Ok(Json(Count { count: count.count, complete: count.complete }))
}
