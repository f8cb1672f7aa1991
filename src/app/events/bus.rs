//! The event bus: passes each event to both hubs. Must not depend on what an event contains.

use super::{ConversationHub, ReaderHub};
use belfry_domain::{EventSink, InboxEvent};
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
    fn publish(&self, change: InboxEvent) {
        match change {
            InboxEvent::Conversation(event) => {
                if event.reader().is_some() {
                    self.readers.publish(InboxEvent::Conversation(event.clone()));
                }
                self.conversations.publish(InboxEvent::Conversation(event));
            }
            InboxEvent::ChannelAccessChanged { .. }
            | InboxEvent::EventsMissed { .. }
            | InboxEvent::Present { .. } => self.conversations.publish(change),
            InboxEvent::ExternalWrite { .. } => {
                self.conversations.publish(change.clone());
                self.readers.publish(change);
            }
            _ => self.readers.publish(change),
        }
    }

    fn invalidate(&self, change: &InboxEvent) {
        self.readers.invalidate(change);
    }
}
