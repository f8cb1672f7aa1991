//! Segments that a message described on the spot, forgotten when no message that is kept goes to them any more.

use super::{SqliteStore, columns::Columns, segment, work::Work};
use crate::{
    domain::{SegmentId, SiteId, Timestamp},
    store::Result,
};
use futures_util::FutureExt as _;
use std::time::Duration;

/// How long one is kept in any case: it is there before its message is.
const SPARED: Duration = Duration::from_hours(24);
/// Segments that one step takes away.
const STEP: i64 = 100;

pub(super) const UNUSED: &str = "SELECT segment.site_id, segment.number FROM segment WHERE segment.name IS NULL AND segment.described_at < ?1
     AND NOT EXISTS (SELECT 1 FROM placement AS p WHERE p.site_id = segment.site_id AND p.contact_id = -segment.number) LIMIT ?2";

pub(super) const FORGET: &str = "DELETE FROM segment WHERE site_id = ?1 AND number = ?2 AND name IS NULL AND described_at < ?3
     AND NOT EXISTS (SELECT 1 FROM placement AS p WHERE p.site_id = ?1 AND p.contact_id = -segment.number)";

/// All that no message goes to. They are sought beside the writer, and looked at once more by it.
pub(super) async fn forget(store: &SqliteStore, now: Timestamp) -> Result<u64> {
    let (before, mut total) = (now.minus(SPARED), 0);
    loop {
        let rows = sqlx::query(UNUSED).bind(before.millis()).bind(STEP).fetch_all(&mut *store.reader().await?).await?;
        let unused = |row| {
            let mut columns = Columns::of(row);
            Ok((columns.site()?, SegmentId(columns.value()?)))
        };
        let unused = rows.iter().map(unused).collect::<Result<Vec<_>>>()?;
        let removed = if unused.is_empty() { 0 } else { store.writer.run(move |work| step(work, unused, before).boxed()).await? };
        if removed == 0 {
            return Ok(total);
        }
        total += removed;
    }
}

async fn step(work: &mut Work, unused: Vec<(SiteId, SegmentId)>, before: Timestamp) -> Result<u64> {
    let mut removed = 0;
    for (site, number) in unused {
        // Its last message may have gone without a word.
        segment::release(work, site, number).await?;
        let query = sqlx::query(FORGET).bind(site.as_bytes().to_vec()).bind(number.0).bind(before.millis());
        removed += query.execute(&mut work.connection).await?.rows_affected();
    }
    Ok(removed)
}
