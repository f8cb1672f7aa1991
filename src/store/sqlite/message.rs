//! Messages: stored once whatever the audience, loaded, edited and recalled.

mod edit;
mod publish;

use super::{
    fan_out,
    message_rows::{Lifecycle, StoredMessage, load_for_change, without_audience},
    recipients::move_to,
    schedule::hide_message,
    segment,
    write_tx::WriteTx,
};
use crate::{CancelOutcome, Result};
use belfry_domain::{Message, MessageId, SiteId, Timestamp};
pub(super) use edit::{edit, stored_audience};
pub(super) use publish::publish;
use sqlx::SqliteConnection;

/// A message with its whole audience, possibly thousands of contacts. The writer uses
/// [`load_for_change`] instead.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    site: SiteId,
    message: MessageId,
) -> Result<Option<Message>> {
    let Some((mut message, ..)) = without_audience(connection, site, message).await? else {
        return Ok(None);
    };
    if !message.audience.is_everyone() {
        message.audience = fan_out::audience(connection, site, message.id).await?;
    }
    Ok(Some(message))
}

/// Cancels a message that was never shown, so that it never will be.
pub(super) async fn cancel(
    tx: &mut WriteTx,
    site: SiteId,
    id: MessageId,
    now: Timestamp,
) -> Result<CancelOutcome> {
    match load_for_change(&mut tx.connection, site, id).await? {
        None => Ok(CancelOutcome::Unknown),
        Some(StoredMessage { state: Lifecycle::Scheduled, .. }) => {
            recall(tx, site, id, now).await.map(|_| CancelOutcome::Done)
        }
        Some(_) => Ok(CancelOutcome::TooLate),
    }
}

pub(super) async fn recall(
    tx: &mut WriteTx,
    site: SiteId,
    id: MessageId,
    now: Timestamp,
) -> Result<bool> {
    let Some(StoredMessage { message, state, is_many }) =
        load_for_change(&mut tx.connection, site, id).await?
    else {
        return Ok(false);
    };
    if state == Lifecycle::Recalled {
        return Ok(false);
    }
    sqlx::query("UPDATE message SET recalled_at = ?3, state = 3 WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    if state == Lifecycle::Live {
        hide_message(tx, &message, is_many, Lifecycle::Recalled).await?;
    } else {
        if state == Lifecycle::Scheduled && !is_many {
            // Moves it away from the position of scheduled messages, by which segments count as in
            // use.
            move_to(tx, &message, -1).await?;
        }
        if let Some(segment) = message.audience.segment() {
            segment::release_if_unused(tx, site, segment).await?;
        }
    }
    Ok(true)
}
