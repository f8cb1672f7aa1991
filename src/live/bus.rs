//! From the one place where changes are announced to those who listen for them. Must not know what a change says.

use super::{ConversationHub, Hub};
use crate::domain::{Announcer, Change};
use std::sync::Arc;

/// Announces to readers' streams and to subscriptions of conversations, each what concerns them.
#[derive(Clone)]
pub struct Bus {
    /// Streams of readers.
    pub readers: Arc<Hub>,
    /// Subscriptions of conversations.
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
