//! Many contacts at once, as work that survives a restart.

use super::Result;
use crate::domain::{Import, ImportId, ImportOptions, ImportProblem, ImportRow, SiteId, Timestamp};
use async_trait::async_trait;

/// Imports of one site that may be unfinished at a time.
pub const UNFINISHED: usize = 20;
/// In the `Conflict` of one import more.
pub const TOO_MANY_IMPORTS: &str = "too many imports are not finished";

/// The part of the seam that keeps imports.
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Keeps an import with its rows, to be done by [`ImportStore::advance_imports`]. Rows that can't be read are failed from the beginning.
    /// A `Conflict` where [`UNFINISHED`] of the site are not finished yet.
    async fn add_import(&self, site: SiteId, id: ImportId, rows: &[ImportRow], options: &ImportOptions, at: Timestamp) -> Result<()>;
    /// One import.
    async fn import(&self, site: SiteId, id: ImportId) -> Result<Option<Import>>;
    /// The imports of a site, newest first, those before `before`.
    async fn imports(&self, site: SiteId, before: Option<ImportId>, limit: u32) -> Result<Vec<Import>>;
    /// What could not be done of an import, with a number for each that grows; those after `after`. The first thousand are kept.
    async fn import_problems(&self, site: SiteId, id: ImportId, after: u32, limit: u32) -> Result<Vec<(u32, ImportProblem)>>;
    /// Does some rows of one import, all of them or none, in the background: a few milliseconds' work. `false` when nothing is left to do.
    async fn advance_imports(&self, at: Timestamp) -> Result<bool>;
}
