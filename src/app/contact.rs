//! Contacts, one at a time, as a site backend reports them.

use super::{App, AppError};
use belfry_domain::{Contact, ContactDraft, ContactId, ContactLookup, SiteId};

impl App {
    /// Adds a contact or updates the one that it matches.
    pub async fn upsert_contact(
        &self,
        site: SiteId,
        draft: &ContactDraft,
    ) -> Result<ContactId, AppError> {
        Ok(self.store.upsert_contact(site, draft, self.now()).await?)
    }

    /// One contact.
    pub async fn contact(&self, site: SiteId, lookup: &ContactLookup) -> Result<Contact, AppError> {
        self.store.contact(site, lookup).await?.ok_or(AppError::NotFound)
    }

    /// Erases a contact, also a deleted one, with everything that only belongs to it.
    pub async fn delete_contact(
        &self,
        site: SiteId,
        lookup: &ContactLookup,
    ) -> Result<ContactId, AppError> {
        let contact_or_deleted = match self.store.contact(site, lookup).await? {
            Some(contact) => Some(contact),
            None => self.store.deleted_contact(site, lookup).await?,
        };
        let contact = contact_or_deleted.ok_or(AppError::NotFound)?.id;
        if self.store.delete_contact(site, contact, self.now()).await? {
            Ok(contact)
        } else {
            Err(AppError::NotFound)
        }
    }
}
