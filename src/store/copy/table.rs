//! Copies one table: walks the source along the key, compares each range with the target, and writes
//! what differs. The next range is read while one is written.

use super::{
    report::TableReport,
    row::{self, Totals, Values},
    schema::Table,
    source::{self, Source},
    target::{Range, Target},
};
use crate::Result;
use futures_util::future::join;

/// Copies a table of `expected` rows. Tells `progress` how many more rows the target has.
pub(super) async fn copy(
    table: &Table,
    expected: u64,
    source: &mut Source,
    target: &mut Target,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<TableReport> {
    let is_empty = source::count(&mut target.connection, table).await? == 0;
    let (mut read, mut held, mut written) = (Totals::default(), Totals::default(), 0);
    // Ranges with a row that could not be written yet: another row, which goes, has its unique value.
    let mut again: Vec<(Option<Values>, Values)> = Vec::new();
    source.begin(table).await?;
    let mut after: Option<Values> = None;
    let mut rows = source.next(table, None).await?;
    while let Some(last) = rows.last().map(|row| row::key_of(row, table)) {
        let range = Range { after: after.as_ref(), to: &last, rows: &rows, is_empty };
        let writing = target.apply(table, range, false);
        let (next, applied) = join(source.next(table, Some(&last)), writing).await;
        let applied = applied?;
        written += applied.written;
        if applied.is_short {
            again.push((after.take(), last.clone()));
        } else {
            read.add(Totals::of(&rows));
            held.add(Totals::of(&applied.held));
            progress(rows.len() as u64);
        }
        (after, rows) = (Some(last), next?);
    }
    source.end(table).await?;
    if !is_empty {
        written += target.delete_after(table, after.as_ref()).await?;
    }
    for (after, to) in again {
        let rows =
            source::range(&mut source.connection, table, after.as_ref(), Some(&to), u32::MAX);
        let rows = rows.await?;
        let range = Range { after: after.as_ref(), to: &to, rows: &rows, is_empty: false };
        let applied = target.apply(table, range, true).await?;
        written += applied.written;
        read.add(Totals::of(&rows));
        held.add(Totals::of(&applied.held));
        progress(rows.len() as u64);
    }
    let counted = source::count(&mut target.connection, table).await?;
    // Rows that the walk has not met are in no checksum.
    let is_whole = (read.rows, held.rows) == (expected, counted);
    Ok(TableReport {
        rows: expected,
        checksum: read.checksum(),
        rows_of_target: counted,
        checksum_of_target: if is_whole { held.checksum() } else { String::new() },
        written,
    })
}
