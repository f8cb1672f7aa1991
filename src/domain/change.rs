//! What happened, told to whoever is listening right after it became durable.

use super::{
    ContactId, Family, KeyId, Message, MessageId, Segment, SiteId, Tally, ThemeVersion, Verb,
    channel::{ChannelAccess, ConversationEvent},
};
use std::sync::Arc;

/// Whom a change concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every contact of the site.
    Everyone,
    /// These contacts.
    Contacts(Vec<ContactId>),
    /// Whoever is in this segment at this moment: each listener asks it of their own contact.
    Segment(Arc<Segment>),
}

/// Which open sessions have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// All of a contact.
    Contact(ContactId),
    /// All of a token family.
    Family(Family),
    /// All that a key vouched for.
    Key(KeyId),
}

/// A committed change. `version` is the number of the change within its site; numbers only grow.
#[derive(Debug, Clone)]
pub enum Change {
    /// A message is shown from now on.
    Placed {
        /// The message.
        message: Arc<Message>,
        /// Who sees it.
        reach: Reach,
        /// Number of the change.
        version: i64,
    },
    /// A shown message says something else now.
    Edited {
        /// The message as it is now.
        message: Arc<Message>,
        /// Who sees it.
        reach: Reach,
        /// Number of the change.
        version: i64,
    },
    /// A message was recalled or has expired.
    Removed {
        /// Its site.
        site: SiteId,
        /// The message.
        message: MessageId,
        /// Who saw it.
        reach: Reach,
        /// Number of the change.
        version: i64,
    },
    /// A message to many contacts was recalled or has expired, and is in no list of theirs any more. Each part of them is told by a `Removed` that
    /// follows.
    Withdrawn {
        /// Its site.
        site: SiteId,
    },
    /// A reader marked something, perhaps in another tab.
    Marked {
        /// The site.
        site: SiteId,
        /// The reader.
        contact: ContactId,
        /// What was done.
        verb: Verb,
        /// The messages for which this changed something; empty where the verb names none.
        messages: Vec<MessageId>,
        /// The counts after it; its version is the number of the change.
        tally: Tally,
    },
    /// Sessions have ended.
    Ended {
        /// The site.
        site: SiteId,
        /// Which.
        revoked: Revoked,
    },
    /// A site has another look from now on.
    Themed {
        /// The site.
        site: SiteId,
        /// The version that is in force now; `None` is the standard look.
        theme: Option<ThemeVersion>,
        /// Name of its style sheet file.
        sheet: Option<String>,
    },
    /// What a contact (`None`: anyone of the site) sees may be another than before: they look again.
    Reconsidered {
        /// The site.
        site: SiteId,
        /// The contact.
        contact: Option<ContactId>,
        /// Number of the change.
        version: i64,
    },
    /// Something happened in a site's conversations.
    Conversation(Arc<ConversationEvent>),
    /// Who may see what of a site's conversations may be another than before.
    ChannelAccess {
        /// The site.
        site: SiteId,
        /// Whose subscriptions are to be looked at again.
        access: ChannelAccess,
    },
    /// Another process changed this site's data: whoever shows it looks again.
    Unknown {
        /// The site.
        site: SiteId,
    },
}

impl Change {
    /// The site that the change belongs to.
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

    /// Its number within the site, where it has one.
    pub fn version(&self) -> Option<i64> {
        match self {
            Self::Placed { version, .. } | Self::Edited { version, .. } | Self::Removed { version, .. } | Self::Reconsidered { version, .. } => {
                Some(*version)
            }
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

/// Whoever wants to know of changes. Called in the order of the commits, after the commit and before the writer is
/// answered; it must return at once.
pub trait Announcer: Send + Sync + 'static {
    /// Takes note of a change.
    fn announce(&self, change: Change);
}
