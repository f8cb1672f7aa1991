//! Message snapshots for the webhooks that receive whole messages: one delivery per contact. A
//! message to named contacts is queued when it goes live; a message to everyone when it reaches a
//! reader. Called by the commands that publish and deliver.

use super::{
    limits::{BACKLOG, enforce_contact_limit, excess, give_up_one},
    snapshot_endpoints,
};
use crate::{
    Result, StoreError,
    db::{Columns, query, query_scalar, to_json},
    sql::{
        contact,
        message_rows::{MAX_CONTACTS_PER_CHUNK, MESSAGES, message_of},
        write_tx::WriteTx,
    },
    webhooks::MAX_PENDING_DELIVERIES_OF_CONTACT,
};
use belfry_domain::{
    Contact, ContactId, ContactLookup, Language, Message, MessageId, MessageSnapshot, SiteId,
    Timestamp, webhook_event::message_subject,
};
use std::collections::BTreeSet;

/// The most snapshots that one write queues, and their bytes: each is a row with its own index
/// entries.
const MAX_SNAPSHOTS_PER_WRITE: usize = 16;
const MAX_SNAPSHOT_BYTES_PER_WRITE: usize = 128 * 1024;

/// The most contacts that a message can reach in one write when this many endpoints receive
/// snapshots of it.
pub(in crate::sql) fn contacts_at_once(message: &Message, endpoints: usize) -> usize {
    if endpoints == 0 {
        return MAX_CONTACTS_PER_CHUNK;
    }
    let bytes = message
        .content
        .values()
        .map(|content| content.title.len() + content.body.len())
        .max()
        .unwrap_or_default()
        + message.data.as_ref().map_or(0, |data| data.to_string().len())
        + 512;
    (MAX_SNAPSHOTS_PER_WRITE / endpoints)
        .min(MAX_SNAPSHOT_BYTES_PER_WRITE / (bytes * endpoints))
        .clamp(1, MAX_CONTACTS_PER_CHUNK)
}

pub(in crate::sql) const EVENT_IDS: &str =
    "SELECT 'evt_' || lower(hex(randomblob(16))) FROM json_each(?1) AS input";

/// Queues snapshots ?3 (event, contact and body of each) with subject ?4, when none with it waits
/// yet. Each has another contact.
pub(in crate::sql) const QUEUE_TO_CONTACTS: &str =
    "INSERT INTO webhook_delivery (site_id, endpoint, event, type, contact_id, body, subject, state, next_at, created_at, queued_at)
     SELECT ?1, ?2, snapshot.value ->> 0, 'message', CAST(snapshot.value ->> 1 AS BIGINT), snapshot.value ->> 2, ?4, 0, CASE WHEN EXISTS (
        SELECT 1 FROM webhook_delivery AS other INDEXED BY webhook_delivery_contact
        WHERE other.endpoint = ?2 AND other.contact_id = CAST(snapshot.value ->> 1 AS BIGINT) AND other.state = 0) THEN NULL ELSE ?5 END, ?5, ?5
     FROM json_each(?3) AS snapshot";

/// Those of the contacts ?2 with more than ?3 waiting deliveries.
pub(in crate::sql) const BACKLOGS: &str =
    "SELECT b.contact FROM json_each(?2) AS input CROSS JOIN webhook_backlog AS b
     ON b.endpoint = ?1 AND b.contact = CAST(input.value AS BIGINT) WHERE b.waiting > ?3";

/// Queues snapshots ?3 (event, body and subject of each) for one contact, each with another
/// subject, when none with it waits yet. Only the first of a contact's deliveries is scheduled.
pub(in crate::sql) const QUEUE_FOR_CONTACT: &str =
    "INSERT INTO webhook_delivery (site_id, endpoint, event, type, contact_id, body, subject, state, next_at, created_at, queued_at)
     SELECT ?1, ?2, snapshot.value ->> 0, 'message', ?4, snapshot.value ->> 1, snapshot.value ->> 2, 0, CASE WHEN snapshot.key > 0 OR EXISTS (
        SELECT 1 FROM webhook_delivery AS other INDEXED BY webhook_delivery_contact
        WHERE other.endpoint = ?2 AND other.contact_id = ?4 AND other.state = 0) THEN NULL ELSE ?5 END, ?5, ?5
     FROM json_each(?3) AS snapshot";

