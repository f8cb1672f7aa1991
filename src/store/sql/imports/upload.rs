//! Stores the rows of a new import in parts: in one command, or in several for a large one, which
//! is accepted once all are stored. Called by the parent module. Must not depend on how rows are
//! matched with contacts.

use super::{RowCounts, problem, progress, sweep::FINISHED_TTL};
use crate::{
    Conflict, ImportRows, MAX_UNFINISHED_IMPORTS, Result, StoreError,
    db::{query, query_scalar, to_json},
    sql::write_tx::WriteTx,
};
use belfry_domain::{ImportId, ImportOptions, SiteId, Timestamp, ValidationError};
use std::time::Duration;

/// The most bytes of rows that one command stores. A larger import takes several commands, with
/// other commands in between.
pub(super) const MAX_BYTES_PER_COMMAND: usize = 128 * 1_024;
/// An import that is not completely stored after this long is deleted: its process was killed, or
/// its caller disconnected.
const UPLOAD_TIMEOUT: Duration = Duration::from_hours(1);
pub(in crate::sql) const UNFINISHED: &str =
    "SELECT count(*) FROM import INDEXED BY import_unfinished WHERE site_id = ?1 AND state < 2";

/// Stores an import whose rows fit into one command.
pub(super) async fn add(
    tx: &mut WriteTx,
    site: SiteId,
    id: ImportId,
    rows: ImportRows,
    options: ImportOptions,
    at: Timestamp,
) -> Result<()> {
    begin(tx, site, id, rows.total, options, at).await?;
    add_parts(tx, site, id, (0, rows.chunks)).await?;
    accept(tx, site, id, (rows.invalid, rows.failed), at).await
}

/// Starts an import that is not visible yet. Its stored end is the upload deadline, so a sweep
/// finds it if it is never completed.
pub(super) async fn begin(
    tx: &mut WriteTx,
    site: SiteId,
    id: ImportId,
    total: u32,
    options: ImportOptions,
    at: Timestamp,
) -> Result<()> {
    check_unfinished(tx, site).await?;
    query("INSERT INTO import (site_id, id, state, options, total, created_at, finished_at) VALUES (?1, ?2, 4, ?3, ?4, ?5, ?6)")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .bind(to_json(&options)?)
        .bind(total)
        .bind(at.millis())
        .bind(at.minus(FINISHED_TTL).plus(UPLOAD_TIMEOUT).millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

async fn check_unfinished(tx: &mut WriteTx, site: SiteId) -> Result<()> {
    let unfinished: i64 =
        query_scalar(UNFINISHED).bind(site.as_bytes()).fetch_one(&mut tx.connection).await?;
    if usize::try_from(unfinished).is_ok_and(|unfinished| unfinished >= MAX_UNFINISHED_IMPORTS) {
        return Err(Conflict::TooManyImports.into());
    }
    Ok(())
}

/// Stores some parts of an import; `first` is the number of the first one.
pub(super) async fn add_parts(
    tx: &mut WriteTx,
    site: SiteId,
    id: ImportId,
    (first, parts): (usize, Vec<String>),
) -> Result<()> {
    for (number, part) in parts.iter().enumerate() {
        query("INSERT INTO import_part (site_id, import_id, number, rows) VALUES (?1, ?2, ?3, ?4)")
            .bind(site.as_bytes())
            .bind(id.as_bytes())
            .bind(i64::try_from(first + number).unwrap_or(i64::MAX))
            .bind(part)
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(())
}

/// Accepts an import once all of its parts are stored.
pub(super) async fn accept(
    tx: &mut WriteTx,
    site: SiteId,
    id: ImportId,
    (unreadable, failed): (Vec<(u32, ValidationError)>, u32),
    at: Timestamp,
) -> Result<()> {
    check_unfinished(tx, site).await?;
    tx.set_subject(id);
    let accepted = query("UPDATE import SET state = 0, finished_at = NULL WHERE site_id = ?1 AND id = ?2 AND state = 4")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .execute(&mut tx.connection)
        .await?;
    if accepted == 0 {
        return Err(StoreError::Unavailable("storing the import took too long".to_owned()));
    }
    for (row, invalid) in &unreadable {
        problem(tx, site, id, *row, invalid, false).await?;
    }
    progress(tx, site, id, &RowCounts { failed, ..RowCounts::default() }, at).await
}

/// Abandons an import that was not completely stored.
pub(super) async fn abandon(tx: &mut WriteTx, site: SiteId, id: ImportId) -> Result<()> {
    query("UPDATE import SET finished_at = 0 WHERE site_id = ?1 AND id = ?2 AND state = 4")
        .bind(site.as_bytes())
        .bind(id.as_bytes())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Groups parts into what one command stores, each with the number of its first part.
pub(super) fn group_parts(parts: Vec<String>) -> Vec<(usize, Vec<String>)> {
    let mut groups: Vec<(usize, Vec<String>)> = Vec::new();
    let mut bytes = MAX_BYTES_PER_COMMAND;
    for (number, part) in parts.into_iter().enumerate() {
        bytes += part.len();
        match groups.last_mut() {
            Some((_, group)) if bytes <= MAX_BYTES_PER_COMMAND => group.push(part),
            _ => {
                bytes = part.len();
                groups.push((number, vec![part]));
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests;
