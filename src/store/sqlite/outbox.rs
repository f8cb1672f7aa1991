//! The webhook outbox: events are stored in the transaction of the change that caused them.
//!
//! Without a subscribed endpoint, a change costs one index lookup more. Of a contact's deliveries
//! at one endpoint, only the first is scheduled (`next_at`); the next one is scheduled when that
//! one finishes.

mod snapshots;

use super::{
    columns::Columns,
    feeds::{FeedStatement, ReaderScope, not_muted},
    write_tx::WriteTx,
};
use crate::{
    Result,
    webhooks::{MAX_PENDING_DELIVERIES, MAX_PENDING_DELIVERIES_OF_CONTACT},
};
use belfry_domain::{
    ContactId, EventType, MessageId, Position, ReaderActionKind, ReaderKey, SiteId, Timestamp,
    webhook_event::{self, WebhookEvent},
};
use sqlx::{Row as _, SqliteConnection};

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

/// Schedules the next delivery of a contact, unless one is scheduled already.
pub(super) const SCHEDULE_NEXT: &str = "UPDATE webhook_delivery SET next_at = ?3 WHERE number = (
        SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_contact
        WHERE endpoint = ?1 AND contact_id = ?2 AND state = 0 AND next_at IS NULL ORDER BY number LIMIT 1)
     AND NOT EXISTS (SELECT 1 FROM webhook_delivery INDEXED BY webhook_delivery_contact
        WHERE endpoint = ?1 AND contact_id = ?2 AND state = 0 AND next_at > 0)";

/// Replaces the body of a waiting delivery with the same subject, unless it may be in flight.
pub(super) const COALESCE: &str = "UPDATE webhook_delivery SET body = ?5 WHERE number = (
        SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_subject
        WHERE endpoint = ?1 AND contact_id = ?2 AND type = ?3 AND subject = ?4 AND state = 0 AND (next_at IS NULL OR next_at > ?6)
        ORDER BY number DESC LIMIT 1)
     RETURNING number";

/// The number of waiting deliveries of a contact (0: of no contact).
pub(super) const BACKLOG: &str =
    "SELECT waiting FROM webhook_backlog WHERE endpoint = ?1 AND contact = ?2";

/// The contact with the most waiting deliveries, and their number; and the contact of the oldest
/// delivery, with its number.
pub(super) const LONGEST_BACKLOG: &str = "SELECT contact, waiting FROM webhook_backlog INDEXED BY webhook_backlog_longest WHERE endpoint = ?1
     ORDER BY waiting DESC LIMIT 1";
pub(super) const OLDEST_CONTACT: &str = "SELECT b.contact, b.waiting FROM webhook_backlog AS b WHERE b.endpoint = ?1 AND b.contact = (
        SELECT coalesce(contact_id, 0) FROM webhook_delivery INDEXED BY webhook_delivery_state WHERE endpoint = ?1 AND state = 0 ORDER BY number LIMIT 1)";

macro_rules! give_up {
    ($oldest:literal) => {
        concat!("UPDATE webhook_delivery SET state = 2, next_at = NULL, finished_at = ?2, error = ?3 WHERE number = (", $oldest, ") RETURNING number")
    };
}

/// The oldest waiting delivery of a contact, which has at most
/// [`MAX_PENDING_DELIVERIES_OF_CONTACT`].
pub(super) const GIVE_UP_OLDEST: &str = give_up!(
    "SELECT min(number) FROM webhook_delivery INDEXED BY webhook_delivery_contact WHERE endpoint = ?1 AND contact_id = ?4 AND state = 0"
);

/// The oldest waiting delivery without a contact.
pub(super) const GIVE_UP_OLDEST_OF_NONE: &str = give_up!(
    "SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_state WHERE endpoint = ?1 AND state = 0 AND contact_id IS NULL
     ORDER BY number LIMIT 1"
);

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
    let row = sqlx::query("SELECT external_id, seen_position, read_position FROM contact WHERE site_id = ?1 AND id = ?2")
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
    sqlx::query(DELETE_OF_CONTACT)
        .bind(site.as_bytes())
        .bind(contact.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) const DELETE_OF_CONTACT: &str =
    "DELETE FROM webhook_delivery INDEXED BY webhook_delivery_contact
     WHERE endpoint IN (SELECT number FROM webhook_endpoint WHERE site_id = ?1) AND contact_id = ?2
        AND (state IN (1, 2) OR type = 'message' OR body GLOB 'conversation *')";

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
            sqlx::query_scalar("SELECT external_id FROM contact WHERE site_id = ?1 AND id = ?2")
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
    connection: &mut SqliteConnection,
    site: SiteId,
) -> Result<bool> {
    Ok(!subscribed_endpoints(&mut *connection, site, EventType::MessageDelivered).await?.is_empty()
        || !snapshot_endpoints(&mut *connection, site).await?.is_empty())
}

