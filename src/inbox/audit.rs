//! The record of administrative acts.
//!
//! An act goes on record in the transaction that does it ([`Inbox::acting`]), so that there is never one without the other.

use super::{Inbox, InboxError};
use crate::{
    domain::{Actor, AuditEntry, Audited, SiteId},
    store::Act,
};
use serde_json::Value;
use std::future::Future;

impl Inbox {
    /// Does an act, `does`, that goes on record as `action` (`noun.verb`) once it changes something. `subject` is the thing's id or name; where
    /// it is empty, the id of what is made.
    pub async fn acting<F: Future>(
        &self,
        actor: Actor,
        site: Option<SiteId>,
        action: &str,
        subject: &str,
        detail: Option<Value>,
        does: F,
    ) -> F::Output {
        self.act(actor, site, action, subject, detail).scope(does).await
    }

    /// The same for a caller that has to know afterwards whether it is on record.
    pub fn act(&self, actor: Actor, site: Option<SiteId>, action: &str, subject: &str, detail: Option<Value>) -> Act {
        Act::new(AuditEntry { site, actor, action: action.to_owned(), subject: subject.to_owned(), detail, at: self.now() })
    }

    /// Puts something on record that changes nothing, such as an export. What can't be written now is tried again in the background: the
    /// caller has its answer already.
    pub async fn record(&self, actor: Actor, site: Option<SiteId>, action: &str, subject: &str, detail: Option<Value>) {
        let entry = AuditEntry { site, actor, action: action.to_owned(), subject: subject.to_owned(), detail, at: self.now() };
        if let Err(error) = self.store.record(&entry).await {
            tracing::error!(%error, action, "an act could not be put on record; trying again");
            self.keep_trying("the record of an act", move |inbox| {
                let entry = entry.clone();
                async move { inbox.store.record(&entry).await }
            });
        }
    }

    /// The record of a site (`None`: of accounts), newest first.
    pub async fn audit(&self, site: Option<SiteId>, before: Option<i64>, limit: u32) -> Result<Vec<Audited>, InboxError> {
        Ok(self.store.audit(site, before, limit).await?)
    }
}
