//! Records up to which message each reader has received the list, after the response is sent so
//! that it delays none. Called by the handlers that return messages.
//!
//! A broadcast reaches thousands of open inboxes at the same moment. The newest position of each
//! reader is collected for a short time and written in the background, with hundreds of readers in
//! one statement. A response with nothing newer than the last one costs nothing. Positions lost
//! when the process ends are recorded at the next response.

use super::WidgetState;
use belfry_app::App;
use belfry_domain::{ContactId, Position, ReaderFilter, ReaderKey, ReaderPage, SiteId};
use belfry_runtime::cache::{Bounds, Cache};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Readers whose last recorded position is cached.
const MAX_READERS: u64 = 100_000;
/// How long a reader's position is cached after the last response.
const READER_TTL: Duration = Duration::from_mins(30);
/// How long positions are collected before they are written.
const BATCH_WINDOW: Duration = Duration::from_millis(50);
/// Readers in one statement.
const MAX_BATCH: usize = 128;

/// Positions to be written, and whether a task is writing them.
#[derive(Default)]
struct PendingWrites {
    readers: HashMap<ReaderKey, Position>,
    is_busy: bool,
}

/// The delivered positions of readers.
pub(super) struct DeliveryTracker {
    positions: Cache<ReaderKey, Position>,
    pending: Arc<Mutex<PendingWrites>>,
}

impl DeliveryTracker {
    pub(super) fn new() -> Self {
        Self {
            positions: Cache::new(Bounds::entries(MAX_READERS).with_ttl(READER_TTL)),
            pending: Arc::default(),
        }
    }

    /// Adds a position. Returns whether a task must be started.
    fn add(&self, reader: ReaderKey, position: Position) -> bool {
        if self.positions.get(&reader).is_some_and(|known| known >= position) {
            return false;
        }
        self.positions.insert(reader, position);
        let mut waiting = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = waiting.readers.entry(reader).or_insert(position);
        *newest = position.max(*newest);
        !std::mem::replace(&mut waiting.is_busy, true)
    }
}

impl WidgetState {
    /// Records a page that was returned to a reader.
    pub(super) fn record_page(
        &self,
        site: SiteId,
        contact: ContactId,
        filter: ReaderFilter,
        page: &ReaderPage,
    ) {
        // Messages in the archive were delivered before.
        let newest = page
            .items
            .iter()
            .map(|item| item.message.position)
            .max()
            .filter(|_| filter != ReaderFilter::Archived);
        if let Some(newest) = newest {
            self.delivered(site, contact, newest);
        }
    }

    /// Records that everything up to this position was returned to a reader.
    pub(super) fn delivered(&self, site: SiteId, contact: ContactId, position: Position) {
        let delivered = &self.0.delivery_tracker;
        if delivered.add(ReaderKey { site, contact }, position) {
            tokio::spawn(write(
                self.0.app.clone(),
                delivered.positions.clone(),
                Arc::clone(&delivered.pending),
            ));
        }
    }
}

/// Writes until no position is left.
async fn write(app: App, known: Cache<ReaderKey, Position>, waiting: Arc<Mutex<PendingWrites>>) {
    loop {
        tokio::time::sleep(BATCH_WINDOW).await;
        let readers = {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.readers.is_empty() {
                waiting.is_busy = false;
                return;
            }
            std::mem::take(&mut waiting.readers)
        };
        let mut sites: BTreeMap<SiteId, Vec<(ContactId, Position)>> = BTreeMap::new();
        for (ReaderKey { site, contact }, position) in readers {
            sites.entry(site).or_default().push((contact, position));
        }
        for (site, reached) in sites {
            for batch in reached.chunks(MAX_BATCH) {
                if let Err(error) = app.record_delivered(site, batch).await {
                    // The next response tries again.
                    for (contact, _) in batch {
                        known.remove(&ReaderKey { site, contact: *contact });
                    }
                    tracing::debug!(%error, "deliveries could not be recorded");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_newer_positions_are_written_and_by_one_task() {
        let delivered = DeliveryTracker::new();
        let site = SiteId::from_bytes([1; 16]);
        let (one, other) =
            (ReaderKey { site, contact: ContactId(1) }, ReaderKey { site, contact: ContactId(2) });
        assert!(delivered.add(one, Position(5)));
        assert!(!delivered.add(other, Position(5)), "a task is running already");
        assert!(!delivered.add(one, Position(5)));
        assert!(!delivered.add(one, Position(4)));
        assert!(!delivered.add(one, Position(9)));
        let waiting = delivered.pending.lock().unwrap();
        assert_eq!((waiting.readers.len(), waiting.readers.get(&one)), (2, Some(&Position(9))));
    }
}
