//! A bounded number of permits for each site, so that no site takes all of what there is. Must not know what they are for.

use crate::domain::SiteId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Sites whose permits are remembered before those that nobody uses are forgotten.
const MAX_IDLE_SITES: usize = 1_000;

/// The permits of each site.
#[derive(Debug, Clone)]
pub(super) struct SitePermits {
    each: usize,
    sites: Arc<Mutex<HashMap<SiteId, Arc<Semaphore>>>>,
}

impl SitePermits {
    /// So many for each site.
    pub(super) fn new(each: usize) -> Self {
        Self { each, sites: Arc::default() }
    }

    /// Waits for one. These semaphores are never closed, so `None` never comes.
    pub(super) async fn acquire(&self, site: SiteId) -> Option<OwnedSemaphorePermit> {
        self.of(site).acquire_owned().await.ok()
    }

    fn of(&self, site: SiteId) -> Arc<Semaphore> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() > MAX_IDLE_SITES {
            sites.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        Arc::clone(sites.entry(site).or_insert_with(|| Arc::new(Semaphore::new(self.each))))
    }
}
