//! Contact administration: search, replace, soft delete, export.

use super::{App, AppError};
use belfry_domain::{
    Contact, ContactCredential, ContactDraft, ContactFilter, ContactId, ContactLookup,
    ContactReceipt, ContactWindow, ImportOptions, ImportOutcome, MessageId, SiteId, paginate,
};
use belfry_store::{Conflict, ReplaceContactOutcome, StoreError};
use futures_util::stream::{self, Stream};

/// Contacts are counted up to this number.
const MAX_COUNTED_CONTACTS: u32 = 10_000;
/// Receipts that an export holds in memory at a time, each with its message.
const EXPORT_BATCH_RECEIPTS: u32 = 20;

/// A page of matching contacts, newest first.
#[derive(Debug, Clone)]
pub struct ContactList {
    /// The contacts.
    pub contacts: Vec<Contact>,
    /// Cursor of the next page, if there is one.
    pub next: Option<ContactId>,
    /// Number of matching contacts.
    pub count: u32,
    /// Whether counting stopped at the limit.
    pub is_capped: bool,
}

/// A contact's data without its messages, of which there may be many: [`App::export_receipts`]
/// reads those in pages. Secrets are not included: only their digests are stored.
#[derive(Debug, Clone)]
pub struct ContactExport {
    /// The contact.
    pub contact: Contact,
    /// Valid tokens and sessions.
    pub credentials: Vec<ContactCredential>,
}

impl App {
    /// Matching contacts, newest first.
    pub async fn list_contacts(
        &self,
        site: SiteId,
        filter: &ContactFilter,
        before: Option<ContactId>,
        limit: u32,
    ) -> Result<ContactList, AppError> {
        let contacts = self
            .store
            .search_contacts(site, filter, ContactWindow::Before(before), limit.saturating_add(1))
            .await?;
        let (contacts, next) = paginate(contacts, limit, |last| last.id);
        let count = self.store.count_contacts(site, filter, MAX_COUNTED_CONTACTS).await?;
        Ok(ContactList { contacts, next, count, is_capped: count >= MAX_COUNTED_CONTACTS })
    }

    /// Matching contacts, oldest first, skipping `offset`.
    pub async fn contacts_from(
        &self,
        site: SiteId,
        filter: &ContactFilter,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Contact>, AppError> {
        Ok(self.store.search_contacts(site, filter, ContactWindow::Offset(offset), limit).await?)
    }

    /// Replaces all fields of a contact; fields that the draft does not have are cleared. With
    /// `expected_revision`, only if the contact still has this [revision](Contact::revision).
    pub async fn replace_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        draft: &ContactDraft,
        expected_revision: Option<&str>,
    ) -> Result<(), AppError> {
        match self
            .store
            .replace_contact(site, contact, draft, expected_revision, self.now())
            .await?
        {
            ReplaceContactOutcome::Done => Ok(()),
            ReplaceContactOutcome::Unknown => Err(AppError::NotFound),
            ReplaceContactOutcome::Changed => Err(AppError::Changed),
        }
    }

    /// Soft-deletes a contact: lookups no longer return it and its sessions end, but an upsert
    /// restores it.
    pub async fn archive_contact(
        &self,
        site: SiteId,
        lookup: &ContactLookup,
    ) -> Result<ContactId, AppError> {
        let contact = self.contact(site, lookup).await?.id;
        if self.store.archive_contact(site, contact, self.now()).await? {
            Ok(contact)
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Adds or updates a contact and adds these groups.
    pub async fn subscribe(
        &self,
        site: SiteId,
        draft: &ContactDraft,
        groups: Vec<String>,
    ) -> Result<ContactId, AppError> {
        let options = ImportOptions {
            restore_deleted: true,
            groups_to_add: groups,
            ..ImportOptions::default()
        };
        let merged = self.store.merge_contact(site, draft, &options, self.now()).await?;
        match merged.contact.filter(|_| merged.outcome != ImportOutcome::Failed) {
            Some(contact) => Ok(contact),
            None => Err(StoreError::from(Conflict::IdentifierTaken).into()),
        }
    }

    /// A page of a contact's messages with their receipts, newest first, and the cursor of the next
    /// page.
    pub async fn contact_receipts(
        &self,
        site: SiteId,
        contact: ContactId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<(Vec<ContactReceipt>, Option<MessageId>), AppError> {
        self.contact(site, &ContactLookup::Id(contact)).await?;
        let receipts =
            self.store.contact_receipts(site, contact, before, limit.saturating_add(1)).await?;
        Ok(paginate(receipts, limit, |last| last.message.id))
    }

    /// A contact's data for an export, without its messages.
    pub async fn export_contact(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> Result<ContactExport, AppError> {
        let found = self.contact(site, &ContactLookup::Id(contact)).await?;
        let credentials = self.store.contact_credentials(site, contact, self.now()).await?;
        Ok(ContactExport { contact: found, credentials })
    }

    /// The messages addressed to a contact by name or that it acted on, newest first, in pages.
    pub fn export_receipts(
        &self,
        site: SiteId,
        contact: ContactId,
    ) -> impl Stream<Item = Result<Vec<ContactReceipt>, AppError>> + use<> {
        let inbox = self.clone();
        let next = move |from: Option<Option<MessageId>>| {
            let inbox = inbox.clone();
            async move {
                let Some(before) = from else { return Ok(None) };
                let (part, next) =
                    inbox.contact_receipts(site, contact, before, EXPORT_BATCH_RECEIPTS).await?;
                Ok(Some((part, next.map(Some))))
            }
        };
        stream::try_unfold(Some(None), next)
    }
}
