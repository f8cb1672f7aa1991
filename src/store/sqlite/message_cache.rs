//! Messages to everyone that were read a moment ago: a list of them is the same for all readers of a site, and reading what they say for each is
//! most of what a list costs. Called by [`super::reader`].
//!
//! A message is used only as it was when it was last edited, which the list itself says. A message that names contacts is not kept: whom it names
//! is not for other readers to know.

use crate::domain::{Message, MessageId, Shares, SiteId, Timestamp};
use std::sync::Arc;

/// Bytes of text that are kept.
const MAX_BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct MessageCache(Arc<Shares<MessageId, Arc<Message>>>);

impl Default for MessageCache {
    fn default() -> Self {
        Self(Arc::new(Shares::new(MAX_BYTES)))
    }
}

fn weight(message: &Message) -> usize {
    let text = serde_json::to_vec(&message.content).map_or(0, |text| text.len());
    let data = serde_json::to_vec(&message.data).map_or(0, |data| data.len());
    text + data + 512
}

impl MessageCache {
    /// The message as it was edited then.
    pub(super) fn get(&self, site: SiteId, message: MessageId, edited_at: Option<Timestamp>) -> Option<Arc<Message>> {
        self.0.get(site, &message).filter(|message| message.edited_at == edited_at)
    }

    /// Keeps a message that is shown, if it is for everyone.
    pub(super) fn insert(&self, message: &Arc<Message>) {
        if message.contacts.is_none() {
            self.0.insert(message.site, message.id, Arc::clone(message), weight(message));
        }
    }
}
