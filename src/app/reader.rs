//! What a reader sees and does.

use super::{App, AppError};
use belfry_domain::{
    ActionOutcome, ContactId, Digest, KeyId, MessageId, Position, ReaderAction, ReaderMessage,
    ReaderPage, ReaderPageRequest, Secret, SiteId, TokenFamily, UnreadCounts,
};

/// An authenticated reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The site.
    pub site: SiteId,
    /// The contact.
    pub contact: ContactId,
    /// The token family of the session.
    pub family: TokenFamily,
    /// The API key that issued the family.
    pub key: KeyId,
}

impl Reader {
    /// A public tag that differs between readers. A page includes its reader's tag in each request,
    /// so that it gets no other reader's messages after the cookie was replaced.
    pub fn tag(&self) -> String {
        Digest::of(&format!("reader {} {}", self.site, self.contact)).short()
    }
}

/// A new session with its plaintext secrets, which are not stored.
#[derive(Debug)]
pub struct IssuedSession {
    /// The reader.
    pub reader: Reader,
    /// The cookie's secret.
    pub cookie: Secret,
    /// The bearer token, for the iframe's memory where cookies are blocked.
    pub bearer: Secret,
    /// Sessions of the same reader that were ended because of the limit.
    pub ended_sessions: Vec<Digest>,
}

impl App {
    /// A page of the reader's list.
    pub async fn page(
        &self,
        reader: &Reader,
        request: ReaderPageRequest,
    ) -> Result<ReaderPage, AppError> {
        Ok(self.store.page(reader.site, reader.contact, request, self.now()).await?)
    }

    /// One message as the reader has it.
    pub async fn item(
        &self,
        reader: &Reader,
        message: MessageId,
    ) -> Result<ReaderMessage, AppError> {
        self.store
            .item(reader.site, reader.contact, message, self.now())
            .await?
            .ok_or(AppError::NotFound)
    }

    /// The reader's unread counts.
    pub async fn unread_counts(&self, reader: &Reader) -> Result<UnreadCounts, AppError> {
        Ok(self.store.counts(reader.site, reader.contact, self.now()).await?)
    }

    /// Stores a reader's action. `None` when an undo is no longer possible.
    pub async fn apply_reader_action(
        &self,
        reader: &Reader,
        action: &ReaderAction,
    ) -> Result<Option<ActionOutcome>, AppError> {
        Ok(self.store.apply_reader_action(reader.site, reader.contact, action, self.now()).await?)
    }

    /// Records up to which position messages were delivered to readers of a site.
    pub async fn record_delivered(
        &self,
        site: SiteId,
        reached: &[(ContactId, Position)],
    ) -> Result<(), AppError> {
        Ok(self.store.record_delivered(site, reached, self.now()).await?)
    }

    /// Ends the reader's session and its token family.
    pub async fn sign_out(&self, reader: &Reader) -> Result<(), AppError> {
        Ok(self.store.revoke_family(reader.site, reader.family).await?)
    }
}
