//! Previews for a site's owner in the real widget: a message that is not sent yet, to one of their
//! contacts or a placeholder; the inbox of a contact; or a theme version.
//!
//! Held for some minutes under a random secret, so that `widget` can show it without knowledge of
//! accounts: in memory, or in the database where several processes share it.

use super::{App, AppError, Reader};
use belfry_domain::{
    Contact, ContactId, ContactLookup, Digest, FairCache, KeyId, Language, Message,
    MessageAudience, MessageContent, MessageDraft, MessageId, Position, ReaderMessage, ReaderPage,
    ReaderPageRequest, Secret, SecretKind, SiteId, ThemeVersion, Timestamp, TokenFamily,
    UnreadCounts, Version,
};
use belfry_store::SharedValueKind;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

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

/// A subject as other processes read it.
#[derive(Serialize, Deserialize)]
enum SharedSubject {
    Draft {
        content: BTreeMap<Language, MessageContent>,
        category: Option<String>,
        pinned: bool,
        created_at: i64,
        reader: Option<ContactId>,
    },
    Contact(ContactId),
    Theme(u32),
}

impl SharedSubject {
    fn of(subject: &PreviewSubject) -> Self {
        match subject {
            PreviewSubject::Draft(message, reader) => Self::Draft {
                content: message.content.clone(),
                category: message.category.clone(),
                pinned: message.pinned,
                created_at: message.created_at.millis(),
                reader: *reader,
            },
            PreviewSubject::Contact(contact) => Self::Contact(*contact),
            PreviewSubject::Theme(version) => Self::Theme(version.0),
        }
    }

    fn into_subject(self, site: SiteId) -> PreviewSubject {
        match self {
            Self::Draft { content, category, pinned, created_at, reader } => {
                let at = Timestamp::from_millis(created_at);
                let message = preview_message(site, content, category, pinned, at);
                PreviewSubject::Draft(Arc::new(message), reader)
            }
            Self::Contact(contact) => PreviewSubject::Contact(contact),
            Self::Theme(version) => PreviewSubject::Theme(ThemeVersion(version)),
        }
    }
}

/// A message that was not sent, as its readers would see it.
fn preview_message(
    site: SiteId,
    content: BTreeMap<Language, MessageContent>,
    category: Option<String>,
    pinned: bool,
    at: Timestamp,
) -> Message {
    Message {
        id: MessageId::from_bytes([0; 16]),
        site,
        name: None,
        is_test: false,
        audience: MessageAudience::Everyone,
        content,
        category,
        data: None,
        pinned,
        created_at: at,
        publish_at: at,
        expires_at: None,
        edited_at: None,
        recalled_at: None,
        position: Position(1),
    }
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
}

impl App {
    /// Previews a message as this contact, or a placeholder, would see it if it were sent now.
    /// Returns the secret.
    pub async fn preview_draft(
        &self,
        site: SiteId,
        draft: MessageDraft,
        reader: Option<ContactId>,
    ) -> Result<Secret, AppError> {
        let MessageDraft { content, category, pinned, .. } = draft;
        let message = preview_message(site, content, category, pinned, self.now());
        self.insert_preview(site, PreviewSubject::Draft(Arc::new(message), reader)).await
    }

    /// Previews the inbox of one contact, read-only.
    pub async fn preview_contact(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> Result<Secret, AppError> {
        self.insert_preview(site, PreviewSubject::Contact(contact)).await
    }

    /// Previews a theme version.
    pub async fn preview_theme(
        &self,
        site: SiteId,
        version: ThemeVersion,
    ) -> Result<Secret, AppError> {
        self.theme(site, version).await?;
        self.insert_preview(site, PreviewSubject::Theme(version)).await
    }

    async fn insert_preview(
        &self,
        site: SiteId,
        subject: PreviewSubject,
    ) -> Result<Secret, AppError> {
        let secret = Secret::generate(SecretKind::PreviewLink, &*self.rng);
        let (digest, expires_at) = (secret.digest(), self.now().plus(PREVIEW_TTL));
        if self.shares_database() {
            let bytes = serde_json::to_vec(&SharedSubject::of(&subject)).unwrap_or_default();
            self.put_shared(site, SharedValueKind::Preview, digest, bytes, expires_at).await?;
        } else {
            self.preview_cache.0.insert(site, digest, (subject, expires_at), 1);
        }
        Ok(secret)
    }

    /// The subject of a secret; extends its lifetime.
    async fn preview_subject(
        &self,
        site: SiteId,
        secret: Digest,
    ) -> Result<Option<PreviewSubject>, AppError> {
        let now = self.now();
        if !self.shares_database() {
            return Ok(self.preview_cache.get(site, secret, now));
        }
        let extend = Some(now.plus(PREVIEW_TTL));
        let bytes = self.shared(site, SharedValueKind::Preview, secret, extend).await?;
        // What another version of this program wrote may look otherwise.
        let subject = bytes.and_then(|bytes| serde_json::from_slice::<SharedSubject>(&bytes).ok());
        Ok(subject.map(|subject| subject.into_subject(site)))
    }

    /// The theme version of a secret.
    pub(super) async fn previewed_theme(
        &self,
        site: SiteId,
        secret: Digest,
    ) -> Result<Option<ThemeVersion>, AppError> {
        Ok(match self.preview_subject(site, secret).await? {
            Some(PreviewSubject::Theme(version)) => Some(version),
            Some(PreviewSubject::Draft(..) | PreviewSubject::Contact(_)) | None => None,
        })
    }

    /// The list of a preview: the message once unread and once read, or the contact's current
    /// inbox.
    pub async fn preview_inbox(
        &self,
        site: SiteId,
        secret: &str,
    ) -> Result<PreviewInbox, AppError> {
        match self
            .preview_subject(site, Digest::of(secret))
            .await?
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
