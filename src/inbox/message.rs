//! Sending: publish, look up, edit, recall.

use super::{Inbox, InboxError};
use crate::{
    domain::{Audience, ContactId, Idempotency, Invalid, Message, MessageDraft, MessageEdit, MessageId, SiteId},
    store::{Published, StoreError, TOO_MANY_SEGMENTS},
};

/// The answer to a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The message.
    pub id: MessageId,
    /// Whether it was there before, by the same idempotency key.
    pub repeated: bool,
}

impl Inbox {
    /// Publishes a message. When this returns, the message is durable.
    pub async fn publish(&self, site: SiteId, draft: MessageDraft, idempotency: Option<&Idempotency>) -> Result<Receipt, InboxError> {
        let now = self.now();
        let contacts = self.resolve(site, draft.audience).await?;
        let message = Message {
            id: MessageId::generate(&*self.clock, &*self.entropy),
            site,
            contacts,
            content: draft.content,
            category: draft.category,
            data: draft.data,
            pinned: draft.pinned,
            created_at: now,
            publish_at: draft.publish_at.map_or(now, |at| at.max(now)),
            expires_at: draft.expires_at,
            edited_at: None,
            recalled_at: None,
            position: 0,
        };
        let published = match self.store.publish(&message, idempotency, now).await {
            Err(StoreError::Conflict(reason)) if reason == TOO_MANY_SEGMENTS => return Err(InboxError::TooManySegments),
            // A contact erased since it was looked up.
            Err(StoreError::Conflict(_)) => {
                return Err(Invalid::new("audience", "names a contact or a segment that was deleted in this moment").into());
            }
            other => other?,
        };
        receipt(published)
    }

    /// The answer to an earlier publish with this key. Asked before anything else is looked at, so that a repeated request
    /// gets the answer of the first even when its contact is gone or its time is over.
    pub async fn earlier_publish(&self, site: SiteId, idempotency: &Idempotency) -> Result<Option<Receipt>, InboxError> {
        self.store.earlier_publish(site, idempotency).await?.map(receipt).transpose()
    }

    /// One message.
    pub async fn message(&self, site: SiteId, message: MessageId) -> Result<Message, InboxError> {
        self.store.message(site, message).await?.ok_or(InboxError::NotFound)
    }

    /// Changes a message; readers who have it open see the new text.
    pub async fn edit(&self, site: SiteId, message: MessageId, edit: &MessageEdit) -> Result<Message, InboxError> {
        if let Some(Some(end)) = edit.expires_at
            && end <= self.message(site, message).await?.publish_at
        {
            return Err(Invalid::new("expiresAt", "must be after the message's publishAt").into());
        }
        self.store.edit_message(site, message, edit, self.now()).await?.ok_or(InboxError::NotFound)
    }

    /// Recalls a message; it vanishes for everyone.
    pub async fn recall(&self, site: SiteId, message: MessageId) -> Result<(), InboxError> {
        if self.store.recall_message(site, message, self.now()).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }

    async fn resolve(&self, site: SiteId, audience: Audience) -> Result<Option<Vec<ContactId>>, InboxError> {
        let (lookups, several) = match audience {
            Audience::Everyone => return Ok(None),
            Audience::Segment(target) => return Ok(Some(vec![self.target(site, target).await?.lane()])),
            Audience::Contact(lookup) => (vec![lookup], false),
            Audience::Contacts(lookups) => (lookups, true),
        };
        let found = self.store.contact_ids(site, &lookups).await?;
        let mut contacts = Vec::with_capacity(found.len());
        for (index, contact) in found.into_iter().enumerate() {
            let unknown = || {
                let field = if several { format!("audience.contacts[{index}]") } else { "audience.contact".to_owned() };
                Invalid::new(field, "no contact of this site has these identifiers; tell of it first with POST /v1/contact")
            };
            contacts.push(contact.ok_or_else(unknown)?);
        }
        contacts.sort();
        contacts.dedup();
        Ok(Some(contacts))
    }
}

fn receipt(published: Published) -> Result<Receipt, InboxError> {
    match published {
        Published::New(id) => Ok(Receipt { id, repeated: false }),
        Published::Repeated(id) => Ok(Receipt { id, repeated: true }),
        Published::KeyReused => Err(InboxError::KeyReused),
    }
}
