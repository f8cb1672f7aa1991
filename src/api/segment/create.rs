//! `POST /v1/segments`.

use super::View;
use crate::{ApiError, ApiState, audited::Audited, body::JsonBody};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use belfry_app::{AuthenticatedKey, body::SegmentRequest, parse_segment};

/// Creates a segment.
#[utoipa::path(post, operation_id = "createSegment", path = "/segments", tag = "Segments", request_body = SegmentRequest, responses(
    (status = 201, body = View), (status = 400, description = "A field is invalid."), (status = 401, description = "The API key is missing or invalid."),
    (status = 409, description = "The site already has a segment with this name."), (status = 429, description = "Too many requests.")))]
pub(crate) async fn create(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<impl IntoResponse, ApiError> {
    let (name, rule) = parse_segment(&body)?;
    let segment = api.app.create_segment(holder.site, name, rule).await?;
    Ok(Audited::new(segment.id, (StatusCode::CREATED, Json(View::from(segment)))))
}
