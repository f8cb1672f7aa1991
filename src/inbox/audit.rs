//! The record of administrative acts. Whoever does one says so here, after it is done.

use super::{Inbox, InboxError};
use crate::domain::{Actor, AuditEntry, Audited, SiteId};
use serde_json::Value;

impl Inbox {
    /// Notes an act: `action` is `noun.verb`, `subject` the thing's id or name. A record that can't be written is an error in
    /// the log and not one for the caller, whose act is done.
    pub async fn record(&self, actor: Actor, site: Option<SiteId>, action: &str, subject: &str, detail: Option<Value>) {
        let entry = AuditEntry { site, actor, action: action.to_owned(), subject: subject.to_owned(), detail, at: self.now() };
        if let Err(error) = self.store.record(&entry).await {
            tracing::error!(%error, action, "an act could not be put on record");
        }
    }

    /// The record of a site (`None`: of accounts), newest first.
    pub async fn audit(&self, site: Option<SiteId>, before: Option<i64>, limit: u32) -> Result<Vec<Audited>, InboxError> {
        Ok(self.store.audit(site, before, limit).await?)
    }
}
