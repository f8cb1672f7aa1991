//! `GET /v1/contact/{id}` and `GET /v1/contact?externalCustomerId=…`: a stored contact. Unknown
//! values are omitted.

use super::parse_lookup;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{Contact, ContactId, ContactLookup, Language, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

/// A contact.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Contact)]
pub struct View {
    #[schema(value_type = i64)]
    id: ContactId,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    channels: Vec<Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    #[schema(format = DateTime)]
    created_at: Option<String>,
    #[schema(format = DateTime)]
    updated_at: Option<String>,
    /// When the contact was last seen, with a resolution of one hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<String>,
}

/// A channel of a contact.
#[derive(Serialize, utoipa::ToSchema)]
struct Channel {
    /// `email` or `sms`.
    r#type: &'static str,
    value: String,
}

impl From<Contact> for View {
    fn from(contact: Contact) -> Self {
        let channel = |r#type, value: Option<String>| value.map(|value| Channel { r#type, value });
        Self {
            id: contact.id,
            external_customer_id: contact.external_id,
            first_name: contact.first_name,
            last_name: contact.last_name,
            channels: [channel("email", contact.email), channel("sms", contact.phone)]
                .into_iter()
                .flatten()
                .collect(),
            language: contact.language,
            attributes: contact.attributes,
            created_at: contact.created_at.rfc3339(),
            updated_at: contact.updated_at.rfc3339(),
            last_seen_at: contact.last_seen_at.and_then(Timestamp::rfc3339),
        }
    }
}

/// Returns a contact.
#[utoipa::path(get, path = "/contact/{id}", operation_id = "getContact", tag = "Contacts", params(("id" = i64, Path, description = "The contact's id.")), responses((status = 200, description = "The contact.", body = View)))]
pub(crate) async fn get(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<i64>,
) -> Result<Json<View>, ApiError> {
    let contact = api.app.contact(holder.site, &ContactLookup::Id(ContactId(id))).await?;
    Ok(Json(contact.into()))
}

/// Returns the contact with an external id.
#[utoipa::path(get, path = "/contact", operation_id = "findContact", tag = "Contacts", params(("externalCustomerId" = String, Query, description = "The site's own id of the contact.")), responses((status = 200, description = "The contact.", body = View), (status = 404, description = "The contact does not exist.", body = crate::schema::Error)))]
pub(crate) async fn find(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    query: RawQuery,
) -> Result<Json<View>, ApiError> {
    let contact = api.app.contact(holder.site, &parse_lookup(query)?).await?;
    Ok(Json(contact.into()))
}