async fn subscribed_endpoints(
    connection: &mut SqliteConnection,
    site: SiteId,
    event: EventType,
) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(SUBSCRIBED_ENDPOINTS)
        .bind(site.as_bytes())
        .bind(event.bit())
        .fetch_all(&mut *connection)
        .await?)
}

pub(super) async fn snapshot_endpoints(
    connection: &mut SqliteConnection,
    site: SiteId,
) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(SNAPSHOT_ENDPOINTS)
        .bind(site.as_bytes())
        .fetch_all(&mut *connection)
        .await?)
}

/// Event ids are not secret, so the database generates them. They only have to be unique, also
/// among copies of the database.
pub(super) async fn event_id(tx: &mut WriteTx) -> Result<String> {
    Ok(sqlx::query_scalar("SELECT 'evt_' || lower(hex(randomblob(16)))")
        .fetch_one(&mut tx.connection)
        .await?)
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
        let query = sqlx::query_scalar(COALESCE)
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
    let number = sqlx::query_scalar(QUEUE)
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

/// Enforces the limits after an insert: a contact has at most its share of a queue, and a full
/// queue gives up the oldest delivery of the contact with the most.
async fn enforce_limits(
    tx: &mut WriteTx,
    endpoint: i64,
    contact: Option<ContactId>,
    now: Timestamp,
) -> Result<()> {
    if let Some(contact) = contact {
        let waiting: Option<i64> = sqlx::query_scalar(BACKLOG)
            .bind(endpoint)
            .bind(contact.0)
            .fetch_optional(&mut tx.connection)
            .await?;
        if waiting.is_some_and(|waiting| waiting > i64::from(MAX_PENDING_DELIVERIES_OF_CONTACT)) {
            return enforce_contact_limit(tx, endpoint, contact.0, now).await;
        }
    }
    let surplus = excess(tx, endpoint).await?;
    if surplus > 0 { give_up_one(tx, endpoint, now).await } else { Ok(()) }
}

async fn enforce_contact_limit(
    tx: &mut WriteTx,
    endpoint: i64,
    contact: i64,
    now: Timestamp,
) -> Result<()> {
    let reason = webhook_event::too_many_of_contact(MAX_PENDING_DELIVERIES_OF_CONTACT);
    give_up(tx, endpoint, contact, &reason, now).await
}

/// The number of waiting deliveries above the limit.
pub(super) async fn excess(tx: &mut WriteTx, endpoint: i64) -> Result<i64> {
    let pending: i64 = sqlx::query_scalar("SELECT pending FROM webhook_endpoint WHERE number = ?1")
        .bind(endpoint)
        .fetch_one(&mut tx.connection)
        .await?;
    Ok(pending - i64::from(MAX_PENDING_DELIVERIES))
}

/// Gives up one delivery of a full queue.
async fn give_up_one(tx: &mut WriteTx, endpoint: i64, now: Timestamp) -> Result<()> {
    let (longest, most): (i64, i64) =
        sqlx::query_as(LONGEST_BACKLOG).bind(endpoint).fetch_one(&mut tx.connection).await?;
    let oldest: Option<(i64, i64)> =
        sqlx::query_as(OLDEST_CONTACT).bind(endpoint).fetch_optional(&mut tx.connection).await?;
    // If several contacts have as many, the one whose delivery has waited longest.
    let victim =
        oldest.filter(|(_, waiting)| *waiting >= most).map_or(longest, |(contact, _)| contact);
    let reason = webhook_event::too_many_of_endpoint(MAX_PENDING_DELIVERIES);
    give_up(tx, endpoint, victim, &reason, now).await
}

async fn give_up(
    tx: &mut WriteTx,
    endpoint: i64,
    contact: i64,
    reason: &str,
    now: Timestamp,
) -> Result<()> {
    let statement = if contact == 0 { GIVE_UP_OLDEST_OF_NONE } else { GIVE_UP_OLDEST };
    let query = sqlx::query_scalar(statement).bind(endpoint).bind(now.millis()).bind(reason);
    let query = if contact == 0 { query } else { query.bind(contact) };
    let number: Option<i64> = query.fetch_optional(&mut tx.connection).await?;
    if let Some(number) = number {
        tx.handle_dropped_delivery(number, now).await?;
    }
    if contact != 0 {
        schedule_next(tx, endpoint, contact, now).await?;
    }
    Ok(())
}

/// Schedules the next delivery of a contact.
pub(super) async fn schedule_next(
    tx: &mut WriteTx,
    endpoint: i64,
    contact: i64,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(SCHEDULE_NEXT)
        .bind(endpoint)
        .bind(contact)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}
