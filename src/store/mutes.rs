//! Categories that a contact muted.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{ContactId, SiteId, SiteSettings, Timestamp};
use std::collections::BTreeMap;

/// Muted categories of a contact: as many as a site can define.
pub const MAX_MUTES: usize = SiteSettings::CATEGORIES;

/// Stores muted categories.
///
/// A message of a muted category is in none of the reader's lists and counts, and actions that name
/// it are ignored, until the category is unmuted; then it is as it was before. Actions on all
/// messages up to a position (seen, delivered, all read) include it.
#[async_trait]
pub trait MuteStore: Send + Sync {
    /// The muted categories of a contact, in order; none for an unknown contact.
    async fn mutes(&self, site: SiteId, contact: ContactId) -> Result<Vec<String>>;
    /// Replaces them and publishes `Invalidated` if something changed. `false` when the contact
    /// does not exist; more than [`MAX_MUTES`] are a `Conflict`.
    async fn set_mutes(
        &self,
        site: SiteId,
        contact: ContactId,
        categories: &[String],
        at: Timestamp,
    ) -> Result<bool>;
    /// Mutes the categories with `true` and unmutes those with `false`; all others are unchanged.
    /// Otherwise like [`MuteStore::set_mutes`].
    async fn change_mutes(
        &self,
        site: SiteId,
        contact: ContactId,
        changes: &BTreeMap<String, bool>,
        at: Timestamp,
    ) -> Result<bool>;
}
