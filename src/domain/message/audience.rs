//! Audiences of messages: as a sender names one, and as it is stored.
//!
//! Must not depend on how the store numbers its feeds. Used by [`super::MessageDraft`] and
//! [`super::Message`].

use crate::{ContactId, ContactLookup, SegmentId, SegmentTarget};
use serde::{Deserialize, Serialize};

/// The audience, as the sender named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// One contact. Rejected if the site doesn't know it, so that typing errors are noticed.
    Contact(ContactLookup),
    /// One to [`Audience::MAX_NAMED_CONTACTS`] contacts. Rejected if the site doesn't know one of
    /// them.
    Contacts(Vec<ContactLookup>),
    /// Every contact of the site, present and future.
    Everyone,
    /// The members of a segment, evaluated whenever a reader's list is loaded.
    Segment(SegmentTarget),
}

impl Audience {
    /// Maximum number of contacts that a message can name.
    pub const MAX_NAMED_CONTACTS: usize = 5_000;
}

/// The audience of a message, with everything looked up that its sender named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageAudience {
    /// Every contact of the site, present and future.
    Everyone,
    /// The members of a segment, evaluated whenever a reader's list is loaded.
    Segment(SegmentId),
    /// These contacts.
    Contacts(Vec<ContactId>),
}

impl MessageAudience {
    /// The named contacts; `None` for everyone and for a segment.
    pub fn contacts(&self) -> Option<&[ContactId]> {
        match self {
            Self::Contacts(contacts) => Some(contacts),
            Self::Everyone | Self::Segment(_) => None,
        }
    }

    /// The segment, if it is one.
    pub fn segment(&self) -> Option<SegmentId> {
        match self {
            Self::Segment(segment) => Some(*segment),
            Self::Everyone | Self::Contacts(_) => None,
        }
    }

    /// Whether it is every contact of the site.
    pub fn is_everyone(&self) -> bool {
        matches!(self, Self::Everyone)
    }

    /// Whether its members are only known when readers load their lists: everyone or a segment.
    pub fn is_open(&self) -> bool {
        self.contacts().is_none()
    }
}

/// The same audience as a sender could name it.
impl From<MessageAudience> for Audience {
    fn from(stored: MessageAudience) -> Self {
        match stored {
            MessageAudience::Everyone => Self::Everyone,
            MessageAudience::Segment(segment) => Self::Segment(SegmentTarget::Number(segment)),
            MessageAudience::Contacts(contacts) => {
                Self::Contacts(contacts.into_iter().map(ContactLookup::Id).collect())
            }
        }
    }
}
