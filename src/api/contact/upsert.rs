//! `POST /v1/contact`: adds a contact, or updates the one that has the same external id, e-mail or telephone number.
//!
//! The answer is `{"id":123}` either way. 409 when an e-mail or number is another contact's.

use crate::{
    api::{Api, ApiError, body::JsonBody},
    domain::ContactId,
    inbox::{KeyHolder, parse_contact},
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The answer: the contact's number.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ContactUpserted)]
pub(in crate::api) struct Upserted {
    #[schema(value_type = i64)]
    id: ContactId,
}

/// Adds a contact, or updates the one that has the same external id, e-mail address or telephone number.
#[utoipa::path(post, path = "/contact", operation_id = "upsertContact", tag = "Contacts", request_body = crate::api::schema::ContactBody, responses((status = 200, description = "The contact's number.", body = Upserted)))]
pub(in crate::api) async fn upsert(State(api): State<Api>, holder: KeyHolder, JsonBody(body): JsonBody) -> Result<Json<Upserted>, ApiError> {
    let id = api.inbox.upsert_contact(holder.site, &parse_contact(&body)?).await?;
    Ok(Json(Upserted { id }))
}
