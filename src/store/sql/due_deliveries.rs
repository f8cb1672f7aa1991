//! Webhook deliveries on their way: which are due, how their outcome is stored, and which are retried
//! or deleted.
//!
//! No delivery is marked as in flight: after a crash it is still due and is sent again
//! (at-least-once delivery). Called by [`super::webhooks`].

mod sweep;

pub(super) use sweep::sweep;
#[cfg(test)]
pub(super) use sweep::{DELETE_EXCESS, DELETE_FINISHED, DELETE_OF_ENDPOINT, GIVE_UP_OLD, TO_SWEEP};

use super::{
    channel,
    delivery::{kind_of, one},
    outbox::schedule_next,
    secret_locations::{signing_secret, webhook_password},
    write_tx::WriteTx,
};
use crate::{
    Concurrency, DueBatch, MAX_PENDING_DELIVERIES, Result, StoreError,
    db::{Columns, Connection, Row, query, query_scalar},
    vault::Vault,
};
use belfry_domain::{
    Delivery, DeliveryOutcome, DeliveryState, DueDelivery, EndpointAuth, EndpointKind,
    RetryDecision, SigningSecret, SiteId, Timestamp, WebhookPayload, webhook_event,
};
use std::{collections::HashMap, time::Duration};

/// An endpoint without a successful delivery for this long is disabled.
const DISABLE_AFTER: Duration = Duration::from_hours(3 * 24);
/// A delivery that waited this long is given up.
const MAX_WAIT: Duration = Duration::from_hours(3 * 24);

/// The endpoints with a scheduled delivery, one index step each, with the earliest time in the past
/// and the earliest in the future. A site has at most [`crate::MAX_STORED_ENDPOINTS`],
/// however many deliveries wait.
pub(super) const BUSY: &str = "WITH RECURSIVE busy (endpoint) AS (
        SELECT min(endpoint) FROM webhook_delivery INDEXED BY webhook_delivery_due WHERE state = 0 AND next_at IS NOT NULL
        UNION ALL
        SELECT (SELECT min(d.endpoint) FROM webhook_delivery AS d INDEXED BY webhook_delivery_due
            WHERE d.state = 0 AND d.next_at IS NOT NULL AND d.endpoint > busy.endpoint) FROM busy WHERE busy.endpoint IS NOT NULL)
     SELECT e.number, e.site_id, e.failing_since IS NOT NULL,
        EXISTS (SELECT 1 FROM webhook_delivery AS d INDEXED BY webhook_delivery_due WHERE d.endpoint = e.number AND d.state = 0 AND d.next_at <= ?1),
        (SELECT min(d.next_at) FROM webhook_delivery AS d INDEXED BY webhook_delivery_due WHERE d.endpoint = e.number AND d.state = 0 AND d.next_at > ?1)
     FROM busy CROSS JOIN webhook_endpoint AS e WHERE e.number = busy.endpoint AND e.enabled = 1";

pub(super) const DUE: &str =
    "SELECT d.number, e.kind, e.url, e.username, s.secret, s.previous_secret, s.previous_secret_expires_at, s.password, d.event, d.body, d.attempts, e.upstream_headers
     FROM webhook_endpoint AS e CROSS JOIN webhook_secret AS s CROSS JOIN webhook_delivery AS d INDEXED BY webhook_delivery_due
     WHERE e.number = ?1 AND s.endpoint = ?1 AND d.endpoint = ?1 AND d.state = 0 AND d.next_at <= ?2 ORDER BY d.next_at, d.number LIMIT ?3 + 0";

