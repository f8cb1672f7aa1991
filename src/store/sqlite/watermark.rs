//! Reader actions on all messages up to a position: one row, however many messages there are.
//!
//! Each "all read" starts an epoch, named by the version of its change. A message marked as unread
//! has the epoch in which it was marked, so the next "all read" outdates all of them at once, and
//! undoing it makes those of the former epoch valid again.
//!
//! The watermark does not move up to a message of a muted category, but a move passes over it, and
//! after unmuting it is as read as its neighbours. An unread one keeps the watermark below itself
//! when single messages are read: it must still be unread after unmuting.

use super::{
    columns::to_json,
    feeds::{FeedStatement, Feeds},
    mutes::not_muted,
    write_tx::WriteTx,
};
use crate::Result;
use belfry_domain::{ContactId, SiteId, Timestamp};
use sqlx::Row as _;

macro_rules! newest {
    ($lane:literal) => {
        concat!(
            "coalesce((SELECT p.position FROM recipient AS p WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND p.position > 0 AND p.position <= ?4
        AND (p.expires_at IS NULL OR p.expires_at > ?3)",
            not_muted!(),
            " ORDER BY p.position DESC LIMIT 1), 0)"
        )
    };
}

/// The position of the newest message up to ?4 that the reader can see.
pub(super) const NEWEST: FeedStatement = FeedStatement {
    base: concat!("SELECT max(", newest!("0"), ", ", newest!("?2"), ")"),
    per_segment: &[newest!("?2")],
    joiner: ", ",
    parameters: 4,
};

// The version of the change that this statement is part of. A later statement of the program stores
// it as the site's version.
macro_rules! next_version {
    () => {
        "(SELECT version + 1 FROM site WHERE site.id = ?1)"
    };
}

// Whether anything up to ?3 is unread.
macro_rules! reaches_unread {
    () => {
        "(read_position < ?3 OR EXISTS (
        SELECT 1 FROM receipt INDEXED BY receipt_unread WHERE receipt.site_id = ?1 AND receipt.contact_id = ?2
        AND receipt.unread_epoch = contact.read_epoch AND receipt.hidden IN (0, 1) AND receipt.position <= ?3))"
    };
}

macro_rules! seen {
    () => {
        concat!(
            "UPDATE contact SET log_rows = log_rows + 1, seen_position = ?3, version = ",
            next_version!(),
            " WHERE site_id = ?1 AND id = ?2 AND seen_position < ?3"
        )
    };
}

#[cfg(test)]
pub(super) const SEEN: &str = seen!();

macro_rules! all_read {
    () => {
        concat!(
            "UPDATE contact SET log_rows = log_rows + 2, previous_read_position = read_position, previous_read_epoch = read_epoch, read_position = max(read_position, ?3),
        seen_position = max(seen_position, ?3), read_epoch = ",
            next_version!(),
            ", version = ",
            next_version!(),
            " WHERE site_id = ?1 AND id = ?2 AND ",
            reaches_unread!()
        )
    };
}

#[cfg(test)]
pub(super) const ALL_READ: &str = all_read!();

/// The epoch that an "all read" has just ended, and the one that it started.
const EPOCHS: &str =
    "SELECT previous_read_epoch, read_epoch FROM contact WHERE site_id = ?1 AND id = ?2";

/// Messages above the position that were marked as unread stay unread in the new epoch.
pub(super) const CARRY_OVER: &str = "UPDATE receipt INDEXED BY receipt_unread SET unread_epoch = ?4
     WHERE site_id = ?1 AND contact_id = ?2 AND unread_epoch = ?3 AND hidden IN (0, 1) AND position > ?5";

pub(super) const UNDO_ALL_READ: &str = concat!(
    "UPDATE contact SET read_position = previous_read_position, read_epoch = previous_read_epoch,
        previous_read_position = NULL, previous_read_epoch = NULL, version = ",
    next_version!(),
    " WHERE site_id = ?1 AND id = ?2 AND read_epoch = ?3 AND previous_read_epoch IS NOT NULL RETURNING read_epoch"
);

/// Stores the version of a change, if the statement before it changed a row.
macro_rules! bump {
    () => {
        "UPDATE site SET version = version + 1 WHERE id = ?1 AND changes() > 0 RETURNING version"
    };
}
pub(super) use bump;

