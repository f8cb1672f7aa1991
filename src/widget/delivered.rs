//! Up to which message each reader was answered, written after the answer so that it delays none. Called by the handlers that answer with messages.
//!
//! A broadcast reaches thousands of open inboxes at one moment. What they were given is gathered here for a moment, the newest for each reader,
//! and written in the background, hundreds of readers in one statement. An answer with nothing newer than the last costs nothing. What is lost
//! when the process ends is noticed at the next answer.

use super::Door;
use crate::cache::{Bounds, Cache};
use crate::{
    domain::{ContactId, Filter, Page, SiteId},
    inbox::Inbox,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Readers of whom is remembered how far their list was answered.
const MAX_READERS: u64 = 100_000;
/// For how long after their last answer.
const READER_TTL: Duration = Duration::from_mins(30);
/// For how long answers are gathered before they are written.
const GATHER: Duration = Duration::from_millis(50);
/// Readers in one write.
const MAX_BATCH: usize = 128;

type ReaderKey = (SiteId, ContactId);

/// What still has to be written, and whether a task is at it.
#[derive(Default)]
struct Waiting {
    readers: HashMap<ReaderKey, i64>,
    busy: bool,
}

/// How far each reader's list was answered.
pub(super) struct Delivered {
    known: Cache<ReaderKey, i64>,
    waiting: Arc<Mutex<Waiting>>,
}

impl Delivered {
    pub(super) fn new() -> Self {
        Self { known: Cache::bounded(Bounds::entries(MAX_READERS).for_at_most(READER_TTL)), waiting: Arc::default() }
    }

    /// Says whether a task has to be started.
    fn note(&self, reader: ReaderKey, position: i64) -> bool {
        if self.known.get(&reader).is_some_and(|known| known >= position) {
            return false;
        }
        self.known.insert(reader, position);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = waiting.readers.entry(reader).or_insert(position);
        *newest = position.max(*newest);
        !std::mem::replace(&mut waiting.busy, true)
    }
}

impl Door {
    /// A page was answered to a reader.
    pub(super) fn answered(&self, site: SiteId, contact: ContactId, filter: Filter, page: &Page) {
        // What is in the archive was delivered before.
        let newest = page.items.iter().map(|item| item.message.position).max().filter(|_| filter != Filter::Archived);
        if let Some(newest) = newest {
            self.delivered(site, contact, newest);
        }
    }

    /// All up to this position was answered to a reader.
    pub(super) fn delivered(&self, site: SiteId, contact: ContactId, position: i64) {
        let delivered = &self.0.delivered;
        if delivered.note((site, contact), position) {
            tokio::spawn(write(self.0.inbox.clone(), delivered.known.clone(), Arc::clone(&delivered.waiting)));
        }
    }
}

/// Writes until nothing waits.
async fn write(inbox: Inbox, known: Cache<ReaderKey, i64>, waiting: Arc<Mutex<Waiting>>) {
    loop {
        tokio::time::sleep(GATHER).await;
        let readers = {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.readers.is_empty() {
                waiting.busy = false;
                return;
            }
            std::mem::take(&mut waiting.readers)
        };
        let mut sites: BTreeMap<SiteId, Vec<(ContactId, i64)>> = BTreeMap::new();
        for ((site, contact), position) in readers {
            sites.entry(site).or_default().push((contact, position));
        }
        for (site, reached) in sites {
            for batch in reached.chunks(MAX_BATCH) {
                if let Err(error) = inbox.note_delivered(site, batch).await {
                    // The next answer tries again.
                    for (contact, _) in batch {
                        known.remove(&(site, *contact));
                    }
                    tracing::debug!(%error, "deliveries could not be kept");
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
        let delivered = Delivered::new();
        let (one, other) = ((SiteId::from_bytes([1; 16]), ContactId(1)), (SiteId::from_bytes([1; 16]), ContactId(2)));
        assert!(delivered.note(one, 5));
        assert!(!delivered.note(other, 5), "a task is at it");
        assert!(!delivered.note(one, 5));
        assert!(!delivered.note(one, 4));
        assert!(!delivered.note(one, 9));
        let waiting = delivered.waiting.lock().unwrap();
        assert_eq!((waiting.readers.len(), waiting.readers.get(&one)), (2, Some(&9)));
    }
}