pub(super) async fn due(
    connection: &mut Connection,
    vault: &Vault,
    now: Timestamp,
    under_way: &[(i64, i64)],
    room: Concurrency,
) -> Result<DueBatch> {
    let mut busy = Vec::new();
    let mut next = None;
    for row in query(BUSY).bind(now.millis()).fetch_all(&mut *connection).await? {
        let mut columns = Columns::new(&row);
        let (number, site, failing): (i64, SiteId, bool) =
            (columns.value()?, columns.site()?, columns.value()?);
        let due: bool = columns.value()?;
        next = next.into_iter().chain(columns.maybe_time()?).min();
        busy.push((number, site, failing, due));
    }
    let mut at_endpoint: HashMap<i64, Vec<i64>> = HashMap::new();
    for (endpoint, number) in under_way {
        at_endpoint.entry(*endpoint).or_default().push(*number);
    }
    let mut of_site: HashMap<SiteId, usize> = HashMap::new();
    for (endpoint, site, ..) in &busy {
        *of_site.entry(*site).or_default() += at_endpoint.get(endpoint).map_or(0, Vec::len);
    }
    // Round robin, in the order of their numbers: the endpoint that was served last comes last.
    busy.sort_unstable_by_key(|(endpoint, ..)| *endpoint);
    let turn = busy.iter().take_while(|(endpoint, ..)| *endpoint <= room.after).count();
    busy.rotate_left(turn);
    let mut deliveries = Vec::new();
    for (endpoint, site, failing, _) in busy.into_iter().filter(|(.., due)| *due) {
        let own = at_endpoint.remove(&endpoint).unwrap_or_default();
        let of_site = of_site.entry(site).or_default();
        // A failing endpoint gets one request at a time: it may be slow, and its deliveries would
        // use the concurrency of others.
        let max = if failing { 1 } else { room.endpoint };
        let free = max
            .saturating_sub(own.len())
            .min(room.site.saturating_sub(*of_site))
            .min(room.total.saturating_sub(deliveries.len()));
        if free == 0 {
            continue;
        }
        let max = i64::try_from(free + own.len()).unwrap_or(i64::MAX);
        let rows = query(DUE)
            .bind(endpoint)
            .bind(now.millis())
            .bind(max)
            .fetch_all(&mut *connection)
            .await?;
        let mut taken = 0;
        for row in rows {
            if taken < free && !own.contains(&row.try_get(0)?) {
                match due_of(&row, vault, (endpoint, site), failing) {
                    Ok(mut delivery) => {
                        fill_in(connection, vault, &mut delivery).await?;
                        deliveries.push(delivery);
                    }
                    // A delivery whose secret can't be decrypted is skipped; others are still sent.
                    Err(error @ StoreError::SecretKey { .. }) => {
                        tracing::error!(%site, endpoint, %error, "a webhook can't be sent");
                    }
                    Err(other) => return Err(other),
                }
                taken += 1;
            }
        }
        *of_site += taken;
    }
    Ok(DueBatch { deliveries, next })
}

fn due_of(
    row: &Row,
    vault: &Vault,
    (endpoint, site): (i64, SiteId),
    failing: bool,
) -> Result<DueDelivery> {
    let mut columns = Columns::new(row);
    let (number, kind, url) = (columns.value()?, kind_of(columns.value()?), columns.value()?);
    let username: Option<String> = columns.value()?;
    let (secret, former): (Option<String>, Option<String>) = (columns.value()?, columns.value()?);
    let until = columns.maybe_time()?;
    let password: Option<String> = columns.value()?;
    let signing = |sealed: String| {
        vault.decrypt_text(&signing_secret(site, endpoint), &sealed).map(SigningSecret::from_stored)
    };
    let auth = match (secret, username) {
        (Some(secret), _) => EndpointAuth::Signed {
            secret: signing(secret)?,
            previous: former.map(signing).transpose()?.zip(until),
        },
        (None, Some(username)) => {
            let password = password
                .map(|sealed| vault.decrypt_text(&webhook_password(site, endpoint), &sealed))
                .transpose()?;
            EndpointAuth::Basic { username, password: password.unwrap_or_default() }
        }
        (None, None) => EndpointAuth::None,
    };
    Ok(DueDelivery {
        number,
        endpoint,
        site,
        kind,
        url,
        auth,
        event: columns.value()?,
        payload: WebhookPayload::decode(columns.value()?),
        attempts: columns.value()?,
        upstream_headers: columns.value()?,
        is_failing: failing,
    })
}

/// A callback delivery contains the session's pubsub token, which is not stored with the event.
async fn fill_in(
    connection: &mut Connection,
    vault: &Vault,
    delivery: &mut DueDelivery,
) -> Result<()> {
    if let (EndpointKind::Callback, WebhookPayload::Conversation(event)) =
        (delivery.kind, &mut delivery.payload)
        && let Some(view) = &mut event.conversation
    {
        view.session.pubsub_token =
            match channel::pubsub_of(connection, vault, delivery.site, view.session.id).await {
                Err(StoreError::SecretKey { .. }) => None,
                found => found?,
            };
    }
    Ok(())
}

