//! The audit log of administrative actions.

use super::Result;
use async_trait::async_trait;
use belfry_domain::{AuditEntry, SiteId, StoredAuditEntry};

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
