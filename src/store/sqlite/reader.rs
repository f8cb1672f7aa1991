//! What one reader sees. Each answer is one statement, and so one moment: no transaction has to be held open for it.
//!
//! A list is the merge of two lanes, the reader's own and that of everyone, and of one more for each segment that the reader is in
//! ([`super::lane`]); what is unread has a further one, of the messages that were marked unread below the watermark. Each lane is read by index from its newest end and for no more rows than are asked
//! for, so the cost depends neither on how much was ever published nor on how many contacts there are. It grows with what the
//! reader did: what was put away at the top of the list is passed over each time, and so is, in search of pinned ones, what was
//! marked unread one by one below the watermark, or is of a category that the reader mutes.

use super::{
    columns::{Columns, to_json},
    lane::{Lanes, Statement},
    message::{message_columns, message_of},
    message_cache::MessageCache,
    mutes::not_muted,
};
use crate::{
    domain::{ContactId, Filter, Item, Language, Message, MessageId, Page, PageRequest, SiteId, Tally, Timestamp, choose},
    store::{ListEntry, Result, StoreError},
};
use serde::Deserialize;
use sqlx::SqliteConnection;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

// ?1 site, ?2 contact, ?3 now. Without such a contact there is no row, and so no answer.
macro_rules! reader {
    () => {
        "WITH reader AS MATERIALIZED (
            SELECT contact.read_position, contact.read_epoch, contact.seen_position, contact.hidden_until, max(site.broadcast_version, contact.version) AS version,
                site.segments
            FROM contact CROSS JOIN site WHERE contact.site_id = ?1 AND contact.id = ?2 AND contact.id > 0 AND site.id = ?1) "
    };
}

// What this reader did with the message of `p`, if anything.
macro_rules! receipt {
    () => {
        " LEFT JOIN receipt AS r ON r.site_id = ?1 AND r.contact_id = ?2 AND r.message_id = p.message_id "
    };
}

// The message of a receipt `r`, while it is shown.
macro_rules! placement_of_receipt {
    () => {
        concat!(
            " CROSS JOIN placement AS p INDEXED BY placement_message ON p.site_id = ?1 AND p.message_id = r.message_id AND p.contact_id IN (0, ?2)
              AND p.position > 0 AND (p.expires_at IS NULL OR p.expires_at > ?3)",
            not_muted!(),
            " "
        )
    };
}

macro_rules! is_read {
    () => {
        "NOT (r.unread_epoch IS (SELECT read_epoch FROM reader) OR (r.read_at IS NULL AND p.position > (SELECT read_position FROM reader)))"
    };
}

// One lane of the messages that are in the inbox: $limit rows that match.
macro_rules! lane {
    ($lane:literal, $index:literal, $matching:expr, $limit:literal) => {
        concat!(
            "SELECT * FROM (SELECT p.position, p.message_id, p.pinned, ",
            is_read!(),
            " AS is_read, 0 AS is_archived FROM placement AS p ",
            $index,
            receipt!(),
            "WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND ",
            $matching,
            " AND (p.expires_at IS NULL OR p.expires_at > ?3) AND r.aside IS NOT 1",
            not_muted!(),
            " ORDER BY p.position DESC LIMIT ",
            $limit,
            ")"
        )
    };
}

// What is unread above the watermark: a receipt without `read_at` is none of a reading.
macro_rules! unread_lane {
    ($lane:literal, $index:literal, $matching:literal, $limit:literal) => {
        lane!($lane, $index, concat!("p.position > (SELECT read_position FROM reader) AND r.read_at IS NULL", $matching), $limit)
    };
}

// What was marked unread, or came back unread, at the watermark or below.
macro_rules! marked_unread_lane {
    ($matching:literal, $limit:literal) => {
        concat!(
            "SELECT * FROM (SELECT r.position, r.message_id, p.pinned, 0 AS is_read, 0 AS is_archived FROM receipt AS r INDEXED BY receipt_unread",
            placement_of_receipt!(),
            "WHERE r.site_id = ?1 AND r.contact_id = ?2 AND r.unread_epoch = (SELECT read_epoch FROM reader) AND r.aside = 0
             AND r.position <= (SELECT read_position FROM reader)",
            $matching,
            " ORDER BY r.position DESC LIMIT ",
            $limit,
            ")"
        )
    };
}

