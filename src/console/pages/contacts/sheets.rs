//! Tables on their way in, kept in memory between the steps of an import. Must not know what stands in them.
//!
//! A table is found only by the person who brought it, on the site they brought it to. After a pause or a restart it is gone and must be
//! chosen again; an import that was started is durable.

use crate::cache::{Bounds, Cache};
use crate::{
    domain::{AccountId, ImportId, ImportOptions, SiteId},
    inbox::{Forecast, MappedSheet, Sheet},
};
use std::{sync::Arc, time::Duration};

/// How long a table waits for its owner.
const LIFE: Duration = Duration::from_mins(30);
/// Bytes of tables that are kept at a time; the ones that wait longest make room.
const ROOM: u64 = 128 * 1_024 * 1_024;

/// What the owner says of a table, and what would come of it at that moment.
pub(super) struct Choice {
    pub(super) table: MappedSheet,
    pub(super) options: ImportOptions,
    pub(super) forecast: Forecast,
}

/// A table that waits.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) name: String,
    pub(super) bytes: u32,
    pub(super) sheet: Arc<Sheet>,
    pub(super) choice: Option<Arc<Choice>>,
}

type Place = (SiteId, AccountId, String);

/// The tables.
pub(in crate::console) struct Sheets {
    waiting: Cache<Place, Waiting>,
    started: Cache<(SiteId, ImportId), (Arc<Sheet>, u32)>,
}

impl Sheets {
    pub(in crate::console) fn new() -> Self {
        Self {
            waiting: Cache::bounded(Bounds::bytes(ROOM, |_, waiting: &Waiting| waiting.bytes.into()).for_at_most(LIFE)),
            started: Cache::bounded(Bounds::bytes(ROOM, |_, (_, bytes): &(Arc<Sheet>, u32)| (*bytes).into()).for_at_most(LIFE)),
        }
    }

    pub(super) fn keep(&self, place: Place, waiting: Waiting) {
        self.waiting.insert(place, waiting);
    }

    pub(super) fn get(&self, place: &Place) -> Option<Waiting> {
        self.waiting.get(place)
    }

    /// The import has begun; its table stays for the file of what went wrong.
    pub(super) fn begin(&self, place: &Place, import: ImportId) {
        if let Some(waiting) = self.waiting.remove(place) {
            self.started.insert((place.0, import), (waiting.sheet, waiting.bytes));
        }
    }

    pub(super) fn of(&self, site: SiteId, import: ImportId) -> Option<Arc<Sheet>> {
        self.started.get(&(site, import)).map(|(sheet, _)| sheet)
    }
}
