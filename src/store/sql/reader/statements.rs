//! The statements of [`super`], composed of feeds.

use crate::sql::{
    feeds::{FeedStatement, not_muted},
    message_rows::message_columns,
};

// ?1 site, ?2 contact, ?3 now. Without such a contact there is no row, and so an empty result.
macro_rules! reader {
    () => {
        "WITH reader AS MATERIALIZED (
            SELECT contact.read_position, contact.read_epoch, contact.seen_position, contact.hidden_until, max(site.broadcast_version, contact.version) AS version,
                site.segment_generation
            FROM contact CROSS JOIN site WHERE contact.site_id = ?1 AND contact.id = ?2 AND contact.id > 0 AND site.id = ?1) "
    };
}

// The reader's receipt for the message of `p`, if any.
macro_rules! receipt {
    () => {
        " LEFT JOIN receipt AS r ON r.site_id = ?1 AND r.contact_id = ?2 AND r.message_id = p.message_id "
    };
}

// The message of a receipt `r`, while it is live.
macro_rules! placement_of_receipt {
    () => {
        concat!(
            " CROSS JOIN recipient AS p INDEXED BY recipient_message ON p.site_id = ?1 AND p.message_id = r.message_id AND p.contact_id IN (0, ?2)
              AND p.position > 0 AND (p.expires_at IS NULL OR p.expires_at > ?3)",
            not_muted!(),
            " "
        )
    };
}

macro_rules! is_read {
    () => {
        "CASE WHEN r.unread_epoch IS (SELECT read_epoch FROM reader) OR (r.read_at IS NULL AND p.position > (SELECT read_position FROM reader)) THEN 0 ELSE 1 END"
    };
}

// One feed of the messages that are in the inbox: $limit matching rows.
macro_rules! lane {
    ($lane:literal, $index:literal, $matching:expr, $limit:literal) => {
        concat!(
            "SELECT * FROM (SELECT p.position, p.message_id, p.pinned, ",
            is_read!(),
            " AS is_read, 0 AS is_archived FROM recipient AS p ",
            $index,
            receipt!(),
            "WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND ",
            $matching,
            " AND (p.expires_at IS NULL OR p.expires_at > ?3) AND r.hidden IS NOT 1",
            not_muted!(),
            " ORDER BY p.position DESC LIMIT ",
            $limit,
            ")"
        )
    };
}

// Unread messages above the watermark: no receipt, or a receipt without `read_at`.
macro_rules! unread_lane {
    ($lane:literal, $index:literal, $matching:literal, $limit:literal) => {
        lane!(
            $lane,
            $index,
            concat!(
                "p.position > (SELECT read_position FROM reader) AND r.read_at IS NULL",
                $matching
            ),
            $limit
        )
    };
}

// Messages at or below the watermark that were marked as unread, or restored as unread.
macro_rules! marked_unread_lane {
    ($matching:literal, $limit:literal) => {
        concat!(
            "SELECT * FROM (SELECT r.position, r.message_id, p.pinned, 0 AS is_read, 0 AS is_archived FROM receipt AS r INDEXED BY receipt_unread",
            placement_of_receipt!(),
            "WHERE r.site_id = ?1 AND r.contact_id = ?2 AND r.unread_epoch = (SELECT read_epoch FROM reader) AND r.hidden = 0
             AND r.position <= (SELECT read_position FROM reader)",
            $matching,
            " ORDER BY r.position DESC LIMIT ",
            $limit,
            ")"
        )
    };
}

// Each feed gives its newest rows; where one is cut off, more match than are counted. ?4 is the
// cap.
macro_rules! counts {
    () => {
        concat!(
            "(SELECT count(*) AS unread, count(*) FILTER (WHERE u.position > (SELECT seen_position FROM reader)) AS unseen FROM (",
            unread_lane!("0", "", "", "?4 + 0"),
            " UNION ALL ",
            unread_lane!("?2", "", "", "?4 + 0"),
            " UNION ALL ",
            marked_unread_lane!("", "?4 + 0"),
            ") AS u)"
        )
    };
}