// Each lane gives its newest, so where one is cut off there are more than are counted. ?4 is the cap.
macro_rules! counts {
    () => {
        concat!(
            "(SELECT count(*) AS unread, coalesce(sum(u.position > (SELECT seen_position FROM reader)), 0) AS unseen FROM (",
            unread_lane!("0", "", "", "?4 + 0"),
            " UNION ALL ",
            unread_lane!("?2", "", "", "?4 + 0"),
            " UNION ALL ",
            marked_unread_lane!("", "?4 + 0"),
            ") AS u)"
        )
    };
}

// ?5 rows of some lanes with the counts; ?6 bounds the pinned ones from above and ?7 the others. One row however long the list is: each row is a
// message from the connection's thread. What the messages say is mostly known already.
macro_rules! page {
    ($($lane:expr),+) => {
        concat!(
            reader!(),
            "SELECT reader.segments, reader.version, counts.unread, counts.unseen, (
                SELECT json_group_array(json_array(hex(list.message_id), list.is_read, list.is_archived, m.edited_at)) FROM (SELECT * FROM (",
            $($lane,)+
            ") ORDER BY pinned DESC, position DESC LIMIT ?5 + 0) AS list
                CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = list.message_id)
             FROM reader CROSS JOIN ",
            counts!(),
            " AS counts"
        )
    };
}

// The same rows without what the messages say, and without the counts: where they stand and what the reader did with them. ?4 is not used.
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

/// What the messages ?2 say.
pub(super) const MESSAGES: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM json_each(?2) AS asked CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = unhex(asked.value, '-')"
);

macro_rules! own_counts {
    () => {
        unread_lane!("?2", "", "", "?4 + 0")
    };
}

macro_rules! pinned {
    ($lane:literal) => {
        lane!($lane, "INDEXED BY placement_pinned", "p.pinned = 1 AND p.position > (SELECT hidden_until FROM reader) AND p.position < ?6", "?5 + 0")
    };
}

macro_rules! others {
    ($lane:literal) => {
        lane!($lane, "", "p.pinned = 0 AND p.position > (SELECT hidden_until FROM reader) AND p.position < ?7", "?5 + 0")
    };
}

macro_rules! unread_pinned {
    ($lane:literal) => {
        unread_lane!($lane, "INDEXED BY placement_pinned", " AND p.pinned = 1 AND p.position < ?6", "?5 + 0")
    };
}

macro_rules! unread_others {
    ($lane:literal) => {
        unread_lane!($lane, "", " AND p.pinned = 0 AND p.position < ?7", "?5 + 0")
    };
}

const UNION: &str = " UNION ALL ";

pub(super) const TALLY: Statement = Statement {
    plain: concat!(
        reader!(),
        "SELECT reader.segments, reader.version, counts.unread, counts.unseen FROM reader CROSS JOIN ",
        counts!(),
        " AS counts"
    ),
    own: &[own_counts!()],
    and: UNION,
    parameters: 4,
};

pub(super) const PAGE: Statement = Statement {
    plain: page!(pinned!("0"), " UNION ALL ", pinned!("?2"), " UNION ALL ", others!("0"), " UNION ALL ", others!("?2")),
    own: &[own_counts!(), pinned!("?2"), others!("?2")],
    and: UNION,
    parameters: 7,
};

