//! `GET /v1/contacts?email=&sms=&firstname=&lastname=&startindex=1&maxrows=500`: contacts in the
//! format of the existing API, as an array, oldest first. Names must match as a whole, ignoring
//! case. See [`super::search`] for the paginated list.

use super::View;
use crate::{ApiError, ApiState, query::Query};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{ContactFilter, EmailAddress, PhoneNumber, ValidationError};

/// Maximum length of the array.
const MAX_ROWS: u32 = 500;
/// Maximum `startindex`: skipping more contacts takes too long.
const MAX_START_INDEX: u32 = 1_000_000;

/// Lists matching contacts as an array.
#[utoipa::path(
    get, operation_id = "findContacts",
    path = "/contacts",
    tag = "Contacts",
    params(
        ("email" = Option<String>, Query, description = "E-mail address"),
        ("sms" = Option<String>, Query, description = "Phone number"),
        ("firstname" = Option<String>, Query, description = "First name, exact match ignoring case"),
        ("lastname" = Option<String>, Query, description = "Last name, exact match ignoring case"),
        ("startindex" = Option<String>, Query, description = "Position of the first contact, counted from 1; blank counts as absent"),
        ("maxrows" = Option<String>, Query, description = "Maximum number of contacts, up to 500; blank counts as absent"),
    ),
    responses((status = 200, description = "The contacts", body = Vec<View>), (status = 400, description = "A parameter is invalid"))
)]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<View>>, ApiError> {
    let query = Query::parse(query.as_deref());
    let filter = filter(&query, "sms", "firstname", "lastname")?;
    let start = query.number("startindex", 1, 1, MAX_START_INDEX)?;
    let rows = query.number("maxrows", MAX_ROWS, 1, MAX_ROWS)?;
    let contacts = api.app.contacts_from(holder.site, &filter, start - 1, rows).await?;
    Ok(Json(contacts.into_iter().map(View::from).collect()))
}

/// Builds the filter from the parameter names of the two lists.
pub(super) fn filter(
    query: &Query,
    phone: &str,
    first_name: &str,
    last_name: &str,
) -> Result<ContactFilter, ValidationError> {
    let named = |invalid: ValidationError| ValidationError::new(phone, invalid.reason);
    Ok(ContactFilter {
        email: query.text("email")?.map(|text| EmailAddress::parse(&text)).transpose()?,
        phone: query
            .text(phone)?
            .map(|text| PhoneNumber::parse(&text))
            .transpose()
            .map_err(named)?,
        first_name: query.text(first_name)?,
        last_name: query.text(last_name)?,
        language: None,
        text: None,
    })
}