macro_rules! oldest_unread {
    ($lane:literal) => {
        concat!(
            "coalesce((SELECT p.position FROM recipient AS p WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND p.position > contact.read_position AND NOT EXISTS
                (SELECT 1 FROM receipt WHERE receipt.site_id = ?1 AND receipt.contact_id = ?2 AND receipt.message_id = p.message_id
                 AND (receipt.read_at IS NOT NULL OR receipt.hidden))
              ORDER BY p.position LIMIT 1), 1 + (SELECT last_position FROM site WHERE site.id = ?1))"
        )
    };
}

pub(super) use oldest_unread;

/// Raises the watermark over messages that were read, archived or deleted one by one, so that
/// counting does not have to skip years of receipts; stores the version with the contact. Only if
/// the statement before it changed something.
macro_rules! raise {
    () => {
        concat!(
            "UPDATE contact SET version = ",
            next_version!(),
            ", read_position = max(read_position, min(",
            oldest_unread!("0"),
            ", ",
            oldest_unread!("?2"),
            ") - 1) WHERE site_id = ?1 AND id = ?2 AND changes() > 0"
        )
    };
}
pub(super) use {next_version, raise};

// Logs a move that the next statement makes under the same condition: ?3 position, ?4 time.
macro_rules! log {
    ($kind:literal, $from:expr, $number:expr, $matching:expr) => {
        concat!(
            "INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at)
             SELECT ?1, contact.id, ",
            $kind,
            ", ",
            $from,
            ", ?3, ",
            $number,
            ", ?4 FROM contact WHERE site_id = ?1 AND id = ?2 AND ",
            $matching,
            " ON CONFLICT DO NOTHING"
        )
    };
}

// When the watermark of a `contact` passed a position: moves are ordered, so it is the first move
// that reaches it.
macro_rules! passed {
    ($kind:literal, $position:literal) => {
        concat!(
            "(SELECT CASE WHEN w.from_position < ",
            $position,
            " THEN w.at END FROM watermark_log AS w WHERE w.site_id = ?1 AND w.contact_id = contact.id AND w.kind = ",
            $kind,
            " AND w.to_position >= ",
            $position,
            " ORDER BY w.to_position LIMIT 1)"
        )
    };
}
pub(super) use passed;

// When an "all read" of a `contact` read the message at a position, up to some end; its receipt is
// `r`. The ranges need not be adjacent, and an "all read" before the message was marked as unread
// does not count.
macro_rules! read_with_all {
    ($position:literal, $end:expr) => {
        concat!(
            "(SELECT w.at FROM watermark_log AS w WHERE w.site_id = ?1 AND w.contact_id = contact.id AND w.kind = 2 AND w.to_position >= ",
            $position,
            " AND w.from_position < ",
            $position,
            " AND w.number > coalesce(r.unread_epoch, -1) AND (",
            $end,
            " IS NULL OR w.at < ",
            $end,
            ") ORDER BY w.to_position LIMIT 1)"
        )
    };
}
pub(super) use read_with_all;

pub(super) const LOG_DELIVERED: &str =
    log!("0", "delivered_position", "0", "delivered_position < ?3");

pub(super) const DELIVERED: &str = "UPDATE contact SET log_rows = log_rows + 1, delivered_position = ?3 WHERE site_id = ?1 AND id = ?2 AND delivered_position < ?3";

#[cfg(test)]
pub(super) const LOG_SEEN: &str = log!("1", "seen_position", "0", "seen_position < ?3");

// From the lowest position that it affects: below the watermark if something was marked as unread.
macro_rules! log_read {
    () => {
        log!(
            "2",
            "min(read_position, ?3, coalesce((SELECT min(position) FROM receipt INDEXED BY receipt_unread WHERE receipt.site_id = ?1
        AND receipt.contact_id = ?2 AND receipt.unread_epoch = contact.read_epoch AND receipt.hidden IN (0, 1) AND receipt.position <= ?3) - 1,
        read_position))",
            next_version!(),
            reaches_unread!()
        )
    };
}

#[cfg(test)]
pub(super) const LOG_READ: &str = log_read!();

macro_rules! log_seen_by_read {
    () => {
        log!("1", "seen_position", "0", concat!("seen_position < ?3 AND ", reaches_unread!()))
    };
}

#[cfg(test)]
pub(super) const LOG_SEEN_BY_READ: &str = log_seen_by_read!();

