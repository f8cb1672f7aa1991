//! A cache of recently read messages to everyone. All readers of a site get the same ones, and
//! decoding them is most of the cost of a list. Used by [`super::reader`].
//!
//! A cached message is used only if its edit time matches the one in the list. Messages to named
//! contacts are not cached: their audience must not reach other readers.

use belfry_domain::{FairCache, Message, MessageId, SiteId, Timestamp};
use std::sync::Arc;

/// The most bytes of text that are cached.
const MAX_CACHED_BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct MessageCache(Arc<FairCache<MessageId, Arc<Message>>>);

impl Default for MessageCache {
    fn default() -> Self {
        Self(Arc::new(FairCache::new(MAX_CACHED_BYTES)))
    }
}

fn weight(message: &Message) -> usize {
    let text = serde_json::to_vec(&message.content).map_or(0, |text| text.len());
    let data = serde_json::to_vec(&message.data).map_or(0, |data| data.len());
    text + data + 512
}

impl MessageCache {
    /// The message, if the cached copy has this edit time.
    pub(super) fn get(
        &self,
        site: SiteId,
        message: MessageId,
        edited_at: Option<Timestamp>,
    ) -> Option<Arc<Message>> {
        self.0.get(site, &message).filter(|message| message.edited_at == edited_at)
    }

    /// Caches a live message, if it is addressed to everyone.
    pub(super) fn insert(&self, message: &Arc<Message>) {
        if message.audience.is_everyone() {
            self.0.insert(message.site, message.id, Arc::clone(message), weight(message));
        }
    }
}
