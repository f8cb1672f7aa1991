//! Tells which sites other processes on the same database file have changed, by the versions that this
//! process knows; on a server, [`super::relay`] does. Must not depend on how it learned of the others.

use crate::{
    Result,
    db::{Columns, Connection, query},
};
use belfry_domain::{SiteId, Version};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Reads the versions of all sites.
pub(super) async fn read(connection: &mut Connection) -> Result<Vec<(SiteId, Version)>> {
    let rows = query("SELECT id, version FROM site").fetch_all(connection).await?;
    let version = |row| {
        let mut columns = Columns::new(row);
        Ok((columns.site()?, columns.version()?))
    };
    rows.iter().map(version).collect()
}

/// The last known version of each site.
#[derive(Default)]
pub(super) struct SiteVersions(Mutex<BTreeMap<SiteId, Version>>);

impl SiteVersions {
    /// Reads all versions. Returns the sites that other processes have changed since they were known.
    pub(super) async fn refresh(&self, connection: &mut Connection) -> Result<Vec<SiteId>> {
        let mut changed = Vec::new();
        for (site, version) in read(connection).await? {
            // Lower where a backup was restored.
            let known = self.lock().insert(site, version);
            if known != Some(version) {
                changed.push(site);
            }
        }
        Ok(changed)
    }

    /// Records versions that this process gave to sites. Returns the sites that another process
    /// changed in between: their version was incremented once more.
    pub(super) fn record_own(&self, versions: Vec<(SiteId, Version)>) -> Vec<SiteId> {
        let mut between = Vec::new();
        for (site, version) in versions {
            let known = self.advance(site, version);
            if version.0 > 0 && known.is_none_or(|known| known.0 + 1 < version.0) {
                between.push(site);
            }
        }
        between
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SiteId, Version>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a version that is higher than the known one, which it returns.
    fn advance(&self, site: SiteId, version: Version) -> Option<Version> {
        let mut versions = self.lock();
        let known = versions.get(&site).copied();
        if known.is_none_or(|known| known < version) {
            versions.insert(site, version);
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_between_are_of_others() {
        let (versions, site) = (SiteVersions::default(), SiteId::from_bytes([1; 16]));
        assert_eq!(versions.record_own(vec![(site, Version(3))]), [site]);
        assert!(versions.record_own(vec![(site, Version(4)), (site, Version(5))]).is_empty());
        assert_eq!(versions.record_own(vec![(site, Version(7))]), [site], "6 is of another one");
    }
}
