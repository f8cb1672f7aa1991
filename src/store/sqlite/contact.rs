//! Contacts: who is meant, merged, and erased.

use super::{
    columns::{Columns, to_json},
    outbox,
    work::Work,
};
use crate::{
    domain::{
        Change, Contact, ContactDraft, ContactId, ContactLookup, EmailAddress, EventType, ExternalId, Identifiers, PhoneNumber, Revoked, SiteId,
        Timestamp,
    },
    store::{Result, StoreError},
};
use serde_json::{Value, json};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, external_id, email, phone, first_name, last_name, language, attributes, created_at, updated_at FROM contact ", $rest)
    };
}

/// The first that is known decides: each identifier is one index look-up, made only when those before it found nobody.
const BY_IDENTIFIERS: &str = select!(
    "WHERE site_id = ?1 AND id = coalesce(
        (SELECT id FROM contact WHERE site_id = ?1 AND external_id = ?2),
        (SELECT id FROM contact WHERE site_id = ?1 AND email = ?3),
        (SELECT id FROM contact WHERE site_id = ?1 AND phone = ?4))"
);

fn contact_of(row: &SqliteRow) -> Result<Contact> {
    let mut columns = Columns::of(row);
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
    })
}

async fn by_identifiers(connection: &mut SqliteConnection, site: SiteId, identifiers: &Identifiers) -> Result<Option<Contact>> {
    sqlx::query(BY_IDENTIFIERS)
        .bind(site.as_bytes())
        .bind(identifiers.external_id.as_ref().map(ExternalId::as_str))
        .bind(identifiers.email.as_ref().map(EmailAddress::as_str))
        .bind(identifiers.phone.as_ref().map(PhoneNumber::as_str))
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(contact_of)
        .transpose()
}

pub(super) async fn find(connection: &mut SqliteConnection, site: SiteId, lookup: &ContactLookup) -> Result<Option<Contact>> {
    match lookup {
        ContactLookup::Identifiers(identifiers) => by_identifiers(connection, site, identifiers).await,
        ContactLookup::Id(contact) => sqlx::query(select!("WHERE site_id = ?1 AND id = ?2"))
            .bind(site.as_bytes())
            .bind(contact.0)
            .fetch_optional(connection)
            .await?
            .as_ref()
            .map(contact_of)
            .transpose(),
    }
}

/// One statement however many are asked for.
pub(super) async fn ids(connection: &mut SqliteConnection, site: SiteId, lookups: &[ContactLookup]) -> Result<Vec<Option<ContactId>>> {
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
    let found: Vec<Option<i64>> = sqlx::query_scalar(
        "SELECT coalesce(
            (SELECT id FROM contact WHERE site_id = ?1 AND id = asked.value ->> 0),
            (SELECT id FROM contact WHERE site_id = ?1 AND external_id = asked.value ->> 1),
            (SELECT id FROM contact WHERE site_id = ?1 AND email = asked.value ->> 2),
            (SELECT id FROM contact WHERE site_id = ?1 AND phone = asked.value ->> 3))
         FROM json_each(?2) AS asked ORDER BY asked.key",
    )
    .bind(site.as_bytes())
    .bind(to_json(&asked)?)
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(|id| id.map(ContactId)).collect())
}

pub(super) async fn upsert(work: &mut Work, site: SiteId, draft: ContactDraft, at: Timestamp) -> Result<ContactId> {
    let external_id = draft.identifiers.external_id.as_ref().map(|id| id.as_str().to_owned());
    let found = by_identifiers(&mut work.connection, site, &draft.identifiers).await?;
    // A shared e-mail does not make two customers of the site one person.
    let found = found.filter(|contact| external_id.is_none() || contact.external_id.is_none() || contact.external_id == external_id);
    match found {
        Some(contact) => update(work, site, contact, draft, at).await,
        None => insert(work, site, draft, at).await,
    }
}

