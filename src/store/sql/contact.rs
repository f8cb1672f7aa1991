//! Rows of contacts, looked up by identifiers.
//!
//! Must not depend on who changes contacts ([`super::contact_changes`]) or evaluates them.

use crate::{
    Result, StoreError,
    db::{Columns, Connection, Row, query, query_scalar, to_json},
};
use belfry_domain::{
    Contact, ContactId, ContactLookup, EmailAddress, ExternalId, Identifiers, PhoneNumber, SiteId,
};
use serde_json::{Value, json};

/// The columns that [`contact_in`] reads. In a join, the table's name comes before each.
macro_rules! contact_columns {
    () => {
        contact_columns!("")
    };
    ($of:literal) => {
        concat!(
            $of,
            "id, ",
            $of,
            "external_id, ",
            $of,
            "email, ",
            $of,
            "phone, ",
            $of,
            "first_name, ",
            $of,
            "last_name, ",
            $of,
            "language, ",
            $of,
            "attributes, ",
            $of,
            "created_at, ",
            $of,
            "updated_at, ",
            $of,
            "last_seen_at, ",
            $of,
            "hidden_until"
        )
    };
}
pub(super) use contact_columns;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", contact_columns!(), " FROM contact ", $rest)
    };
}

/// The first identifier that any contact has decides. Each one is an index lookup, made only if no
/// contact has the ones before. Two rules keep a call from reaching another person: an identifier
/// that only a contact of the other kind (deleted or not) has is not skipped in favour of a weaker
/// one; and a contact with an external id is not matched by a call with a different one, even if
/// they share an address.
const BY_IDENTIFIERS: &str = select!(
    "WHERE site_id = ?1 AND id = coalesce(
        (SELECT id FROM contact WHERE site_id = ?1 AND external_id = ?2),
        (SELECT id FROM contact WHERE site_id = ?1 AND email = ?3),
        (SELECT id FROM contact WHERE site_id = ?1 AND phone = ?4))
        AND (deleted_at IS NOT NULL) = (?5 <> 0) AND (?2 IS NULL OR external_id IS NULL OR external_id = ?2)"
);

pub(super) fn contact_of(row: &Row) -> Result<Contact> {
    contact_in(&mut Columns::new(row))
}

/// A contact whose columns don't start the row.
pub(super) fn contact_in(columns: &mut Columns<'_>) -> Result<Contact> {
    Ok(Contact {
        id: columns.contact()?,
        external_id: columns.value()?,
        email: columns.value()?,
        phone: columns.value()?,
        first_name: columns.value()?,
        last_name: columns.value()?,
        language: columns
            .value::<Option<&str>>()?
            .map(|tag| tag.parse().map_err(|_| StoreError::Inconsistent(format!("language {tag}"))))
            .transpose()?,
        attributes: columns.json()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
        last_seen_at: columns.maybe_time()?,
        hidden_until: columns.position()?,
    })
}

/// The contact that the identifiers match, or with `deleted` one that is deleted but not erased.
pub(super) async fn by_identifiers(
    connection: &mut Connection,
    site: SiteId,
    identifiers: &Identifiers,
    deleted: bool,
) -> Result<Option<Contact>> {
    query(BY_IDENTIFIERS)
        .bind(site.as_bytes())
        .bind(identifiers.external_id.as_ref().map(ExternalId::as_str))
        .bind(identifiers.email.as_ref().map(EmailAddress::as_str))
        .bind(identifiers.phone.as_ref().map(PhoneNumber::as_str))
        .bind(deleted)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(contact_of)
        .transpose()
}

/// A contact that exists, or with `deleted` one that is deleted but not erased.
pub(super) async fn find(
    connection: &mut Connection,
    site: SiteId,
    lookup: &ContactLookup,
    deleted: bool,
) -> Result<Option<Contact>> {
    match lookup {
        ContactLookup::Identifiers(identifiers) => {
            by_identifiers(connection, site, identifiers, deleted).await
        }
        ContactLookup::Id(contact) => query(select!(
            "WHERE site_id = ?1 AND id = ?2 AND (deleted_at IS NOT NULL) = (?3 <> 0)"
        ))
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(deleted)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(contact_of)
        .transpose(),
    }
}

/// Those of the given contacts that exist and have an external id.
pub(super) const WITH_EXTERNAL_ID: &str = concat!(
    "SELECT ",
    contact_columns!("contact."),
    " FROM json_each(?2) AS input CROSS JOIN contact ON contact.site_id = ?1 AND contact.id = CAST(input.value AS BIGINT)
     WHERE contact.deleted_at IS NULL AND contact.external_id IS NOT NULL"
);

pub(super) async fn with_external_id(
    connection: &mut Connection,
    site: SiteId,
    contacts: &[ContactId],
) -> Result<Vec<Contact>> {
    let rows = query(WITH_EXTERNAL_ID)
        .bind(site.as_bytes())
        .bind(to_json(contacts)?)
        .fetch_all(connection)
        .await?;
    rows.iter().map(contact_of).collect()
}

/// Contacts in the order of their ids.
pub(super) async fn after(
    connection: &mut Connection,
    site: SiteId,
    after: ContactId,
    limit: u32,
) -> Result<Vec<Contact>> {
    let rows = query(select!(
        "WHERE site_id = ?1 AND id > ?2 AND deleted_at IS NULL ORDER BY id LIMIT ?3 + 0"
    ))
    .bind(site.as_bytes())
    .bind(after.0)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(contact_of).collect()
}

/// One statement for any number of lookups. The matching rules are those of [`BY_IDENTIFIERS`].
pub(super) async fn ids(
    connection: &mut Connection,
    site: SiteId,
    lookups: &[ContactLookup],
) -> Result<Vec<Option<ContactId>>> {
    let asked: Vec<Value> = lookups
        .iter()
        .map(|lookup| match lookup {
            ContactLookup::Id(contact) => json!([contact.0, null, null, null]),
            ContactLookup::Identifiers(Identifiers { external_id, email, phone }) => json!([
                null,
                external_id.as_ref().map(ExternalId::as_str),
                email.as_ref().map(EmailAddress::as_str),
                phone.as_ref().map(PhoneNumber::as_str)
            ]),
        })
        .collect();
    let matches: Vec<Option<i64>> = query_scalar(
        "SELECT (SELECT c.id FROM contact AS c WHERE c.site_id = ?1 AND c.deleted_at IS NULL AND c.id = coalesce(CAST(input.value ->> 0 AS BIGINT),
                (SELECT id FROM contact WHERE site_id = ?1 AND external_id = input.value ->> 1),
                (SELECT id FROM contact WHERE site_id = ?1 AND email = input.value ->> 2),
                (SELECT id FROM contact WHERE site_id = ?1 AND phone = input.value ->> 3))
            AND (input.value ->> 1 IS NULL OR c.external_id IS NULL OR c.external_id = input.value ->> 1))
         FROM json_each(?2) AS input ORDER BY input.key",
    )
    .bind(site.as_bytes())
    .bind(to_json(&asked)?)
    .fetch_all(connection)
    .await?;
    Ok(matches.into_iter().map(|id| id.map(ContactId)).collect())
}