/// Snapshots ?3 (as above) replace waiting deliveries with the same subject that are not in flight
/// at the time ?5.
pub(in crate::sql) const COALESCE_FOR_CONTACT: &str = "UPDATE webhook_delivery SET body = snapshot.value ->> 1 FROM json_each(?3) AS snapshot
     WHERE webhook_delivery.number = (
        SELECT max(other.number) FROM webhook_delivery AS other INDEXED BY webhook_delivery_subject
        WHERE other.endpoint = ?1 AND other.contact_id = ?2 AND other.type = ?4 AND other.subject = snapshot.value ->> 2 AND other.state = 0
            AND (other.next_at IS NULL OR other.next_at > ?5))
     RETURNING webhook_delivery.subject";

/// Queues snapshots of a message that goes live for its named contacts: one delivery for each with
/// an external id. A message to everyone is not queued yet; see [`queue_delivered`].
pub(in crate::sql) async fn queue_published(
    tx: &mut WriteTx,
    message: &Message,
    endpoints: &[i64],
    now: Timestamp,
) -> Result<()> {
    let contacts = message.audience.contacts().unwrap_or_default();
    if endpoints.is_empty() || contacts.is_empty() {
        return Ok(());
    }
    let people = contact::with_external_id(&mut tx.connection, message.site, contacts).await?;
    let ids: Vec<String> = query_scalar(EVENT_IDS)
        .bind(to_json(&people.iter().map(|person| person.id).collect::<Vec<_>>())?)
        .fetch_all(&mut tx.connection)
        .await?;
    let fallback = default_language(tx, message.site).await?;
    let (mut snapshots, mut reached) =
        (Vec::with_capacity(people.len()), Vec::with_capacity(people.len()));
    for (person, event) in people.into_iter().zip(ids) {
        let contact = person.id;
        if let Some(body) = snapshot_body(message, person, &fallback)? {
            snapshots.push((event, contact, body));
            reached.push(contact);
        }
    }
    let (snapshots, about) = (to_json(&snapshots)?, message_subject(&[message.id]));
    for endpoint in endpoints {
        let query = query(QUEUE_TO_CONTACTS)
            .bind(message.site.as_bytes())
            .bind(endpoint)
            .bind(&snapshots)
            .bind(&about)
            .bind(now.millis());
        query.execute(&mut tx.connection).await?;
        enforce_limits_of_contacts(tx, *endpoint, &reached, now).await?;
        tx.note_queued_delivery();
    }
    Ok(())
}

/// Queues snapshots of messages that reached a reader's browser. Messages to everyone are sent only
/// now: one request per contact of a site at once would overload any receiver. The number of
/// statements per endpoint is constant.
pub(super) async fn queue_delivered(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
    messages: &[MessageId],
    now: Timestamp,
) -> Result<()> {
    let endpoints = snapshot_endpoints(&mut tx.connection, site).await?;
    if endpoints.is_empty() {
        return Ok(());
    }
    let Some(person) =
        contact::find(&mut tx.connection, site, &ContactLookup::Id(contact), false).await?
    else {
        return Ok(());
    };
    if person.external_id.is_none() {
        return Ok(());
    }
    let rows = query(MESSAGES)
        .bind(site.as_bytes())
        .bind(to_json(messages)?)
        .fetch_all(&mut tx.connection)
        .await?;
    let fallback = default_language(tx, site).await?;
    let mut snapshots = Vec::with_capacity(rows.len());
    for row in &rows {
        let message = message_of(&mut Columns::new(row), site, &[])?;
        if message.audience.is_everyone()
            && let Some(body) = snapshot_body(&message, person.clone(), &fallback)?
        {
            snapshots.push((body, message_subject(&[message.id])));
        }
    }
    if snapshots.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> =
        query_scalar(EVENT_IDS).bind(to_json(&snapshots)?).fetch_all(&mut tx.connection).await?;
    // Current content; it is rendered for the receiver when the delivery is sent.
    let snapshots: Vec<_> =
        ids.into_iter().zip(snapshots).map(|(event, (body, about))| (event, body, about)).collect();
    for endpoint in endpoints {
        queue_for_contact(tx, (site, endpoint), contact, &snapshots, now).await?;
    }
    Ok(())
}

