//! Contacts beyond one at a time: sought, replaced, put away, and told of with all that is kept of them.

use super::Result;
use crate::domain::{
    Contact, ContactCredential, ContactDraft, ContactFilter, ContactId, ContactLookup, ContactReceipt, ContactWindow, ImportOptions, Merged,
    MessageId, SiteId, Timestamp,
};
use async_trait::async_trait;

/// What became of the wish to replace what is said of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplacedContact {
    /// Done.
    Done,
    /// There is none.
    Unknown,
    /// It was changed since it was looked at.
    Changed,
}

/// The part of the seam that an owner's contacts are looked after with. A deleted contact is one that was put away and not erased:
/// it is found by nothing, has no tokens and sessions, and keeps its receipts and identifiers.
#[async_trait]
pub trait ContactStore: Send + Sync {
    /// Contacts that fit, at most `limit`. Deleted ones are not among them.
    async fn search_contacts(&self, site: SiteId, filter: &ContactFilter, window: ContactWindow, limit: u32) -> Result<Vec<Contact>>;
    /// How many fit; counting ends at `cap`.
    async fn count_contacts(&self, site: SiteId, filter: &ContactFilter, cap: u32) -> Result<u32>;
    /// Replaces all that a site says of a contact; what the draft does not have is gone afterwards. With `former`, only what had this
    /// [revision](Contact::revision) still. An identifier that belongs to another contact is a `Conflict`.
    async fn replace_contact(
        &self,
        site: SiteId,
        contact: ContactId,
        draft: &ContactDraft,
        former: Option<&str>,
        at: Timestamp,
    ) -> Result<ReplacedContact>;
    /// Deletes a contact without erasing it, ends its tokens and sessions, and announces `Ended`. `false` when there is none.
    async fn put_away_contact(&self, site: SiteId, contact: ContactId, at: Timestamp) -> Result<bool>;
    /// The deleted contact that a look-up finds.
    async fn deleted_contact(&self, site: SiteId, lookup: &ContactLookup) -> Result<Option<Contact>>;
    /// Adds or updates a contact by the rules of an import.
    async fn merge_contact(&self, site: SiteId, draft: &ContactDraft, options: &ImportOptions, at: Timestamp) -> Result<Merged>;
    /// What `merge_contact` would make of each draft as the contacts are now. Nothing is written, so a draft does not see those before it.
    async fn forecast(&self, site: SiteId, drafts: &[ContactDraft], options: &ImportOptions) -> Result<Vec<Merged>>;
    /// The messages that went to a contact by name or that it did something with, newest first, those before `before`.
    async fn contact_receipts(&self, site: SiteId, contact: ContactId, before: Option<MessageId>, limit: u32) -> Result<Vec<ContactReceipt>>;
    /// The tokens and sessions of a contact that are in force.
    async fn contact_credentials(&self, site: SiteId, contact: ContactId, now: Timestamp) -> Result<Vec<ContactCredential>>;
}
