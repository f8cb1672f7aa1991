//! `GET /v1/contacts/search?q=&email=&phone=&firstName=&lastName=&language=&limit=&cursor=`:
//! contacts, newest first, paginated.
//!
//! It is separate from `GET /v1/contacts`, which uses the format of the existing API.

use super::{View, list::filter};
use crate::{ApiError, ApiState, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::ContactId;
use serde::Serialize;
use utoipa::ToSchema;

/// Maximum characters of `q`.
const MAX_SEARCH_CHARS: usize = 200;

/// A page of matching contacts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ContactList)]
pub(crate) struct ContactPage {
    items: Vec<View>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
    /// Number of matching contacts, counted up to 10,000.
    count: u32,
    /// Whether counting stopped at the limit.
    count_capped: bool,
}

/// Lists contacts that match all given criteria, newest first.
#[utoipa::path(
    get, operation_id = "searchContacts",
    path = "/contacts/search",
    tag = "Contacts",
    params(
        ("q" = Option<String>, Query, description = "Literal text to search in names, e-mail address, phone number and external id"),
        ("email" = Option<String>, Query, description = "E-mail address"),
        ("phone" = Option<String>, Query, description = "Phone number"),
        ("firstName" = Option<String>, Query, description = "First name, exact match ignoring case"),
        ("lastName" = Option<String>, Query, description = "Last name, exact match ignoring case"),
        ("language" = Option<String>, Query, description = "Language tag"),
        ("limit" = Option<u32>, Query, description = "Page size: 1 to 100, by default 20"),
        ("cursor" = Option<String>, Query, description = "The `next` value of the previous page"),
    ),
    responses((status = 200, description = "The contacts", body = ContactPage), (status = 400, description = "A parameter is invalid"))
)]
pub(crate) async fn search(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    RawQuery(query): RawQuery,
) -> Result<Json<ContactPage>, ApiError> {
    let query = Query::parse_known(
        query.as_deref(),
        &["q", "email", "phone", "firstName", "lastName", "language", "limit", "cursor"],
    )?;
    let mut filter = filter(&query, "phone", "firstName", "lastName")?;
    filter.language = query.parse_param("language")?;
    filter.text = query.bounded_text("q", MAX_SEARCH_CHARS)?;
    let list = api
        .app
        .list_contacts(holder.site, &filter, query.cursor::<i64>()?.map(ContactId), query.limit()?)
        .await?;
    Ok(Json(ContactPage {
        items: list.contacts.into_iter().map(View::from).collect(),
        next: list.next.map(|contact| contact.to_string()),
        count: list.count,
        count_capped: list.is_capped,
    }))
}
