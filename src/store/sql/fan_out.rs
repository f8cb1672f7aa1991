//! Messages to many named contacts: accepted in one transaction, and delivered to the contacts in
//! chunks, each in a transaction of its own.
//!
//! Pending work is a row of `fan_out`, with the contacts that have no `recipient` row yet in
//! `fan_out_chunk`. Both are written with the change itself, so the work continues after a restart.
//! [`chunk`] does it: each chunk updates the rows of some contacts to the current state of the
//! message. So publish, edit, recall and expiry work the same way, and the last change wins.
//!
//! A contact in a later chunk gets the message at a position of its own, above everything shown so
//! far, so a watermark that was moved in between has not passed it.

mod chunk;

use super::{
    SqlStore,
    feeds::FeedId,
    outbox,
    recipients::{delete_recipients, insert_recipients, unknown_contact},
    write_tx::WriteTx,
};
use crate::{
    Conflict, FanOutStore, MAX_FAN_OUTS, Result,
    db::{Columns, Connection, query, query_scalar, to_json},
};
use async_trait::async_trait;
use belfry_domain::{ContactId, Message, MessageAudience, MessageId, SiteId, Timestamp};
use futures_util::FutureExt as _;
use std::sync::PoisonError;

#[cfg(test)]
pub(super) use chunk::{
    DELETE_FORMER_RECIPIENTS, DELETE_WITHOUT_AUDIENCE, FIRST_PENDING, NEXT, PLACE, PLACED_AFTER,
    REALIGN, SET_VERSIONS,
};

/// The number of pending contacts per row of `fan_out_chunk`.
const CONTACTS_PER_PENDING_ROW: usize = 256;

/// The order of a site's pending work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FanOutPriority {
    /// A message is being removed.
    Removal = 0,
    /// Anything else.
    Other = 1,
}

/// The first site after ?1 with pending work.
pub(super) const NEXT_SITE: &str =
    "SELECT site_id FROM fan_out WHERE site_id > ?1 ORDER BY site_id LIMIT 1";

/// One of a site's unfinished messages, after ?2 others: tells whether there are more than ?2.
pub(super) const UNFINISHED: &str =
    "SELECT 1 FROM fan_out WHERE site_id = ?1 LIMIT 1 OFFSET ?2 + 0";

// The next number in the queue of priority ?3 of a site.
macro_rules! next_sequence {
    () => {
        "(SELECT coalesce(max(f.sequence), 0) + 1 FROM fan_out AS f INDEXED BY fan_out_order WHERE f.site_id = ?1 AND f.priority = ?3)"
    };
}

pub(super) const BEGIN: &str = concat!(
    "INSERT INTO fan_out (site_id, message_id, priority, sequence) VALUES (?1, ?2, ?3, ",
    next_sequence!(),
    ")"
);

pub(super) const ADD_PENDING: &str =
    "INSERT INTO fan_out_chunk (site_id, message_id, number, contacts)
     SELECT ?1, ?2, chunk.key, chunk.value FROM json_each(?3) AS chunk";

pub(super) const RESTART: &str = concat!(
    "INSERT INTO fan_out (site_id, message_id, priority, sequence, after_contact) VALUES (?1, ?2, ?3, ",
    next_sequence!(),
    ", 0) ON CONFLICT (site_id, message_id) DO UPDATE SET priority = excluded.priority, after_contact = 0"
);

pub(super) const REPLACE: &str = concat!(
    "INSERT INTO fan_out (site_id, message_id, priority, sequence, replaces) VALUES (?1, ?2, ?3, ",
    next_sequence!(),
    ", ?4) ON CONFLICT (site_id, message_id) DO UPDATE SET after_contact = NULL, replaces = max(fan_out.replaces, excluded.replaces)"
);

pub(super) const DELETE_PENDING: &str =
    "DELETE FROM fan_out_chunk WHERE site_id = ?1 AND message_id = ?2";

/// How many of the contacts ?2 exist in the site.
pub(super) const EXISTING: &str = "SELECT count(*) FROM json_each(?2) AS input CROSS JOIN contact WHERE contact.site_id = ?1 AND contact.id = CAST(input.value AS BIGINT)";

// Pending contacts of message ?2.
macro_rules! waiting_contacts {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM fan_out_chunk AS chunk CROSS JOIN json_each(chunk.contacts) AS entry
              CROSS JOIN contact ON contact.site_id = ?1 AND contact.id = CAST(entry.value AS BIGINT) WHERE chunk.site_id = ?1 AND chunk.message_id = ?2"
        )
    };
}
pub(super) use waiting_contacts;

// Whether the named contacts that have message ?2 belong to its audience.
macro_rules! placed_are_meant {
    () => {
        "NOT EXISTS (SELECT 1 FROM fan_out AS f WHERE f.site_id = ?1 AND f.message_id = ?2 AND f.replaces = 1)"
    };
}
pub(super) use placed_are_meant;

/// The audience of a message.
pub(super) const AUDIENCE: &str = concat!(
    "SELECT contact_id FROM recipient INDEXED BY recipient_message WHERE site_id = ?1 AND message_id = ?2 AND (contact_id <= 0 OR ",
    placed_are_meant!(),
    ") UNION ALL ",
    waiting_contacts!("contact.id")
);

/// Whether a message is delivered in chunks, given the number of endpoints that receive message
/// snapshots if it is live now.
pub(super) fn is_needed(message: &Message, endpoints: usize) -> bool {
    let contacts = message.audience.contacts().map_or(0, <[_]>::len);
    contacts > outbox::contacts_at_once(message, endpoints)
}

