//! Creates, changes and deletes contacts.
//!
//! Must not depend on conversations, segments or imports. Used by the modules that change contacts.

use super::{
    contact::{by_identifiers, find},
    outbox,
    write_tx::WriteTx,
};
use crate::{
    Conflict, Result, StoreError,
    db::{query, query_as, query_scalar, to_json},
};
use belfry_domain::{
    Contact, ContactDraft, ContactId, ContactLookup, EmailAddress, EventType, ExternalId,
    HistoryPolicy, Identifiers, InboxEvent, PhoneNumber, RevokedSessions, SiteId, Timestamp,
    ValidationError, webhook_event::WebhookEvent,
};
use belfry_locales::phrases::errors;

/// Creates a contact, or changes the one that its identifiers match.
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
    query(
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
    query("UPDATE contact SET version = ?3 WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(version.0)
        .execute(&mut tx.connection)
        .await?;
    tx.publish(InboxEvent::Invalidated { site, contact: Some(contact), version });
    Ok(())
}

/// Allocates the id of a new contact, and its start position. Earlier messages are below it from
/// the start, so reading a list never compares times.
const ALLOCATE_ID: &str = "UPDATE site SET next_contact = next_contact + 1 WHERE id = ?1 RETURNING next_contact - 1, last_position, settings ->> 'history'";

/// Creates a contact with a draft's data.
pub(super) async fn insert(
    tx: &mut WriteTx,
    site: SiteId,
    mut draft: ContactDraft,
    at: Timestamp,
) -> Result<ContactId> {
    let numbers: Option<(i64, i64, Option<String>)> =
        query_as(ALLOCATE_ID).bind(site.as_bytes()).fetch_optional(&mut tx.connection).await?;
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
    query(
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
    let event = WebhookEvent::of_contact(EventType::ContactCreated, ContactId(number), external_id);
    outbox::queue_event(tx, site, &event, at).await?;
    Ok(ContactId(number))
}

/// Deletes a contact with its messages, receipts, tokens and sessions. Its conversations have to be
/// cleared before: see `channel::delete_contact`.
pub(super) async fn delete(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    at: Timestamp,
) -> Result<bool> {
    // Receipts, tokens and sessions are deleted by their foreign keys.
    let deleted: Option<Option<String>> =
        query_scalar("DELETE FROM contact WHERE site_id = ?1 AND id = ?2 RETURNING external_id")
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
        query(statement).bind(site.as_bytes()).bind(contact.0).execute(&mut tx.connection).await?;
    }
    outbox::delete_of_contact(tx, site, contact).await?;
    let event =
        WebhookEvent::of_contact(EventType::ContactDeleted, contact, external_id.as_deref());
    outbox::queue_event(tx, site, &event, at).await?;
    tx.next_version(site, false).await?;
    tx.publish(InboxEvent::SessionsRevoked { site, revoked: RevokedSessions::Contact(contact) });
    Ok(true)
}
