//! The audit log of administrative actions.

use super::Result;
use crate::domain::{AuditEntry, SiteId, StoredAuditEntry};
use async_trait::async_trait;

/// Stores the audit log.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Adds an entry.
    async fn record(&self, entry: &AuditEntry) -> Result<()>;
    /// The entries of a site (`None`: of no site) with an id below `before`, newest first, at most
    /// `limit`.
    async fn audit(
        &self,
        site: Option<SiteId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredAuditEntry>>;
}