pub(super) async fn finish(tx: &mut WriteTx, outcomes: Vec<DeliveryOutcome>) -> Result<()> {
    for outcome in outcomes {
        let DeliveryOutcome { number, at, attempt, decision } = outcome;
        let (state, next) = match decision {
            RetryDecision::Delivered => (DeliveryState::Delivered, None),
            RetryDecision::RetryAt(next) => (DeliveryState::Pending, Some(next)),
            RetryDecision::GiveUp | RetryDecision::Disable => (DeliveryState::Failed, None),
        };
        let finished = next.is_none().then_some(at);
        let row = query(
            "UPDATE webhook_delivery SET state = ?2, attempts = attempts + 1, next_at = ?3, attempted_at = ?4, finished_at = ?5, status = ?6,
             error = ?7, response = ?8, duration_millis = ?9 WHERE number = ?1 AND state = 0 RETURNING endpoint, contact_id",
        )
        .bind(number)
        .bind(state as i64)
        .bind(next.map(Timestamp::millis))
        .bind(at.millis())
        .bind(finished.map(Timestamp::millis))
        .bind(attempt.status)
        .bind(&attempt.error)
        .bind(&attempt.response_excerpt)
        .bind(attempt.duration_millis)
        .fetch_optional(&mut tx.connection)
        .await?;
        let Some(row) = row else { continue };
        let (endpoint, contact): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        if let (None, Some(contact)) = (next, contact) {
            schedule_next(tx, endpoint, contact, at).await?;
        }
        update_endpoint_health(tx, endpoint, decision, at).await?;
        if matches!(decision, RetryDecision::GiveUp | RetryDecision::Disable) {
            channel::handle_failed_delivery(tx, number, at).await?;
        }
    }
    Ok(())
}

/// Updates the endpoint's health after an attempt.
async fn update_endpoint_health(
    tx: &mut WriteTx,
    endpoint: i64,
    decision: RetryDecision,
    at: Timestamp,
) -> Result<()> {
    let (statement, reason) = match decision { RetryDecision::Delivered => ("UPDATE webhook_endpoint SET failing_since = NULL WHERE number = ?1 AND failing_since IS NOT NULL", ""), RetryDecision::Disable => ( "UPDATE webhook_endpoint SET enabled = 0, failing_since = coalesce(failing_since, ?2), disabled_reason = ?4 WHERE number = ?1",
            webhook_event::ANSWERED_GONE,
        ),
        RetryDecision::RetryAt(_) | RetryDecision::GiveUp => (
            "UPDATE webhook_endpoint SET failing_since = coalesce(failing_since, ?2), enabled = CASE WHEN enabled = 1 AND coalesce(failing_since > ?3, true) THEN 1 ELSE 0 END,
             disabled_reason = CASE WHEN enabled = 1 AND failing_since <= ?3 THEN ?4 ELSE disabled_reason END WHERE number = ?1",
            webhook_event::EVERY_ATTEMPT_FAILED,
        ),
    };
    query(statement)
        .bind(endpoint)
        .bind(at.millis())
        .bind(at.minus(DISABLE_AFTER).millis())
        .bind(reason)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

pub(super) const REPLAY: &str =
    "UPDATE webhook_delivery SET state = 0, attempts = 0, queued_at = ?4, finished_at = NULL, next_at = CASE WHEN EXISTS (
        SELECT 1 FROM webhook_delivery AS other INDEXED BY webhook_delivery_contact
        WHERE other.endpoint = ?2 AND other.contact_id = webhook_delivery.contact_id AND other.state = 0) THEN NULL ELSE ?4 END
     WHERE number = ?3 AND site_id = ?1 AND endpoint = ?2 AND state <> 0";

pub(super) async fn replay(
    tx: &mut WriteTx,
    site: SiteId,
    endpoint: i64,
    number: i64,
    now: Timestamp,
) -> Result<Option<Delivery>> {
    query(REPLAY)
        .bind(site.as_bytes())
        .bind(endpoint)
        .bind(number)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    tx.note_queued_delivery();
    one(&mut tx.connection, site, endpoint, number).await
}

pub(super) async fn replay_dead(
    tx: &mut WriteTx,
    endpoint: i64,
    since: Timestamp,
    now: Timestamp,
) -> Result<u64> {
    let contacts: Vec<Option<i64>> = query_scalar(
        "UPDATE webhook_delivery SET state = 0, attempts = 0, queued_at = ?3, finished_at = NULL,
            next_at = CASE WHEN contact_id IS NULL THEN ?3 END
         WHERE number IN (SELECT number FROM webhook_delivery INDEXED BY webhook_delivery_state
            WHERE endpoint = ?1 AND state = 2 AND created_at >= ?2 ORDER BY number
            LIMIT max(0, ?4 - (SELECT pending FROM webhook_endpoint WHERE webhook_endpoint.number = ?1)))
         RETURNING contact_id",
    )
    .bind(endpoint)
    .bind(since.millis())
    .bind(now.millis())
    .bind(MAX_PENDING_DELIVERIES)
    .fetch_all(&mut tx.connection)
    .await?;
    let replayed = contacts.len() as u64;
    let contacts: std::collections::BTreeSet<i64> = contacts.into_iter().flatten().collect();
    for contact in contacts {
        schedule_next(tx, endpoint, contact, now).await?;
    }
    tx.note_queued_delivery();
    Ok(replayed)
}
