//! Install log: where a site's snippet runs, and which issues occur. Recording never delays or
//! fails the request that it observes.

use super::{Inbox, InboxError};
use crate::cache::{Bounds, Cache};
use crate::domain::{Obstacle, Onboarding, Origin, Seen, Shares, Sighting, SiteId, Timestamp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// The same event is stored at most this often.
const PAUSE: Duration = Duration::from_mins(1);
/// Different events stored per site in that time, since a stranger can claim any origin. The site's
/// own pages have a separate quota of the same size.
const MOST: u32 = 30;
/// How long the loading of a script is remembered.
const SCRIPTS: Duration = Duration::from_hours(24);

type Key = (SiteId, Seen, Option<Origin>, Option<Obstacle>);

/// The recently recorded events.
#[derive(Clone)]
pub(super) struct Notebook {
    lately: Cache<Key, ()>,
    /// By site, and whether it was on a page of a foreign origin.
    kept: Cache<(SiteId, bool), Arc<AtomicU32>>,
    // Only in memory: loading a script is a GET request, which must change nothing durable.
    scripts: Arc<Shares<Origin, Timestamp>>,
}

impl Notebook {
    pub(super) fn new() -> Self {
        Self {
            lately: Cache::bounded(Bounds::entries(10_000).for_at_most(PAUSE)),
            kept: Cache::bounded(Bounds::entries(10_000).for_at_most(PAUSE)),
            scripts: Arc::new(Shares::new(10_000)),
        }
    }

    fn is_new(&self, key: Key) -> bool {
        if self.lately.contains_key(&key) {
            return false;
        }
        let place = (key.0, key.3 == Some(Obstacle::Origin));
        let event_count = self.kept.get(&place).unwrap_or_else(|| {
            let event_count = Arc::<AtomicU32>::default();
            self.kept.insert(place, Arc::clone(&event_count));
            event_count
        });
        if event_count.fetch_add(1, Ordering::Relaxed) >= MOST {
            return false;
        }
        self.lately.insert(key, ());
        true
    }
}

impl Inbox {
    /// Records that a page of this origin loaded the script.
    pub fn script_loaded(&self, site: SiteId, origin: Origin) {
        self.notebook.scripts.insert(site, origin, self.now(), 1);
    }

    /// Records that the snippet worked, or the issue that prevented it. Returns at once; a failed
    /// write is dropped.
    pub fn sighted(&self, site: SiteId, seen: Seen, origin: Option<Origin>, obstacle: Option<Obstacle>) {
        if !self.notebook.is_new((site, seen, origin.clone(), obstacle)) {
            return;
        }
        let (store, sighting) = (Arc::clone(&self.store), Sighting { seen, origin, obstacle, at: self.now() });
        tokio::spawn(async move {
            if let Err(error) = store.sight(site, &sighting).await {
                tracing::warn!(%error, %site, "failed to record an install event");
            }
        });
    }

    /// The install events of a site, newest first.
    pub async fn sightings(&self, site: SiteId) -> Result<Vec<Sighting>, InboxError> {
        let mut sightings = self.store.sightings(site).await?;
        let now = self.now();
        let scripts = self.notebook.scripts.of(site).into_iter().filter(|(_, at)| at.plus(SCRIPTS) > now);
        sightings.extend(scripts.map(|(origin, at)| Sighting { seen: Seen::Script, origin: Some(origin), obstacle: None, at }));
        sightings.sort_by_key(|sighting| std::cmp::Reverse(sighting.at));
        Ok(sightings)
    }

    /// The onboarding progress of a site.
    pub async fn onboarding(&self, site: SiteId) -> Result<Onboarding, InboxError> {
        Ok(self.store.onboarding(site).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[test]
    fn events_are_deduplicated_and_bounded() {
        let (book, site) = (Notebook::new(), SiteId::generate(&SystemEntropy));
        let origin = |number: u32| Some(format!("https://{number}.example").parse::<Origin>().unwrap());
        assert!(book.is_new((site, Seen::Widget, origin(0), None)));
        assert!(!book.is_new((site, Seen::Widget, origin(0), None)));
        assert!(book.is_new((site, Seen::Widget, origin(0), Some(Obstacle::Token))));
        let kept = (1..100).filter(|number| book.is_new((site, Seen::Widget, origin(*number), None))).count();
        assert_eq!(kept, MOST as usize - 2);
        let elsewhere = (1..100).filter(|number| book.is_new((site, Seen::Widget, origin(*number), Some(Obstacle::Origin)))).count();
        assert_eq!(elsewhere, MOST as usize, "foreign pages have their own quota");
        assert!(book.is_new((SiteId::generate(&SystemEntropy), Seen::Widget, origin(0), None)));
    }
}
