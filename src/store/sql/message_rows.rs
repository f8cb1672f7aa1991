//! Rows of messages, as they are read and as they are loaded for a change.
//!
//! Must not depend on how messages are published, changed or listed. Used by the modules that do
//! so.

use super::feeds::FeedId;
use crate::{
    Result, StoreError,
    db::{Columns, Connection, query, query_as},
};
use belfry_domain::{ContactId, Message, MessageAudience, MessageId, SiteId};

/// The most contacts that one write changes; well below a millisecond.
pub(super) const MAX_CONTACTS_PER_CHUNK: usize = 48;

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
    /// contacts, or has a different position for each contact. Then [`super::fan_out`] applies changes in
    /// chunks.
    pub(super) is_many: bool,
}

/// The first contacts that have a message, with their positions.
pub(super) const FIRST_RECIPIENTS: &str =
    "SELECT contact_id, position FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2
     ORDER BY contact_id LIMIT ?3 + 0";

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
        position: columns.position()?,
        name: columns.value()?,
        is_test: columns.value()?,
    })
}

/// The content of messages ?2.
pub(super) const MESSAGES: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM json_each(?2) AS input CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = unhex(input.value, '-')"
);

/// A message loaded for a change, with its whole audience if that is small.
pub(super) async fn load_for_change(
    connection: &mut Connection,
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
    let limit = i64::try_from(MAX_CONTACTS_PER_CHUNK + 1).unwrap_or(i64::MAX);
    let query =
        query_as(FIRST_RECIPIENTS).bind(site.as_bytes()).bind(message.id.as_bytes()).bind(limit);
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
    let is_apart = |position: &i64| position.abs() > 1 && position.abs() != message.position.0;
    is_many |= placed.len() > MAX_CONTACTS_PER_CHUNK
        || placed.iter().any(|(_, position)| is_apart(position));
    Ok(Some(StoredMessage { is_many: is_many && segment.is_none(), message, state }))
}

/// A message, its state, and whether some of its contacts are pending.
pub(super) async fn without_audience(
    connection: &mut Connection,
    site: SiteId,
    message: MessageId,
) -> Result<Option<(Message, Lifecycle, bool)>> {
    let row = query(concat!(
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
