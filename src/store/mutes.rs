//! Which categories a reader does without.

use super::Result;
use crate::domain::{ContactId, SiteId, Timestamp};
use async_trait::async_trait;
use std::collections::BTreeMap;

/// The part of the seam that keeps what readers mute.
///
/// A message of a muted category is in none of the reader's lists and counts, and marks that name it are ignored, until the category
/// is muted no more: then it is back as it was. What is about all messages up to one (seen, delivered, all read) passes over it as well.
#[async_trait]
pub trait MuteStore: Send + Sync {
    /// The muted categories of a contact, in order; none for a stranger.
    async fn mutes(&self, site: SiteId, contact: ContactId) -> Result<Vec<String>>;
    /// Replaces them, and announces `Reconsidered` when that changed something. `false` when there is no such contact; more than
    /// [`MUTES`](crate::store::MUTES) are a `Conflict`.
    async fn set_mutes(&self, site: SiteId, contact: ContactId, categories: &[String], at: Timestamp) -> Result<bool>;
    /// Mutes the categories with `true` and unmutes those with `false`; all others stay as they are. Otherwise like [`MuteStore::set_mutes`].
    async fn change_mutes(&self, site: SiteId, contact: ContactId, changes: &BTreeMap<String, bool>, at: Timestamp) -> Result<bool>;
}
