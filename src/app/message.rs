//! Messages: publish, look up, edit, recall.

use super::{App, AppError};
use belfry_domain::{
    Audience, IdempotentRequest, Message, MessageAudience, MessageDraft, MessageEdit, MessageId,
    Position, SiteId, ValidationError,
};
use belfry_locales::phrases::errors;
use belfry_store::{Conflict, PublishOutcome, StoreError};

/// Result of a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishReceipt {
    /// The message.
    pub id: MessageId,
    /// Whether an earlier request with the same idempotency key published it.
    pub is_repeated: bool,
}

impl App {
    /// Publishes a message. It is durable when this returns.
    pub async fn publish(
        &self,
        site: SiteId,
        draft: MessageDraft,
        idempotency: Option<&IdempotentRequest>,
    ) -> Result<PublishReceipt, AppError> {
        self.check_media(site, &draft.content).await?;
        let audience = self.resolve_audience(site, draft.audience.clone()).await?;
        self.send(self.build_message(site, audience, draft), idempotency).await
    }

    /// Builds a message from its draft, without storing it.
    pub(super) fn build_message(
        &self,
        site: SiteId,
        audience: MessageAudience,
        draft: MessageDraft,
    ) -> Message {
        let now = self.now();
        Message {
            id: MessageId::generate(&*self.clock, &*self.rng),
            site,
            audience,
            content: draft.content,
            category: draft.category,
            data: draft.data,
            pinned: draft.pinned,
            created_at: now,
            publish_at: draft.publish_at.map_or(now, |at| at.max(now)),
            expires_at: draft.expires_at,
            edited_at: None,
            recalled_at: None,
            position: Position::UNPUBLISHED,
            name: draft.name,
            is_test: false,
        }
    }

    /// Stores a message.
    pub(super) async fn send(
        &self,
        message: Message,
        idempotency: Option<&IdempotentRequest>,
    ) -> Result<PublishReceipt, AppError> {
        let published = match self.store.publish(&message, idempotency, message.created_at).await {
            Err(StoreError::Conflict(Conflict::TooManySegments)) => {
                return Err(AppError::TooManySegments);
            }
            Err(StoreError::Conflict(Conflict::TooManyFanOuts)) => {
                return Err(AppError::TooManyFanOuts);
            }
            // A contact was erased since its lookup.
            Err(StoreError::Conflict(_)) => {
                return Err(ValidationError::new("audience", errors::AUDIENCE_DELETED).into());
            }
            other => other?,
        };
        receipt(published)
    }

    /// The result of an earlier publish with this key. Check it before any validation, so that a
    /// repeated request gets the first response even if its contact was erased or its time has
    /// passed.
    pub async fn earlier_publish(
        &self,
        site: SiteId,
        idempotency: &IdempotentRequest,
    ) -> Result<Option<PublishReceipt>, AppError> {
        self.store.earlier_publish(site, idempotency).await?.map(receipt).transpose()
    }

    /// One message.
    pub async fn message(&self, site: SiteId, message: MessageId) -> Result<Message, AppError> {
        self.store.message(site, message).await?.ok_or(AppError::NotFound)
    }

    /// Changes a message; open inboxes are updated. With `expected_revision`, only if the message
    /// still has this [revision](Message::revision).
    pub async fn edit(
        &self,
        site: SiteId,
        message: MessageId,
        edit: &MessageEdit,
        expected_revision: Option<&str>,
    ) -> Result<Message, AppError> {
        self.check_edit(site, message, edit).await?;
        let mut edit = edit.clone();
        let moved = edit.publish_at.is_some() || edit.audience.is_some();
        if moved || matches!(edit.expires_at, Some(Some(_))) {
            let stored = self.message(site, message).await?;
            if moved && stored.recalled_at.is_none() && stored.position != Position::UNPUBLISHED {
                return Err(AppError::NotScheduled);
            }
            edit.publish_at = edit.publish_at.map(|at| at.max(self.now()));
            if let Some(end) = edit.expires_at.unwrap_or(stored.expires_at)
                && end <= edit.publish_at.unwrap_or(stored.publish_at)
                && (moved || edit.expires_at.is_some())
            {
                return Err(
                    ValidationError::new("expiresAt", errors::BEFORE_MESSAGE_PUBLISH_AT).into()
                );
            }
        }
        if let Some(audience) = edit.audience.take() {
            edit.audience = Some(self.resolve_audience(site, audience).await?.into());
        }
        let edited = match expected_revision {
            Some(former) => {
                self.store.edit_message_if_unchanged(site, message, former, &edit, self.now()).await
            }
            None => self.store.edit_message(site, message, &edit, self.now()).await,
        };
        match edited {
            // It was published at this moment, or a contact was erased.
            Err(StoreError::Conflict(_)) if moved => Err(AppError::NotScheduled),
            other => other?.ok_or(AppError::NotFound),
        }
    }

    /// Recalls a message; it disappears for everyone.
    pub async fn recall(&self, site: SiteId, message: MessageId) -> Result<(), AppError> {
        if self.store.recall_message(site, message, self.now()).await? {
            Ok(())
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Looks up what a sender named.
    pub(super) async fn resolve_audience(
        &self,
        site: SiteId,
        audience: Audience,
    ) -> Result<MessageAudience, AppError> {
        let (lookups, several) = match audience {
            Audience::Everyone => return Ok(MessageAudience::Everyone),
            Audience::Segment(target) => {
                return Ok(MessageAudience::Segment(self.target(site, target).await?));
            }
            Audience::Contact(lookup) => (vec![lookup], false),
            Audience::Contacts(lookups) => (lookups, true),
        };
        let contact_ids = self.store.contact_ids(site, &lookups).await?;
        let mut contacts = Vec::with_capacity(contact_ids.len());
        for (index, contact) in contact_ids.into_iter().enumerate() {
            let unknown = || {
                let field = if several {
                    format!("audience.contacts[{index}]")
                } else {
                    "audience.contact".to_owned()
                };
                ValidationError::new(field, errors::UNKNOWN_CONTACT)
            };
            contacts.push(contact.ok_or_else(unknown)?);
        }
        contacts.sort();
        contacts.dedup();
        Ok(MessageAudience::Contacts(contacts))
    }
}

fn receipt(published: PublishOutcome) -> Result<PublishReceipt, AppError> {
    match published {
        PublishOutcome::New(id) => Ok(PublishReceipt { id, is_repeated: false }),
        PublishOutcome::Duplicate(id) => Ok(PublishReceipt { id, is_repeated: true }),
        PublishOutcome::KeyReused => Err(AppError::KeyReused),
    }
}
