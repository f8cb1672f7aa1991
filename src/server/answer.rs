//! The shape of what the server itself says, beside the doors: the same as the backends' door uses.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// `{"status":404,"message":"…"}`, kept by nobody.
pub(super) fn refusal(status: StatusCode, message: &str) -> Response {
    let mut response = (status, Json(json!({ "status": status.as_u16(), "message": message }))).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
