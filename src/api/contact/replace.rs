//! `PUT /v1/contact/{id}`: replaces a contact. Members that the body lacks are removed.

use crate::{ApiError, ApiState, body::JsonBody, path::PathParam};
use axum::extract::State;
use belfry_app::{AuthenticatedKey, parse_contact};
use belfry_domain::ContactId;

/// Replaces a contact. The body is that of `POST contact`.
#[utoipa::path(
    put, operation_id = "replaceContact",
    path = "/contact/{id}",
    tag = "Contacts",
    params(("id" = i64, Path, description = "The contact's id")),
    request_body(content_type = "application/json", content = Object),
    responses(
        (status = 200, description = "Replaced", body = String, content_type = "text/plain"),
        (status = 400, description = "The contact is invalid"),
        (status = 404, description = "The contact does not exist"),
        (status = 409, description = "An identifier belongs to another contact"),
    )
)]
pub(crate) async fn replace(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<i64>,
    JsonBody(body): JsonBody,
) -> Result<&'static str, ApiError> {
    api.app.replace_contact(holder.site, ContactId(id), &parse_contact(&body)?, None).await?;
    Ok("The contact was replaced.")
}
