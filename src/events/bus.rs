//! The event bus: passes each event to both hubs. Must not depend on what an event contains.

use super::{ConversationHub, ReaderHub};
use crate::domain::{EventSink, InboxEvent};
use std::sync::Arc;

/// Publishes each event to the streams of readers and to the subscriptions of conversations.
#[derive(Clone)]
pub struct EventBus {
    /// Event streams of readers.
    pub readers: Arc<ReaderHub>,
    /// Subscriptions to conversations.
    pub conversations: Arc<ConversationHub>,
}

impl EventSink for EventBus {
    fn announce(&self, change: InboxEvent) {
        match change {
            InboxEvent::Conversation(event) => {
                if event.reader().is_some() {
                    self.readers.announce(InboxEvent::Conversation(event.clone()));
                }
                self.conversations.announce(InboxEvent::Conversation(event));
            }
            InboxEvent::ChannelAccess { .. } => self.conversations.announce(change),
            InboxEvent::Unknown { .. } => {
                self.conversations.announce(change.clone());
                self.readers.announce(change);
            }
            _ => self.readers.announce(change),
        }
    }
}
