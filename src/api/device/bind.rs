//! `POST /v1/contact/{id}/devices` with `{"deviceId":"…"}`: binds a device to this contact, and
//! unbinds it from any other.

use super::View;
use crate::{ApiError, ApiState, body::JsonBody, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::{ContactId, DeviceId, ValidationError};
use belfry_locales::phrases::errors;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The device to bind.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeviceToBind)]
pub(crate) struct BindRequest {
    /// 16 to 200 visible ASCII characters that can't be guessed, such as a random UUID.
    // Any JSON, so that the error of a wrong type names the field.
    #[schema(value_type = String)]
    device_id: Option<Value>,
}

#[utoipa::path(
    post, path = "/contact/{id}/devices", tag = "Contacts", operation_id = "bindDevice", request_body = BindRequest,
    params(("id" = i64, Path, description = "The contact's id")),
    responses(
        (status = 200, body = View, description = "Bound"), (status = 400, description = "The id is missing or invalid"),
        (status = 401, description = "The API key is missing or invalid"), (status = 404, description = "The contact does not exist"),
        (status = 413, description = "The body is too large"), (status = 415, description = "The body is not JSON"), (status = 429, description = "Too many requests"),
    )
)]
/// Binds a device to a contact.
pub(crate) async fn bind(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(contact): PathParam<i64>,
    JsonBody(body): JsonBody,
) -> Result<Json<View>, ApiError> {
    let device = api.app.bind_device(&holder, ContactId(contact), &parse(&body)?).await?;
    Ok(Json(View::from(&device)))
}

fn parse(body: &[u8]) -> Result<DeviceId, ValidationError> {
    let no_object = || ValidationError::new("", errors::body_no_object("{\"deviceId\":\"…\"}"));
    let value: Value = serde_json::from_slice(body).map_err(|_| no_object())?;
    // The derive would also accept a list of the values.
    if !value.is_object() {
        return Err(no_object());
    }
    match BindRequest::deserialize(value).map_err(|_| no_object())?.device_id {
        Some(Value::String(text)) => DeviceId::parse(&text),
        _ => Err(ValidationError::new("deviceId", errors::STRING)),
    }
}
