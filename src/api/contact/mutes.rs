//! `GET`, `PUT /v1/contact/{id}/mutes`: the muted categories of a contact, read and replaced as a
//! whole.

use crate::{ApiError, ApiState, body::JsonBody, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, parse_mutes};
use belfry_domain::{ContactId, ContactLookup};
use serde::Serialize;
use utoipa::ToSchema;

/// The muted categories of a contact.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactMutes)]
pub(crate) struct Mutes {
    /// Names of categories.
    #[schema(example = json!(["news"]))]
    muted: Vec<String>,
}

/// Returns the muted categories of a contact.
#[utoipa::path(
    get,
    path = "/contact/{id}/mutes",
    operation_id = "getMutes",
    tag = "Contacts",
    params(("id" = i64, Path, description = "The contact's id")),
    responses((status = 200, description = "The categories", body = Mutes), (status = 404, description = "The contact does not exist"))
)]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<i64>,
) -> Result<Json<Mutes>, ApiError> {
    Ok(Json(Mutes { muted: api.app.mutes(holder.site, ContactId(id)).await? }))
}

/// Replaces the muted categories of a contact.
///
/// Each must be a category that the site's settings mark as mutable.
#[utoipa::path(
    put,
    path = "/contact/{id}/mutes",
    operation_id = "putMutes",
    tag = "Contacts",
    params(("id" = i64, Path, description = "The contact's id")),
    request_body = Mutes,
    responses(
        (status = 200, description = "The muted categories", body = Mutes),
        (status = 400, description = "A category does not exist or is not mutable"),
        (status = 404, description = "The contact does not exist"),
    )
)]
pub(crate) async fn put(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<i64>,
    JsonBody(body): JsonBody,
) -> Result<Json<Mutes>, ApiError> {
    let contact = ContactId(id);
    api.app.contact(holder.site, &ContactLookup::Id(contact)).await?;
    Ok(Json(Mutes { muted: api.app.set_mutes(holder.site, contact, parse_mutes(&body)?).await? }))
}
