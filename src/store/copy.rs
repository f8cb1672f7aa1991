//! Copies everything from one database to another, of the same kind or not.
//!
//! The tables and columns are read from both schemas. The source is read in one snapshot, so it may
//! serve meanwhile. Each table is walked in the order of a key, in ranges: what the target has in a
//! range is compared with the source, and what differs is written and read again. So a copy that was
//! killed goes on, one of a source that has changed takes over the changes, and every row is verified
//! as it was read from both sides.
//!
//! Until a copy is complete, the target has no triggers and, on a server, no foreign keys: a row may be
//! written before what it refers to, and a counter is copied rather than counted. A table of its own
//! says how to restore them; a server refuses to open such a database.
//!
//! Must not depend on what is stored, nor on `sql`, which asks it for the state of a database. Called
//! by the command line.

mod error;
mod numbers;
mod report;
mod row;
mod schema;
mod source;
mod state;
mod table;
mod target;
#[cfg(test)]
mod tests;

pub use error::CopyError;
pub use report::{CopyProgress, CopyReport, TableReport};
pub(crate) use source::connect as connect_source;
pub(crate) use state::{check_use, take_into_use};

use crate::DatabaseOptions;
use error::{Context as _, CopyResult};
use source::Source;
use target::Target;

/// Copies the database `from` to the database `to`. Tells `progress` now and then how far it is.
///
/// The target must be new, or hold a copy of the same source that nobody has opened: then only what
/// differs is written. The report says whether every table of the target has what the source has.
pub async fn copy_database(
    from: &DatabaseOptions,
    to: &DatabaseOptions,
    progress: &mut (dyn FnMut(&CopyProgress) + Send),
) -> CopyResult<CopyReport> {
    if source::full_place(from) == source::full_place(to) {
        return Err(CopyError::refused("the source and the target are the same database"));
    }
    let mut source = Source::open(from).await?;
    let mut target = Target::open(to, &source.place).await?;
    let tables = schema::pair(&source.schema, &target.schema)?;
    let counts = source.count(&tables).await.context("counting", &source.place)?;
    target.suspend(&tables).await.context("preparing", &target.place)?;
    let mut so_far = CopyProgress { total: counts.iter().sum(), ..CopyProgress::default() };
    let mut report = CopyReport::default();
    for (table, count) in tables.iter().zip(counts) {
        so_far.table = table.name.clone();
        progress(&so_far);
        let mut tell = |rows| {
            so_far.done += rows;
            progress(&so_far);
        };
        let copied = table::copy(table, count, &mut source, &mut target, &mut tell)
            .await
            .context("copying the table", &table.name)?;
        report.tables.insert(table.name.clone(), copied);
    }
    report.rows = so_far.done;
    progress(&so_far);
    let numbers = numbers::read(&mut source.connection, &source.schema).await;
    let numbers = numbers.context("reading the numbers of", &source.place)?;
    numbers::write(&mut target.connection, &target.schema, &numbers)
        .await
        .context("setting the numbers of", &target.place)?;
    if report.differing().is_empty() {
        target.complete(&tables).await?;
    }
    source.close().await;
    target.close().await;
    Ok(report)
}