pub(super) const UNREAD_PAGE: Statement = Statement {
    plain: page!(
        unread_pinned!("0"),
        " UNION ALL ",
        unread_pinned!("?2"),
        " UNION ALL ",
        marked_unread_lane!(" AND p.pinned = 1 AND r.position < ?6", "?5 + 0"),
        " UNION ALL ",
        unread_others!("0"),
        " UNION ALL ",
        unread_others!("?2"),
        " UNION ALL ",
        marked_unread_lane!(" AND p.pinned = 0 AND r.position < ?7", "?5 + 0")
    ),
    own: &[own_counts!(), unread_pinned!("?2"), unread_others!("?2")],
    and: UNION,
    parameters: 7,
};

pub(super) const ENTRIES: Statement = Statement {
    plain: entries!(pinned!("0"), " UNION ALL ", pinned!("?2"), " UNION ALL ", others!("0"), " UNION ALL ", others!("?2")),
    own: &[pinned!("?2"), others!("?2")],
    and: UNION,
    parameters: 7,
};

pub(super) const UNREAD_ENTRIES: Statement = Statement {
    plain: entries!(
        unread_pinned!("0"),
        " UNION ALL ",
        unread_pinned!("?2"),
        " UNION ALL ",
        marked_unread_lane!(" AND p.pinned = 1 AND r.position < ?6", "?5 + 0"),
        " UNION ALL ",
        unread_others!("0"),
        " UNION ALL ",
        unread_others!("?2"),
        " UNION ALL ",
        marked_unread_lane!(" AND p.pinned = 0 AND r.position < ?7", "?5 + 0")
    ),
    own: &[unread_pinned!("?2"), unread_others!("?2")],
    and: UNION,
    parameters: 7,
};

/// The languages that messages ?2 are in.
pub(super) const LANGUAGES: &str = "SELECT m.id, (SELECT json_group_array(said.key) FROM json_each(m.content) AS said)
     FROM json_each(?2) AS asked CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = unhex(asked.value, '-')";

/// Messages ?2, each with what it says in one language: pairs of an id and a language. The columns are those of [`message_columns`].
pub(super) const IN_LANGUAGE: &str = "SELECT m.id, m.everyone,
        json_object(asked.value ->> 1, json(m.content -> ('$.\"' || (asked.value ->> 1) || '\"'))),
        m.category, m.data, m.pinned, m.created_at, m.publish_at, m.expires_at, m.edited_at, m.recalled_at, m.position, m.name, m.test
     FROM json_each(?2) AS asked CROSS JOIN message AS m ON m.site_id = ?1 AND m.id = unhex(asked.value ->> 0, '-')";

// The archive knows no pins.
const ARCHIVED: &str = page!(
    "SELECT r.position, r.message_id, 0 AS pinned, ",
    is_read!(),
    " AS is_read, 1 AS is_archived FROM receipt AS r INDEXED BY receipt_archived",
    placement_of_receipt!(),
    "WHERE r.site_id = ?1 AND r.contact_id = ?2 AND r.archived_at IS NOT NULL AND r.deleted_at IS NULL AND r.position < ?7
     ORDER BY r.position DESC LIMIT ?5 + 0"
);

pub(super) const ARCHIVED_PAGE: Statement = Statement { plain: ARCHIVED, own: &[own_counts!()], and: UNION, parameters: 7 };

const ONE_ITEM: &str = concat!(
    reader!(),
    "SELECT ",
    is_read!(),
    ", r.archived_at IS NOT NULL, ",
    message_columns!(),
    " FROM reader CROSS JOIN placement AS p INDEXED BY placement_message",
    receipt!(),
    "CROSS JOIN message AS m WHERE p.site_id = ?1 AND p.message_id = ?4 AND p.contact_id IN (0, ?2)
     AND p.position > reader.hidden_until AND (p.expires_at IS NULL OR p.expires_at > ?3) AND r.deleted_at IS NULL AND m.site_id = ?1 AND m.id = ?4",
    not_muted!()
);

pub(super) const ITEM: Statement = Statement { plain: ONE_ITEM, own: &[], and: UNION, parameters: 4 };

fn tally_of(columns: &mut Columns<'_>) -> Result<Tally> {
    let version = columns.value()?;
    let mut count = || Ok::<_, StoreError>(columns.value::<u32>()?.min(Tally::CAP));
    Ok(Tally { version, unread: count()?, unseen: count()? })
}