async fn queue_for_contact(
    tx: &mut WriteTx,
    (site, endpoint): (SiteId, i64),
    contact: ContactId,
    snapshots: &[(String, String, String)],
    now: Timestamp,
) -> Result<()> {
    let coalesced = query_scalar(COALESCE_FOR_CONTACT)
        .bind(endpoint)
        .bind(contact.0)
        .bind(to_json(snapshots)?)
        .bind("message")
        .bind(now.millis());
    let renewed: BTreeSet<String> =
        coalesced.fetch_all(&mut tx.connection).await?.into_iter().collect();
    let new: Vec<_> = snapshots.iter().filter(|(_, _, about)| !renewed.contains(about)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let query = query(QUEUE_FOR_CONTACT)
        .bind(site.as_bytes())
        .bind(endpoint)
        .bind(to_json(&new)?)
        .bind(contact.0)
        .bind(now.millis());
    query.execute(&mut tx.connection).await?;
    tx.note_queued_delivery();
    let waiting: Option<i64> = query_scalar(BACKLOG)
        .bind(endpoint)
        .bind(contact.0)
        .fetch_optional(&mut tx.connection)
        .await?;
    // At most as many as were just added.
    for _ in
        new.iter().zip(i64::from(MAX_PENDING_DELIVERIES_OF_CONTACT)..waiting.unwrap_or_default())
    {
        enforce_contact_limit(tx, endpoint, contact.0, now).await?;
    }
    let surplus = excess(tx, endpoint).await?;
    for _ in new.iter().zip(0..surplus) {
        give_up_one(tx, endpoint, now).await?;
    }
    Ok(())
}

async fn default_language(tx: &mut WriteTx, site: SiteId) -> Result<Language> {
    let fallback = query("SELECT language FROM site WHERE id = ?1")
        .bind(site.as_bytes())
        .fetch_one(&mut tx.connection)
        .await?;
    Columns::new(&fallback).parse()
}

/// The snapshot as its contact would read it; `None` if it has no content for them.
fn snapshot_body(
    message: &Message,
    contact: Contact,
    fallback: &Language,
) -> Result<Option<String>> {
    MessageSnapshot::for_contact(message, contact, fallback)
        .map(|snapshot| snapshot.encode())
        .transpose()
        .map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// Enforces the limits after one delivery was added for each of these contacts.
async fn enforce_limits_of_contacts(
    tx: &mut WriteTx,
    endpoint: i64,
    contacts: &[ContactId],
    now: Timestamp,
) -> Result<()> {
    let query = query_scalar(BACKLOGS)
        .bind(endpoint)
        .bind(to_json(contacts)?)
        .bind(MAX_PENDING_DELIVERIES_OF_CONTACT);
    let full: Vec<i64> = query.fetch_all(&mut tx.connection).await?;
    for contact in full {
        enforce_contact_limit(tx, endpoint, contact, now).await?;
    }
    let surplus = excess(tx, endpoint).await?;
    // At most as many as were just added.
    for _ in contacts.iter().zip(0..surplus) {
        give_up_one(tx, endpoint, now).await?;
    }
    Ok(())
}
