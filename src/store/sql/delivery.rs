//! Webhook deliveries as they are listed: single ones, and those of an endpoint.
//!
//! Must not depend on who queues or sends them. Used by [`super::webhooks`],
//! [`super::due_deliveries`] and conversations.

use crate::{
    Result,
    db::{Columns, Connection, Row, query},
};
use belfry_domain::{
    ContactId, Delivery, DeliveryAttempt, DeliveryState, EndpointKind, SiteId, WebhookPayload,
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number, event, type, contact_id, body, state, attempts, next_at, created_at, attempted_at, finished_at, status, error, response, duration_millis
             FROM webhook_delivery ",
            $rest
        )
    };
}

pub(super) const LIST: &str = select!(
    "INDEXED BY webhook_delivery_endpoint WHERE site_id = ?1 AND endpoint = ?2 AND number < ?3 ORDER BY number DESC LIMIT ?4 + 0"
);
pub(super) const LIST_STATE: &str = select!(
    "INDEXED BY webhook_delivery_state WHERE site_id = ?1 AND endpoint = ?2 AND number < ?3 AND state = ?5 ORDER BY number DESC LIMIT ?4 + 0"
);

/// The kind of an endpoint with this stored number.
pub(super) fn kind_of(number: i64) -> EndpointKind {
    usize::try_from(number)
        .ok()
        .and_then(|number| EndpointKind::EACH.get(number))
        .copied()
        .unwrap_or(EndpointKind::Message)
}

fn delivery_of(row: &Row) -> Result<Delivery> {
    let mut columns = Columns::new(row);
    Ok(Delivery {
        number: columns.value()?,
        event: columns.value()?,
        kind: columns.value()?,
        contact: columns.value::<Option<i64>>()?.map(ContactId),
        payload: WebhookPayload::decode(columns.value()?),
        state: match columns.value::<i64>()? {
            0 => DeliveryState::Pending,
            1 => DeliveryState::Delivered,
            _ => DeliveryState::Failed,
        },
        attempts: columns.value()?,
        next_at: columns.maybe_time()?,
        created_at: columns.time()?,
        attempted_at: columns.maybe_time()?,
        finished_at: columns.maybe_time()?,
        last_attempt: DeliveryAttempt {
            status: columns.value()?,
            error: columns.value()?,
            response_excerpt: columns.value()?,
            duration_millis: columns.value()?,
        },
    })
}

pub(super) async fn list(
    connection: &mut Connection,
    site: SiteId,
    endpoint: i64,
    state: Option<DeliveryState>,
    before: i64,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let statement = if state.is_some() { LIST_STATE } else { LIST };
    let query = query(statement).bind(site.as_bytes()).bind(endpoint).bind(before).bind(limit);
    let query = if let Some(state) = state { query.bind(state as i64) } else { query };
    query.fetch_all(connection).await?.iter().map(delivery_of).collect()
}

pub(super) async fn one(
    connection: &mut Connection,
    site: SiteId,
    endpoint: i64,
    number: i64,
) -> Result<Option<Delivery>> {
    query(select!("WHERE number = ?3 AND site_id = ?1 AND endpoint = ?2"))
        .bind(site.as_bytes())
        .bind(endpoint)
        .bind(number)
        .fetch_optional(connection)
        .await?
        .as_ref()
        .map(delivery_of)
        .transpose()
}
