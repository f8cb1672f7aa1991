//! Contact imports: rows are stored in parts and processed one part at a time in the background.

mod sweep;
mod upload;

#[cfg(test)]
pub(super) use sweep::FINISHED;
pub(super) use sweep::sweep;
#[cfg(test)]
pub(super) use upload::UNFINISHED;

use super::{SqlStore, contact_matching, write_tx::WriteTx};
use crate::{
    AuditScope, ImportRows, ImportStore, MAX_PROBLEMS, Result, StoreError,
    db::{Columns, Connection, Row, query, query_scalar, to_json},
    imports::StoredRow,
};
use async_trait::async_trait;
use belfry_domain::{
    Import, ImportId, ImportOptions, ImportOutcome, ImportProblem, ImportState, RowResult, SiteId,
    Timestamp, ValidationError,
};
use belfry_locales::{StoredText, phrases::errors};
use futures_util::FutureExt as _;
use upload::{MAX_BYTES_PER_COMMAND, abandon, accept, add, add_parts, begin, group_parts};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, state, total, processed, created, updated, skipped, failed, created_at, started_at, finished_at FROM import ", $rest)
    };
}

pub(super) const ONE: &str = select!("WHERE site_id = ?1 AND id = ?2 AND state <> 4");
pub(super) const LIST: &str =
    select!("WHERE site_id = ?1 AND id < ?2 AND state <> 4 ORDER BY id DESC LIMIT ?3 + 0");
pub(super) const NEXT: &str =
    "SELECT site_id, id FROM import WHERE state < 2 ORDER BY processed, created_at LIMIT 1";
pub(super) const PROBLEM_LIST: &str =
    "SELECT number, row, field, reason, imported FROM import_problem
     WHERE site_id = ?1 AND import_id = ?2 AND number > ?3 ORDER BY number LIMIT ?4 + 0";
pub(super) const PART_OF: &str = "SELECT number, rows FROM import_part WHERE site_id = ?1 AND import_id = ?2 ORDER BY number LIMIT 1";

/// The outcome counts of one write.
#[derive(Default)]
struct RowCounts {
    created: u32,
    updated: u32,
    skipped: u32,
    failed: u32,
}

impl RowCounts {
    fn add(&mut self, outcome: ImportOutcome) {
        let counted = match outcome {
            ImportOutcome::Created => &mut self.created,
            ImportOutcome::Updated => &mut self.updated,
            ImportOutcome::Skipped => &mut self.skipped,
            ImportOutcome::Failed => &mut self.failed,
        };
        *counted += 1;
    }
}

fn import_of(row: &Row) -> Result<Import> {
    let mut columns = Columns::new(row);
    let id: &[u8] = columns.value()?;
    let id = ImportId::from_bytes(
        id.try_into().map_err(|_| StoreError::Inconsistent("invalid import id".to_owned()))?,
    );
    let state = match columns.value::<i64>()? {
        0 => ImportState::Started,
        1 => ImportState::Importing,
        2 => ImportState::Finished,
        3 => ImportState::Error,
        other => return Err(StoreError::Inconsistent(format!("unknown import state {other}"))),
    };
    Ok(Import {
        id,
        state,
        total: columns.value()?,
        processed: columns.value()?,
        created: columns.value()?,
        updated: columns.value()?,
        skipped: columns.value()?,
        failed: columns.value()?,
        created_at: columns.time()?,
        started_at: columns.maybe_time()?,
        finished_at: columns.maybe_time()?,
    })
}