macro_rules! note_delivered_log {
    () => {
        "INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at)
         SELECT ?1, contact.id, 0, contact.delivered_position, input.value ->> 1, 0, ?3 FROM json_each(?2) AS input CROSS JOIN contact
         WHERE contact.site_id = ?1 AND contact.id = input.value ->> 0 AND contact.delivered_position < input.value ->> 1
         ON CONFLICT DO NOTHING"
    };
}

macro_rules! note_delivered {
    () => {
        "UPDATE contact SET log_rows = log_rows + 1, delivered_position = input.value ->> 1 FROM json_each(?2) AS input
         WHERE contact.site_id = ?1 AND contact.id = input.value ->> 0 AND contact.delivered_position < input.value ->> 1"
    };
}

const SEEN_PROGRAM: &str =
    concat!(log!("1", "seen_position", "0", "seen_position < ?3"), "; ", seen!(), "; ", bump!());

const ALL_READ_PROGRAM: &str =
    concat!(log_read!(), "; ", log_seen_by_read!(), "; ", all_read!(), "; ", bump!());

#[cfg(test)]
pub(super) const RECORD_DELIVERED: [&str; 2] = [note_delivered_log!(), note_delivered!()];

/// The position (second) up to which messages were delivered to each reader (first) of ?2.
const RECORD_DELIVERED_PROGRAM: &str = concat!(note_delivered_log!(), "; ", note_delivered!());

/// By its key except for the position, of which a reader has few.
pub(super) const DELETE_READ_MOVE: &str =
    "DELETE FROM watermark_log WHERE site_id = ?1 AND contact_id = ?2 AND kind = 2 AND number = ?3";

#[cfg(test)]
pub(super) const RAISE: FeedStatement = FeedStatement {
    base: raise!(),
    per_segment: &[oldest_unread!("?2")],
    joiner: ", ",
    parameters: 2,
};

/// The reader that acts, as the statements need it.
pub(super) struct ReaderScope {
    pub(super) site: SiteId,
    pub(super) contact: ContactId,
    pub(super) feeds: Feeds,
}

