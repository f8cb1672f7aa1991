//! What a copy tells its caller.

use serde::Serialize;
use std::collections::BTreeMap;

/// How far a copy is.
#[derive(Debug, Clone, Default)]
pub struct CopyProgress {
    /// The table at hand.
    pub table: String,
    /// The rows of the source that the target has.
    pub done: u64,
    /// The rows of the source.
    pub total: u64,
}

/// What a copy has found and written.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CopyReport {
    /// The rows of the source.
    pub rows: u64,
    /// Each table of the schema.
    pub tables: BTreeMap<String, TableReport>,
}

impl CopyReport {
    /// The tables that are not the same on both sides.
    pub fn differing(&self) -> Vec<&str> {
        let differs = |table: &TableReport| {
            (table.rows, &table.checksum) != (table.rows_of_target, &table.checksum_of_target)
        };
        self.tables.iter().filter(|(_, table)| differs(table)).map(|(name, _)| &**name).collect()
    }

    /// The rows that were written or deleted. None if the target had them all.
    pub fn written(&self) -> u64 {
        self.tables.values().map(|table| table.written).sum()
    }
}

/// One table, as it was read from both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// The rows of the source.
    pub rows: u64,
    /// The sum of a digest of each row of the source: it does not depend on their order.
    pub checksum: String,
    /// The rows of the target.
    pub rows_of_target: u64,
    /// The same checksum of the target.
    pub checksum_of_target: String,
    /// The rows that were written or deleted now.
    pub written: u64,
}
