//! A bounded number of permits per site, so that no site uses a whole resource. Must not depend on
//! what the permits are for.

use belfry_domain::SiteId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The number of sites with permits in memory above which unused ones are removed.
const MAX_IDLE_SITES: usize = 1_000;

#[derive(Debug, Clone)]
pub(super) struct SitePermits {
    permits_per_site: usize,
    sites: Arc<Mutex<HashMap<SiteId, Arc<Semaphore>>>>,
}

impl SitePermits {
    /// `permits_per_site` permits for each site.
    pub(super) fn new(permits_per_site: usize) -> Self {
        Self { permits_per_site, sites: Arc::default() }
    }

    /// Waits for a permit. The semaphores are never closed, so the result is never `None`.
    pub(super) async fn acquire(&self, site: SiteId) -> Option<OwnedSemaphorePermit> {
        self.semaphore(site).acquire_owned().await.ok()
    }

    fn semaphore(&self, site: SiteId) -> Arc<Semaphore> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() > MAX_IDLE_SITES {
            sites.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        Arc::clone(
            sites.entry(site).or_insert_with(|| Arc::new(Semaphore::new(self.permits_per_site))),
        )
    }
}