// ?5 rows of some feeds with the counts. ?6 is the upper bound of pinned messages, ?7 that of the
// others. One row however long the list is: each row is a message from the connection's thread.
// Content is mostly cached, so it is not selected. The last column is the cursor of the next page:
// a message to many contacts has a different position for some of them.
macro_rules! page {
    ($($lane:expr),+) => {
        concat!(
            reader!(),
            "SELECT reader.segment_generation, reader.version, counts.unread, counts.unseen, (
                SELECT json_group_array(json_array(hex(list.message_id), list.is_read, list.is_archived, m.edited_at,
                    CASE WHEN list.pinned = 1 THEN -list.position ELSE list.position END)) FROM (SELECT * FROM (",
            $($lane,)+
            ") ORDER BY pinned DESC, position DESC LIMIT ?5 + 0) AS list
                CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = list.message_id)
             FROM reader CROSS JOIN ",
            counts!(),
            " AS counts"
        )
    };
}

// The same rows without content and counts: positions and the reader's receipts. ?4 is not used.
macro_rules! entries {
    ($($lane:expr),+) => {
        concat!(
            reader!(),
            "SELECT json_group_array(json_array(hex(list.message_id), list.is_read, list.pinned, list.position)) FROM (SELECT * FROM (",
            $($lane,)+
            ") ORDER BY pinned DESC, position DESC LIMIT ?5 + 0) AS list CROSS JOIN reader"
        )
    };
}

macro_rules! own_counts {
    () => {
        unread_lane!("?2", "", "", "?4 + 0")
    };
}

macro_rules! pinned {
    ($lane:literal) => {
        lane!(
            $lane,
            "INDEXED BY recipient_pinned",
            "p.pinned = 1 AND p.position > (SELECT hidden_until FROM reader) AND p.position < ?6",
            "?5 + 0"
        )
    };
}

macro_rules! others {
    ($lane:literal) => {
        lane!(
            $lane,
            "",
            "p.pinned = 0 AND p.position > (SELECT hidden_until FROM reader) AND p.position < ?7",
            "?5 + 0"
        )
    };
}

macro_rules! unread_pinned {
    ($lane:literal) => {
        unread_lane!(
            $lane,
            "INDEXED BY recipient_pinned",
            " AND p.pinned = 1 AND p.position < ?6",
            "?5 + 0"
        )
    };
}

macro_rules! unread_others {
    ($lane:literal) => {
        unread_lane!($lane, "", " AND p.pinned = 0 AND p.position < ?7", "?5 + 0")
    };
}

const UNION: &str = " UNION ALL ";

pub(in crate::sql) const COUNTS: FeedStatement = FeedStatement {
    base: concat!(
        reader!(),
        "SELECT reader.segment_generation, reader.version, counts.unread, counts.unseen FROM reader CROSS JOIN ",
        counts!(),
        " AS counts"
    ),
    per_segment: &[own_counts!()],
    joiner: UNION,
    parameters: 4,
};

/// The feeds of a page of all messages.
macro_rules! parts {
    () => {
        concat!(
            pinned!("0"),
            " UNION ALL ",
            pinned!("?2"),
            " UNION ALL ",
            others!("0"),
            " UNION ALL ",
            others!("?2")
        )
    };
}

/// The feeds of a page of unread messages. `+ 0` keeps a database from comparing each message that
/// was marked as unread with all pinned ones.
macro_rules! unread_parts {
    () => {
        concat!(
            unread_pinned!("0"),
            " UNION ALL ",
            unread_pinned!("?2"),
            " UNION ALL ",
            marked_unread_lane!(" AND p.pinned + 0 = 1 AND r.position < ?6", "?5 + 0"),
            " UNION ALL ",
            unread_others!("0"),
            " UNION ALL ",
            unread_others!("?2"),
            " UNION ALL ",
            marked_unread_lane!(" AND p.pinned = 0 AND r.position < ?7", "?5 + 0")
        )
    };
}

pub(in crate::sql) const PAGE: FeedStatement = FeedStatement {
    base: page!(parts!()),
    per_segment: &[own_counts!(), pinned!("?2"), others!("?2")],
    joiner: UNION,
    parameters: 7,
};

pub(in crate::sql) const UNREAD_PAGE: FeedStatement = FeedStatement {
    base: page!(unread_parts!()),
    per_segment: &[own_counts!(), unread_pinned!("?2"), unread_others!("?2")],
    joiner: UNION,
    parameters: 7,
};

pub(in crate::sql) const ENTRIES: FeedStatement = FeedStatement {
    base: entries!(parts!()),
    per_segment: &[pinned!("?2"), others!("?2")],
    joiner: UNION,
    parameters: 7,
};

pub(in crate::sql) const UNREAD_ENTRIES: FeedStatement = FeedStatement {
    base: entries!(unread_parts!()),
    per_segment: &[unread_pinned!("?2"), unread_others!("?2")],
    joiner: UNION,
    parameters: 7,
};

/// The languages of messages ?2. The content is an object, which `json_each` accepts as `json` only.
pub(in crate::sql) const LANGUAGES: &str = "SELECT m.id, (SELECT json_group_array(translation.key) FROM json_each(json(m.content)) AS translation)
     FROM json_each(?2) AS input CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = unhex(input.value, '-')";

/// Messages ?2, each with its content in one language: pairs of an id and a language. The columns
/// are those of [`message_columns`].
pub(in crate::sql) const IN_LANGUAGE: &str = "SELECT m.id, m.everyone,
        json_object(input.value ->> 1, json(m.content -> ('$.\"' || (input.value ->> 1) || '\"'))),
        m.category, m.data, m.pinned, m.created_at, m.publish_at, m.expires_at, m.edited_at, m.recalled_at, m.position, m.name, m.test
     FROM json_each(?2) AS input CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = unhex(input.value ->> 0, '-')";

// The archive ignores pins.
const ARCHIVED: &str = page!(
    "SELECT r.position, r.message_id, 0 AS pinned, ",
    is_read!(),
    " AS is_read, 1 AS is_archived FROM receipt AS r INDEXED BY receipt_archived",
    placement_of_receipt!(),
    "WHERE r.site_id = ?1 AND r.contact_id = ?2 AND r.archived_at IS NOT NULL AND r.deleted_at IS NULL AND r.position < ?7
     ORDER BY r.position DESC LIMIT ?5 + 0"
);

pub(in crate::sql) const ARCHIVED_PAGE: FeedStatement =
    FeedStatement { base: ARCHIVED, per_segment: &[own_counts!()], joiner: UNION, parameters: 7 };

const ONE_ITEM: &str = concat!(
    reader!(),
    "SELECT ",
    is_read!(),
    ", r.archived_at IS NOT NULL, p.position, ",
    message_columns!(),
    " FROM reader CROSS JOIN recipient AS p INDEXED BY recipient_message",
    receipt!(),
    "CROSS JOIN message AS m WHERE p.site_id = ?1 AND p.message_id = ?4 AND p.contact_id IN (0, ?2)
     AND p.position > reader.hidden_until AND (p.expires_at IS NULL OR p.expires_at > ?3) AND r.deleted_at IS NULL AND m.site_id = ?1 AND m.id = ?4
     AND m.state = 1",
    not_muted!()
);

pub(in crate::sql) const ITEM: FeedStatement =
    FeedStatement { base: ONE_ITEM, per_segment: &[], joiner: UNION, parameters: 4 };
