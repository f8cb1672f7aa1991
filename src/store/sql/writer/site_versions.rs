//! Tells which sites other processes on the same database have changed, by the versions that this
//! process knows. Must not depend on how it learned of the others.

use crate::{
    Result,
    db::{Columns, Connection, query},
};
use belfry_domain::{SiteId, Version};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The last known version of each site.
#[derive(Default)]
pub(super) struct SiteVersions(Mutex<BTreeMap<SiteId, Version>>);

impl SiteVersions {
    /// Reads all versions. Returns the sites that other processes have changed since they were known.
    pub(super) async fn refresh(&self, connection: &mut Connection) -> Result<Vec<SiteId>> {
        let rows = query("SELECT id, version FROM site").fetch_all(connection).await?;
        let mut changed = Vec::new();
        for row in rows {
            let mut columns = Columns::new(&row);
            let (site, version) = (columns.site()?, columns.version()?);
            // Lower where a backup was restored.
            let known = self.lock().insert(site, version);
            if known != Some(version) {
                changed.push(site);
            }
        }
        Ok(changed)
    }

    /// Records the version that another process gave a site. Returns whether it was not known.
    pub(super) fn is_news(&self, site: SiteId, version: Version) -> bool {
        self.advance(site, version).is_none_or(|known| known < version)
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
    fn only_unknown_versions_are_news() {
        let (versions, site) = (SiteVersions::default(), SiteId::from_bytes([1; 16]));
        assert!(versions.is_news(site, Version(3)));
        assert!(!versions.is_news(site, Version(3)) && !versions.is_news(site, Version(2)));
        assert!(versions.record_own(vec![(site, Version(4)), (site, Version(5))]).is_empty());
        assert!(!versions.is_news(site, Version(5)), "of this process");
        assert_eq!(versions.record_own(vec![(site, Version(7))]), [site], "6 is of another one");
        assert!(versions.is_news(site, Version(8)));
    }
}
