//! `POST /v1/contact`: creates a contact, or updates the one with the same external id, e-mail or
//! phone number.
//!
//! The response is `{"id":123}` in both cases. 409 if an e-mail or phone number belongs to another
//! contact.

use crate::{
    api::{ApiError, ApiState, body::JsonBody},
    app::{AuthenticatedKey, parse_contact},
    domain::ContactId,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The contact's id.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ContactUpserted)]
pub(in crate::api) struct Upserted {
    #[schema(value_type = i64)]
    id: ContactId,
}

/// Creates a contact, or updates the one with the same external id, e-mail or phone number.
#[utoipa::path(post, path = "/contact", operation_id = "upsertContact", tag = "Contacts", request_body = crate::api::schema::ContactBody, responses((status = 200, description = "The contact's id.", body = Upserted)))]
pub(in crate::api) async fn upsert(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Json<Upserted>, ApiError> {
    let id = api.inbox.upsert_contact(holder.site, &parse_contact(&body)?).await?;
    Ok(Json(Upserted { id }))
}
