//! `DELETE /v1/contact/{id}/devices/{fingerprint}`: unbinds a device, which then reads for no
//! contact until it is bound again.

use crate::{ApiError, ApiState};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use belfry_app::AuthenticatedKey;
use belfry_domain::ContactId;

#[utoipa::path(
    delete, path = "/contact/{id}/devices/{fingerprint}", tag = "Contacts", operation_id = "unbindDevice",
    params(("id" = i64, Path, description = "The contact's id"), ("fingerprint" = String, Path, description = "The fingerprint that binding returned")),
    responses(
        (status = 204, description = "Unbound"), (status = 401, description = "The API key is missing or invalid"),
        (status = 404, description = "The contact has no such device"), (status = 429, description = "Too many requests"),
    )
)]
/// Unbinds a device.
pub(crate) async fn unbind(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    path: Result<Path<(i64, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path((contact, fingerprint)) = path.map_err(|_| ApiError::not_found())?;
    api.app.unbind_device(holder.site, ContactId(contact), &fingerprint).await?;
    Ok(StatusCode::NO_CONTENT)
}
