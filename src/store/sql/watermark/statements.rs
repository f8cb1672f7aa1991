//! The statements of [`super`], and the parts of them that other statements share.

use crate::sql::feeds::{FeedStatement, not_muted};

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
pub(in crate::sql) const NEWEST: FeedStatement = FeedStatement {
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
pub(in crate::sql) const SEEN: &str = seen!();

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
pub(in crate::sql) const ALL_READ: &str = all_read!();

/// The epoch that an "all read" has just ended, and the one that it started.
pub(super) const EPOCHS: &str =
    "SELECT previous_read_epoch, read_epoch FROM contact WHERE site_id = ?1 AND id = ?2";

/// Messages above the position that were marked as unread stay unread in the new epoch.
pub(in crate::sql) const CARRY_OVER: &str = "UPDATE receipt INDEXED BY receipt_unread SET unread_epoch = ?4
     WHERE site_id = ?1 AND contact_id = ?2 AND unread_epoch = ?3 AND hidden IN (0, 1) AND position > ?5";

pub(in crate::sql) const UNDO_ALL_READ: &str = concat!(
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
pub(in crate::sql) use bump;

macro_rules! oldest_unread {
    ($lane:literal) => {
        concat!(
            "coalesce((SELECT p.position FROM recipient AS p WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND p.position > contact.read_position AND NOT EXISTS
                (SELECT 1 FROM receipt WHERE receipt.site_id = ?1 AND receipt.contact_id = ?2 AND receipt.message_id = p.message_id
                 AND (receipt.read_at IS NOT NULL OR receipt.hidden = 1))
              ORDER BY p.position LIMIT 1), 1 + (SELECT last_position FROM site WHERE site.id = ?1))"
        )
    };
}

pub(in crate::sql) use oldest_unread;

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
pub(in crate::sql) use {next_version, raise};

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
            " ORDER BY w.to_position, w.number LIMIT 1)"
        )
    };
}
pub(in crate::sql) use passed;

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
            ") ORDER BY w.to_position, w.number LIMIT 1)"
        )
    };
}
pub(in crate::sql) use read_with_all;

pub(in crate::sql) const LOG_DELIVERED: &str =
    log!("0", "delivered_position", "0", "delivered_position < ?3");

pub(in crate::sql) const DELIVERED: &str = "UPDATE contact SET log_rows = log_rows + 1, delivered_position = ?3 WHERE site_id = ?1 AND id = ?2 AND delivered_position < ?3";

#[cfg(test)]
pub(in crate::sql) const LOG_SEEN: &str = log!("1", "seen_position", "0", "seen_position < ?3");

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
pub(in crate::sql) const LOG_READ: &str = log_read!();

macro_rules! log_seen_by_read {
    () => {
        log!("1", "seen_position", "0", concat!("seen_position < ?3 AND ", reaches_unread!()))
    };
}

#[cfg(test)]
pub(in crate::sql) const LOG_SEEN_BY_READ: &str = log_seen_by_read!();

macro_rules! note_delivered_log {
    () => {
        "INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at)
         SELECT ?1, contact.id, 0, contact.delivered_position, CAST(input.value ->> 1 AS BIGINT), 0, ?3 FROM json_each(?2) AS input CROSS JOIN contact
         WHERE contact.site_id = ?1 AND contact.id = CAST(input.value ->> 0 AS BIGINT) AND contact.delivered_position < CAST(input.value ->> 1 AS BIGINT)
         ON CONFLICT DO NOTHING"
    };
}

macro_rules! note_delivered {
    () => {
        "UPDATE contact SET log_rows = log_rows + 1, delivered_position = CAST(input.value ->> 1 AS BIGINT) FROM json_each(?2) AS input
         WHERE contact.site_id = ?1 AND contact.id = CAST(input.value ->> 0 AS BIGINT) AND contact.delivered_position < CAST(input.value ->> 1 AS BIGINT)"
    };
}

pub(super) const SEEN_PROGRAM: &str =
    concat!(log!("1", "seen_position", "0", "seen_position < ?3"), "; ", seen!(), "; ", bump!());

pub(super) const ALL_READ_PROGRAM: &str =
    concat!(log_read!(), "; ", log_seen_by_read!(), "; ", all_read!(), "; ", bump!());

#[cfg(test)]
pub(in crate::sql) const RECORD_DELIVERED: [&str; 2] = [note_delivered_log!(), note_delivered!()];

/// The position (second) up to which messages were delivered to each reader (first) of ?2.
pub(super) const RECORD_DELIVERED_PROGRAM: &str =
    concat!(note_delivered_log!(), "; ", note_delivered!());

/// By its key except for the position, of which a reader has few.
pub(in crate::sql) const DELETE_READ_MOVE: &str =
    "DELETE FROM watermark_log WHERE site_id = ?1 AND contact_id = ?2 AND kind = 2 AND number = ?3";

#[cfg(test)]
pub(in crate::sql) const RAISE: FeedStatement = FeedStatement {
    base: raise!(),
    per_segment: &[oldest_unread!("?2")],
    joiner: ", ",
    parameters: 2,
};
