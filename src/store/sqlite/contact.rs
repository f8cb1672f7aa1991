//! Contacts: looked up by identifiers, upserted, and erased.

use super::{
    channel,
    columns::{Columns, to_json},
    outbox,
    write_tx::WriteTx,
};
use crate::{Conflict, Result, StoreError};
use belfry_domain::{
    Contact, ContactDraft, ContactId, ContactLookup, EmailAddress, EventType, ExternalId,
    HistoryPolicy, Identifiers, InboxEvent, PhoneNumber, RevokedSessions, SiteId, Timestamp,
    ValidationError,
};
use belfry_locales::phrases::errors;
use serde_json::{Value, json};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

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
        AND (deleted_at IS NOT NULL) = ?5 AND (?2 IS NULL OR external_id IS NULL OR external_id = ?2)"
);

pub(super) fn contact_of(row: &SqliteRow) -> Result<Contact> {
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
        hidden_until: columns.value()?,
    })
}

async fn by_identifiers(
    connection: &mut SqliteConnection,
    site: SiteId,
    identifiers: &Identifiers,
    deleted: bool,
) -> Result<Option<Contact>> {
    sqlx::query(BY_IDENTIFIERS)
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
    connection: &mut SqliteConnection,
    site: SiteId,
    lookup: &ContactLookup,
    deleted: bool,
) -> Result<Option<Contact>> {
    match lookup {
        ContactLookup::Identifiers(identifiers) => {
            by_identifiers(connection, site, identifiers, deleted).await
        }
        ContactLookup::Id(contact) => {
            sqlx::query(select!("WHERE site_id = ?1 AND id = ?2 AND (deleted_at IS NOT NULL) = ?3"))
                .bind(site.as_bytes())
                .bind(contact.0)
                .bind(deleted)
                .fetch_optional(connection)
                .await?
                .as_ref()
                .map(contact_of)
                .transpose()
        }
    }
}

/// Those of the given contacts that exist and have an external id.
pub(super) const WITH_EXTERNAL_ID: &str = concat!(
    "SELECT ",
    contact_columns!("contact."),
    " FROM json_each(?2) AS input CROSS JOIN contact ON contact.site_id = ?1 AND contact.id = input.value
     WHERE contact.deleted_at IS NULL AND contact.external_id IS NOT NULL"
);

pub(super) async fn with_external_id(
    connection: &mut SqliteConnection,
    site: SiteId,
    contacts: &[ContactId],
) -> Result<Vec<Contact>> {
    let rows = sqlx::query(WITH_EXTERNAL_ID)
        .bind(site.as_bytes())
        .bind(to_json(contacts)?)
        .fetch_all(connection)
        .await?;
    rows.iter().map(contact_of).collect()
}

