//! Events about committed changes to a site, for caches, event streams and the event bus.
//!
//! The store publishes each event after its commit. To add one: a variant of [`InboxEvent`] here,
//! its wire form in `widget::events`, and the consumers that have to react.

use super::{
    ContactId, KeyId, Message, MessageId, ReaderActionKind, Segment, SiteId, ThemeVersion,
    TokenFamily, UnreadCounts, Version,
    channel::{AgentId, Availability, ChannelAccess, ConversationEvent},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A shared value in its serialized form.
mod shared {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        T::serialize(value, serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}

/// Which contacts an event concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipients {
    /// Every contact of the site.
    Everyone,
    /// The listed contacts.
    Contacts(Vec<ContactId>),
    /// The members of a segment. Each subscriber evaluates the rule for its own contact.
    Segment(#[serde(with = "shared")] Arc<Segment>),
}

/// Which sessions were revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevokedSessions {
    /// All sessions of a contact.
    Contact(ContactId),
    /// All sessions of a token family.
    Family(TokenFamily),
    /// All sessions that were issued through an API key.
    Key(KeyId),
}

/// Who of a site is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PresentSubscriber {
    /// An agent, with the availability that the agent set.
    Agent(AgentId, Availability),
    /// A contact.
    Contact(ContactId),
}

/// A committed change to a site. `version` is a per-site sequence number that always increases.
///
/// Serialized for the other processes on the same database, which may run another version of this
/// program for a while: a new field needs a serde default.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum InboxEvent {
    /// A message became visible.
    MessagePublished {
        /// The message.
        #[serde(with = "shared")]
        message: Arc<Message>,
        /// Who sees it.
        recipients: Recipients,
        /// Sequence number.
        version: Version,
    },
    /// A visible message was edited.
    MessageEdited {
        /// The message after the edit.
        #[serde(with = "shared")]
        message: Arc<Message>,
        /// Who sees it.
        recipients: Recipients,
        /// Sequence number.
        version: Version,
    },
    /// A message was recalled or expired.
    MessageRemoved {
        /// The site.
        site: SiteId,
        /// The message.
        message: MessageId,
        /// Who saw it.
        recipients: Recipients,
        /// Sequence number.
        version: Version,
    },
    /// A message to many contacts was recalled or expired and is no longer listed. `MessageRemoved`
    /// events follow, one for each batch of recipients.
    MessageUnlisted {
        /// The site.
        site: SiteId,
    },
    /// A reader acted on messages, possibly in another tab.
    ReaderActed {
        /// The site.
        site: SiteId,
        /// The reader.
        contact: ContactId,
        /// The action.
        action: ReaderActionKind,
        /// The messages that the action changed; empty for actions that name none.
        messages: Vec<MessageId>,
        /// The counts after the action; their version is the sequence number.
        counts: UnreadCounts,
    },
    /// Sessions were revoked.
    SessionsRevoked {
        /// The site.
        site: SiteId,
        /// The revoked sessions.
        revoked: RevokedSessions,
    },
    /// The site's published theme changed.
    ThemeChanged {
        /// The site.
        site: SiteId,
        /// The published version; `None` is the built-in theme.
        theme: Option<ThemeVersion>,
        /// File name of its style sheet.
        stylesheet: Option<String>,
    },
    /// What a contact sees may have changed; clients reload it.
    Invalidated {
        /// The site.
        site: SiteId,
        /// The contact; `None` for every contact of the site.
        contact: Option<ContactId>,
        /// Sequence number.
        version: Version,
    },
    /// An event of the site's conversations.
    Conversation(#[serde(with = "shared")] Arc<ConversationEvent>),
    /// Access to the site's conversations changed.
    ChannelAccessChanged {
        /// The site.
        site: SiteId,
        /// The subscriptions to check again.
        access: ChannelAccess,
    },
    /// Another process changed the site's data in a way that is not known; cached data is stale.
    ExternalWrite {
        /// The site.
        site: SiteId,
    },
    /// Events of another process did not arrive: clients of the site's conversations have to connect
    /// again and reload.
    EventsMissed {
        /// The site.
        site: SiteId,
    },
    /// A subscriber of the site's conversations, connected to another process, is online.
    Present {
        /// The site.
        site: SiteId,
        /// Who it is.
        subscriber: PresentSubscriber,
    },
}

impl InboxEvent {
    /// The site that the event belongs to.
    pub fn site(&self) -> SiteId {
        match self {
            Self::MessagePublished { message, .. } | Self::MessageEdited { message, .. } => {
                message.site
            }
            Self::MessageRemoved { site, .. }
            | Self::MessageUnlisted { site }
            | Self::ReaderActed { site, .. }
            | Self::SessionsRevoked { site, .. }
            | Self::ThemeChanged { site, .. }
            | Self::Invalidated { site, .. }
            | Self::ChannelAccessChanged { site, .. }
            | Self::ExternalWrite { site }
            | Self::EventsMissed { site }
            | Self::Present { site, .. } => *site,
            Self::Conversation(event) => event.site,
        }
    }

    /// Whether it is about nothing that was stored.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Conversation(event) => event.kind.is_typing(),
            Self::Present { .. } | Self::ExternalWrite { .. } | Self::EventsMissed { .. } => true,
            _ => false,
        }
    }

    /// The sequence number, if the event has one.
    pub fn version(&self) -> Option<Version> {
        match self {
            Self::MessagePublished { version, .. }
            | Self::MessageEdited { version, .. }
            | Self::MessageRemoved { version, .. }
            | Self::Invalidated { version, .. } => Some(*version),
            Self::ReaderActed { counts, .. } => Some(counts.version),
            Self::MessageUnlisted { .. }
            | Self::SessionsRevoked { .. }
            | Self::ThemeChanged { .. }
            | Self::Conversation(_)
            | Self::ChannelAccessChanged { .. }
            | Self::ExternalWrite { .. }
            | Self::EventsMissed { .. }
            | Self::Present { .. } => None,
        }
    }
}

/// Receives events. The writer calls it in commit order, after the commit and before it replies to
/// the caller, so implementations must not block.
pub trait EventSink: Send + Sync + 'static {
    /// Publishes an event.
    fn publish(&self, change: InboxEvent);

    /// Invalidates what is cached, for an event that is published later: it waits for those that
    /// another process committed before it.
    fn invalidate(&self, _change: &InboxEvent) {}
}
