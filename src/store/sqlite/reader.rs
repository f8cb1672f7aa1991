//! What one reader sees. Each answer is one statement, and so one moment: no transaction has to be held open for it.
//!
//! A list is the merge of two lanes, the reader's own and that of everyone. Each lane is read by index from its newest end and
//! for no more rows than are asked for, so the cost does not depend on how much was ever published.

use super::{
    columns::Columns,
    message::{message_columns, message_of},
};
use crate::{
    domain::{ContactId, Item, MessageId, Page, PageRequest, SiteId, Tally, Timestamp},
    store::Result,
};
use sqlx::SqliteConnection;
use std::{cmp::Reverse, sync::Arc};

// ?1 site, ?2 contact, ?3 now. Without such a contact there is no row, and so no answer.
macro_rules! reader {
    () => {
        "WITH reader AS MATERIALIZED (
            SELECT contact.read_position, contact.seen_position, max(site.broadcast_version, contact.version) AS version
            FROM contact CROSS JOIN site WHERE contact.site_id = ?1 AND contact.id = ?2 AND contact.id > 0 AND site.id = ?1) "
    };
}

// A read receipt of this reader for the message of `p`.
macro_rules! receipt {
    () => {
        "EXISTS (SELECT 1 FROM receipt WHERE receipt.site_id = ?1 AND receipt.contact_id = ?2 AND receipt.message_id = p.message_id)"
    };
}

// The newest unread of one lane, at most ?4.
macro_rules! unread_lane {
    ($lane:literal) => {
        concat!(
            "SELECT * FROM (SELECT p.position FROM placement AS p WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND p.position > (SELECT read_position FROM reader) AND (p.expires_at IS NULL OR p.expires_at > ?3) AND NOT ",
            receipt!(),
            " ORDER BY p.position DESC LIMIT ?4)"
        )
    };
}

// Unseen ones are newer than all that was seen, so the newest unread hold them all.
macro_rules! counts {
    () => {
        concat!(
            "(SELECT count(*) AS unread, coalesce(sum(u.position > (SELECT seen_position FROM reader)), 0) AS unseen FROM (",
            unread_lane!("0"),
            " UNION ALL ",
            unread_lane!("?2"),
            ") AS u)"
        )
    };
}

// One lane of the list: ?5 rows below position `$before`.
macro_rules! list_lane {
    ($lane:literal, $index:literal, $pinned:literal, $before:literal) => {
        concat!(
            "SELECT * FROM (SELECT p.position, p.message_id, p.pinned, ",
            "(p.position <= (SELECT read_position FROM reader) OR ",
            receipt!(),
            ") AS is_read FROM placement AS p ",
            $index,
            " WHERE p.site_id = ?1 AND p.contact_id = ",
            $lane,
            " AND p.pinned = ",
            $pinned,
            " AND p.position > 0 AND p.position < ",
            $before,
            " AND (p.expires_at IS NULL OR p.expires_at > ?3) ORDER BY p.position DESC LIMIT ?5)"
        )
    };
}

pub(super) const TALLY: &str =
    concat!(reader!(), "SELECT reader.version, counts.unread, counts.unseen FROM reader CROSS JOIN ", counts!(), " AS counts");

pub(super) const PAGE: &str = concat!(
    reader!(),
    "SELECT reader.version, counts.unread, counts.unseen, list.is_read, ",
    message_columns!(),
    " FROM reader CROSS JOIN ",
    counts!(),
    " AS counts LEFT JOIN (SELECT * FROM (",
    list_lane!("0", "INDEXED BY placement_pinned", "1", "?6"),
    " UNION ALL ",
    list_lane!("?2", "INDEXED BY placement_pinned", "1", "?6"),
    " UNION ALL ",
    list_lane!("0", "", "0", "?7"),
    " UNION ALL ",
    list_lane!("?2", "", "0", "?7"),
    ") ORDER BY pinned DESC, position DESC LIMIT ?5) AS list ON true LEFT JOIN message AS m ON m.site_id = ?1 AND m.id = list.message_id"
);

const ITEM: &str = concat!(
    reader!(),
    "SELECT (p.position <= reader.read_position OR ",
    receipt!(),
    "), ",
    message_columns!(),
    " FROM reader CROSS JOIN placement AS p INDEXED BY placement_message CROSS JOIN message AS m
      WHERE p.site_id = ?1 AND p.message_id = ?4 AND p.contact_id IN (0, ?2) AND p.position > 0 AND (p.expires_at IS NULL OR p.expires_at > ?3)
      AND m.site_id = ?1 AND m.id = ?4"
);

fn tally_of(columns: &mut Columns<'_>) -> Result<Tally> {
    let version = columns.value()?;
    let mut count = || Ok::<_, crate::store::StoreError>(columns.value::<u32>()?.min(Tally::CAP));
    Ok(Tally { version, unread: count()?, unseen: count()? })
}

