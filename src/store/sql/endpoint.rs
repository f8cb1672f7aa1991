//! Rows of webhook endpoints: single ones, and those of a site or an inbox.
//!
//! Must not depend on who changes endpoints or queues deliveries. Used by [`super::webhooks`] and
//! conversations.

use super::delivery::{self, kind_of};
use crate::{
    Result,
    db::{Columns, Connection, Row, query, query_scalar},
};
use belfry_domain::{Delivery, Endpoint, EndpointId, EventType, SiteId, channel::InboxId};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, url, description, events, enabled, disabled_reason, username, created_at, failing_since, pending FROM webhook_endpoint ",
            $rest
        )
    };
}

/// The endpoints of a site for its own events, oldest first. Sorted by `+`: `PostgreSQL` would read
/// the endpoints of all sites in order instead.
pub(super) async fn all(connection: &mut Connection, site: SiteId) -> Result<Vec<Endpoint>> {
    query(select!("WHERE site_id = ?1 AND deleted = 0 AND kind < 2 ORDER BY +number"))
        .bind(site.as_bytes())
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| endpoint_of(row, site))
        .collect()
}

fn endpoint_of(row: &Row, site: SiteId) -> Result<Endpoint> {
    let mut columns = Columns::new(row);
    Ok(Endpoint {
        site,
        id: columns.endpoint()?,
        kind: kind_of(columns.value()?),
        url: columns.value()?,
        description: columns.value()?,
        events: EventType::from_bits(columns.value()?),
        enabled: columns.value()?,
        reason: columns.value()?,
        username: columns.value()?,
        created_at: columns.time()?,
        failing_since: columns.maybe_time()?,
        pending: columns.value()?,
    })
}

pub(super) async fn one(
    connection: &mut Connection,
    site: SiteId,
    endpoint: EndpointId,
) -> Result<Option<Endpoint>> {
    query(select!("WHERE site_id = ?1 AND id = ?2 AND deleted = 0 AND kind < 2"))
        .bind(site.as_bytes())
        .bind(endpoint.as_bytes())
        .fetch_optional(connection)
        .await?
        .map(|row| endpoint_of(&row, site))
        .transpose()
}

/// The endpoint behind an inbox's callback URL, with its newest deliveries.
pub(super) async fn of_inbox(
    connection: &mut Connection,
    site: SiteId,
    inbox: InboxId,
    limit: u32,
) -> Result<Option<(Endpoint, Vec<Delivery>)>> {
    let found: Option<i64> = query_scalar(OF_INBOX)
        .bind(site.as_bytes())
        .bind(inbox.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(number) = found else { return Ok(None) };
    let row = query(select!("WHERE number = ?1")).bind(number).fetch_one(&mut *connection).await?;
    Ok(Some((
        endpoint_of(&row, site)?,
        delivery::list(connection, site, number, None, i64::MAX, limit).await?,
    )))
}

const OF_INBOX: &str = "SELECT number FROM webhook_endpoint INDEXED BY webhook_endpoint_inbox WHERE inbox_id = ?2 AND deleted = 0 AND site_id = ?1";

/// The number of an endpoint that is not deleted.
pub(super) async fn number(
    connection: &mut Connection,
    site: SiteId,
    endpoint: EndpointId,
) -> Result<Option<i64>> {
    query_scalar("SELECT number FROM webhook_endpoint WHERE site_id = ?1 AND id = ?2 AND deleted = 0 AND kind < 2")
        .bind(site.as_bytes())
        .bind(endpoint.as_bytes())
        .fetch_optional(connection)
        .await
}
