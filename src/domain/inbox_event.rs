//! Events about committed changes to a site, for caches, event streams and the event bus.
//!
//! The store publishes each event after its commit. To add one: a variant of [`InboxEvent`] here,
//! its wire form in the event bus (`live`), and the consumers that have to react.

use super::{
    ContactId, KeyId, Message, MessageId, ReaderActionKind, Segment, SiteId, ThemeVersion,
    TokenFamily, UnreadCounts,
    channel::{ChannelAccess, ConversationEvent},
};
use std::sync::Arc;

/// Which contacts an event concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// Every contact of the site.
    Everyone,
    /// The listed contacts.
    Contacts(Vec<ContactId>),
    /// The members of a segment. Each subscriber evaluates the rule for its own contact.
    Segment(Arc<Segment>),
}

/// Which sessions were revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevokedSessions {
    /// All sessions of a contact.
    Contact(ContactId),
    /// All sessions of a token family.
    Family(TokenFamily),
    /// All sessions that were issued through an API key.
    Key(KeyId),
}

/// A committed change to a site. `version` is a per-site sequence number that always increases.
#[derive(Debug, Clone)]
pub enum InboxEvent {
    /// A message became visible.
    Placed {
        /// The message.
        message: Arc<Message>,
        /// Who sees it.
        reach: Recipients,
        /// Sequence number.
        version: i64,
    },
    /// A visible message was edited.
    Edited {
        /// The message after the edit.
        message: Arc<Message>,
        /// Who sees it.
        reach: Recipients,
        /// Sequence number.
        version: i64,
    },
    /// A message was recalled or expired.
    Removed {
        /// The site.
        site: SiteId,
        /// The message.
        message: MessageId,
        /// Who saw it.
        reach: Recipients,
        /// Sequence number.
        version: i64,
    },
    /// A message to many contacts was recalled or expired and is no longer listed. `Removed` events
    /// follow, one for each batch of recipients.
    Withdrawn {
        /// The site.
        site: SiteId,
    },
    /// A reader acted on messages, possibly in another tab.
    Marked {
        /// The site.
        site: SiteId,
        /// The reader.
        contact: ContactId,
        /// The action.
        verb: ReaderActionKind,
        /// The messages that the action changed; empty for actions that name none.
        messages: Vec<MessageId>,
        /// The counts after the action; their version is the sequence number.
        tally: UnreadCounts,
    },
    /// Sessions were revoked.
    Ended {
        /// The site.
        site: SiteId,
        /// The revoked sessions.
        revoked: RevokedSessions,
    },
    /// The site's published theme changed.
    Themed {
        /// The site.
        site: SiteId,
        /// The published version; `None` is the built-in theme.
        theme: Option<ThemeVersion>,
        /// File name of its style sheet.
        sheet: Option<String>,
    },
    /// What a contact sees may have changed; clients reload it.
    Reconsidered {
        /// The site.
        site: SiteId,
        /// The contact; `None` for every contact of the site.
        contact: Option<ContactId>,
        /// Sequence number.
        version: i64,
    },
    /// An event of the site's conversations.
    Conversation(Arc<ConversationEvent>),
    /// Access to the site's conversations changed.
    ChannelAccess {
        /// The site.
        site: SiteId,
        /// The subscriptions to check again.
        access: ChannelAccess,
    },
    /// Another process changed the site's data in a way that is not known; cached data is stale.
    Unknown {
        /// The site.
        site: SiteId,
    },
}

impl InboxEvent {
    /// The site that the event belongs to.
    pub fn site(&self) -> SiteId {
        match self {
            Self::Placed { message, .. } | Self::Edited { message, .. } => message.site,
            Self::Removed { site, .. }
            | Self::Withdrawn { site }
            | Self::Marked { site, .. }
            | Self::Ended { site, .. }
            | Self::Themed { site, .. }
            | Self::Reconsidered { site, .. }
            | Self::ChannelAccess { site, .. }
            | Self::Unknown { site } => *site,
            Self::Conversation(event) => event.site,
        }
    }

    /// The sequence number, if the event has one.
    pub fn version(&self) -> Option<i64> {
        match self {
            Self::Placed { version, .. }
            | Self::Edited { version, .. }
            | Self::Removed { version, .. }
            | Self::Reconsidered { version, .. } => Some(*version),
            Self::Marked { tally, .. } => Some(tally.version),
            Self::Withdrawn { .. }
            | Self::Ended { .. }
            | Self::Themed { .. }
            | Self::Conversation(_)
            | Self::ChannelAccess { .. }
            | Self::Unknown { .. } => None,
        }
    }
}

/// Receives events. The writer calls it in commit order, after the commit and before it replies to
/// the caller, so implementations must not block.
pub trait EventSink: Send + Sync + 'static {
    /// Publishes an event.
    fn announce(&self, change: InboxEvent);
}
