//! What a reader does. "All" is a watermark on the contact's row; single messages get a receipt. Neither is ever taken back.

use super::{
    columns::{Columns, to_json},
    reader::tally,
    work::Work,
};
use crate::{
    domain::{Change, ContactId, Mark, MessageId, SiteId, Tally, Timestamp},
    store::Result,
};
use std::fmt::Write as _;

/// The position of the newest message that is shown to a reader.
macro_rules! newest {
    () => {
        "max(
            coalesce((SELECT position FROM placement WHERE site_id = ?1 AND contact_id = 0 AND position > 0
                AND (expires_at IS NULL OR expires_at > ?3) ORDER BY position DESC LIMIT 1), 0),
            coalesce((SELECT position FROM placement WHERE site_id = ?1 AND contact_id = ?2 AND position > 0
                AND (expires_at IS NULL OR expires_at > ?3) ORDER BY position DESC LIMIT 1), 0))"
    };
}

// The number of the change that this statement is part of; it becomes the site's own right after.
macro_rules! next_version {
    () => {
        "version = (SELECT version + 1 FROM site WHERE site.id = ?1)"
    };
}

const SEEN: &str = concat!(
    "UPDATE contact SET seen_position = newest.position, ",
    next_version!(),
    " FROM (SELECT ",
    newest!(),
    " AS position) AS newest WHERE site_id = ?1 AND id = ?2 AND seen_position < newest.position"
);

const ALL_READ: &str = concat!(
    "UPDATE contact SET seen_position = max(seen_position, newest.position), read_position = max(read_position, newest.position), ",
    next_version!(),
    " FROM (SELECT ",
    newest!(),
    " AS position) AS newest WHERE site_id = ?1 AND id = ?2 AND (read_position < newest.position OR seen_position < newest.position)"
);

/// Only messages that this reader can see and has not read. The receipt of one that is read by the watermark would say nothing new.
pub(super) const READ: &str = "INSERT INTO receipt (site_id, contact_id, message_id, read_at)
     SELECT ?1, contact.id, p.message_id, ?3
     FROM json_each(?4) AS asked CROSS JOIN contact CROSS JOIN placement AS p INDEXED BY placement_message
     WHERE contact.site_id = ?1 AND contact.id = ?2
     AND p.site_id = ?1 AND p.message_id = unhex(asked.value) AND p.contact_id IN (0, ?2)
     AND p.position > contact.read_position AND (p.expires_at IS NULL OR p.expires_at > ?3)
     ON CONFLICT DO NOTHING RETURNING message_id";

pub(super) const CLICKED: &str = "INSERT INTO receipt (site_id, contact_id, message_id, read_at, clicked_at)
     SELECT ?1, contact.id, p.message_id, ?3, ?3
     FROM json_each(?4) AS asked CROSS JOIN contact CROSS JOIN placement AS p INDEXED BY placement_message
     WHERE contact.site_id = ?1 AND contact.id = ?2
     AND p.site_id = ?1 AND p.message_id = unhex(asked.value) AND p.contact_id IN (0, ?2)
     AND p.position > 0 AND (p.expires_at IS NULL OR p.expires_at > ?3)
     ON CONFLICT DO UPDATE SET clicked_at = excluded.clicked_at WHERE clicked_at IS NULL RETURNING message_id";

macro_rules! oldest_unread {
    ($lane:literal) => {
        concat!(
            "(SELECT p.position FROM placement AS p WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND p.position > contact.read_position AND NOT EXISTS
                (SELECT 1 FROM receipt WHERE receipt.site_id = ?1 AND receipt.contact_id = ?2 AND receipt.message_id = p.message_id)
              ORDER BY p.position LIMIT 1)"
        )
    };
}

/// Raises the watermark over what is read from the bottom up, message by message, so that counting never has to pass over
/// years of receipts.
const RAISE: &str = concat!(
    "UPDATE contact SET ",
    next_version!(),
    ", read_position = max(read_position, min(coalesce(",
    oldest_unread!("0"),
    ", 1 + (SELECT last_position FROM site WHERE site.id = ?1)), coalesce(",
    oldest_unread!("?2"),
    ", 1 + (SELECT last_position FROM site WHERE site.id = ?1))) - 1) WHERE site_id = ?1 AND id = ?2"
);

pub(super) async fn mark(work: &mut Work, site: SiteId, contact: ContactId, mark: Mark, now: Timestamp) -> Result<Tally> {
    let (changed, read) = match mark {
        Mark::Seen => (watermark(work, SEEN, site, contact, now).await?, Some(Vec::new())),
        Mark::AllRead => (watermark(work, ALL_READ, site, contact, now).await?, None),
        Mark::Read(messages) => receipts(work, READ, site, contact, &messages, now).await?,
        Mark::Clicked(message) => receipts(work, CLICKED, site, contact, &[message], now).await?,
    };
    if changed {
        work.next_version(site, false).await?;
    }
    let tally = tally(&mut work.connection, site, contact, now).await?;
    if changed {
        work.announce(Change::Marked { site, contact, read, tally });
    }
    Ok(tally)
}

async fn watermark(work: &mut Work, statement: &'static str, site: SiteId, contact: ContactId, now: Timestamp) -> Result<bool> {
    let moved = sqlx::query(statement).bind(site.as_bytes()).bind(contact.0).bind(now.millis()).execute(&mut work.connection).await?;
    Ok(moved.rows_affected() > 0)
}

async fn receipts(
    work: &mut Work,
    statement: &'static str,
    site: SiteId,
    contact: ContactId,
    messages: &[MessageId],
    now: Timestamp,
) -> Result<(bool, Option<Vec<MessageId>>)> {
    let asked: Vec<String> = messages
        .iter()
        .map(|message| {
            message.as_bytes().iter().fold(String::with_capacity(32), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
        })
        .collect();
    let rows = sqlx::query(statement)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(now.millis())
        .bind(to_json(&asked)?)
        .fetch_all(&mut work.connection)
        .await?;
    let read: Vec<MessageId> = rows.iter().map(|row| Columns::of(row).message()).collect::<Result<_>>()?;
    if !read.is_empty() {
        sqlx::query(RAISE).bind(site.as_bytes()).bind(contact.0).execute(&mut work.connection).await?;
    }
    Ok((!read.is_empty(), Some(read)))
}
