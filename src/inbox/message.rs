//! Sending: publish, look up, edit, recall.

use super::{Inbox, InboxError};
use crate::{
    domain::{Audience, ContactId, Idempotency, Invalid, Message, MessageDraft, MessageEdit, MessageId, SiteId},
    store::{Published, StoreError},
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
            // A contact erased since it was looked up.
            Err(StoreError::Conflict(_)) => return Err(Invalid::new("audience", "names a contact that was erased in this moment").into()),
            other => other?,
        };
        match published {
            Published::New(id) => Ok(Receipt { id, repeated: false }),
            Published::Repeated(id) => Ok(Receipt { id, repeated: true }),
            Published::KeyReused => Err(InboxError::KeyReused),
        }
    }

    /// One message.
    pub async fn message(&self, site: SiteId, message: MessageId) -> Result<Message, InboxError> {
        self.store.message(site, message).await?.ok_or(InboxError::NotFound)
    }

    /// Changes a message; readers who have it open see the new text.
    pub async fn edit(&self, site: SiteId, message: MessageId, edit: &MessageEdit) -> Result<Message, InboxError> {
        self.store.edit_message(site, message, edit, self.now()).await?.ok_or(InboxError::NotFound)
    }

    /// Recalls a message; it vanishes for everyone.
    pub async fn recall(&self, site: SiteId, message: MessageId) -> Result<(), InboxError> {
        if self.store.recall_message(site, message, self.now()).await? { Ok(()) } else { Err(InboxError::NotFound) }
    }

    async fn resolve(&self, site: SiteId, audience: Audience) -> Result<Option<Vec<ContactId>>, InboxError> {
        let Audience::Contacts(lookups) = audience else { return Ok(None) };
        let found = self.store.contact_ids(site, &lookups).await?;
        let mut contacts = Vec::with_capacity(found.len());
        let single = found.len() == 1;
        for (index, contact) in found.into_iter().enumerate() {
            let field = if single { "audience.contact".to_owned() } else { format!("audience.contacts[{index}]") };
            contacts.push(
                contact.ok_or_else(|| Invalid::new(field, "no contact of this site has these identifiers; create it first with POST /v1/contact"))?,
            );
        }
        contacts.sort();
        contacts.dedup();
        Ok(Some(contacts))
    }
}