/// Stores the progress, and the end when no part is left.
async fn progress(
    tx: &mut WriteTx,
    site: SiteId,
    id: ImportId,
    count: &RowCounts,
    at: Timestamp,
) -> Result<()> {
    let RowCounts { created, updated, skipped, failed } = count;
    query(
        "UPDATE import SET processed = processed + ?3 + ?4 + ?5 + ?6, created = created + ?3, updated = updated + ?4, skipped = skipped + ?5,
         failed = failed + ?6 WHERE site_id = ?1 AND id = ?2",
    )
    .bind(site.as_bytes())
    .bind(id.as_bytes())
    .bind(created)
    .bind(updated)
    .bind(skipped)
    .bind(failed)
    .execute(&mut tx.connection)
    .await?;
    query(
        "UPDATE import SET state = 2, started_at = coalesce(started_at, ?3), finished_at = ?3
         WHERE site_id = ?1 AND id = ?2 AND NOT EXISTS (SELECT 1 FROM import_part WHERE site_id = ?1 AND import_id = ?2)",
    )
    .bind(site.as_bytes())
    .bind(id.as_bytes())
    .bind(at.millis())
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

async fn problem(
    tx: &mut WriteTx,
    site: SiteId,
    id: ImportId,
    row: u32,
    invalid: &ValidationError,
    imported: bool,
) -> Result<()> {
    query(
        "INSERT INTO import_problem (site_id, import_id, number, row, field, reason, imported)
         SELECT ?1, ?2, last.number + 1, ?3, ?4, ?5, ?6 FROM
         (SELECT coalesce(max(number), 0) AS number FROM import_problem WHERE site_id = ?1 AND import_id = ?2) AS last WHERE last.number < ?7",
    )
    .bind(site.as_bytes())
    .bind(id.as_bytes())
    .bind(row)
    .bind(&invalid.field)
    .bind(to_json(&StoredText::from(&invalid.reason))?)
    .bind(imported)
    .bind(i64::try_from(MAX_PROBLEMS).unwrap_or(i64::MAX))
    .execute(&mut tx.connection)
    .await?;
    Ok(())
}

/// Processes one part. Returns 0 when none is left. The part is read and deleted in one
/// transaction, so two processes can't process it twice.
async fn advance(tx: &mut WriteTx, site: SiteId, id: ImportId, at: Timestamp) -> Result<u64> {
    let options: Option<String> = query_scalar(
        "UPDATE import SET state = 1, started_at = coalesce(started_at, ?3) WHERE site_id = ?1 AND id = ?2 AND state < 2 RETURNING options",
    )
    .bind(site.as_bytes())
    .bind(id.as_bytes())
    .bind(at.millis())
    .fetch_optional(&mut tx.connection)
    .await?;
    let Some(options) = options else { return Ok(0) };
    let options: ImportOptions = serde_json::from_str(&options)
        .map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    let part = query(PART_OF)
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .fetch_optional(&mut tx.connection)
        .await?;
    let (mut count, mut done) = (RowCounts::default(), 0);
    if let Some(part) = part {
        let mut columns = Columns::new(&part);
        let number: i64 = columns.value()?;
        let rows: Vec<StoredRow> = columns.json()?;
        done = rows.len() as u64;
        for kept in rows {
            let row = kept.row;
            let RowResult { outcome, problems, .. } =
                contact_matching::merge(tx, site, kept.draft()?, &options, at).await?;
            count.add(outcome);
            for invalid in &problems {
                problem(
                    tx,
                    site,
                    id,
                    row,
                    invalid,
                    outcome != ImportOutcome::Failed && outcome != ImportOutcome::Skipped,
                )
                .await?;
            }
        }
        query("DELETE FROM import_part WHERE site_id = ?1 AND import_id = ?2 AND number = ?3")
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(number)
            .execute(&mut tx.connection)
            .await?;
    }
    progress(tx, site, id, &count, at).await?;
    Ok(done)
}

/// Its remaining parts may be many; a sweep deletes them later.
async fn give_up(tx: &mut WriteTx, site: SiteId, id: ImportId, at: Timestamp) -> Result<()> {
    query("UPDATE import SET state = 3, finished_at = ?3 WHERE site_id = ?1 AND id = ?2 AND state < 2")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(at.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn next(connection: &mut Connection) -> Result<Option<(SiteId, ImportId)>> {
    query(NEXT).fetch_optional(connection).await?.as_ref().map(key_of).transpose()
}

fn key_of(row: &Row) -> Result<(SiteId, ImportId)> {
    let mut columns = Columns::new(row);
    let site = columns.site()?;
    let id: &[u8] = columns.value()?;
    let id = id.try_into().map_err(|_| StoreError::Inconsistent("invalid import id".to_owned()))?;
    Ok((site, ImportId::from_bytes(id)))
}

#[async_trait]
impl ImportStore for SqlStore {
    async fn add_import(
        &self,
        site: SiteId,
        id: ImportId,
        rows: ImportRows,
        options: &ImportOptions,
        at: Timestamp,
    ) -> Result<()> {
        let (options, writer) = (options.clone(), self.writer.for_site(site));
        if rows.bytes() <= MAX_BYTES_PER_COMMAND {
            return writer.run(move |tx| add(tx, site, id, rows, options, at).boxed()).await;
        }
        // One at a time, so that abandoned imports can't exceed the limit of unfinished ones.
        let _turn = self.import_permits.acquire(site).await;
        let ImportRows { chunks, invalid, failed, total, .. } = rows;
        // Only the acceptance goes into the audit log.
        AuditScope::unscoped(writer.run(move |tx| begin(tx, site, id, total, options, at).boxed()))
            .await?;
        let arrived = async {
            for group in group_parts(chunks) {
                AuditScope::unscoped(writer.run(move |tx| add_parts(tx, site, id, group).boxed()))
                    .await?;
            }
            writer.run(move |tx| accept(tx, site, id, (invalid, failed), at).boxed()).await
        };
        let arrived = arrived.await;
        if arrived.is_err() {
            // The next sweep deletes it; if this fails, the sweep after the deadline does.
            let _ = AuditScope::unscoped(writer.run(move |tx| abandon(tx, site, id).boxed())).await;
        }
        arrived
    }

    async fn import(&self, site: SiteId, id: ImportId) -> Result<Option<Import>> {
        let row = query(ONE)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .fetch_optional(&mut *self.read_connection_for(site).await?)
            .await?;
        row.as_ref().map(import_of).transpose()
    }

    async fn imports(
        &self,
        site: SiteId,
        before: Option<ImportId>,
        limit: u32,
    ) -> Result<Vec<Import>> {
        let before = before.unwrap_or_else(|| ImportId::from_bytes([0xff; 16]));
        let rows = query(LIST)
            .bind(site.as_bytes())
            .bind(before.as_bytes())
            .bind(limit)
            .fetch_all(&mut *self.read_connection_for(site).await?)
            .await?;
        rows.iter().map(import_of).collect()
    }

    async fn import_problems(
        &self,
        site: SiteId,
        id: ImportId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<(u32, ImportProblem)>> {
        let rows = query(PROBLEM_LIST)
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(after)
            .bind(limit)
            .fetch_all(&mut *self.read_connection_for(site).await?)
            .await?;
        rows.iter()
            .map(|row| {
                let mut columns = Columns::new(row);
                let number = columns.value()?;
                let (row, field) = (columns.value()?, columns.value::<String>()?);
                let reason: StoredText = columns.json()?;
                let reason = reason.restore().unwrap_or(errors::INVALID);
                Ok((
                    number,
                    ImportProblem {
                        row,
                        error: ValidationError::new(field, reason),
                        imported: columns.value()?,
                    },
                ))
            })
            .collect()
    }

    async fn advance_imports(&self, at: Timestamp) -> Result<bool> {
        let Some((site, id)) = next(&mut *self.read_connection().await?).await? else {
            return Ok(false);
        };
        match self.writer.background(move |tx| advance(tx, site, id, at).boxed()).await {
            Ok(_) => Ok(true),
            // It would fail the same way each time and block the imports behind it.
            Err(error @ (StoreError::Conflict(_) | StoreError::Inconsistent(_))) => {
                tracing::error!(%error, %site, import = %id, "an import failed and is given up");
                self.writer.for_site(site).run(move |tx| give_up(tx, site, id, at).boxed()).await?;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
}
