//! Recipients of a message: the rows of `recipient`, which name its audience, and the version of a
//! change, which is stored with each contact that it concerns.
//!
//! Must not depend on when messages are published or in which chunks. Used by the commands that
//! publish, change, hide and deliver messages.

use super::{feeds::FeedId, segment, write_tx::WriteTx};
use crate::{
    Conflict, Result, StoreError,
    db::{query, to_json},
};
use belfry_domain::{Message, MessageAudience, Recipients, Timestamp, Version};
use std::sync::Arc;

/// The columns that `recipient` repeats from its message. The index is named: see
/// [`MOVE_RECIPIENTS`].
pub(super) const UPDATE_RECIPIENTS: &str = "UPDATE recipient INDEXED BY recipient_message SET pinned = ?5, expires_at = ?6, category = ?7
     WHERE site_id = ?1 AND message_id = ?2 AND contact_id BETWEEN ?3 AND ?4 AND (pinned <> ?5 OR expires_at IS NOT ?6 OR category IS NOT ?7)";

/// Removes a message from its audience.
pub(super) const DELETE_RECIPIENTS: &str = "DELETE FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id BETWEEN ?3 AND ?4";

/// Stores the version of a change with each contact that it concerns.
pub(super) const SET_VERSION: &str = "UPDATE contact SET version = ?3
     WHERE site_id = ?1 AND id IN (SELECT contact_id FROM recipient WHERE site_id = ?1 AND message_id = ?2)";

/// The same when the message is added for them.
pub(super) const SET_VERSION_AND_COUNT: &str = "UPDATE contact SET version = ?3, recipient_rows = recipient_rows + 1
     WHERE site_id = ?1 AND id IN (SELECT contact_id FROM recipient WHERE site_id = ?1 AND message_id = ?2)";

/// The index is named: `SQLite` would rather scan a whole site than use an index of a table whose
/// key it changes.
pub(super) const MOVE_RECIPIENTS: &str =
    "UPDATE recipient INDEXED BY recipient_message SET position = ?5
     WHERE site_id = ?1 AND message_id = ?2 AND contact_id BETWEEN ?3 AND ?4";

/// The first and last contact id of a message's `recipient` rows, or the ids that stand for an open
/// audience.
pub(super) fn recipient_range(message: &Message) -> (i64, i64) {
    if message.audience.is_open() { (i64::MIN, 0) } else { (1, i64::MAX) }
}

/// The recipients of an event about a message.
pub(super) async fn recipients(tx: &mut WriteTx, message: &Message) -> Result<Recipients> {
    match &message.audience {
        MessageAudience::Segment(segment) => {
            let segment = segment::load(&mut tx.connection, message.site, *segment).await?;
            // A deleted segment has no members.
            Ok(segment.map_or(Recipients::Contacts(Vec::new()), |segment| {
                Recipients::Segment(Arc::new(segment))
            }))
        }
        MessageAudience::Contacts(contacts) => Ok(Recipients::Contacts(contacts.clone())),
        MessageAudience::Everyone => Ok(Recipients::Everyone),
    }
}

pub(super) fn unknown_contact() -> StoreError {
    Conflict::UnknownContact.into()
}

/// Removes the contacts in a range from the audience.
pub(super) async fn delete_recipients(
    tx: &mut WriteTx,
    message: &Message,
    (first, last): (i64, i64),
) -> Result<()> {
    let query = query(DELETE_RECIPIENTS).bind(message.site.as_bytes()).bind(message.id.as_bytes());
    query.bind(first).bind(last).execute(&mut tx.connection).await?;
    Ok(())
}

/// Inserts the audience of a message that is not live yet.
pub(super) async fn insert_recipients(tx: &mut WriteTx, message: &Message) -> Result<()> {
    if let Some(segment) = message.audience.segment() {
        segment::mark_in_use(tx, message.site, segment).await?;
    }
    let Some(contacts) = message.audience.contacts() else {
        query(
            "INSERT INTO recipient (site_id, contact_id, position, message_id, pinned, expires_at, category) VALUES (?1, ?5, 0, ?2, ?3, ?4, ?6)",
        )
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(message.pinned)
        .bind(message.expires_at.map(Timestamp::millis))
        .bind(FeedId::of_open(&message.audience).0)
        .bind(&message.category)
        .execute(&mut tx.connection)
        .await?;
        return Ok(());
    };
    // Joined with `contact`: an unknown id inserts no row, which is detected below.
    let placed = query(
        "INSERT INTO recipient (site_id, contact_id, position, message_id, pinned, expires_at, category)
         SELECT ?1, contact.id, 0, ?2, ?3, ?4, ?6 FROM json_each(?5) AS input CROSS JOIN contact
         WHERE contact.site_id = ?1 AND contact.id = CAST(input.value AS BIGINT)",
    )
    .bind(message.site.as_bytes())
    .bind(message.id.as_bytes())
    .bind(message.pinned)
    .bind(message.expires_at.map(Timestamp::millis))
    .bind(to_json(contacts)?)
    .bind(&message.category)
    .execute(&mut tx.connection)
    .await?;
    if placed == contacts.len() as u64 { Ok(()) } else { Err(unknown_contact()) }
}

/// Gives all rows of a message this position.
pub(super) async fn move_to(tx: &mut WriteTx, message: &Message, position: i64) -> Result<()> {
    let (first, last) = recipient_range(message);
    let query = query(MOVE_RECIPIENTS).bind(message.site.as_bytes()).bind(message.id.as_bytes());
    query.bind(first).bind(last).bind(position).execute(&mut tx.connection).await?;
    Ok(())
}

/// Allocates the version of a message change and stores it with everyone concerned.
pub(super) async fn allocate_version(tx: &mut WriteTx, message: &Message) -> Result<Version> {
    let version = tx.next_version(message.site, message.audience.is_open()).await?;
    set_contact_versions(tx, message, SET_VERSION, version).await?;
    Ok(version)
}

/// Stores the version of a change with each named contact of a message.
pub(super) async fn set_contact_versions(
    tx: &mut WriteTx,
    message: &Message,
    statement: &'static str,
    version: Version,
) -> Result<()> {
    if !message.audience.is_open() {
        query(statement)
            .bind(message.site.as_bytes())
            .bind(message.id.as_bytes())
            .bind(version.0)
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(())
}
