//! `POST /v1/segments`.

use super::{View, view::SegmentRequest};
use crate::{
    api::{ApiError, ApiState, body::JsonBody},
    app::{AuthenticatedKey, parse_segment},
};
use axum::{Json, extract::State, http::StatusCode};

/// Creates a segment.
#[utoipa::path(post, operation_id = "createSegment", path = "/segments", tag = "Segments", request_body = SegmentRequest, responses(
    (status = 201, body = View), (status = 400, description = "A field is invalid."), (status = 401, description = "The API key is missing or invalid."),
    (status = 409, description = "The site already has a segment with this name."), (status = 429, description = "Too many requests.")))]
pub(in crate::api) async fn create(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<View>), ApiError> {
    let (name, rule) = parse_segment(&body)?;
    Ok((StatusCode::CREATED, Json(api.inbox.create_segment(holder.site, name, rule).await?.into())))
}
