//! Limits of the outbox: which waiting delivery is given up when an endpoint or a contact has too
//! many, and which one of a contact is sent next.
//!
//! Used after each insert, and when a delivery has finished.

use crate::{
    Result,
    db::{query, query_as, query_scalar},
    sql::write_tx::WriteTx,
    webhooks::{MAX_PENDING_DELIVERIES, MAX_PENDING_DELIVERIES_OF_CONTACT},
};
use belfry_domain::{ContactId, Timestamp, webhook_event};

/// Schedules the next delivery of a contact, unless one is scheduled already.
pub(in crate::sql) const SCHEDULE_NEXT: &str =
    "UPDATE webhook_delivery SET next_at = ?3 WHERE number = (
        SELECT min(number) FROM webhook_delivery INDEXED BY webhook_delivery_contact
        WHERE endpoint = ?1 AND contact_id = ?2 AND state = 0 AND next_at IS NULL)
     AND NOT EXISTS (SELECT 1 FROM webhook_delivery INDEXED BY webhook_delivery_contact
        WHERE endpoint = ?1 AND contact_id = ?2 AND state = 0 AND next_at > 0)";

/// The number of waiting deliveries of a contact (0: of no contact).
pub(in crate::sql) const BACKLOG: &str =
    "SELECT waiting FROM webhook_backlog WHERE endpoint = ?1 AND contact = ?2";

/// The contact with the most waiting deliveries, and their number; and the contact of the oldest
/// delivery, with its number.
pub(in crate::sql) const LONGEST_BACKLOG: &str = "SELECT contact, waiting FROM webhook_backlog INDEXED BY webhook_backlog_longest WHERE endpoint = ?1
     ORDER BY waiting DESC LIMIT 1";
pub(in crate::sql) const OLDEST_CONTACT: &str = "SELECT b.contact, b.waiting FROM webhook_backlog AS b WHERE b.endpoint = ?1 AND b.contact = (
        SELECT coalesce(contact_id, 0) FROM webhook_delivery INDEXED BY webhook_delivery_state WHERE endpoint = ?1 AND state = 0 ORDER BY number LIMIT 1)";

macro_rules! give_up {
    ($oldest:literal) => {
        concat!("UPDATE webhook_delivery SET state = 2, next_at = NULL, finished_at = ?2, error = ?3 WHERE number = (", $oldest, ") RETURNING number")
    };
}

/// The oldest waiting delivery of a contact, which has at most
/// [`MAX_PENDING_DELIVERIES_OF_CONTACT`].
pub(in crate::sql) const GIVE_UP_OLDEST: &str = give_up!(
    "SELECT min(number) FROM webhook_delivery INDEXED BY webhook_delivery_contact WHERE endpoint = ?1 AND contact_id = ?4 AND state = 0"
);

/// The oldest waiting delivery without a contact.
pub(in crate::sql) const GIVE_UP_OLDEST_OF_NONE: &str = give_up!(
    "SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_state WHERE endpoint = ?1 AND state = 0 AND contact_id IS NULL
     ORDER BY number LIMIT 1"
);

/// Enforces the limits after an insert: a contact has at most its share of a queue, and a full
/// queue gives up the oldest delivery of the contact with the most.
pub(super) async fn enforce_limits(
    tx: &mut WriteTx,
    endpoint: i64,
    contact: Option<ContactId>,
    now: Timestamp,
) -> Result<()> {
    if let Some(contact) = contact {
        let waiting: Option<i64> = query_scalar(BACKLOG)
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

/// Gives up the oldest delivery of a contact that has too many.
pub(super) async fn enforce_contact_limit(
    tx: &mut WriteTx,
    endpoint: i64,
    contact: i64,
    now: Timestamp,
) -> Result<()> {
    let reason = webhook_event::too_many_of_contact(MAX_PENDING_DELIVERIES_OF_CONTACT);
    give_up(tx, endpoint, contact, &reason, now).await
}

/// The number of waiting deliveries above the limit.
pub(in crate::sql) async fn excess(tx: &mut WriteTx, endpoint: i64) -> Result<i64> {
    let pending: i64 = query_scalar("SELECT pending FROM webhook_endpoint WHERE number = ?1")
        .bind(endpoint)
        .fetch_one(&mut tx.connection)
        .await?;
    Ok(pending - i64::from(MAX_PENDING_DELIVERIES))
}

/// Gives up one delivery of a full queue.
pub(super) async fn give_up_one(tx: &mut WriteTx, endpoint: i64, now: Timestamp) -> Result<()> {
    let (longest, most): (i64, i64) =
        query_as(LONGEST_BACKLOG).bind(endpoint).fetch_one(&mut tx.connection).await?;
    let oldest: Option<(i64, i64)> =
        query_as(OLDEST_CONTACT).bind(endpoint).fetch_optional(&mut tx.connection).await?;
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
    let query = query_scalar(statement).bind(endpoint).bind(now.millis()).bind(reason);
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
pub(in crate::sql) async fn schedule_next(
    tx: &mut WriteTx,
    endpoint: i64,
    contact: i64,
    now: Timestamp,
) -> Result<()> {
    query(SCHEDULE_NEXT)
        .bind(endpoint)
        .bind(contact)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}
