//! Publishes and expires messages: at once, when they are due, or on request.

use super::{
    fan_out::{self, FanOutPriority},
    message_rows::{Lifecycle, StoredMessage, load_for_change},
    outbox,
    recipients::{
        SET_VERSION_AND_COUNT, allocate_version, move_to, recipients, set_contact_versions,
    },
    segment,
    write_tx::WriteTx,
};
use crate::{
    Result,
    db::{Columns, Connection, query},
};
use belfry_domain::{InboxEvent, Message, Position, Timestamp, Version};
use std::sync::Arc;

/// Makes a message live: gives it the highest position, once, and publishes the event. A message
/// that was live before returns to its former position, so that it stays read for those who have
/// read it. Returns the message, and whether its contacts get it in chunks.
pub(super) async fn show(
    tx: &mut WriteTx,
    mut message: Message,
    is_many: bool,
    now: Timestamp,
) -> Result<(Message, bool)> {
    if let Some(segment) = message.audience.segment() {
        segment::mark_in_use(tx, message.site, segment).await?;
    }
    let endpoints = if message.position == Position::UNPUBLISHED {
        fan_out::collectors(tx, &message).await?
    } else {
        Vec::new()
    };
    let version = next_version(tx, &mut message, now).await?;
    query("UPDATE message SET state = 1, position = ?3 WHERE site_id = ?1 AND id = ?2")
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(message.position.0)
        .execute(&mut tx.connection)
        .await?;
    if is_many || fan_out::is_needed(&message, endpoints.len()) {
        fan_out::restart(tx, &message, FanOutPriority::Other).await?;
        return Ok((message, true));
    }
    if !message.audience.is_open() {
        outbox::queue_published(tx, &message, &endpoints, now).await?;
    }
    move_to(tx, &message, message.position.0).await?;
    set_contact_versions(tx, &message, SET_VERSION_AND_COUNT, version).await?;
    let recipients = recipients(tx, &message).await?;
    tx.publish(InboxEvent::MessagePublished {
        message: Arc::new(message.clone()),
        recipients,
        version,
    });
    Ok((message, false))
}

/// Allocates the version of the change, and the position if the message goes live for the first
/// time.
pub(super) async fn next_version(
    tx: &mut WriteTx,
    message: &mut Message,
    now: Timestamp,
) -> Result<Version> {
    let is_first = message.position == Position::UNPUBLISHED;
    let (version, position) =
        tx.next_position(message.site, message.audience.is_open(), is_first, now).await?;
    if is_first {
        message.position = position;
    }
    Ok(version)
}

/// Hides a live message and publishes the event. Its audience is kept.
pub(super) async fn hide_message(
    tx: &mut WriteTx,
    message: &Message,
    is_many: bool,
    state: Lifecycle,
) -> Result<()> {
    query("UPDATE message SET state = ?3 WHERE site_id = ?1 AND id = ?2")
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(state as i64)
        .execute(&mut tx.connection)
        .await?;
    if is_many {
        tx.publish(InboxEvent::MessageUnlisted { site: message.site });
        return fan_out::restart(tx, message, FanOutPriority::Removal).await;
    }
    move_to(tx, message, -message.position.0).await?;
    let version = allocate_version(tx, message).await?;
    let recipients = recipients(tx, message).await?;
    tx.publish(InboxEvent::MessageRemoved {
        site: message.site,
        message: message.id,
        recipients,
        version,
    });
    if let Some(segment) = message.audience.segment() {
        segment::release_if_unused(tx, message.site, segment).await?;
    }
    Ok(())
}

/// The next time, over all sites, at which a message is published or expires.
pub(super) async fn next(connection: &mut Connection) -> Result<Option<Timestamp>> {
    let row = query(
        "SELECT (SELECT min(publish_at) FROM message WHERE state = 0),
                (SELECT min(expires_at) FROM message WHERE state = 1 AND expires_at IS NOT NULL)",
    )
    .fetch_one(connection)
    .await?;
    let (due, over): (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(due.into_iter().chain(over).min().map(Timestamp::from_millis))
}

/// The next due message: one that is published, and one that expires.
pub(super) const DUE: [&str; 2] = [
    "SELECT site_id, id FROM message WHERE state = 0 AND publish_at <= ?1 ORDER BY publish_at, row LIMIT 1",
    "SELECT site_id, id FROM message WHERE state = 1 AND expires_at IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at, row LIMIT 1",
];

/// One step: processes the message that is due first. Returns 0 when none is.
pub(super) async fn advance(tx: &mut WriteTx, now: Timestamp) -> Result<u64> {
    for statement in DUE {
        let Some(row) =
            query(statement).bind(now.millis()).fetch_optional(&mut tx.connection).await?
        else {
            continue;
        };
        let mut columns = Columns::new(&row);
        let (site, id) = (columns.site()?, columns.message()?);
        let Some(StoredMessage { message, state, is_many }) =
            load_for_change(&mut tx.connection, site, id).await?
        else {
            continue;
        };
        let rows = message.audience.contacts().map_or(1, <[_]>::len).max(1) as u64;
        let over = message.expires_at.is_some_and(|end| end <= now);
        match (state, over) {
            (Lifecycle::Scheduled, false) => {
                show(tx, message, is_many, now).await?;
            }
            // It expired before it was published: nobody ever sees it, and no event is emitted.
            (Lifecycle::Scheduled, true) => {
                query("UPDATE message SET state = 2 WHERE site_id = ?1 AND id = ?2")
                    .bind(site.as_bytes())
                    .bind(id.as_bytes())
                    .execute(&mut tx.connection)
                    .await?;
                if let Some(segment) = message.audience.segment() {
                    segment::release_if_unused(tx, site, segment).await?;
                }
            }
            _ => hide_message(tx, &message, is_many, Lifecycle::Expired).await?,
        }
        return Ok(rows);
    }
    Ok(0)
}