pub(super) async fn tally(connection: &mut SqliteConnection, site: SiteId, contact: ContactId, now: Timestamp) -> Result<Tally> {
    let row = sqlx::query(TALLY).bind(site.as_bytes()).bind(contact.0).bind(now.millis()).bind(Tally::CAP).fetch_optional(connection).await?;
    row.map_or(Ok(Tally::default()), |row| tally_of(&mut Columns::of(&row)))
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

pub(super) async fn page(connection: &mut SqliteConnection, site: SiteId, contact: ContactId, request: PageRequest, now: Timestamp) -> Result<Page> {
    let (pinned_before, others_before) = bounds(request.before);
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let rows = sqlx::query(PAGE)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(now.millis())
        .bind(Tally::CAP)
        .bind(i64::from(request.limit) + 1)
        .bind(pinned_before)
        .bind(others_before)
        .fetch_all(connection)
        .await?;
    let mut page = Page { items: Vec::with_capacity(rows.len()), next: None, tally: Tally::default() };
    for row in &rows {
        let mut columns = Columns::of(row);
        page.tally = tally_of(&mut columns)?;
        let Some(read) = columns.value()? else { continue };
        page.items.push(Item { message: Arc::new(message_of(&mut columns, site, &[contact])?), read });
    }
    // The inner order of a subquery is not promised to last.
    page.items.sort_by_key(|item| Reverse((item.message.pinned, item.message.position)));
    if page.items.len() > limit {
        page.items.truncate(limit);
        page.next = page.items.last().map(|item| if item.message.pinned { -item.message.position } else { item.message.position });
    }
    Ok(page)
}

pub(super) async fn item(
    connection: &mut SqliteConnection,
    site: SiteId,
    contact: ContactId,
    message: MessageId,
    now: Timestamp,
) -> Result<Option<Item>> {
    let row = sqlx::query(ITEM).bind(site.as_bytes()).bind(contact.0).bind(now.millis()).bind(message.as_bytes()).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let read = columns.value()?;
    Ok(Some(Item { read, message: Arc::new(message_of(&mut columns, site, &[contact])?) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        SqliteOptions,
        sqlite::{mark, message, open, schedule},
    };
    use sqlx::{Connection as _, Row as _};

    /// Every table is reached by a key. What may be scanned are the few rows that the statement itself has made.
    #[tokio::test]
    async fn no_statement_of_a_reader_walks_through_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open::writer(&SqliteOptions::new(folder.path().join("belfry.db"))).await.unwrap();
        for (name, statement) in [("page", PAGE), ("tally", TALLY), ("item", ITEM)] {
            let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))).fetch_all(&mut connection).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
            assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{name}: {plan:#?}");
            for step in &plan {
                let scanned = step.strip_prefix("SCAN ");
                let table = scanned.and_then(|scanned| scanned.split(' ').next());
                let made = table.is_none_or(|table| matches!(table, "reader" | "counts" | "list" | "u") || table.starts_with('('));
                assert!(made, "{name}: {step} in {plan:#?}");
                // A lane that had to be sorted would have been read to its end first.
                assert!(!step.contains("AUTOMATIC"), "{name}: {step} in {plan:#?}");
            }
        }
        connection.close().await.unwrap();
    }

    /// `SQLite` weighs indexes without knowing how many rows there are, and is wrong about this one: it would walk through all
    /// placements of a site, or of everyone.
    #[tokio::test]
    async fn what_names_a_message_finds_its_placements_by_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open::writer(&SqliteOptions::new(folder.path().join("belfry.db"))).await.unwrap();
        for statement in [ITEM, mark::READ, mark::CLICKED, schedule::MOVE, message::ADJUST, message::AUDIENCE, message::NOTE] {
            let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))).fetch_all(&mut connection).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
            let steps: Vec<&String> = plan.iter().filter(|step| step.starts_with("SEARCH p ") || step.starts_with("SEARCH placement ")).collect();
            assert!(!steps.is_empty(), "{statement}: {plan:#?}");
            for step in steps {
                assert!(step.contains("INDEX placement_message (site_id=? AND message_id=?"), "{statement}: {step}");
            }
        }
        connection.close().await.unwrap();
    }

    #[test]
    fn cursors_below_zero_stand_inside_the_pinned_ones() {
        assert_eq!(bounds(None), (i64::MAX, i64::MAX));
        assert_eq!(bounds(Some(-7)), (7, i64::MAX));
        assert_eq!(bounds(Some(7)), (0, 7));
        assert_eq!(bounds(Some(i64::MIN)), (i64::MAX, i64::MAX));
    }
}
