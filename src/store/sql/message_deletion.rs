//! Deletes one message with its recipients and receipts, in bounded steps.
//!
//! Must not depend on why it is deleted. Used by [`super::retention`] and [`super::retention_cap`].

use super::{
    message_rows::{Lifecycle, StoredMessage, load_for_change},
    schedule::hide_message,
    write_tx::WriteTx,
};
use crate::{
    Result,
    db::{query, to_json},
};
use belfry_domain::{ContactId, InboxEvent, MessageId, Recipients, SiteId, Version};

/// The most rows that one step deletes.
pub(super) const ROWS_PER_STEP: i64 = 48;

pub(super) const DELETE_RECEIPTS: &str = "DELETE FROM receipt WHERE (site_id, contact_id, message_id) IN
     (SELECT site_id, contact_id, message_id FROM receipt INDEXED BY receipt_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id > 0 LIMIT ?3 + 0)";

/// The first contacts that have a message, with their positions.
pub(super) const FIRST_RECIPIENTS: &str =
    "SELECT contact_id, position FROM recipient INDEXED BY recipient_message
     WHERE site_id = ?1 AND message_id = ?2 ORDER BY contact_id LIMIT ?3 + 0";

/// Deletes message ?2 for contacts ?3. The first statement keeps edits from restoring it, and lets
/// the next sweep continue if the process ends.
pub(super) const DELETE_FROM_CONTACTS: [&str; 5] = [
    "UPDATE message SET state = 3 WHERE site_id = ?1 AND id = ?2 AND state = 1",
    // Contacts that are still pending never get it.
    "DELETE FROM fan_out WHERE site_id = ?1 AND message_id = ?2",
    "DELETE FROM receipt WHERE site_id = ?1 AND contact_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3)) AND message_id = ?2",
    "DELETE FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))",
    "UPDATE contact SET version = ?4 WHERE ?4 > 0 AND site_id = ?1 AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(?3))",
];

/// The single `recipient` row of a message to everyone or to a segment is deleted by its foreign
/// key.
pub(super) const DELETE_MESSAGE: &str = "DELETE FROM message WHERE site_id = ?1 AND id = ?2";

/// One bounded step of a message's deletion. Returns 0 when it is deleted. A message to named
/// contacts is deleted for some of them at a time.
pub(super) async fn delete_message_step(
    tx: &mut WriteTx,
    site: SiteId,
    id: MessageId,
) -> Result<u64> {
    let rows = query(FIRST_RECIPIENTS)
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(ROWS_PER_STEP)
        .fetch_all(&mut tx.connection)
        .await?;
    let placed = rows
        .iter()
        .map(|row| Ok((ContactId(row.try_get(0)?), row.try_get(1)?)))
        .collect::<Result<Vec<(ContactId, i64)>>>()?;
    if placed.first().is_some_and(|(contact, _)| contact.0 > 0) {
        return delete_from_contacts(tx, site, id, &placed).await;
    }
    if placed.first().is_some_and(|(_, position)| *position > 0) {
        hide(tx, site, id).await?;
    }
    let receipts = query(DELETE_RECEIPTS)
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(ROWS_PER_STEP)
        .execute(&mut tx.connection)
        .await?;
    if receipts == ROWS_PER_STEP.unsigned_abs() {
        return Ok(receipts);
    }
    let gone = query(DELETE_MESSAGE)
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .execute(&mut tx.connection)
        .await?;
    Ok(receipts + gone)
}

async fn delete_from_contacts(
    tx: &mut WriteTx,
    site: SiteId,
    id: MessageId,
    placed: &[(ContactId, i64)],
) -> Result<u64> {
    let contacts: Vec<ContactId> = placed.iter().map(|(contact, _)| *contact).collect();
    let named = to_json(&contacts)?;
    let shown = placed.iter().any(|(_, position)| *position > 0);
    let version = if shown { tx.next_version(site, false).await? } else { Version::default() };
    for statement in DELETE_FROM_CONTACTS {
        let query =
            query(statement).bind(site.as_bytes()).bind(id.as_bytes()).bind(&named).bind(version.0);
        query.execute(&mut tx.connection).await?;
    }
    if shown {
        tx.publish(InboxEvent::MessageRemoved {
            site,
            message: id,
            recipients: Recipients::Contacts(contacts),
            version,
        });
    }
    Ok(placed.len() as u64)
}

/// Hides a live message and publishes the event. It is marked as recalled, so that no edit can
/// restore it while the rest is deleted.
pub(super) async fn hide(tx: &mut WriteTx, site: SiteId, id: MessageId) -> Result<()> {
    if let Some(StoredMessage { message, state: Lifecycle::Live, is_many }) =
        load_for_change(&mut tx.connection, site, id).await?
    {
        hide_message(tx, &message, is_many, Lifecycle::Recalled).await?;
    }
    Ok(())
}

/// Deletes a message to everyone or to a segment at once if few readers have receipts of it.
/// Otherwise hides it, so that none of them sees it as new again, and deletes the first receipts.
/// Returns the number of deleted rows, and whether some are left.
pub(super) async fn delete_visible(
    tx: &mut WriteTx,
    site: SiteId,
    id: MessageId,
) -> Result<(u64, bool)> {
    let receipts = query(DELETE_RECEIPTS)
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(ROWS_PER_STEP)
        .execute(&mut tx.connection)
        .await?;
    if receipts == ROWS_PER_STEP.unsigned_abs() {
        hide(tx, site, id).await?;
        return Ok((receipts, true));
    }
    let gone = query(DELETE_MESSAGE)
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .execute(&mut tx.connection)
        .await?;
    Ok((receipts + gone, false))
}
