//! The newest messages that each reader keeps; what is older is forgotten.
//!
//! Each lane has a bound of its own, so that neither a list nor a publish has to count anything. Whom a message names gets one more
//! `placed` in a row that is written anyway, and an index knows of those alone who may have too many; the lanes of everyone and of
//! segments are few. What is pinned goes last.

use super::{SqliteStore, columns::Columns, retention, work::Work};
use crate::{
    domain::{Change, ContactId, MessageId, Reach, SiteId},
    store::{KEPT, Result},
};
use futures_util::FutureExt as _;
use sqlx::SqliteConnection;

/// Contacts that are looked at in one go.
const CHUNK: i64 = 1_000;
/// Messages that one step takes away.
const STEP: i64 = 200;

/// Contacts who may have too many. The number is the one of the index.
pub(super) const FULL: &str = "SELECT site_id, id FROM contact INDEXED BY contact_full WHERE placed > 1000 LIMIT ?1";

/// Lanes that are of no single contact.
pub(super) const OPEN: &str = "SELECT id, 0 FROM site UNION ALL SELECT site_id, -number FROM segment INDEXED BY segment_in_use WHERE in_use = 1
     LIMIT ?1";

/// What a lane has too many, the first to go last.
pub(super) const SURPLUS: &str = "SELECT message_id FROM placement WHERE site_id = ?1 AND contact_id = ?2 AND position > 0
     ORDER BY pinned DESC, position DESC LIMIT ?3 OFFSET ?4";

pub(super) const FORGET: [&str; 3] = [
    "DELETE FROM placement INDEXED BY placement_message WHERE site_id = ?1 AND message_id = ?2 AND contact_id = ?3",
    "DELETE FROM receipt WHERE site_id = ?1 AND message_id = ?2 AND contact_id = ?3",
    "DELETE FROM message WHERE site_id = ?1 AND id = ?2 AND NOT EXISTS (
        SELECT 1 FROM placement INDEXED BY placement_message WHERE placement.site_id = ?1 AND placement.message_id = ?2)",
];

pub(super) const RECOUNT: &str = "UPDATE contact SET version = max(version, ?3), placed = (
        SELECT count(*) FROM placement AS p WHERE p.site_id = ?1 AND p.contact_id = ?2 AND p.position > 0) WHERE site_id = ?1 AND id = ?2";

/// All that is too many, of all readers.
pub(super) async fn forget(store: &SqliteStore) -> Result<u64> {
    let mut total = 0;
    loop {
        let full = lanes(&mut *store.reader().await?, FULL, CHUNK).await?;
        for (site, contact) in &full {
            let (site, contact) = (*site, *contact);
            // The last time counts what is left, so whoever was looked at is not found again.
            while let removed @ 1.. = store.writer.run(move |work| trim(work, site, contact).boxed()).await? {
                total += removed;
            }
        }
        if full.is_empty() {
            break;
        }
    }
    let open = lanes(&mut *store.reader().await?, OPEN, -1).await?;
    for (site, lane) in open {
        loop {
            let surplus = surplus(&mut *store.reader().await?, site, lane).await?;
            for message in &surplus {
                total += retention::forget_message(store, site, *message).await?;
            }
            if surplus.is_empty() {
                break;
            }
        }
    }
    Ok(total)
}

async fn lanes(connection: &mut SqliteConnection, statement: &'static str, limit: i64) -> Result<Vec<(SiteId, ContactId)>> {
    let rows = sqlx::query(statement).bind(limit).fetch_all(connection).await?;
    let lane = |row| {
        let mut columns = Columns::of(row);
        Ok((columns.site()?, columns.contact()?))
    };
    rows.iter().map(lane).collect()
}

async fn surplus(connection: &mut SqliteConnection, site: SiteId, lane: ContactId) -> Result<Vec<MessageId>> {
    let rows = sqlx::query(SURPLUS).bind(site.as_bytes()).bind(lane.0).bind(STEP).bind(KEPT).fetch_all(connection).await?;
    rows.iter().map(|row| Columns::of(row).message()).collect()
}

/// One step of what a contact has too many; 0 when there is nothing left.
async fn trim(work: &mut Work, site: SiteId, contact: ContactId) -> Result<u64> {
    let surplus = surplus(&mut work.connection, site, contact).await?;
    for message in &surplus {
        for statement in FORGET {
            sqlx::query(statement).bind(site.as_bytes()).bind(message.as_bytes()).bind(contact.0).execute(&mut work.connection).await?;
        }
    }
    let version = if surplus.is_empty() { 0 } else { work.next_version(site, false).await? };
    sqlx::query(RECOUNT).bind(site.as_bytes()).bind(contact.0).bind(version).execute(&mut work.connection).await?;
    let removed = surplus.len() as u64;
    for message in surplus {
        work.announce(Change::Removed { site, message, reach: Reach::Contacts(vec![contact]), version });
    }
    Ok(removed)
}