/// The counts, and whether the site has segments in use ([`super::segment::STAMP`]): then they are right only with their lanes.
pub(super) async fn tally(
    connection: &mut SqliteConnection,
    (site, contact): (SiteId, ContactId),
    lanes: &Lanes,
    now: Timestamp,
) -> Result<(Tally, bool)> {
    let query = lanes.query(&TALLY).bind(site.as_bytes().to_vec()).bind(contact.0).bind(now.millis()).bind(Tally::CAP);
    let row = lanes.bind(query).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok((Tally::default(), false)) };
    let mut columns = Columns::of(&row);
    let segments: i64 = columns.value()?;
    Ok((tally_of(&mut columns)?, segments > 0))
}

/// Where a page begins: below which pinned ones, and below which others. A cursor below zero stands inside the pinned ones,
/// so that an inbox with more of them than fit on a page loses none.
fn bounds(before: Option<i64>) -> (i64, i64) {
    match before {
        None => (i64::MAX, i64::MAX),
        Some(cursor) if cursor < 0 => (cursor.saturating_neg(), i64::MAX),
        Some(cursor) => (0, cursor),
    }
}

/// A message in a list: its id, whether it is read and archived (0 or 1), and when it was last edited.
#[derive(Deserialize)]
struct ListRow(String, i64, i64, Option<i64>);

/// The messages of a list with what they say, those that are not known by one more query. A message that was deleted in between is left out.
async fn items(
    connection: &mut SqliteConnection,
    cache: &MessageCache,
    (site, contact): (SiteId, ContactId),
    listed: Vec<ListRow>,
) -> Result<Vec<Item>> {
    let (mut items, mut others) = (Vec::with_capacity(listed.len()), BTreeMap::new());
    for ListRow(id, read, archived, edited_at) in listed {
        let id: MessageId = id.parse().map_err(|_| StoreError::Inconsistent(format!("{id} is no id of a message")))?;
        let (read, archived) = (read != 0, archived != 0);
        match cache.get(site, id, edited_at.map(Timestamp::from_millis)) {
            Some(message) => items.push(Item { message, read, archived }),
            None => {
                others.insert(id, (read, archived));
            }
        }
    }
    if others.is_empty() {
        return Ok(items);
    }
    let ids = to_json(&others.keys().collect::<Vec<_>>())?;
    for row in sqlx::query(MESSAGES).bind(site.as_bytes()).bind(ids).fetch_all(connection).await? {
        let message = Arc::new(message_of(&mut Columns::of(&row), site, &[contact])?);
        cache.insert(&message);
        if let Some((read, archived)) = others.get(&message.id).copied() {
            items.push(Item { message, read, archived });
        }
    }
    Ok(items)
}

/// A part of a list, and whether the site has segments in use, as with [`tally`].
pub(super) async fn page(
    connection: &mut SqliteConnection,
    cache: &MessageCache,
    (site, contact): (SiteId, ContactId),
    lanes: &Lanes,
    request: PageRequest,
    now: Timestamp,
) -> Result<(Page, bool)> {
    let (pinned_before, others_before) = bounds(request.before);
    let (statement, pins) = match request.filter {
        Filter::All => (PAGE, true),
        Filter::Unread => (UNREAD_PAGE, true),
        Filter::Archived => (ARCHIVED_PAGE, false),
    };
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let query = lanes
        .query(&statement)
        .bind(site.as_bytes().to_vec())
        .bind(contact.0)
        .bind(now.millis())
        .bind(Tally::CAP)
        .bind(i64::from(request.limit) + 1)
        .bind(pinned_before)
        .bind(others_before);
    let Some(row) = lanes.bind(query).fetch_optional(&mut *connection).await? else { return Ok((Page::default(), false)) };
    let mut columns = Columns::of(&row);
    let segments: i64 = columns.value()?;
    let tally = tally_of(&mut columns)?;
    let listed = columns.json::<Vec<ListRow>>()?;
    let items = items(connection, cache, (site, contact), listed).await?;
    let mut page = Page { items, next: None, tally };
    // The inner order of a subquery is not promised to last.
    let above = |item: &Item| pins && item.message.pinned;
    page.items.sort_by_key(|item| Reverse((above(item), item.message.position)));
    if page.items.len() > limit {
        page.items.truncate(limit);
        page.next = page.items.last().map(|item| if above(item) { -item.message.position } else { item.message.position });
    }
    Ok((page, segments > 0))
}

