//! Error responses of the server itself, in the format of the backend API.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// `{"status":404,"message":"…"}`, not cacheable.
pub(super) fn error_response(status: StatusCode, message: &str) -> Response {
    let mut response =
        (status, Json(json!({ "status": status.as_u16(), "message": message }))).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