/// The endpoints that receive a snapshot of a live message. For a message in chunks, they are
/// looked up later.
pub(super) async fn collectors(tx: &mut WriteTx, message: &Message) -> Result<Vec<i64>> {
    if message.audience.is_open() || is_needed(message, 0) {
        Ok(Vec::new())
    } else {
        outbox::snapshot_endpoints(&mut tx.connection, message.site).await
    }
}

/// Leaves all contacts of a new message to later chunks, unless too many messages of its site are
/// pending.
pub(super) async fn begin(tx: &mut WriteTx, message: &Message) -> Result<()> {
    check_capacity(&mut tx.connection, message.site).await?;
    let query = query(BEGIN)
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(FanOutPriority::Other as i64);
    query.execute(&mut tx.connection).await?;
    add_pending(tx, message).await
}

/// Rejects another message when too many of the site are pending.
pub(super) async fn check_capacity(connection: &mut Connection, site: SiteId) -> Result<()> {
    let last = query(UNFINISHED)
        .bind(site.as_bytes())
        .bind(MAX_FAN_OUTS - 1)
        .fetch_optional(connection)
        .await?;
    if last.is_some() { Err(Conflict::TooManyFanOuts.into()) } else { Ok(()) }
}

async fn add_pending(tx: &mut WriteTx, message: &Message) -> Result<()> {
    let rest: Vec<&[ContactId]> = message
        .audience
        .contacts()
        .into_iter()
        .flat_map(|contacts| contacts.chunks(CONTACTS_PER_PENDING_ROW))
        .collect();
    let query = query(ADD_PENDING)
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(to_json(&rest)?);
    query.execute(&mut tx.connection).await?;
    tx.note_fan_out();
    Ok(())
}

/// Updates all contacts that have a message, starting with the first.
pub(super) async fn restart(
    tx: &mut WriteTx,
    message: &Message,
    priority: FanOutPriority,
) -> Result<()> {
    let query = query(RESTART)
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(priority as i64);
    query.execute(&mut tx.connection).await?;
    tx.note_fan_out();
    Ok(())
}

/// Replaces the audience of a message that was never shown. The former contacts are those from
/// `first` to `last`.
pub(super) async fn replace(
    tx: &mut WriteTx,
    message: &Message,
    (first, last): (i64, i64),
) -> Result<()> {
    let was_named = first > 0;
    let replacement = query(REPLACE)
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .bind(FanOutPriority::Other as i64);
    replacement.bind(was_named).execute(&mut tx.connection).await?;
    query(DELETE_PENDING)
        .bind(message.site.as_bytes())
        .bind(message.id.as_bytes())
        .execute(&mut tx.connection)
        .await?;
    if !was_named {
        delete_recipients(tx, message, (first, last)).await?;
    }
    if message.audience.is_open() {
        tx.note_fan_out();
        return insert_recipients(tx, message).await;
    }
    // A large audience was already checked on a read connection.
    if !is_needed(message, 0) {
        check_contacts_exist(
            &mut tx.connection,
            message.site,
            message.audience.contacts().unwrap_or_default(),
        )
        .await?;
    }
    add_pending(tx, message).await
}

/// Rejects contacts that the site does not have.
pub(super) async fn check_contacts_exist(
    connection: &mut Connection,
    site: SiteId,
    contacts: &[ContactId],
) -> Result<()> {
    let existing: i64 = query_scalar(EXISTING)
        .bind(site.as_bytes())
        .bind(to_json(contacts)?)
        .fetch_one(connection)
        .await?;
    if existing.unsigned_abs() == contacts.len() as u64 { Ok(()) } else { Err(unknown_contact()) }
}

/// The audience of a message that is not to everyone, pending contacts included. One statement, so
/// one snapshot: each contact
/// is in exactly one of the two parts.
pub(super) async fn audience(
    connection: &mut Connection,
    site: SiteId,
    message: MessageId,
) -> Result<MessageAudience> {
    let rows = query(AUDIENCE)
        .bind(site.as_bytes())
        .bind(message.as_bytes())
        .fetch_all(connection)
        .await?;
    let mut contacts =
        rows.iter().map(|row| Ok(ContactId(row.try_get(0)?))).collect::<Result<Vec<_>>>()?;
    contacts.sort();
    // A message to a segment may still have rows of a former audience.
    let segment = contacts.first().and_then(|feed| FeedId(feed.0).segment());
    Ok(segment.map_or(MessageAudience::Contacts(contacts), MessageAudience::Segment))
}

/// The site after this one with pending work, in round robin.
async fn next_site(connection: &mut Connection, after: Option<SiteId>) -> Result<Option<SiteId>> {
    for after in
        [after.map(|site| site.as_bytes().to_vec()), Some(Vec::new())].into_iter().flatten()
    {
        if let Some(row) = query(NEXT_SITE).bind(after).fetch_optional(&mut *connection).await? {
            return Ok(Some(Columns::new(&row).site()?));
        }
    }
    Ok(None)
}

#[async_trait]
impl FanOutStore for SqlStore {
    async fn fan_out(&self, now: Timestamp) -> Result<bool> {
        let turn = || self.fan_out_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let last = *turn();
        let Some(site) = next_site(&mut *self.read_connection().await?, last).await? else {
            return Ok(false);
        };
        // Also when the step fails, so that the next turn serves another site.
        *turn() = Some(site);
        self.writer.background(move |tx| chunk::step(tx, site, now).boxed()).await?;
        Ok(true)
    }

    async fn wait_for_fan_out(&self) {
        self.writer.wait_for_fan_out().await;
    }
}