/// Where the newest messages of a list stand, pinned ones first, without what they say.
pub(super) async fn entries(
    connection: &mut SqliteConnection,
    (site, contact): (SiteId, ContactId),
    lanes: &Lanes,
    (unread, limit): (bool, u32),
    now: Timestamp,
) -> Result<Vec<ListEntry>> {
    let statement = if unread { UNREAD_ENTRIES } else { ENTRIES };
    let (pinned_before, others_before) = bounds(None);
    let query = lanes.query(&statement).bind(site.as_bytes().to_vec()).bind(contact.0).bind(now.millis()).bind(Tally::CAP);
    let query = query.bind(limit).bind(pinned_before).bind(others_before);
    let row = lanes.bind(query).fetch_one(connection).await?;
    let listed = Columns::of(&row).json::<Vec<(String, i64, i64, i64)>>()?;
    let mut entries = Vec::with_capacity(listed.len());
    for (id, read, pinned, position) in listed {
        let message = id.parse().map_err(|_| StoreError::Inconsistent(format!("{id} is no id of a message")))?;
        entries.push(ListEntry { message, read: read != 0, pinned: pinned != 0, position });
    }
    // The inner order of a subquery is not promised to last.
    entries.sort_by_key(|entry| Reverse((entry.pinned, entry.position)));
    Ok(entries)
}

/// What messages say, each in the one language of it that a reader gets.
pub(super) async fn in_language(
    connection: &mut SqliteConnection,
    (site, contact): (SiteId, ContactId),
    messages: &[MessageId],
    (wanted, usual): (&Language, &Language),
) -> Result<Vec<Message>> {
    let mut asked = Vec::with_capacity(messages.len());
    for row in sqlx::query(LANGUAGES).bind(site.as_bytes()).bind(to_json(messages)?).fetch_all(&mut *connection).await? {
        let mut columns = Columns::of(&row);
        let (id, languages) = (columns.message()?, columns.json::<BTreeSet<Language>>()?);
        let languages = languages.into_iter().map(|language| (language, ())).collect();
        asked.extend(choose(&languages, wanted, usual).map(|(language, ())| (id, language.clone())));
    }
    let rows = sqlx::query(IN_LANGUAGE).bind(site.as_bytes()).bind(to_json(&asked)?).fetch_all(connection).await?;
    rows.iter().map(|row| message_of(&mut Columns::of(row), site, &[contact])).collect()
}

pub(super) async fn item(
    connection: &mut SqliteConnection,
    (site, contact): (SiteId, ContactId),
    lanes: &Lanes,
    message: MessageId,
    now: Timestamp,
) -> Result<Option<Item>> {
    let query = lanes.query(&ITEM).bind(site.as_bytes().to_vec()).bind(contact.0).bind(now.millis()).bind(message.as_bytes().to_vec());
    let row = lanes.bind(query).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let (read, archived) = (columns.value()?, columns.value()?);
    Ok(Some(Item { read, archived, message: Arc::new(message_of(&mut columns, site, &[contact])?) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_below_zero_stand_inside_the_pinned_ones() {
        assert_eq!(bounds(None), (i64::MAX, i64::MAX));
        assert_eq!(bounds(Some(-7)), (7, i64::MAX));
        assert_eq!(bounds(Some(7)), (0, 7));
        assert_eq!(bounds(Some(i64::MIN)), (i64::MAX, i64::MAX));
    }
}
