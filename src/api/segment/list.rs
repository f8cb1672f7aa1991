//! `GET /v1/segments`.

use super::View;
use crate::{ApiError, ApiState, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{SegmentId, paginate};
use serde::Serialize;

/// A page of segments.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SegmentList)]
pub(crate) struct SegmentPage {
    /// Newest first.
    items: Vec<View>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
}

/// Lists the site's named segments, newest first.
#[utoipa::path(get, operation_id = "listSegments", path = "/segments", tag = "Segments", params(
    ("limit" = Option<u32>, Query, description = "Page size: 1 to 100, by default 20."), ("cursor" = Option<String>, Query,)), responses(
    (status = 200, body = SegmentPage), (status = 400, description = "A field is invalid."), (status = 401, description = "The API key is missing or invalid."),
    (status = 429, description = "Too many requests.")))]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    RawQuery(query): RawQuery,
) -> Result<Json<SegmentPage>, ApiError> {
    let query = Query::parse_known(query.as_deref(), &["limit", "cursor"])?;
    let limit = query.limit()?;
    let segments = api.app.segments(holder.site, query.cursor::<SegmentId>()?, limit + 1).await?;
    let (segments, next) = paginate(segments, limit, |last| last.id.to_string());
    Ok(Json(SegmentPage { items: segments.into_iter().map(View::from).collect(), next }))
}
