//! Tables on their way in, kept in memory between the steps of an import. Must not know what stands
//! in them.
//!
//! A table is found only by the person who brought it, on the site they brought it to. After a
//! pause or a restart it is gone and must be chosen again; an import that was started is durable.

use belfry_app::{CsvTable, ImportDryRun, MappedCsvTable};
use belfry_domain::{AccountId, ImportId, ImportOptions, SiteId};
use belfry_runtime::cache::{Bounds, Cache};
use std::{sync::Arc, time::Duration};

/// How long a table is cached.
const LIFE: Duration = Duration::from_mins(30);
/// Bytes of all cached tables; the oldest are evicted.
const ROOM: u64 = 128 * 1_024 * 1_024;

/// A mapping with the result of its check.
pub(super) struct ImportMapping {
    pub(super) table: MappedCsvTable,
    pub(super) options: ImportOptions,
    pub(super) dry_run: ImportDryRun,
}

/// A cached table.
#[derive(Clone)]
pub(super) struct PendingImport {
    pub(super) name: String,
    pub(super) bytes: u32,
    pub(super) table: Arc<CsvTable>,
    pub(super) mapping: Option<Arc<ImportMapping>>,
}

type Place = (SiteId, AccountId, String);

/// The cache of tables.
pub(crate) struct PendingImports {
    pending: Cache<Place, PendingImport>,
    started: Cache<(SiteId, ImportId), (Arc<CsvTable>, u32)>,
}

impl PendingImports {
    pub(crate) fn new() -> Self {
        Self {
            pending: Cache::new(
                Bounds::bytes(ROOM, |_, waiting: &PendingImport| waiting.bytes.into())
                    .with_ttl(LIFE),
            ),
            started: Cache::new(
                Bounds::bytes(ROOM, |_, (_, bytes): &(Arc<CsvTable>, u32)| (*bytes).into())
                    .with_ttl(LIFE),
            ),
        }
    }

    pub(super) fn insert(&self, place: Place, waiting: PendingImport) {
        self.pending.insert(place, waiting);
    }

    pub(super) fn get(&self, place: &Place) -> Option<PendingImport> {
        self.pending.get(place)
    }

    /// Moves a table to the started imports, for the error file.
    pub(super) fn start(&self, place: &Place, import: ImportId) {
        if let Some(waiting) = self.pending.remove(place) {
            self.started.insert((place.0, import), (waiting.table, waiting.bytes));
        }
    }

    pub(super) fn of(&self, site: SiteId, import: ImportId) -> Option<Arc<CsvTable>> {
        self.started.get(&(site, import)).map(|(sheet, _)| sheet)
    }
}
