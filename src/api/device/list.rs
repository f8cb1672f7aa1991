//! `GET /v1/contact/{id}/devices`: the devices of a contact, most recently bound first. There are
//! few, so the list is not paginated.

use super::View;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::ContactId;
use serde::Serialize;
use utoipa::ToSchema;

/// The devices of a contact.
#[derive(Serialize, ToSchema)]
#[schema(as = Devices)]
pub(crate) struct List {
    items: Vec<View>,
    /// Always `null`.
    next: Option<String>,
}

#[utoipa::path(
    get, path = "/contact/{id}/devices", tag = "Contacts", operation_id = "listDevices",
    params(("id" = i64, Path, description = "The contact's id")),
    responses(
        (status = 200, body = List), (status = 401, description = "The API key is missing or invalid"), (status = 404, description = "The contact does not exist"),
        (status = 429, description = "Too many requests"),
    )
)]
/// Lists the devices of a contact.
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(contact): PathParam<i64>,
) -> Result<Json<List>, ApiError> {
    let devices = api.app.devices(holder.site, ContactId(contact)).await?;
    Ok(Json(List { items: devices.iter().map(View::from).collect(), next: None }))
}
