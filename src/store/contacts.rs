//! Contact administration: search, replace, soft delete, import, export.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{
    Contact, ContactCredential, ContactDraft, ContactFilter, ContactId, ContactLookup,
    ContactReceipt, ContactWindow, ImportOptions, MessageId, RowResult, SiteId, Timestamp,
};

/// Outcome of replacing a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceContactOutcome {
    /// Replaced.
    Done,
    /// The site has no such contact.
    Unknown,
    /// It was changed since the caller read it.
    Changed,
}

/// Administers the contacts of a site. A deleted contact is soft-deleted, not erased: no lookup
/// returns it and it has no tokens and sessions, but it keeps its receipts and identifiers.
#[async_trait]
pub trait ContactStore: Send + Sync {
    /// Contacts that match a filter, at most `limit`, without deleted ones.
    async fn search_contacts(
        &self,
        site: SiteId,
        filter: &ContactFilter,
        window: ContactWindow,
        limit: u32,
    ) -> Result<Vec<Contact>>;
    /// Number of matching contacts, counted up to `cap`.
    async fn count_contacts(&self, site: SiteId, filter: &ContactFilter, cap: u32) -> Result<u32>;
    /// Replaces all fields of a contact; fields that the draft does not have are cleared. With
    /// `expected_revision`, only if the contact still has this [revision](Contact::revision). An
    /// identifier of another contact is a `Conflict`.
    async fn replace_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        draft: &ContactDraft,
        expected_revision: Option<&str>,
        at: Timestamp,
    ) -> Result<ReplaceContactOutcome>;
    /// Soft-deletes a contact, ends its tokens and sessions, and publishes `SessionsRevoked`.
    /// `false` when it does not exist.
    async fn archive_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        at: Timestamp,
    ) -> Result<bool>;
    /// The deleted contact of a lookup.
    async fn deleted_contact(
        &self,
        site: SiteId,
        lookup: &ContactLookup,
    ) -> Result<Option<Contact>>;
    /// Adds or updates a contact by the rules of an import.
    async fn merge_contact(
        &self,
        site: SiteId,
        draft: &ContactDraft,
        options: &ImportOptions,
        at: Timestamp,
    ) -> Result<RowResult>;
    /// What `merge_contact` would do with each draft, given the stored contacts. Nothing is
    /// written, so a draft does not see those before it.
    async fn dry_run_import(
        &self,
        site: SiteId,
        drafts: &[ContactDraft],
        options: &ImportOptions,
    ) -> Result<Vec<RowResult>>;
    /// The messages that were addressed to a contact by name or that it acted on, newest first,
    /// those before `before`.
    async fn contact_receipts(
        &self,
        site: SiteId,
        contact: ContactId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<ContactReceipt>>;
    /// The valid tokens and sessions of a contact.
    async fn contact_credentials(
        &self,
        site: SiteId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<Vec<ContactCredential>>;
}
