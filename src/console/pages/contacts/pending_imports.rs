//! Tables on their way in, kept in memory between the steps of an import. Must not know what stands
//! in them.
//!
//! A table is found only by the person who brought it, on the site they brought it to. After a
//! pause or a restart it is gone and must be chosen again; an import that was started is durable.

use crate::cache::{Bounds, Cache};
use crate::{
    app::{CsvTable, ImportDryRun, MappedCsvTable},
    domain::{AccountId, ImportId, ImportOptions, SiteId},
};
use std::{sync::Arc, time::Duration};

/// How long a table is cached.
const LIFE: Duration = Duration::from_mins(30);
/// Bytes of all cached tables; the oldest are evicted.
const ROOM: u64 = 128 * 1_024 * 1_024;

/// A mapping with the result of its check.
pub(super) struct ImportMapping {
    pub(super) table: MappedCsvTable,
    pub(super) options: ImportOptions,
    pub(super) forecast: ImportDryRun,
}

/// A cached table.
#[derive(Clone)]
pub(super) struct PendingImport {
    pub(super) name: String,
    pub(super) bytes: u32,
    pub(super) sheet: Arc<CsvTable>,
    pub(super) choice: Option<Arc<ImportMapping>>,
}

type Place = (SiteId, AccountId, String);

/// The cache of tables.
pub(in crate::console) struct PendingImports {
    waiting: Cache<Place, PendingImport>,
    started: Cache<(SiteId, ImportId), (Arc<CsvTable>, u32)>,
}

impl PendingImports {
    pub(in crate::console) fn new() -> Self {
        Self {
            waiting: Cache::bounded(
                Bounds::bytes(ROOM, |_, waiting: &PendingImport| waiting.bytes.into())
                    .for_at_most(LIFE),
            ),
            started: Cache::bounded(
                Bounds::bytes(ROOM, |_, (_, bytes): &(Arc<CsvTable>, u32)| (*bytes).into())
                    .for_at_most(LIFE),
            ),
        }
    }

    pub(super) fn keep(&self, place: Place, waiting: PendingImport) {
        self.waiting.insert(place, waiting);
    }

    pub(super) fn get(&self, place: &Place) -> Option<PendingImport> {
        self.waiting.get(place)
    }

    /// Moves a table to the started imports, for the error file.
    pub(super) fn begin(&self, place: &Place, import: ImportId) {
        if let Some(waiting) = self.waiting.remove(place) {
            self.started.insert((place.0, import), (waiting.sheet, waiting.bytes));
        }
    }

    pub(super) fn of(&self, site: SiteId, import: ImportId) -> Option<Arc<CsvTable>> {
        self.started.get(&(site, import)).map(|(sheet, _)| sheet)
    }
}
