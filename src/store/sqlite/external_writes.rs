//! Detects which sites other processes have changed in the same database file, as the command line
//! does.

use crate::{
    Result,
    db::{Columns, Connection, query, query_scalar},
};
use belfry_domain::{SiteId, Version};
use std::collections::BTreeMap;

/// The last known version of each site.
pub(crate) struct ExternalWriteDetector {
    versions: BTreeMap<SiteId, Version>,
    data_version: i64,
}

impl ExternalWriteDetector {
    pub(crate) async fn begin(connection: &mut Connection) -> Result<Self> {
        let mut watch = Self { versions: BTreeMap::new(), data_version: -1 };
        watch.poll(connection).await?;
        Ok(watch)
    }

    /// The sites that other processes have changed since the last call. Costs one pragma if there
    /// were none: `PRAGMA data_version` counts the commits of all other connections.
    pub(crate) async fn poll(&mut self, connection: &mut Connection) -> Result<Vec<SiteId>> {
        let data_version = query_scalar("PRAGMA data_version").fetch_one(&mut *connection).await?;
        if data_version == self.data_version {
            return Ok(Vec::new());
        }
        let mut moved = Vec::new();
        for row in query("SELECT id, version FROM site").fetch_all(connection).await? {
            let mut columns = Columns::new(&row);
            let (site, version) = (columns.site()?, columns.version()?);
            if self.versions.insert(site, version) != Some(version) {
                moved.push(site);
            }
        }
        self.data_version = data_version;
        Ok(moved)
    }

    /// The sites whose version differs from an earlier watch.
    pub(crate) fn since(&self, earlier: &Self) -> Vec<SiteId> {
        self.versions
            .iter()
            .filter(|(site, version)| earlier.versions.get(site) != Some(version))
            .map(|(site, _)| *site)
            .collect()
    }

    /// Records changes of this process. Returns the sites that another process changed in between:
    /// their version was incremented once more, which the next check could no longer detect.
    pub(crate) fn record_own(&mut self, versions: Vec<(SiteId, Version)>) -> Vec<SiteId> {
        let mut between = Vec::new();
        for (site, version) in versions {
            let before = self.versions.insert(site, version);
            if version.0 > 0 && before != Some(Version(version.0 - 1)) {
                between.push(site);
            }
        }
        between
    }
}