async fn log_move(
    tx: &mut WriteTx,
    statement: &'static str,
    ReaderScope { site, contact, .. }: &ReaderScope,
    to: i64,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(statement)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(to)
        .bind(now.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Records that a list was delivered up to a position. Returns the range that is new.
pub(super) async fn mark_delivered(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: i64,
    now: Timestamp,
) -> Result<Option<(i64, i64)>> {
    let newest = newest(tx, scope, Some(until), now).await?;
    let ReaderScope { site, contact, .. } = scope;
    let former: Option<i64> =
        sqlx::query_scalar("SELECT delivered_position FROM contact WHERE site_id = ?1 AND id = ?2")
            .bind(site.as_bytes())
            .bind(contact.0)
            .fetch_optional(&mut tx.connection)
            .await?;
    log_move(tx, LOG_DELIVERED, scope, newest, now).await?;
    let moved = sqlx::query(DELIVERED)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(newest)
        .execute(&mut tx.connection)
        .await?;
    Ok(former.filter(|_| moved.rows_affected() > 0).map(|former| (former, newest)))
}

/// Records that everything up to a position was on the screen. Returns whether that is new.
pub(super) async fn mark_seen(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: Option<i64>,
    now: Timestamp,
) -> Result<bool> {
    let newest = newest(tx, scope, until, now).await?;
    run_program(tx, scope, SEEN_PROGRAM, newest, now).await
}

/// Marks everything up to a position as read. Returns the number that undoes it, if anything was
/// unread.
pub(super) async fn mark_all_read(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: Option<i64>,
    now: Timestamp,
) -> Result<Option<i64>> {
    let newest = newest(tx, scope, until, now).await?;
    if !run_program(tx, scope, ALL_READ_PROGRAM, newest, now).await? {
        return Ok(None);
    }
    let ReaderScope { site, contact, .. } = scope;
    let (former, epoch): (i64, i64) = sqlx::query_as(EPOCHS)
        .bind(site.as_bytes())
        .bind(contact.0)
        .fetch_one(&mut tx.connection)
        .await?;
    sqlx::query(CARRY_OVER)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(former)
        .bind(epoch)
        .bind(newest)
        .execute(&mut tx.connection)
        .await?;
    Ok(Some(epoch))
}

/// Moves a watermark with its log entry, and allocates a version if it changed something, in one
/// round trip to the connection. Returns whether it did.
async fn run_program(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    program: &'static str,
    to: i64,
    now: Timestamp,
) -> Result<bool> {
    let ReaderScope { site, contact, .. } = scope;
    let query = sqlx::query_scalar(program)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(to)
        .bind(now.millis());
    let version: Option<i64> = query.fetch_all(&mut tx.connection).await?.pop();
    version.map(|version| tx.record_version(*site, Some(version))).transpose()?;
    Ok(version.is_some())
}

/// Records what was delivered to many readers of a site, without events.
pub(super) async fn record_delivered(
    tx: &mut WriteTx,
    site: SiteId,
    reached: &[(ContactId, i64)],
    now: Timestamp,
) -> Result<()> {
    let query = sqlx::query(RECORD_DELIVERED_PROGRAM)
        .bind(site.as_bytes())
        .bind(to_json(reached)?)
        .bind(now.millis());
    query.execute(&mut tx.connection).await?;
    Ok(())
}

/// Undoes the "all read" with this number. Returns whether that was possible.
pub(super) async fn undo_all_read(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    number: i64,
) -> Result<bool> {
    let ReaderScope { site, contact, .. } = scope;
    let restored: Option<i64> = sqlx::query_scalar(UNDO_ALL_READ)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(number)
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some(restored) = restored else { return Ok(false) };
    sqlx::query(DELETE_READ_MOVE)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(number)
        .execute(&mut tx.connection)
        .await?;
    sqlx::query(CARRY_OVER)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(number)
        .bind(restored)
        .bind(0)
        .execute(&mut tx.connection)
        .await?;
    Ok(true)
}

async fn newest(
    tx: &mut WriteTx,
    scope: &ReaderScope,
    until: Option<i64>,
    now: Timestamp,
) -> Result<i64> {
    let query =
        scope.feeds.query(&NEWEST).bind(scope.site.as_bytes().to_vec()).bind(scope.contact.0);
    let query = query.bind(now.millis()).bind(until.unwrap_or(i64::MAX));
    Ok(scope.feeds.bind(query).fetch_one(&mut tx.connection).await?.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SqliteOptions, SqliteStore, Store as _};
    use belfry_domain::{EventSink, InboxEvent, MessageId, ReaderAction};
    use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
    use std::sync::Arc;

    struct Nobody;

    impl EventSink for Nobody {
        fn publish(&self, _: InboxEvent) {}
    }

    /// A reader can't observe whether the watermark is raised; the cost of counting depends on it.
    #[tokio::test]
    async fn watermark_passes_read_archived_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("belfry.db");
        let store = SqliteStore::open(SqliteOptions::new(&path), Arc::new(Nobody)).await.unwrap();
        let mut connection =
            SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path))
                .await
                .unwrap();
        sqlx::raw_sql(
            "INSERT INTO site (id, name, origins, selector, insert_position, language, created_at, version, broadcast_version, last_position, next_contact)
                VALUES (zeroblob(16), 'Shop', '[]', '#bell', 'beforeend', 'en', 0, 9, 9, 5, 2);
             INSERT INTO contact (site_id, id, created_at, updated_at) VALUES (zeroblob(16), 1, 0, 0);
             INSERT INTO message (site_id, id, everyone, state, content, pinned, created_at, publish_at, position)
                SELECT zeroblob(16), CAST('message no. 000' || value AS BLOB), 1, 1, '{}', 0, 0, 0, value FROM json_each('[1, 2, 3, 4, 5]');
             INSERT INTO recipient SELECT site_id, 0, position, id, 0, NULL, NULL FROM message;",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        let (site, reader, now) =
            (SiteId::from_bytes([0; 16]), ContactId(1), Timestamp::from_millis(9));
        let message = |number: u8| {
            let mut bytes = *b"message no. 0000";
            bytes[15] += number;
            vec![MessageId::from_bytes(bytes)]
        };
        for (mark, expected) in [
            (ReaderAction::Read(message(2)), 0),
            (ReaderAction::Archive(message(1)), 2),
            (ReaderAction::Unread(message(2)), 2),
            (ReaderAction::Restore(message(1)), 2),
            (ReaderAction::Delete(message(3)), 3),
            (ReaderAction::Clicked(message(4).remove(0)), 4),
            (ReaderAction::Archive(message(5)), 5),
        ] {
            store.apply_reader_action(site, reader, &mark, now).await.unwrap();
            let position: i64 = sqlx::query_scalar("SELECT read_position FROM contact")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            assert_eq!(position, expected, "{mark:?}");
        }
        assert_eq!(store.counts(site, reader, now).await.unwrap().unread, 2);
        connection.close().await.unwrap();
    }
}
