//! Install log: where a site's snippet runs, and which issues occur. Recording never delays or
//! fails the request that it observes.

use super::{App, AppError};
use belfry_domain::{
    FairCache, InstallEvent, InstallIssue, InstallStep, Onboarding, Origin, SiteId, Timestamp,
};
use belfry_runtime::cache::{Bounds, Cache};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// The same event is stored at most this often.
const MIN_RECORD_INTERVAL: Duration = Duration::from_mins(1);
/// Different events stored per site in that time, since a stranger can claim any origin. The site's
/// own pages have a separate quota of the same size.
const MAX_EVENTS_PER_INTERVAL: u32 = 30;
/// How long the loading of a script is remembered.
const SCRIPT_LOAD_TTL: Duration = Duration::from_hours(24);

type Key = (SiteId, InstallStep, Option<Origin>, Option<InstallIssue>);

/// The recently recorded events.
#[derive(Clone)]
pub(super) struct InstallLog {
    recent: Cache<Key, ()>,
    /// By site, and whether it was on a page of a foreign origin.
    counters: Cache<(SiteId, bool), Arc<AtomicU32>>,
    // Only in memory: loading a script is a GET request, which must change nothing durable.
    script_loads: Arc<FairCache<Origin, Timestamp>>,
}

impl InstallLog {
    pub(super) fn new() -> Self {
        Self {
            recent: Cache::new(Bounds::entries(10_000).with_ttl(MIN_RECORD_INTERVAL)),
            counters: Cache::new(Bounds::entries(10_000).with_ttl(MIN_RECORD_INTERVAL)),
            script_loads: Arc::new(FairCache::new(10_000)),
        }
    }

    fn is_new(&self, key: Key) -> bool {
        if self.recent.contains_key(&key) {
            return false;
        }
        let place = (key.0, key.3 == Some(InstallIssue::Origin));
        let event_count = self.counters.get(&place).unwrap_or_else(|| {
            let event_count = Arc::<AtomicU32>::default();
            self.counters.insert(place, Arc::clone(&event_count));
            event_count
        });
        if event_count.fetch_add(1, Ordering::Relaxed) >= MAX_EVENTS_PER_INTERVAL {
            return false;
        }
        self.recent.insert(key, ());
        true
    }
}

impl App {
    /// Records that a page of this origin loaded the script.
    pub fn script_loaded(&self, site: SiteId, origin: Origin) {
        self.install_log.script_loads.insert(site, origin, self.now(), 1);
    }

    /// Records that the snippet worked, or the issue that prevented it. Returns at once; a failed
    /// write is dropped.
    pub fn record_install_event(
        &self,
        site: SiteId,
        step: InstallStep,
        origin: Option<Origin>,
        issue: Option<InstallIssue>,
    ) {
        if !self.install_log.is_new((site, step, origin.clone(), issue)) {
            return;
        }
        let (store, event) =
            (Arc::clone(&self.store), InstallEvent { step, origin, issue, at: self.now() });
        tokio::spawn(async move {
            if let Err(error) = store.record_install_event(site, &event).await {
                tracing::warn!(%error, %site, "failed to record an install event");
            }
        });
    }

    /// The install events of a site, newest first.
    pub async fn install_events(&self, site: SiteId) -> Result<Vec<InstallEvent>, AppError> {
        let mut events = self.store.install_events(site).await?;
        let now = self.now();
        let scripts = self
            .install_log
            .script_loads
            .entries_of(site)
            .into_iter()
            .filter(|(_, at)| at.plus(SCRIPT_LOAD_TTL) > now);
        events.extend(scripts.map(|(origin, at)| InstallEvent {
            step: InstallStep::Script,
            origin: Some(origin),
            issue: None,
            at,
        }));
        events.sort_by_key(|install_event| std::cmp::Reverse(install_event.at));
        Ok(events)
    }

    /// The onboarding progress of a site.
    pub async fn onboarding(&self, site: SiteId) -> Result<Onboarding, AppError> {
        Ok(self.store.onboarding(site).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use belfry_domain::SystemRng;

    #[test]
    fn events_are_deduplicated_and_bounded() {
        let (book, site) = (InstallLog::new(), SiteId::generate(&SystemRng));
        let origin =
            |number: u32| Some(format!("https://{number}.example").parse::<Origin>().unwrap());
        assert!(book.is_new((site, InstallStep::Widget, origin(0), None)));
        assert!(!book.is_new((site, InstallStep::Widget, origin(0), None)));
        assert!(book.is_new((site, InstallStep::Widget, origin(0), Some(InstallIssue::Token))));
        let kept = (1..100)
            .filter(|number| book.is_new((site, InstallStep::Widget, origin(*number), None)))
            .count();
        assert_eq!(kept, MAX_EVENTS_PER_INTERVAL as usize - 2);
        let elsewhere = (1..100)
            .filter(|number| {
                book.is_new((
                    site,
                    InstallStep::Widget,
                    origin(*number),
                    Some(InstallIssue::Origin),
                ))
            })
            .count();
        assert_eq!(
            elsewhere, MAX_EVENTS_PER_INTERVAL as usize,
            "foreign pages have their own quota"
        );
        assert!(book.is_new((SiteId::generate(&SystemRng), InstallStep::Widget, origin(0), None)));
    }
}
