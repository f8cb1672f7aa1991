//! Forgetting messages, and what readers did with them, once a site does not want to keep them any longer, or readers have too many.
//!
//! Each step is one short command of the writer, so that nobody waits long for it; what is left belongs to the next.

use super::{
    SqliteStore,
    columns::Columns,
    described,
    message::{State, load},
    schedule::take_away,
    surplus,
    work::Work,
};
use crate::{
    domain::{MessageId, SiteId, Timestamp},
    store::Result,
};
use futures_util::FutureExt as _;
use sqlx::SqliteConnection;
use std::time::Duration;

/// Rows that one step takes away.
const STEP: i64 = 1_000;

pub(super) const DUE: &str = "SELECT id FROM message INDEXED BY message_published WHERE site_id = ?1 AND publish_at < ?2 AND state <> 0
     ORDER BY publish_at LIMIT 1";

pub(super) const FORGET_RECEIPTS: &str = "DELETE FROM receipt WHERE (site_id, contact_id, message_id) IN
     (SELECT site_id, contact_id, message_id FROM receipt INDEXED BY receipt_message WHERE site_id = ?1 AND message_id = ?2 LIMIT ?3)";

pub(super) const FORGET_PLACEMENTS: &str = "DELETE FROM placement WHERE (site_id, contact_id, position, message_id) IN
     (SELECT site_id, contact_id, position, message_id FROM placement INDEXED BY placement_message
      WHERE site_id = ?1 AND message_id = ?2 LIMIT ?3)";

// A row of time 0 covers all that was before times were kept, of which some may still be there.
pub(super) const FORGET_LOG: &str = "DELETE FROM watermark_log WHERE (site_id, contact_id, kind, to_position, number) IN
     (SELECT site_id, contact_id, kind, to_position, number FROM watermark_log INDEXED BY watermark_log_at
      WHERE site_id = ?1 AND at > 0 AND at < ?2 LIMIT ?3)";

/// Messages whose end was begun by a process that did not finish it. Nobody recalled them.
pub(super) const LEAVING: &str = "SELECT site_id, id FROM message INDEXED BY message_leaving WHERE state = 3 AND recalled_at IS NULL";

/// All steps that are due.
pub(super) async fn forget(store: &SqliteStore, now: Timestamp) -> Result<u64> {
    let mut total = 0;
    for (site, message) in leaving(&mut *store.reader().await?).await? {
        total += forget_message(store, site, message).await?;
    }
    for (site, days) in keeping(&mut *store.reader().await?).await? {
        let before = now.minus(Duration::from_hours(24).saturating_mul(days));
        loop {
            let removed = store.writer.run(move |work| step(work, site, before).boxed()).await?;
            total += removed;
            if removed == 0 {
                break;
            }
        }
    }
    Ok(total + surplus::forget(store).await? + described::forget(store, now).await?)
}

/// Forgets one message that is shown or was.
pub(super) async fn forget_message(store: &SqliteStore, site: SiteId, message: MessageId) -> Result<u64> {
    let mut total = 0;
    while let removed @ 1.. = store.writer.run(move |work| piece(work, site, message).boxed()).await? {
        total += removed;
    }
    Ok(total)
}

async fn leaving(connection: &mut SqliteConnection) -> Result<Vec<(SiteId, MessageId)>> {
    let rows = sqlx::query(LEAVING).fetch_all(connection).await?;
    let message = |row| {
        let mut columns = Columns::of(row);
        Ok((columns.site()?, columns.message()?))
    };
    rows.iter().map(message).collect()
}

/// The sites that don't keep messages for good, and for how many days they do.
async fn keeping(connection: &mut SqliteConnection) -> Result<Vec<(SiteId, u32)>> {
    let rows =
        sqlx::query("SELECT id, settings ->> '$.retentionDays' FROM site WHERE settings ->> '$.retentionDays' > 0").fetch_all(connection).await?;
    let site = |row| {
        let mut columns = Columns::of(row);
        Ok((columns.site()?, columns.value()?))
    };
    rows.iter().map(site).collect()
}

/// One bounded step; 0 when there is nothing left.
async fn step(work: &mut Work, site: SiteId, before: Timestamp) -> Result<u64> {
    let due = sqlx::query(DUE).bind(site.as_bytes()).bind(before.millis()).fetch_optional(&mut work.connection).await?;
    let Some(row) = due else {
        let log = sqlx::query(FORGET_LOG).bind(site.as_bytes()).bind(before.millis()).bind(STEP).execute(&mut work.connection).await?;
        return Ok(log.rows_affected());
    };
    piece(work, site, Columns::of(&row).message()?).await
}

/// One bounded step of a message's end; 0 when it is gone.
async fn piece(work: &mut Work, site: SiteId, id: MessageId) -> Result<u64> {
    if let Some((message, State::Shown)) = load(&mut work.connection, site, id).await? {
        // As a recalled one no edit can bring it back while the rest of it goes.
        take_away(work, &message, State::Recalled).await?;
    }
    for statement in [FORGET_RECEIPTS, FORGET_PLACEMENTS] {
        let rows = sqlx::query(statement).bind(site.as_bytes()).bind(id.as_bytes()).bind(STEP).execute(&mut work.connection).await?;
        if rows.rows_affected() == STEP.unsigned_abs() {
            return Ok(rows.rows_affected());
        }
    }
    let gone = sqlx::query("DELETE FROM message WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .execute(&mut work.connection)
        .await?;
    Ok(gone.rows_affected())
}
