//! Contacts, in the format of the existing contacts API (channels of type `email` and `sms`).

mod erase;
mod export;
mod get;
mod list;
mod mutes;
mod receipts;
mod replace;
mod search;
mod subscribe;
mod upsert;

use belfry_locales::phrases::errors;
pub use get::View;

use super::{ApiState, query::Query};
use axum::extract::RawQuery;
use belfry_domain::{ContactLookup, ExternalId, Identifiers, ValidationError};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(upsert::upsert, get::find, erase::erase_by_external_id))
        .routes(routes!(get::get, replace::replace, erase::erase))
        .routes(routes!(receipts::receipts))
        .routes(routes!(mutes::get, mutes::put))
        .routes(routes!(export::export))
        .routes(routes!(subscribe::subscribe))
        .routes(routes!(list::list, crate::import::start::start_bulk))
        .routes(routes!(search::search))
}

/// Whether `?erase=` requests erasure.
fn parse_erase(RawQuery(query): &RawQuery) -> Result<bool, ValidationError> {
    match Query::parse(query.as_deref()).single("erase")?.as_deref() {
        None | Some("" | "false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ValidationError::new("erase", errors::TRUE_OR_FALSE)),
    }
}

/// Parses `?externalCustomerId=…`, which must be present exactly once. Other parameters are
/// ignored.
fn parse_lookup(RawQuery(query): RawQuery) -> Result<ContactLookup, ValidationError> {
    const NAME: &str = "externalCustomerId";
    let query = query.unwrap_or_default();
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == NAME);
    let (Some((_, value)), None) = (values.next(), values.next()) else {
        return Err(ValidationError::new(NAME, errors::ONCE_IN_QUERY));
    };
    let external_id = Some(ExternalId::parse(&value)?);
    Ok(ContactLookup::Identifiers(Identifiers { external_id, email: None, phone: None }))
}
