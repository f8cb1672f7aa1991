//! Compacts the log of a reader's watermarks: the newest moves of each kind are kept, older ones
//! are merged into one that has the time of the newest of them. Called by [`super::retention`]
//! only.
//!
//! Each move increments a counter of its contact, in a row that is written anyway, and an index
//! contains only contacts above the limit.

use super::write_tx::WriteTx;
use crate::{
    Result,
    db::{Columns, Connection, query, query_as},
};
use belfry_domain::{ContactId, ReaderKey, SiteId};

/// The number of contacts that one query finds.
const CONTACTS_PER_QUERY: i64 = 1_000;
/// The moves of one kind that are kept unmerged.
const MOVES_KEPT_PER_KIND: i64 = 200;
/// The most rows that one step merges.
const ROWS_PER_STEP: i64 = 48;

/// Contacts that may be above the limit. The number must match that of the index.
pub(super) const CONTACTS_OVER_LIMIT: &str = "SELECT site_id, id FROM contact INDEXED BY contact_long_log WHERE log_rows > 1000 LIMIT ?1 + 0";

/// The oldest move of a kind that is kept; those before it are merged into it.
pub(super) const OLDEST_KEPT: &str = "SELECT to_position, number FROM watermark_log WHERE site_id = ?1 AND contact_id = ?2 AND kind = ?3
     ORDER BY to_position DESC, number DESC LIMIT 1 OFFSET ?4 + 0";

pub(super) const OLDEST: &str =
    "SELECT from_position, to_position, number, at FROM watermark_log WHERE site_id = ?1 AND contact_id = ?2 AND kind = ?3
     AND (to_position, number) <= (?4, ?5) ORDER BY to_position, number LIMIT ?6 + 0";

pub(super) const DELETE: &str = "DELETE FROM watermark_log WHERE site_id = ?1 AND contact_id = ?2 AND kind = ?3 AND (to_position, number) <= (?4, ?5)";

const INSERT: &str = "INSERT INTO watermark_log (site_id, contact_id, kind, from_position, to_position, number, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

pub(super) const RECOUNT: &str = "UPDATE contact SET log_rows = (SELECT count(*) FROM watermark_log AS w WHERE w.site_id = ?1 AND w.contact_id = ?2)
     WHERE site_id = ?1 AND id = ?2";

/// The contacts whose log may be too long, and whether there are more.
pub(super) async fn contacts_over_limit(
    connection: &mut Connection,
) -> Result<(Vec<ReaderKey>, bool)> {
    let rows = query(CONTACTS_OVER_LIMIT).bind(CONTACTS_PER_QUERY).fetch_all(connection).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found == CONTACTS_PER_QUERY);
    let contact = |row| {
        let mut columns = Columns::new(row);
        Ok(ReaderKey { site: columns.site()?, contact: columns.contact()? })
    };
    Ok((rows.iter().map(contact).collect::<Result<_>>()?, more))
}

/// One bounded step. Returns 0 when the log is short enough.
pub(super) async fn step(tx: &mut WriteTx, site: SiteId, contact: ContactId) -> Result<u64> {
    for kind in 0..3 {
        let rows = merge(tx, site, contact, kind).await?;
        if rows > 0 {
            return Ok(rows);
        }
    }
    query(RECOUNT).bind(site.as_bytes()).bind(contact.0).execute(&mut tx.connection).await?;
    Ok(0)
}

async fn merge(tx: &mut WriteTx, site: SiteId, contact: ContactId, kind: i64) -> Result<u64> {
    let kept = query(OLDEST_KEPT)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(kind)
        .bind(MOVES_KEPT_PER_KIND - 1);
    let Some(row) = kept.fetch_optional(&mut tx.connection).await? else { return Ok(0) };
    let (position, number): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let oldest = query_as(OLDEST)
        .bind(site.as_bytes())
        .bind(contact.0)
        .bind(kind)
        .bind(position)
        .bind(number)
        .bind(ROWS_PER_STEP);
    let moves: Vec<(i64, i64, i64, i64)> = oldest.fetch_all(&mut tx.connection).await?;
    let (Some((_, to, last, _)), true) = (moves.last().copied(), moves.len() > 1) else {
        return Ok(0);
    };
    let deletion =
        query(DELETE).bind(site.as_bytes()).bind(contact.0).bind(kind).bind(to).bind(last);
    deletion.execute(&mut tx.connection).await?;
    // The highest number: no merged move precedes an "unread" that has been cleared since.
    let from = moves.iter().map(|(from, ..)| *from).min();
    let number = moves.iter().map(|(_, _, number, _)| *number).max();
    let at = moves.iter().map(|(.., at)| *at).max();
    let merged = query(INSERT).bind(site.as_bytes()).bind(contact.0).bind(kind);
    merged.bind(from).bind(to).bind(number).bind(at).execute(&mut tx.connection).await?;
    Ok(moves.len() as u64)
}

#[cfg(test)]
mod tests {
    use crate::contract::{
        sqlite::backend,
        test_store::{NOW, TestStore, after},
    };
    use belfry_domain::ReaderAction;

    /// A reader who marks a message as unread and all as read again, many times.
    #[tokio::test]
    async fn watermark_log_is_bounded_and_reports_unchanged() {
        let world = TestStore::new(backend()).await;
        let (site, _) = world.site("A").await;
        let reader = world.contact(site, "1").await;
        let message = world.publish(site, None).await;
        for _ in 0..700 {
            world
                .store
                .apply_reader_action(site, reader, &ReaderAction::AllRead(None), after(1))
                .await
                .unwrap();
            world
                .store
                .apply_reader_action(site, reader, &ReaderAction::Unread(vec![message]), after(1))
                .await
                .unwrap();
        }
        let undo = world
            .store
            .apply_reader_action(site, reader, &ReaderAction::AllRead(None), after(2))
            .await
            .unwrap()
            .unwrap()
            .undo
            .unwrap();
        let stats = async || {
            world.store.message_stats(site, message, after(3)).await.unwrap().unwrap().total
        };
        let before = stats().await;
        assert_eq!(before.read, 1);
        let merged = world.store.forget_messages(NOW).await.unwrap();
        assert!(merged > 500, "{merged}");
        assert_eq!(stats().await, before);
        assert_eq!(world.store.forget_messages(NOW).await.unwrap(), 0, "nothing is left to merge");
        assert!(
            world
                .store
                .apply_reader_action(site, reader, &ReaderAction::UndoAllRead(undo), after(4))
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(stats().await.read, 0);
    }
}
