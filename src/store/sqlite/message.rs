//! Messages: stored once whatever the audience, loaded, edited and recalled.

mod edit;
mod publish;

use super::{
    columns::Columns,
    fan_out,
    feeds::FeedId,
    schedule::{hide_message, move_to},
    segment,
    write_tx::WriteTx,
};
use crate::{CancelOutcome, Conflict, Result, StoreError};
use belfry_domain::{
    ContactId, Message, MessageAudience, MessageId, Recipients, SiteId, Timestamp,
};
pub(super) use edit::{edit, stored_audience};
pub(super) use publish::{insert_recipients, publish};
use sqlx::SqliteConnection;
use std::sync::Arc;

/// The lifecycle state of a message, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lifecycle {
    Scheduled = 0,
    Live = 1,
    Expired = 2,
    Recalled = 3,
}

impl Lifecycle {
    pub(super) fn from_stored(stored: i64) -> Result<Self> {
        match stored {
            0 => Ok(Self::Scheduled),
            1 => Ok(Self::Live),
            2 => Ok(Self::Expired),
            3 => Ok(Self::Recalled),
            other => Err(StoreError::Inconsistent(format!("unknown message state {other}"))),
        }
    }
}

/// A message loaded for a change.
pub(super) struct StoredMessage {
    /// With its whole audience, unless `is_many`.
    pub(super) message: Message,
    pub(super) state: Lifecycle,
    /// Whether it is addressed to more contacts than one command may change, or has pending
    /// contacts, or has a different position for each contact. Then [`fan_out`] applies changes in
    /// chunks.
    pub(super) is_many: bool,
}

/// The first contacts that have a message, with their positions.
pub(super) const FIRST_RECIPIENTS: &str =
    "SELECT contact_id, position FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2
     ORDER BY contact_id LIMIT ?3 + 0";

/// The columns that `recipient` repeats from its message. The index is named: see
/// [`super::schedule::MOVE_RECIPIENTS`].
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

macro_rules! message_columns {
    () => {
        "m.id, m.everyone, m.content, m.category, m.data, m.pinned, m.created_at, m.publish_at, m.expires_at, m.edited_at, m.recalled_at, m.position, m.name, m.test"
    };
}
pub(super) use message_columns;

/// A message from [`message_columns`]. `contacts` are those that the caller may see if it is not
/// for everyone.
pub(super) fn message_of(
    columns: &mut Columns<'_>,
    site: SiteId,
    contacts: &[ContactId],
) -> Result<Message> {
    let id = columns.message()?;
    let everyone: bool = columns.value()?;
    Ok(Message {
        id,
        site,
        audience: if everyone {
            MessageAudience::Everyone
        } else {
            MessageAudience::Contacts(contacts.to_vec())
        },
        content: columns.json()?,
        category: columns.value()?,
        data: columns.maybe_json()?,
        pinned: columns.value()?,
        created_at: columns.time()?,
        publish_at: columns.time()?,
        expires_at: columns.maybe_time()?,
        edited_at: columns.maybe_time()?,
        recalled_at: columns.maybe_time()?,
        position: columns.value()?,
        name: columns.value()?,
        is_test: columns.value()?,
    })
}

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

/// A message loaded for a change, with its whole audience if that is small.
pub(super) async fn load_for_change(
    connection: &mut SqliteConnection,
    site: SiteId,
    message: MessageId,
) -> Result<Option<StoredMessage>> {
    let Some((mut message, state, mut is_many)) =
        without_audience(connection, site, message).await?
    else {
        return Ok(None);
    };
    if message.audience.is_everyone() {
        return Ok(Some(StoredMessage { message, state, is_many: false }));
    }
    let limit = i64::try_from(fan_out::MAX_CONTACTS_PER_CHUNK + 1).unwrap_or(i64::MAX);
    let query = sqlx::query_as(FIRST_RECIPIENTS)
        .bind(site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(limit);
    let placed: Vec<(i64, i64)> = query.fetch_all(connection).await?;
    // A message to a segment may still have rows of a former audience.
    let segment = placed.first().and_then(|(feed, _)| FeedId(*feed).segment());
    message.audience = segment.map_or_else(
        || {
            MessageAudience::Contacts(
                placed.iter().map(|(contact, _)| ContactId(*contact)).collect(),
            )
        },
        MessageAudience::Segment,
    );
    let is_apart = |position: &i64| position.abs() > 1 && position.abs() != message.position;
    is_many |= placed.len() > fan_out::MAX_CONTACTS_PER_CHUNK
        || placed.iter().any(|(_, position)| is_apart(position));
    Ok(Some(StoredMessage { is_many: is_many && segment.is_none(), message, state }))
}

/// A message, its state, and whether some of its contacts are pending.
async fn without_audience(
    connection: &mut SqliteConnection,
    site: SiteId,
    message: MessageId,
) -> Result<Option<(Message, Lifecycle, bool)>> {
    let row = sqlx::query(concat!(
        "SELECT m.state, EXISTS (SELECT 1 FROM fan_out AS f WHERE f.site_id = ?1 AND f.message_id = ?2), ",
        message_columns!(),
        " FROM message AS m WHERE m.site_id = ?1 AND m.id = ?2"
    ))
    .bind(site.as_bytes())
    .bind(message.as_bytes())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::new(&row);
    let (state, fans_out) = (Lifecycle::from_stored(columns.value()?)?, columns.value()?);
    Ok(Some((message_of(&mut columns, site, &[])?, state, fans_out)))
}

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

/// Allocates the version of a message change and stores it with everyone concerned.
pub(super) async fn allocate_version(tx: &mut WriteTx, message: &Message) -> Result<i64> {
    let version = tx.next_version(message.site, message.audience.is_open()).await?;
    set_contact_versions(tx, message, SET_VERSION, version).await?;
    Ok(version)
}

pub(super) async fn set_contact_versions(
    tx: &mut WriteTx,
    message: &Message,
    statement: &'static str,
    version: i64,
) -> Result<()> {
    if !message.audience.is_open() {
        sqlx::query(statement)
            .bind(message.site.as_bytes())
            .bind(message.id.as_bytes())
            .bind(version)
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(())
}
