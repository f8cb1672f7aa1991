//! Contacts beyond one at a time: sought, replaced, put away, and told of with all that is held of them.

use super::{Inbox, InboxError};
use crate::{
    domain::{
        Contact, ContactCredential, ContactDraft, ContactFilter, ContactId, ContactLookup, ContactReceipt, ContactWindow, ImportOptions, MessageId,
        Outcome, SiteId,
    },
    store::{ReplacedContact, StoreError},
};
use futures_util::stream::{self, Stream};

/// Counting contacts ends here.
const COUNTED: u32 = 10_000;
/// Receipts that an export holds at a time, each with its message.
const EXPORTED: u32 = 20;

/// A part of the contacts that fit, newest first.
#[derive(Debug, Clone)]
pub struct ContactList {
    /// The contacts.
    pub contacts: Vec<Contact>,
    /// Where the next part begins, when there is one.
    pub next: Option<ContactId>,
    /// How many fit.
    pub count: u32,
    /// Whether there may be more than were counted.
    pub capped: bool,
}

/// What is held of a contact beside its messages, of which there may be any number: [`Inbox::exported_receipts`] reads those in parts.
/// Secrets are not held: only their digests are kept.
#[derive(Debug, Clone)]
pub struct ContactExport {
    /// What the site says.
    pub contact: Contact,
    /// Tokens and sessions in force.
    pub credentials: Vec<ContactCredential>,
}

impl Inbox {
    /// Contacts that fit, newest first.
    pub async fn list_contacts(
        &self,
        site: SiteId,
        filter: &ContactFilter,
        before: Option<ContactId>,
        limit: u32,
    ) -> Result<ContactList, InboxError> {
        let mut contacts = self.store.search_contacts(site, filter, ContactWindow::Before(before), limit.saturating_add(1)).await?;
        let more = contacts.len() > limit as usize;
        contacts.truncate(limit as usize);
        let next = contacts.last().map(|contact| contact.id).filter(|_| more);
        let count = self.store.count_contacts(site, filter, COUNTED).await?;
        Ok(ContactList { contacts, next, count, capped: count >= COUNTED })
    }

    /// Contacts that fit, oldest first, without the first `offset`.
    pub async fn contacts_from(&self, site: SiteId, filter: &ContactFilter, offset: u32, limit: u32) -> Result<Vec<Contact>, InboxError> {
        Ok(self.store.search_contacts(site, filter, ContactWindow::Offset(offset), limit).await?)
    }

    /// Replaces all that is said of a contact; what the draft does not have is gone afterwards.
    /// With `former`, only what had this [revision](Contact::revision) still.
    pub async fn replace_contact(&self, site: SiteId, contact: ContactId, draft: &ContactDraft, former: Option<&str>) -> Result<(), InboxError> {
        match self.store.replace_contact(site, contact, draft, former, self.now()).await? {
            ReplacedContact::Done => Ok(()),
            ReplacedContact::Unknown => Err(InboxError::NotFound),
            ReplacedContact::Changed => Err(InboxError::Changed),
        }
    }

    /// Deletes a contact without erasing it: it is found no more and its sessions end, but it can be brought back by telling of it again.
    pub async fn put_away_contact(&self, site: SiteId, lookup: &ContactLookup) -> Result<ContactId, InboxError> {
        let contact = self.contact(site, lookup).await?.id;
        if self.store.put_away_contact(site, contact, self.now()).await? { Ok(contact) } else { Err(InboxError::NotFound) }
    }

    /// Adds or updates a contact who signs up to these groups.
    pub async fn subscribe(&self, site: SiteId, draft: &ContactDraft, groups: Vec<String>) -> Result<ContactId, InboxError> {
        let options = ImportOptions { restore_deleted: true, groups, ..ImportOptions::default() };
        let merged = self.store.merge_contact(site, draft, &options, self.now()).await?;
        match merged.contact.filter(|_| merged.outcome != Outcome::Failed) {
            Some(contact) => Ok(contact),
            None => Err(StoreError::Conflict("an identifier belongs to another contact".to_owned()).into()),
        }
    }

    /// A part of a contact's messages with what became of them, newest first, and where the next part begins.
    pub async fn contact_receipts(
        &self,
        site: SiteId,
        contact: ContactId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<(Vec<ContactReceipt>, Option<MessageId>), InboxError> {
        self.contact(site, &ContactLookup::Id(contact)).await?;
        let mut receipts = self.store.contact_receipts(site, contact, before, limit.saturating_add(1)).await?;
        let more = receipts.len() > limit as usize;
        receipts.truncate(limit as usize);
        let next = receipts.last().map(|receipt| receipt.message.id).filter(|_| more);
        Ok((receipts, next))
    }

    /// All that is held of a contact, without its messages.
    pub async fn export_contact(&self, site: SiteId, contact: ContactId) -> Result<ContactExport, InboxError> {
        let found = self.contact(site, &ContactLookup::Id(contact)).await?;
        let credentials = self.store.contact_credentials(site, contact, self.now()).await?;
        Ok(ContactExport { contact: found, credentials })
    }

    /// The messages that went to a contact by name, or that it did something with; newest first, a part at a time.
    pub fn exported_receipts(&self, site: SiteId, contact: ContactId) -> impl Stream<Item = Result<Vec<ContactReceipt>, InboxError>> + use<> {
        let inbox = self.clone();
        let next = move |from: Option<Option<MessageId>>| {
            let inbox = inbox.clone();
            async move {
                let Some(before) = from else { return Ok(None) };
                let (part, next) = inbox.contact_receipts(site, contact, before, EXPORTED).await?;
                Ok(Some((part, next.map(Some))))
            }
        };
        stream::try_unfold(Some(None), next)
    }
}
