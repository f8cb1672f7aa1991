//! What a reader sees and does.

use super::{Inbox, InboxError};
use crate::domain::{ContactId, Digest, Family, Item, KeyId, Mark, Marked, MessageId, Page, PageRequest, Secret, SiteId, Tally};

/// A reader who has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The site they read on.
    pub site: SiteId,
    /// Who they are.
    pub contact: ContactId,
    /// The token family of their session.
    pub family: Family,
    /// The key that vouched for them.
    pub key: KeyId,
}

impl Reader {
    /// A public tag that differs between readers: a page that was rendered for one reader names it in each request, so
    /// that it can't be answered with another's messages after the cookie has changed hands.
    pub fn tag(&self) -> String {
        Digest::of(&format!("reader {} {}", self.site, self.contact)).short()
    }
}

/// A session just granted; the secrets are in clear here and nowhere else.
#[derive(Debug)]
pub struct Granted {
    /// Who it is.
    pub reader: Reader,
    /// For the cookie.
    pub cookie: Secret,
    /// For the iframe's memory where cookies are refused.
    pub bearer: Secret,
    /// Sessions of the same reader that ended for it.
    pub ended: Vec<Digest>,
}

impl Inbox {
    /// A part of the reader's list.
    pub async fn page(&self, reader: &Reader, request: PageRequest) -> Result<Page, InboxError> {
        Ok(self.store.page(reader.site, reader.contact, request, self.now()).await?)
    }

    /// One message as the reader has it.
    pub async fn item(&self, reader: &Reader, message: MessageId) -> Result<Item, InboxError> {
        self.store.item(reader.site, reader.contact, message, self.now()).await?.ok_or(InboxError::NotFound)
    }

    /// The reader's counts.
    pub async fn tally(&self, reader: &Reader) -> Result<Tally, InboxError> {
        Ok(self.store.tally(reader.site, reader.contact, self.now()).await?)
    }

    /// Keeps what the reader did. `None` when what should be undone can no longer be.
    pub async fn mark(&self, reader: &Reader, mark: &Mark) -> Result<Option<Marked>, InboxError> {
        Ok(self.store.mark(reader.site, reader.contact, mark, self.now()).await?)
    }

    /// Keeps up to which position messages were answered to readers of a site.
    pub async fn note_delivered(&self, site: SiteId, reached: &[(ContactId, i64)]) -> Result<(), InboxError> {
        Ok(self.store.note_delivered(site, reached, self.now()).await?)
    }

    /// Ends the reader's session and the token it came from.
    pub async fn sign_out(&self, reader: &Reader) -> Result<(), InboxError> {
        Ok(self.store.end_family(reader.site, reader.family).await?)
    }
}
