//! Deletes old deliveries and gives up those that waited too long, in bounded background steps.

use super::super::{SqlStore, outbox::schedule_next, write_tx::WriteTx};
use super::MAX_WAIT;
use crate::{
    Result,
    db::{query, query_as},
};
use belfry_domain::{DeliveryState, Timestamp, webhook_event};
use futures_util::FutureExt as _;
use std::time::Duration;

/// How long a delivered delivery is stored.
const DELIVERED_TTL: Duration = Duration::from_hours(3 * 24);

/// How long a delivery that was given up is stored.
const DEAD_TTL: Duration = Duration::from_hours(30 * 24);

/// The most stored deliveries of each of these states at one endpoint.
const MAX_FINISHED_PER_ENDPOINT: i64 = 10_000;

/// The most rows that one sweep step changes.
const ROWS_PER_STEP: i64 = 24;

/// The most deliveries given up in one step: the message of each may fail, which emits events to
/// many endpoints.
const GIVE_UPS_PER_STEP: i64 = 2;

/// Deletes deliveries that finished long ago.
pub(in crate::sql) const DELETE_FINISHED: [&str; 2] = [
    "DELETE FROM webhook_delivery WHERE number IN (
        SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_finished WHERE state = 1 AND finished_at < ?1 ORDER BY finished_at LIMIT ?2 + 0)",
    "DELETE FROM webhook_delivery WHERE number IN (
        SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_finished WHERE state = 2 AND finished_at < ?1 ORDER BY finished_at LIMIT ?2 + 0)",
];

/// For some endpoints after one: the newest excess delivery of each finished state, and whether a
/// delivery has waited too long.
pub(in crate::sql) const TO_SWEEP: &str = "SELECT e.number, e.deleted,
        (SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_state
            WHERE endpoint = e.number AND state = 1 ORDER BY number DESC LIMIT 1 OFFSET ?3 + 0),
        (SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_state
            WHERE endpoint = e.number AND state = 2 ORDER BY number DESC LIMIT 1 OFFSET ?3 + 0),
        coalesce((SELECT min(queued_at) FROM webhook_delivery INDEXED BY webhook_delivery_waiting WHERE endpoint = e.number AND state = 0), ?4) < ?4
     FROM webhook_endpoint AS e WHERE e.number > ?1 ORDER BY e.number LIMIT ?2 + 0";

/// A row of [`TO_SWEEP`].
type SweepCandidate = (i64, bool, Option<i64>, Option<i64>, bool);

/// The number of endpoints that one statement checks.
const ENDPOINTS_PER_QUERY: i64 = 50;

pub(in crate::sql) const DELETE_EXCESS: &str = "DELETE FROM webhook_delivery WHERE number IN (
        SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_state WHERE endpoint = ?1 AND state = ?2 AND number <= ?3 LIMIT ?4 + 0)";

pub(in crate::sql) const DELETE_OF_ENDPOINT: &str = "DELETE FROM webhook_delivery WHERE number IN (
        SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_endpoint WHERE endpoint = ?1 LIMIT ?2 + 0)";

/// Gives up deliveries that waited too long.
pub(in crate::sql) const GIVE_UP_OLD: &str =
    "UPDATE webhook_delivery SET state = 2, next_at = NULL, finished_at = ?2, error = ?3 WHERE number IN (
        SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_waiting
        WHERE endpoint = ?1 AND state = 0 AND queued_at < ?4 ORDER BY queued_at, number LIMIT ?5 + 0) RETURNING contact_id, number";

/// Runs all sweeps in the background. The work to do is found on a read connection, and the writer
/// handles only endpoints that have some.
pub(in crate::sql) async fn sweep(store: &SqlStore, now: Timestamp) -> Result<u64> {
    let mut rows =
        store.writer.background_to_end(move |tx| delete_finished(tx, now).boxed()).await?;
    let mut after = 0;
    loop {
        let query = query_as(TO_SWEEP)
            .bind(after)
            .bind(ENDPOINTS_PER_QUERY)
            .bind(MAX_FINISHED_PER_ENDPOINT)
            .bind(now.minus(MAX_WAIT).millis());
        let endpoints: Vec<SweepCandidate> =
            query.fetch_all(&mut *store.read_connection().await?).await?;
        let Some(last) = endpoints.last() else { return Ok(rows) };
        after = last.0;
        for (endpoint, deleted, done, dead, waits) in endpoints {
            if deleted {
                rows += store
                    .writer
                    .background_to_end(move |tx| delete_endpoint(tx, endpoint).boxed())
                    .await?;
                continue;
            }
            for (state, newest) in [(DeliveryState::Delivered, done), (DeliveryState::Failed, dead)]
            {
                if let Some(newest) = newest {
                    rows += store
                        .writer
                        .background_to_end(move |tx| {
                            delete_excess(tx, endpoint, state, newest).boxed()
                        })
                        .await?;
                }
            }
            if waits {
                rows += store
                    .writer
                    .background_to_end(move |tx| give_up_old(tx, endpoint, now).boxed())
                    .await?;
            }
        }
    }
}

async fn delete_finished(tx: &mut WriteTx, now: Timestamp) -> Result<u64> {
    for (statement, age) in DELETE_FINISHED.into_iter().zip([DELIVERED_TTL, DEAD_TTL]) {
        let rows = query(statement)
            .bind(now.minus(age).millis())
            .bind(ROWS_PER_STEP)
            .execute(&mut tx.connection)
            .await?;
        if rows > 0 {
            return Ok(rows);
        }
    }
    Ok(0)
}

async fn delete_excess(
    tx: &mut WriteTx,
    endpoint: i64,
    state: DeliveryState,
    newest: i64,
) -> Result<u64> {
    let query =
        query(DELETE_EXCESS).bind(endpoint).bind(state as i64).bind(newest).bind(ROWS_PER_STEP);
    query.execute(&mut tx.connection).await
}

/// Deletes the deliveries of a deleted endpoint, and its row with the last of them.
async fn delete_endpoint(tx: &mut WriteTx, endpoint: i64) -> Result<u64> {
    let rows = query(DELETE_OF_ENDPOINT)
        .bind(endpoint)
        .bind(ROWS_PER_STEP)
        .execute(&mut tx.connection)
        .await?;
    if rows == ROWS_PER_STEP.unsigned_abs() {
        return Ok(rows);
    }
    Ok(rows
        + query("DELETE FROM webhook_endpoint WHERE number = ?1")
            .bind(endpoint)
            .execute(&mut tx.connection)
            .await?)
}

async fn give_up_old(tx: &mut WriteTx, endpoint: i64, now: Timestamp) -> Result<u64> {
    let given_up: Vec<(Option<i64>, i64)> = query_as(GIVE_UP_OLD)
        .bind(endpoint)
        .bind(now.millis())
        .bind(webhook_event::WAITED_TOO_LONG)
        .bind(now.minus(MAX_WAIT).millis())
        .bind(GIVE_UPS_PER_STEP)
        .fetch_all(&mut tx.connection)
        .await?;
    for (contact, number) in &given_up {
        tx.handle_dropped_delivery(*number, now).await?;
        if let Some(contact) = contact {
            schedule_next(tx, endpoint, *contact, now).await?;
        }
    }
    Ok(given_up.len() as u64)
}
