//! Previews for a site's owner in the real widget: a message that is not sent yet, to one of their
//! contacts or a placeholder; the inbox of a contact; or a theme version.
//!
//! Held in memory for some minutes under a random secret, so that `widget` can show it without
//! knowledge of accounts.

use super::{App, AppError, Reader};
use belfry_domain::{
    Contact, ContactId, ContactLookup, Digest, FairCache, KeyId, Message, MessageAudience,
    MessageDraft, MessageId, Position, ReaderMessage, ReaderPage, ReaderPageRequest, Rng, Secret,
    SecretKind, SiteId, ThemeVersion, Timestamp, TokenFamily, UnreadCounts, Version,
};
use std::{sync::Arc, time::Duration};

/// How long a preview is available after its last use.
const PREVIEW_TTL: Duration = Duration::from_mins(15);

/// Previews held at a time.
const MAX_PREVIEWS: usize = 2_000;

#[derive(Clone)]
enum PreviewSubject {
    Draft(Arc<Message>, Option<ContactId>),
    Contact(ContactId),
    Theme(ThemeVersion),
}

/// What is previewed, and as which contact.
#[derive(Debug, Clone)]
pub struct PreviewInbox {
    /// The list.
    pub page: ReaderPage,
    /// The contact who would read it.
    pub contact: Contact,
}

/// The current previews.
#[derive(Clone)]
pub(super) struct PreviewCache(Arc<FairCache<Digest, (PreviewSubject, Timestamp)>>);

impl PreviewCache {
    pub(super) fn new() -> Self {
        Self(Arc::new(FairCache::new(MAX_PREVIEWS)))
    }

    fn insert(
        &self,
        site: SiteId,
        subject: PreviewSubject,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Secret {
        let secret = Secret::generate(SecretKind::PreviewLink, rng);
        self.0.insert(site, secret.digest(), (subject, now.plus(PREVIEW_TTL)), 1);
        secret
    }

    /// The subject of a secret; extends its lifetime.
    fn get(&self, site: SiteId, secret: Digest, now: Timestamp) -> Option<PreviewSubject> {
        let (subject, until) = self.0.get(site, &secret)?;
        if until <= now {
            self.0.remove(site, &secret);
            return None;
        }
        self.0.insert(site, secret, (subject.clone(), now.plus(PREVIEW_TTL)), 1);
        Some(subject)
    }

    /// The theme version of a secret.
    pub(super) fn theme_version(
        &self,
        site: SiteId,
        secret: Digest,
        now: Timestamp,
    ) -> Option<ThemeVersion> {
        match self.get(site, secret, now)? {
            PreviewSubject::Theme(version) => Some(version),
            PreviewSubject::Draft(..) | PreviewSubject::Contact(_) => None,
        }
    }
}

impl App {
    /// Previews a message as this contact, or a placeholder, would see it if it were sent now.
    /// Returns the secret.
    pub fn preview_draft(
        &self,
        site: SiteId,
        draft: MessageDraft,
        reader: Option<ContactId>,
    ) -> Secret {
        let now = self.now();
        let message = Message {
            id: MessageId::from_bytes([0; 16]),
            site,
            name: None,
            is_test: false,
            audience: MessageAudience::Everyone,
            content: draft.content,
            category: draft.category,
            data: None,
            pinned: draft.pinned,
            created_at: now,
            publish_at: now,
            expires_at: None,
            edited_at: None,
            recalled_at: None,
            position: Position(1),
        };
        self.preview_cache.insert(
            site,
            PreviewSubject::Draft(Arc::new(message), reader),
            now,
            &*self.rng,
        )
    }

    /// Previews the inbox of one contact, read-only.
    pub fn preview_contact(&self, site: SiteId, contact: ContactId) -> Secret {
        self.preview_cache.insert(site, PreviewSubject::Contact(contact), self.now(), &*self.rng)
    }

    /// Previews a theme version. Nothing is stored in the database.
    pub async fn preview_theme(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<Secret, AppError> {
        self.theme(site, version).await?;
        Ok(self.preview_cache.insert(site, PreviewSubject::Theme(version), self.now(), &*self.rng))
    }

    /// The list of a preview: the message once unread and once read, or the contact's current
    /// inbox.
    pub async fn preview_inbox(
        &self,
        site: SiteId,
        secret: &str,
    ) -> Result<PreviewInbox, AppError> {
        match self
            .preview_cache
            .get(site, Digest::of(secret), self.now())
            .ok_or(AppError::Unauthenticated)?
        {
            PreviewSubject::Draft(message, reader) => {
                // Two messages rather than one twice, since message ids must be unique in the
                // document.
                let again =
                    Arc::new(Message { id: MessageId::from_bytes([1; 16]), ..(*message).clone() });
                let item =
                    |message, is_read| ReaderMessage { message, is_read, is_archived: false };
                let contact = self.contact_or_placeholder(site, reader).await?;
                let counts = UnreadCounts { version: Version::default(), unread: 1, unseen: 1 };
                Ok(PreviewInbox {
                    page: ReaderPage {
                        items: vec![item(message, false), item(again, true)],
                        next: None,
                        counts,
                    },
                    contact,
                })
            }
            PreviewSubject::Contact(contact) => {
                let nobody = Reader {
                    site,
                    contact,
                    family: TokenFamily([0; 16]),
                    key: KeyId(String::new()),
                };
                let page = ReaderPage {
                    next: None,
                    ..self.page(&nobody, ReaderPageRequest::first()).await?
                };
                Ok(PreviewInbox {
                    page,
                    contact: self.contact_or_placeholder(site, Some(contact)).await?,
                })
            }
            PreviewSubject::Theme(_) => Err(AppError::Unauthenticated),
        }
    }

    /// The contact, or a placeholder when it does not exist.
    async fn contact_or_placeholder(
        &self,
        site: SiteId,
        contact: Option<ContactId>,
    ) -> Result<Contact, AppError> {
        let Some(contact) = contact else { return Ok(Contact::anonymous()) };
        match self.contact(site, &ContactLookup::Id(contact)).await {
            Err(AppError::NotFound) => Ok(Contact::anonymous()),
            known => known,
        }
    }
}