async fn update(work: &mut Work, site: SiteId, contact: Contact, draft: ContactDraft, at: Timestamp) -> Result<ContactId> {
    let mut attributes = contact.attributes;
    for (name, value) in draft.attributes {
        if value.is_null() {
            attributes.remove(&name);
        } else {
            attributes.insert(name, value);
        }
    }
    sqlx::query(
        "UPDATE contact SET external_id = coalesce(?3, external_id), email = coalesce(?4, email), phone = coalesce(?5, phone),
         first_name = coalesce(?6, first_name), last_name = coalesce(?7, last_name), language = coalesce(?8, language),
         attributes = ?9, updated_at = ?10 WHERE site_id = ?1 AND id = ?2",
    )
    .bind(site.as_bytes())
    .bind(contact.id.0)
    .bind(draft.identifiers.external_id.as_ref().map(ExternalId::as_str))
    .bind(draft.identifiers.email.as_ref().map(EmailAddress::as_str))
    .bind(draft.identifiers.phone.as_ref().map(PhoneNumber::as_str))
    .bind(draft.first_name)
    .bind(draft.last_name)
    .bind(draft.language.map(String::from))
    .bind(to_json(&attributes)?)
    .bind(at.millis())
    .execute(&mut work.connection)
    .await?;
    Ok(contact.id)
}

async fn insert(work: &mut Work, site: SiteId, mut draft: ContactDraft, at: Timestamp) -> Result<ContactId> {
    let number: Option<i64> = sqlx::query_scalar("UPDATE site SET next_contact = next_contact + 1 WHERE id = ?1 RETURNING next_contact - 1")
        .bind(site.as_bytes())
        .fetch_optional(&mut work.connection)
        .await?;
    let number = number.ok_or_else(|| StoreError::Conflict("there is no such site".to_owned()))?;
    let external_id = draft.identifiers.external_id.as_ref().map(|id| id.as_str().to_owned());
    draft.attributes.retain(|_, value| !value.is_null());
    sqlx::query(
        "INSERT INTO contact (site_id, id, external_id, email, phone, first_name, last_name, language, attributes, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
    )
    .bind(site.as_bytes())
    .bind(number)
    .bind(draft.identifiers.external_id.as_ref().map(ExternalId::as_str))
    .bind(draft.identifiers.email.as_ref().map(EmailAddress::as_str))
    .bind(draft.identifiers.phone.as_ref().map(PhoneNumber::as_str))
    .bind(draft.first_name)
    .bind(draft.last_name)
    .bind(draft.language.map(String::from))
    .bind(to_json(&draft.attributes)?)
    .bind(at.millis())
    .execute(&mut work.connection)
    .await?;
    outbox::contact(work, site, EventType::ContactCreated, ContactId(number), external_id.as_deref(), at).await?;
    Ok(ContactId(number))
}

pub(super) async fn delete(work: &mut Work, site: SiteId, contact: ContactId, at: Timestamp) -> Result<bool> {
    // Receipts, tokens and sessions go with the row, by their foreign keys.
    let deleted: Option<Option<String>> = sqlx::query_scalar("DELETE FROM contact WHERE site_id = ?1 AND id = ?2 RETURNING external_id")
        .bind(site.as_bytes())
        .bind(contact.0)
        .fetch_optional(&mut work.connection)
        .await?;
    let Some(external_id) = deleted else { return Ok(false) };
    for statement in [
        "DELETE FROM message WHERE site_id = ?1 AND everyone = 0 AND id IN (
            SELECT own.message_id FROM placement AS own WHERE own.site_id = ?1 AND own.contact_id = ?2 AND NOT EXISTS (
                SELECT 1 FROM placement AS other WHERE other.site_id = ?1 AND other.message_id = own.message_id AND other.contact_id <> ?2))",
        "DELETE FROM placement WHERE site_id = ?1 AND contact_id = ?2",
    ] {
        sqlx::query(statement).bind(site.as_bytes()).bind(contact.0).execute(&mut work.connection).await?;
    }
    outbox::forget(work, site, contact).await?;
    outbox::contact(work, site, EventType::ContactDeleted, contact, external_id.as_deref(), at).await?;
    work.next_version(site, false).await?;
    work.announce(Change::Ended { site, revoked: Revoked::Contact(contact) });
    Ok(true)
}
