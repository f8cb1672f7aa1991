//! The webhook outbox: events are stored in the transaction of the change that caused them.
//!
//! Without a subscribed endpoint, a change costs one index lookup more. Of a contact's deliveries
//! at one endpoint, only the first is scheduled (`next_at`); the next one is scheduled when that
//! one finishes.

mod limits;
mod snapshots;

use super::{
    feeds::{FeedStatement, ReaderScope, not_muted},
    write_tx::WriteTx,
};
use crate::{
    Result,
    db::{Columns, Connection, query, query_scalar},
};
use belfry_domain::{
    ContactId, EventType, MessageId, Position, ReaderActionKind, ReaderKey, SiteId, Timestamp,
    webhook_event::{self, WebhookEvent},
};

use limits::enforce_limits;
#[cfg(test)]
pub(super) use limits::{
    BACKLOG, GIVE_UP_OLDEST, GIVE_UP_OLDEST_OF_NONE, LONGEST_BACKLOG, OLDEST_CONTACT, SCHEDULE_NEXT,
};
pub(super) use limits::{excess, schedule_next};
use snapshots::queue_delivered;
#[cfg(test)]
pub(super) use snapshots::{BACKLOGS, COALESCE_FOR_CONTACT, QUEUE_FOR_CONTACT, QUEUE_TO_CONTACTS};
pub(super) use snapshots::{contacts_at_once, queue_published};

pub(super) const SUBSCRIBED_ENDPOINTS: &str =
    "SELECT number FROM webhook_endpoint INDEXED BY webhook_endpoint_events
     WHERE site_id = ?1 AND enabled = 1 AND kind = 0 AND events & ?2 <> 0";

pub(super) const SNAPSHOT_ENDPOINTS: &str =
    "SELECT number FROM webhook_endpoint INDEXED BY webhook_endpoint_events
     WHERE site_id = ?1 AND enabled = 1 AND kind = 1";

pub(super) const QUEUE: &str =
    "INSERT INTO webhook_delivery (site_id, endpoint, event, type, contact_id, body, subject, state, next_at, created_at, queued_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?8, 0, CASE WHEN EXISTS (
        SELECT 1 FROM webhook_delivery INDEXED BY webhook_delivery_contact WHERE endpoint = ?2 AND contact_id = ?5 AND state = 0) THEN NULL ELSE ?7 END,
        ?7, ?7) RETURNING number";

/// Replaces the body of a waiting delivery with the same subject, unless it may be in flight.
pub(super) const COALESCE: &str = "UPDATE webhook_delivery SET body = ?5 WHERE number = (
        SELECT max(number) FROM webhook_delivery INDEXED BY webhook_delivery_subject
        WHERE endpoint = ?1 AND contact_id = ?2 AND type = ?3 AND subject = ?4 AND state = 0 AND (next_at IS NULL OR next_at > ?6))
     RETURNING number";

