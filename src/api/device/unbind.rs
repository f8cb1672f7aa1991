//! `DELETE /v1/contact/{id}/devices/{fingerprint}`: unbinds a device, which then reads for no
//! contact until it is bound again.

use crate::{
    api::{Api, ApiError},
    domain::ContactId,
    inbox::KeyHolder,
};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};

#[utoipa::path(
    delete, path = "/contact/{id}/devices/{fingerprint}", tag = "Contacts", operation_id = "unbindDevice",
    params(("id" = i64, Path, description = "The contact's number"), ("fingerprint" = String, Path, description = "As it was told when it was bound")),
    responses(
        (status = 204, description = "It is unbound"), (status = 401, description = "No valid key"),
        (status = 404, description = "No such device of this contact"), (status = 429, description = "Too many requests"),
    )
)]
/// Unbinds a device.
pub(in crate::api) async fn unbind(
    State(api): State<Api>,
    holder: KeyHolder,
    path: Result<Path<(i64, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path((contact, fingerprint)) = path.map_err(|_| ApiError::not_found())?;
    api.inbox.unbind_device(holder.site, ContactId(contact), &fingerprint).await?;
    Ok(StatusCode::NO_CONTENT)
}
