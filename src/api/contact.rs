//! Contacts, in the shape of the existing contacts API (channels of type `email` and `sms`).

mod erase;
pub(super) mod export;
mod get;
pub(super) mod list;
pub(super) mod receipts;
pub(super) mod replace;
pub(super) mod search;
pub(super) mod subscribe;
mod upsert;

pub(super) use erase::{erase, erase_found};
pub use get::View;
pub(super) use get::{find, get};
pub(super) use upsert::upsert;

use super::query::Query;
use crate::domain::{ContactLookup, ExternalId, Identifiers, Invalid};
use axum::extract::RawQuery;

/// Whether `?erase=` says that the contact is to go wholly.
fn erasing(RawQuery(query): &RawQuery) -> Result<bool, Invalid> {
    match Query::of(query.as_deref()).once("erase")?.as_deref() {
        None | Some("" | "false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Invalid::new("erase", "must be true or false")),
    }
}

/// `?externalCustomerId=…`, exactly once. Other parameters are ignored.
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
