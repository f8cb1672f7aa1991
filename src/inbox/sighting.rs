//! What is noticed of a site's snippet while readers use it. Noticing never delays or fails what was noticed.

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

/// The same is kept at most this often.
const PAUSE: Duration = Duration::from_mins(1);
/// Different ones that are kept of a site in that time: a stranger can name any origin. What is seen on the site's own pages has as many for itself.
const MOST: u32 = 30;
/// How long the loading of a script is remembered.
const SCRIPTS: Duration = Duration::from_hours(24);

type Key = (SiteId, Seen, Option<Origin>, Option<Obstacle>);

/// What was noticed lately.
#[derive(Clone)]
pub(super) struct Notebook {
    lately: Cache<Key, ()>,
    /// By site, and whether it was on a page that is not one of its own.
    kept: Cache<(SiteId, bool), Arc<AtomicU32>>,
    // In memory alone: to load a script is a GET, which changes nothing that lasts.
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
        let kept = self.kept.get(&place).unwrap_or_else(|| {
            let kept = Arc::<AtomicU32>::default();
            self.kept.insert(place, Arc::clone(&kept));
            kept
        });
        if kept.fetch_add(1, Ordering::Relaxed) >= MOST {
            return false;
        }
        self.lately.insert(key, ());
        true
    }
}

impl Inbox {
    /// Notes that a page of this origin loaded the script.
    pub fn script_loaded(&self, site: SiteId, origin: Origin) {
        self.notebook.scripts.insert(site, origin, self.now(), 1);
    }

    /// Notes that the snippet was at work, or what kept it from working. Returns at once; what can't be written is forgotten.
    pub fn sighted(&self, site: SiteId, seen: Seen, origin: Option<Origin>, obstacle: Option<Obstacle>) {
        if !self.notebook.is_new((site, seen, origin.clone(), obstacle)) {
            return;
        }
        let (store, sighting) = (Arc::clone(&self.store), Sighting { seen, origin, obstacle, at: self.now() });
        tokio::spawn(async move {
            if let Err(error) = store.sight(site, &sighting).await {
                tracing::warn!(%error, %site, "what was seen of a site could not be noted");
            }
        });
    }

    /// What was seen of a site, newest first.
    pub async fn sightings(&self, site: SiteId) -> Result<Vec<Sighting>, InboxError> {
        let mut sightings = self.store.sightings(site).await?;
        let now = self.now();
        let scripts = self.notebook.scripts.of(site).into_iter().filter(|(_, at)| at.plus(SCRIPTS) > now);
        sightings.extend(scripts.map(|(origin, at)| Sighting { seen: Seen::Script, origin: Some(origin), obstacle: None, at }));
        sightings.sort_by_key(|sighting| std::cmp::Reverse(sighting.at));
        Ok(sightings)
    }

    /// How far a site has come.
    pub async fn onboarding(&self, site: SiteId) -> Result<Onboarding, InboxError> {
        Ok(self.store.onboarding(site).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[test]
    fn the_same_is_kept_once_and_strangers_can_not_fill_the_book() {
        let (book, site) = (Notebook::new(), SiteId::generate(&SystemEntropy));
        let origin = |number: u32| Some(format!("https://{number}.example").parse::<Origin>().unwrap());
        assert!(book.is_new((site, Seen::Widget, origin(0), None)));
        assert!(!book.is_new((site, Seen::Widget, origin(0), None)));
        assert!(book.is_new((site, Seen::Widget, origin(0), Some(Obstacle::Token))));
        let kept = (1..100).filter(|number| book.is_new((site, Seen::Widget, origin(*number), None))).count();
        assert_eq!(kept, MOST as usize - 2);
        let elsewhere = (1..100).filter(|number| book.is_new((site, Seen::Widget, origin(*number), Some(Obstacle::Origin)))).count();
        assert_eq!(elsewhere, MOST as usize, "pages of strangers have their own");
        assert!(book.is_new((SiteId::generate(&SystemEntropy), Seen::Widget, origin(0), None)));
    }
}
