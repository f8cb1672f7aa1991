//! Contacts, in the shape of the existing contacts API (channels of type `email` and `sms`).

mod erase;
mod get;
mod upsert;

pub use get::View;

use super::Api;
use crate::domain::{ContactLookup, ExternalId, Identifiers, Invalid};
use axum::extract::RawQuery;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route of this noun.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(upsert::upsert, get::find, erase::erase_found)).routes(routes!(get::get, erase::erase))
}

/// `?externalCustomerId=…`, exactly once. Other parameters (`erase`) are ignored: a contact that goes always goes wholly.
fn sought(RawQuery(query): RawQuery) -> Result<ContactLookup, Invalid> {
    const NAME: &str = "externalCustomerId";
    let query = query.unwrap_or_default();
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == NAME);
    let (Some((_, value)), None) = (values.next(), values.next()) else {
        return Err(Invalid::new(NAME, "must be given once in the query"));
    };
    let external_id = Some(ExternalId::parse(&value)?);
    Ok(ContactLookup::Identifiers(Identifiers { external_id, email: None, phone: None }))
}
