//! The event bus: passes each event to both hubs. Must not depend on what an event contains.

use super::{ConversationHub, Hub};
use crate::domain::{Announcer, Change};
use std::sync::Arc;

/// Publishes each event to the streams of readers and to the subscriptions of conversations.
#[derive(Clone)]
pub struct Bus {
    /// Event streams of readers.
    pub readers: Arc<Hub>,
    /// Subscriptions to conversations.
    pub conversations: Arc<ConversationHub>,
}

impl Announcer for Bus {
    fn announce(&self, change: Change) {
        match change {
            Change::Conversation(event) => {
                if event.reader().is_some() {
                    self.readers.announce(Change::Conversation(event.clone()));
                }
                self.conversations.announce(Change::Conversation(event));
            }
            Change::ChannelAccess { .. } => self.conversations.announce(change),
            Change::Unknown { .. } => {
                self.conversations.announce(change.clone());
                self.readers.announce(change);
            }
            _ => self.readers.announce(change),
        }
    }
}
