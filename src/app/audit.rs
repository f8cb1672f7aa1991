//! The audit log of administrative actions.
//!
//! An entry is written in the transaction of its action ([`App::with_audit`]), so that neither
//! exists without the other.

use super::{App, AppError};
use belfry_domain::{Actor, AuditEntry, SiteId, StoredAuditEntry};
use belfry_store::AuditScope;
use serde_json::Value;
use std::future::Future;

impl App {
    /// Runs `does`, with an audit entry for `action` (`noun.verb`) that is written once it changes
    /// something. `subject` is the id or name of the object; if it is empty, the id of the created
    /// one.
    pub async fn with_audit<F: Future>(
        &self,
        actor: Actor,
        site: Option<SiteId>,
        action: &str,
        subject: &str,
        detail: Option<Value>,
        does: F,
    ) -> F::Output {
        self.start_audited(actor, site, action, subject, detail).scope(does).await
    }

    /// Like [`Self::with_audit`], for a caller that must know afterwards whether the entry was
    /// written.
    pub fn start_audited(
        &self,
        actor: Actor,
        site: Option<SiteId>,
        action: &str,
        subject: &str,
        detail: Option<Value>,
    ) -> AuditScope {
        AuditScope::new(AuditEntry {
            site,
            actor,
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
            at: self.now(),
        })
    }

    /// Writes an entry for something that changes nothing, such as an export. If it cannot be
    /// written now, it is retried in the background: the caller already has its response.
    pub async fn record(
        &self,
        actor: Actor,
        site: Option<SiteId>,
        action: &str,
        subject: &str,
        detail: Option<Value>,
    ) {
        let entry = AuditEntry {
            site,
            actor,
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
            at: self.now(),
        };
        if let Err(error) = self.store.record(&entry).await {
            tracing::error!(%error, action, "failed to write an audit entry; retrying");
            self.retry_in_background("the record of an act", move |inbox| {
                let entry = entry.clone();
                async move { inbox.store.record(&entry).await }
            });
        }
    }

    /// The audit log of a site (`None`: of accounts), newest first.
    pub async fn audit(
        &self,
        site: Option<SiteId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredAuditEntry>, AppError> {
        Ok(self.store.audit(site, before, limit).await?)
    }
}
