//! Deletes unused segments: inline segments that no message is addressed to any more, and deleted
//! named segments whose member lists still have rows. Background work, called by
//! [`super::retention`].

use super::{SqlStore, segment, write_tx::WriteTx};
use crate::{
    Result,
    db::{Columns, query},
};
use belfry_domain::{SegmentId, SiteId, Timestamp};
use futures_util::FutureExt as _;
use std::time::Duration;

/// The minimum age of a deleted inline segment: it is created before its message.
const MIN_AGE: Duration = Duration::from_hours(24);
/// The number of segments that one query finds.
const SEGMENTS_PER_QUERY: i64 = 100;
/// The most members that one step deletes.
const MEMBERS_PER_STEP: i64 = 64;

pub(super) const UNUSED: &str =
    "SELECT segment.site_id, segment.number FROM segment INDEXED BY segment_inline_use WHERE segment.name IS NULL AND segment.inline_used_at < ?1
     AND NOT EXISTS (SELECT 1 FROM recipient AS p WHERE p.site_id = segment.site_id AND p.contact_id = -segment.number) LIMIT ?2 + 0";

/// Detaches the segment, so that no new message with the same rule reuses it.
pub(super) const DETACH: &str = "UPDATE segment SET hash = randomblob(32), inline_used_at = -1
     WHERE site_id = ?1 AND number = ?2 AND name IS NULL AND inline_used_at < ?3
     AND NOT EXISTS (SELECT 1 FROM recipient AS p WHERE p.site_id = ?1 AND p.contact_id = -segment.number)";

pub(super) const DELETE_MEMBERS: &str = "DELETE FROM segment_member WHERE (site_id, segment, list, contact_id) IN
     (SELECT site_id, segment, list, contact_id FROM segment_member WHERE site_id = ?1 AND segment = ?2 LIMIT ?3 + 0)";

const DELETE: &str = "DELETE FROM segment WHERE site_id = ?1 AND number = ?2";

/// Deletes all unused segments. They are found on a read connection and checked again by the
/// writer.
pub(super) async fn sweep(store: &SqlStore, now: Timestamp) -> Result<u64> {
    let (before, mut total) = (now.minus(MIN_AGE), 0);
    loop {
        let rows = query(UNUSED)
            .bind(before.millis())
            .bind(SEGMENTS_PER_QUERY)
            .fetch_all(&mut *store.read_connection().await?)
            .await?;
        let mut deleted = 0;
        for row in &rows {
            let mut columns = Columns::new(row);
            let (site, number) = (columns.site()?, SegmentId(columns.value()?));
            deleted += store
                .writer
                .background_to_end(move |tx| step(tx, site, number, before).boxed())
                .await?;
        }
        total += deleted;
        if deleted == 0 {
            return Ok(total);
        }
    }
}

/// One bounded step of a segment's deletion. Returns 0 when it is deleted, or is in use after all.
async fn step(tx: &mut WriteTx, site: SiteId, number: SegmentId, before: Timestamp) -> Result<u64> {
    // Its last message may have been deleted without releasing the segment.
    segment::release_if_unused(tx, site, number).await?;
    let detached = query(DETACH).bind(site.as_bytes()).bind(number.0).bind(before.millis());
    if detached.execute(&mut tx.connection).await? == 0 {
        return Ok(0);
    }
    let members = query(DELETE_MEMBERS)
        .bind(site.as_bytes())
        .bind(number.0)
        .bind(MEMBERS_PER_STEP)
        .execute(&mut tx.connection)
        .await?;
    if members == MEMBERS_PER_STEP.unsigned_abs() {
        return Ok(members);
    }
    query(DELETE).bind(site.as_bytes()).bind(number.0).execute(&mut tx.connection).await
}
