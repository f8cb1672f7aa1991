//! `POST /v1/contact`: creates a contact, or updates the one with the same external id, e-mail or
//! phone number.
//!
//! The response is `{"id":123}` in both cases. 409 if an e-mail or phone number belongs to another
//! contact.

use crate::{ApiError, ApiState, body::JsonBody};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, parse_contact};
use belfry_domain::ContactId;
use serde::Serialize;

/// The contact's id.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ContactUpserted)]
pub(crate) struct Upserted {
    #[schema(value_type = i64)]
    id: ContactId,
}

/// Creates a contact, or updates the one with the same external id, e-mail or phone number.
#[utoipa::path(post, path = "/contact", operation_id = "upsertContact", tag = "Contacts", request_body = belfry_app::body::ContactBody, responses((status = 200, description = "The contact's id.", body = Upserted)))]
pub(crate) async fn upsert(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<Upserted>, ApiError> {
    let id = api.app.upsert_contact(holder.site, &parse_contact(&body)?).await?;
    Ok(Json(Upserted { id }))
}