/// Queues the event of a reader action, if there is one for it: several events when it names more
/// than 100 messages.
pub(super) async fn queue_reader_action(
    tx: &mut WriteTx,
    ReaderKey { site, contact }: ReaderKey,
    (action, clicked): (ReaderActionKind, bool),
    messages: &[MessageId],
    now: Timestamp,
) -> Result<()> {
    let Some(kind) = EventType::of_action(action, clicked) else { return Ok(()) };
    let endpoints = subscribed_endpoints(&mut tx.connection, site, kind).await?;
    if endpoints.is_empty() {
        return Ok(());
    }
    let row = query("SELECT external_id, seen_position, read_position FROM contact WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(contact.0)
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let external: Option<String> = row.try_get(0)?;
    if messages.is_empty() {
        let position =
            Position(row.try_get(if action == ReaderActionKind::Seen { 1 } else { 2 })?);
        let event = WebhookEvent::of_all_messages(kind, contact, external.as_deref(), position);
        return emit(tx, site, &endpoints, &event, now).await;
    }
    for event in WebhookEvent::of_messages(kind, contact, external.as_deref(), messages) {
        emit(tx, site, &endpoints, &event, now).await?;
    }
    Ok(())
}

/// Queues an event for the endpoints that are subscribed to it.
pub(super) async fn queue_event(
    tx: &mut WriteTx,
    site: SiteId,
    event: &WebhookEvent,
    now: Timestamp,
) -> Result<()> {
    let endpoints = subscribed_endpoints(&mut tx.connection, site, event.kind).await?;
    emit(tx, site, &endpoints, event, now).await
}

/// Before a contact is erased: deletes their finished deliveries and all message snapshots, which
/// contain personal data. Events that still wait are kept until they are sent.
pub(super) async fn delete_of_contact(
    tx: &mut WriteTx,
    site: SiteId,
    contact: ContactId,
) -> Result<()> {
    query(DELETE_OF_CONTACT)
        .bind(site.as_bytes())
        .bind(contact.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) const DELETE_OF_CONTACT: &str =
    "DELETE FROM webhook_delivery INDEXED BY webhook_delivery_contact
     WHERE endpoint IN (SELECT number FROM webhook_endpoint WHERE site_id = ?1) AND contact_id = ?2
        AND (state IN (1, 2) OR type = 'message' OR substr(body, 1, 13) = 'conversation ')";

macro_rules! reached {
    ($lane:literal) => {
        concat!(
            "SELECT * FROM (SELECT p.message_id, p.position FROM recipient AS p WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND p.position > ?3 AND p.position <= ?4",
            not_muted!(),
            " ORDER BY p.position DESC LIMIT ?5 + 0)"
        )
    };
}

/// The newest messages delivered to a reader between two positions, by index in each feed.
pub(super) const REACHED: FeedStatement = FeedStatement {
    base: concat!(
        "SELECT message_id FROM (",
        reached!("0"),
        " UNION ALL ",
        reached!("?2"),
        ") ORDER BY position DESC LIMIT ?5 + 0"
    ),
    per_segment: &[reached!("?2")],
    joiner: " UNION ALL ",
    parameters: 5,
};

/// Queues the delivery of messages in (`from`, `to`] to a reader for the first time. Above 100,
/// only the newest are named.
pub(super) async fn queue_delivered_events(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    (from, to): (Position, Position),
    now: Timestamp,
) -> Result<()> {
    let (site, contact) = (scope.site, scope.contact);
    if !has_delivery_listeners(&mut tx.connection, site).await? {
        return Ok(());
    }
    let listening =
        subscribed_endpoints(&mut tx.connection, site, EventType::MessageDelivered).await?;
    let query = scope
        .feeds
        .query(&REACHED)
        .bind(site.as_bytes().to_vec())
        .bind(contact.0)
        .bind(from.0)
        .bind(to.0);
    let query = query.bind(i64::try_from(WebhookEvent::MAX_MESSAGES).unwrap_or(i64::MAX));
    let rows = scope.feeds.bind(query).fetch_all(&mut tx.connection).await?;
    let messages: Vec<MessageId> =
        rows.iter().map(|row| Columns::new(row).message()).collect::<Result<_>>()?;
    if messages.is_empty() {
        return Ok(());
    }
    if !listening.is_empty() {
        let external: Option<Option<String>> =
            query_scalar("SELECT external_id FROM contact WHERE site_id = ?1 AND id = ?2")
                .bind(site.as_bytes())
                .bind(contact.0)
                .fetch_optional(&mut tx.connection)
                .await?;
        let external = external.flatten();
        let kind = EventType::MessageDelivered;
        for event in WebhookEvent::of_messages(kind, contact, external.as_deref(), &messages) {
            emit(tx, site, &listening, &event, now).await?;
        }
    }
    queue_delivered(tx, site, contact, &messages, now).await
}

/// Queues a test event to an endpoint.
pub(super) async fn test(
    tx: &mut WriteTx,
    site: SiteId,
    endpoint: i64,
    whole: bool,
    now: Timestamp,
) -> Result<i64> {
    let event = event_id(tx).await?;
    let (kind, body) = if whole {
        ("message", webhook_event::test_message_body(&event, now))
    } else {
        (EventType::WebhookTest.as_str(), webhook_event::test_event_body(now))
    };
    queue(tx, site, endpoint, &event, kind, None, None, &body, now).await
}

/// Whether any endpoint receives which messages were delivered.
pub(super) async fn has_delivery_listeners(
    connection: &mut Connection,
    site: SiteId,
) -> Result<bool> {
    Ok(!subscribed_endpoints(&mut *connection, site, EventType::MessageDelivered).await?.is_empty()
        || !snapshot_endpoints(&mut *connection, site).await?.is_empty())
}

async fn subscribed_endpoints(
    connection: &mut Connection,
    site: SiteId,
    event: EventType,
) -> Result<Vec<i64>> {
    query_scalar(SUBSCRIBED_ENDPOINTS)
        .bind(site.as_bytes())
        .bind(event.bit())
        .fetch_all(&mut *connection)
        .await
}

pub(super) async fn snapshot_endpoints(
    connection: &mut Connection,
    site: SiteId,
) -> Result<Vec<i64>> {
    query_scalar(SNAPSHOT_ENDPOINTS).bind(site.as_bytes()).fetch_all(&mut *connection).await
}

/// Event ids are not secret, so the database generates them. They only have to be unique, also
/// among copies of the database.
pub(super) async fn event_id(tx: &mut WriteTx) -> Result<String> {
    query_scalar("SELECT 'evt_' || lower(hex(randomblob(16)))").fetch_one(&mut tx.connection).await
}

async fn emit(
    tx: &mut WriteTx,
    site: SiteId,
    endpoints: &[i64],
    event: &WebhookEvent,
    now: Timestamp,
) -> Result<()> {
    if endpoints.is_empty() {
        return Ok(());
    }
    let (id, body) = (event_id(tx).await?, event.body(now));
    for endpoint in endpoints {
        queue(
            tx,
            site,
            *endpoint,
            &id,
            event.kind.as_str(),
            Some(event.contact),
            event.subject.as_deref(),
            &body,
            now,
        )
        .await?;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "they are the columns of one row")]
pub(super) async fn queue(
    tx: &mut WriteTx,
    site: SiteId,
    endpoint: i64,
    event: &str,
    kind: &str,
    contact: Option<ContactId>,
    subject: Option<&str>,
    body: &str,
    now: Timestamp,
) -> Result<i64> {
    if let (Some(contact), Some(subject)) = (contact, subject) {
        let query = query_scalar(COALESCE)
            .bind(endpoint)
            .bind(contact.0)
            .bind(kind)
            .bind(subject)
            .bind(body)
            .bind(now.millis());
        if let Some(number) = query.fetch_optional(&mut tx.connection).await? {
            return Ok(number);
        }
    }
    let number = query_scalar(QUEUE)
        .bind(site.as_bytes())
        .bind(endpoint)
        .bind(event)
        .bind(kind)
        .bind(contact.map(|contact| contact.0))
        .bind(body)
        .bind(now.millis())
        .bind(subject)
        .fetch_one(&mut tx.connection)
        .await?;
    enforce_limits(tx, endpoint, contact, now).await?;
    tx.note_queued_delivery();
    Ok(number)
}
