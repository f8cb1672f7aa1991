//! Deletes finished imports in bounded background steps.

use super::key_of;
use crate::{Result, db::query, sql::write_tx::WriteTx};
use belfry_domain::Timestamp;
use std::time::Duration;

/// How long a finished import is stored.
pub(super) const FINISHED_TTL: Duration = Duration::from_hours(30 * 24);
/// The most problems that one sweep step deletes.
const PROBLEMS_PER_STEP: i64 = 64;
/// The most parts that one sweep step deletes; they are larger.
const PARTS_PER_STEP: i64 = 4;
pub(in crate::sql) const FINISHED: &str =
    "SELECT site_id, id FROM import WHERE finished_at < ?1 ORDER BY finished_at LIMIT 1";

/// Parts of an import that was abandoned or failed. Finished imports have none.
pub(in crate::sql) const DELETE_PARTS: &str = "DELETE FROM import_part WHERE (site_id, import_id, number) IN
     (SELECT site_id, import_id, number FROM import_part WHERE site_id = ?1 AND import_id = ?2 LIMIT ?3 + 0)";

pub(in crate::sql) const DELETE_PROBLEMS: &str = "DELETE FROM import_problem WHERE (site_id, import_id, number) IN
     (SELECT site_id, import_id, number FROM import_problem WHERE site_id = ?1 AND import_id = ?2 LIMIT ?3 + 0)";

/// One bounded sweep step. Returns 0 when nothing is left.
pub(in crate::sql) async fn sweep(tx: &mut WriteTx, now: Timestamp) -> Result<u64> {
    let finished = query(FINISHED)
        .bind(now.minus(FINISHED_TTL).millis())
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some((site, id)) = finished.as_ref().map(key_of).transpose()? else { return Ok(0) };
    for (statement, most) in [(DELETE_PROBLEMS, PROBLEMS_PER_STEP), (DELETE_PARTS, PARTS_PER_STEP)]
    {
        let deleted = query(statement)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(most)
            .execute(&mut tx.connection)
            .await?;
        if deleted == most.unsigned_abs() {
            return Ok(deleted);
        }
    }
    let removed = query("DELETE FROM import WHERE site_id = ?1 AND id = ?2")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .execute(&mut tx.connection)
        .await?;
    Ok(removed)
}