/// Contacts in the order of their ids.
pub(super) async fn after(
    connection: &mut SqliteConnection,
    site: SiteId,
    after: ContactId,
    limit: u32,
) -> Result<Vec<Contact>> {
    let rows = sqlx::query(select!(
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
    connection: &mut SqliteConnection,
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
    let matches: Vec<Option<i64>> = sqlx::query_scalar(
        "SELECT (SELECT c.id FROM contact AS c WHERE c.site_id = ?1 AND c.deleted_at IS NULL AND c.id = coalesce(input.value ->> 0,
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

pub(super) async fn upsert(
    tx: &mut WriteTx,
    site: SiteId,
    draft: ContactDraft,
    at: Timestamp,
) -> Result<ContactId> {
    let mut found = by_identifiers(&mut tx.connection, site, &draft.identifiers, false).await?;
    if found.is_none() {
        found = by_identifiers(&mut tx.connection, site, &draft.identifiers, true).await?;
    }
    let contact = match found {
        Some(contact) => update(tx, site, contact, draft, at).await?,
        None => insert(tx, site, draft, at).await?,
    };
    tx.set_subject(contact);
    Ok(contact)
}

/// The search keys: first name, last name, and everything together, in lower case.
fn search_keys(
    first_name: Option<&str>,
    last_name: Option<&str>,
    names: [Option<&str>; 3],
) -> (Option<String>, Option<String>, String) {
    let (first, last) = (first_name.map(str::to_lowercase), last_name.map(str::to_lowercase));
    let name =
        [first.as_deref(), last.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let [email, phone, external_id] = names.map(|name| name.unwrap_or_default().to_lowercase());
    let search = [name, email, phone, external_id].join("\n");
    (first, last, search)
}

/// Merges a draft into a contact. Restores a deleted one.
pub(super) async fn update(
    tx: &mut WriteTx,
    site: SiteId,
    contact: Contact,
    draft: ContactDraft,
    at: Timestamp,
) -> Result<ContactId> {
    let before = contact.clone();
    let mut attributes = contact.attributes;
    for (name, value) in draft.attributes {
        if value.is_null() {
            attributes.remove(&name);
        } else {
            attributes.insert(name, value);
        }
    }
    let attributes = to_json(&attributes)?;
    // Existing attributes count as well; otherwise a contact could grow a little with each request.
    // What was too long before may become shorter.
    if attributes.len() > Contact::MAX_ATTRIBUTES_BYTES
        && attributes.len() > to_json(&before.attributes)?.len()
    {
        let reason = errors::ATTRIBUTES_TOO_LARGE_TOGETHER;
        return Err(StoreError::Limit(ValidationError::new("attributes", reason)));
    }
    let Identifiers { external_id, email, phone } = draft.identifiers;
    let external_id = external_id.map(|id| id.as_str().to_owned()).or(contact.external_id);
    let email = email.map(|email| email.as_str().to_owned()).or(contact.email);
    let phone = phone.map(|phone| phone.as_str().to_owned()).or(contact.phone);
    let first_name = draft.first_name.or(contact.first_name);
    let last_name = draft.last_name.or(contact.last_name);
    let (first, last, search) = search_keys(
        first_name.as_deref(),
        last_name.as_deref(),
        [email.as_deref(), phone.as_deref(), external_id.as_deref()],
    );
    sqlx::query(
        "UPDATE contact SET external_id = ?3, email = ?4, phone = ?5, first_name = ?6, last_name = ?7, language = ?8,
         attributes = ?9, updated_at = ?10, first_name_key = ?11, last_name_key = ?12, search_key = ?13, deleted_at = NULL, profile_version = profile_version + 1 WHERE site_id = ?1 AND id = ?2",
    )
    .bind(site.as_bytes())
    .bind(contact.id.0)
    .bind(external_id)
    .bind(email)
    .bind(phone)
    .bind(first_name)
    .bind(last_name)
    .bind(draft.language.or(contact.language).map(String::from))
    .bind(attributes)
    .bind(at.millis())
    .bind(first)
    .bind(last)
    .bind(search)
    .execute(&mut tx.connection)
    .await?;
    let after = find(&mut tx.connection, site, &ContactLookup::Id(contact.id), false).await?;
    if after.is_some_and(|after| Contact { updated_at: before.updated_at, ..after } != before) {
        invalidate_view(tx, site, contact.id).await?;
    }
    Ok(contact.id)
}

/// Invalidates the contact's view: their segments or muted categories may have changed.
pub(super) async fn invalidate_view(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
) -> Result<()> {
    let version = tx.next_version(site, false).await?;
    sqlx::query("UPDATE contact SET version = ?3 WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(version)
        .execute(&mut tx.connection)
        .await?;
    tx.publish(InboxEvent::Invalidated { site, contact: Some(contact), version });
    Ok(())
}

/// Allocates the id of a new contact, and its start position. Earlier messages are below it from
/// the start, so reading a list never compares times.
const ALLOCATE_ID: &str = "UPDATE site SET next_contact = next_contact + 1 WHERE id = ?1 RETURNING next_contact - 1, last_position, settings ->> 'history'";

pub(super) async fn insert(
    tx: &mut WriteTx,
    site: SiteId,
    mut draft: ContactDraft,
    at: Timestamp,
) -> Result<ContactId> {
    let numbers: Option<(i64, i64, Option<String>)> = sqlx::query_as(ALLOCATE_ID)
        .bind(site.as_bytes())
        .fetch_optional(&mut tx.connection)
        .await?;
    let (number, position, history) = numbers.ok_or(Conflict::UnknownSite)?;
    let history = history
        .map_or(Ok(HistoryPolicy::default()), |history| history.parse())
        .map_err(|_| StoreError::Inconsistent("history".to_owned()))?;
    let (read, hidden) = match history {
        HistoryPolicy::Read => (position, 0),
        HistoryPolicy::Unread => (0, 0),
        HistoryPolicy::Hidden => (position, position),
    };
    draft.attributes.retain(|_, value| !value.is_null());
    let external_id = draft.identifiers.external_id.as_ref().map(ExternalId::as_str);
    let email = draft.identifiers.email.as_ref().map(EmailAddress::as_str);
    let phone = draft.identifiers.phone.as_ref().map(PhoneNumber::as_str);
    let (first, last, search) = search_keys(
        draft.first_name.as_deref(),
        draft.last_name.as_deref(),
        [email, phone, external_id],
    );
    sqlx::query(
        "INSERT INTO contact (site_id, id, external_id, email, phone, first_name, last_name, language, attributes, created_at, updated_at,
         first_name_key, last_name_key, search_key, read_position, seen_position, delivered_position, hidden_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14, ?14, ?15, ?15)",
    )
    .bind(site.as_bytes())
    .bind(number)
    .bind(external_id)
    .bind(email)
    .bind(phone)
    .bind(&draft.first_name)
    .bind(&draft.last_name)
    .bind(draft.language.map(String::from))
    .bind(to_json(&draft.attributes)?)
    .bind(at.millis())
    .bind(first)
    .bind(last)
    .bind(search)
    .bind(read)
    .bind(hidden)
    .execute(&mut tx.connection)
    .await?;
    outbox::queue_contact_event(
        tx,
        site,
        EventType::ContactCreated,
        ContactId(number),
        external_id,
        at,
    )
    .await?;
    Ok(ContactId(number))
}

pub(super) async fn delete(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    at: Timestamp,
) -> Result<bool> {
    channel::forget_contact(tx, site, contact).await?;
    // Receipts, tokens and sessions are deleted by their foreign keys.
    let deleted: Option<Option<String>> = sqlx::query_scalar(
        "DELETE FROM contact WHERE site_id = ?1 AND id = ?2 RETURNING external_id",
    )
    .bind(site.as_bytes())
    .bind(contact.0)
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(external_id) = deleted else { return Ok(false) };
    for statement in [
        "DELETE FROM message WHERE site_id = ?1 AND everyone = 0 AND id IN (
            SELECT own.message_id FROM recipient AS own WHERE own.site_id = ?1 AND own.contact_id = ?2 AND NOT EXISTS (
                SELECT 1 FROM recipient AS other WHERE other.site_id = ?1 AND other.message_id = own.message_id AND other.contact_id <> ?2))
            AND NOT EXISTS (SELECT 1 FROM fan_out AS f WHERE f.site_id = ?1 AND f.message_id = message.id)",
        "DELETE FROM recipient WHERE site_id = ?1 AND contact_id = ?2",
    ] {
        sqlx::query(statement).bind(site.as_bytes()).bind(contact.0).execute(&mut tx.connection).await?;
    }
    outbox::delete_of_contact(tx, site, contact).await?;
    outbox::queue_contact_event(
        tx,
        site,
        EventType::ContactDeleted,
        contact,
        external_id.as_deref(),
        at,
    )
    .await?;
    tx.next_version(site, false).await?;
    tx.publish(InboxEvent::SessionsRevoked { site, revoked: RevokedSessions::Contact(contact) });
    Ok(true)
}
