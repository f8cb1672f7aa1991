//! The audit log: who did what. Implements [`AuditStore`]; `writer::command` records entries in the
//! transaction of the act.

use super::{SqlStore, write_tx::WriteTx};
use crate::{
    AuditStore, Result, StoreError,
    db::{Columns, Connection, Row, query, to_json},
};
use async_trait::async_trait;
use belfry_domain::{
    AccountId, Actor, AuditEntry, KeyId, SiteId, StoredAuditEntry, channel::AgentId,
};
use futures_util::FutureExt as _;

#[async_trait]
impl AuditStore for SqlStore {
    async fn record(&self, entry: &AuditEntry) -> Result<()> {
        let entry = entry.clone();
        self.writer.run(move |tx| record(tx, entry).boxed()).await
    }

    async fn audit(
        &self,
        site: Option<SiteId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredAuditEntry>> {
        list(&mut *self.read_connection().await?, site, before, limit).await
    }
}

macro_rules! list {
    ($site:literal, $order:literal) => {
        concat!(
            "SELECT number, actor_kind, actor, action, subject, detail, at FROM audit_entry WHERE ",
            $site,
            " AND number < ?2 ORDER BY ",
            $order,
            " LIMIT ?3 + 0"
        )
    };
}

// Two statements: `PostgreSQL` uses no index for `IS ?1`, and none for an order by the number unless
// the order names the column before it, or that is equal to a value.
const OF_SITE: &str = list!("site_id = ?1", "number DESC");
const OF_NO_SITE: &str = list!("site_id IS NULL", "site_id DESC, number DESC");

fn actor_columns(actor: &Actor) -> (&'static str, String) {
    match actor {
        Actor::Account(account) => ("account", account.0.to_string()),
        Actor::Key(key) => ("key", key.0.clone()),
        Actor::Agent(agent) => ("agent", agent.0.to_string()),
        Actor::Operator => ("operator", String::new()),
        Actor::System => ("system", String::new()),
    }
}

fn actor_of(kind: &str, name: &str) -> Result<Actor> {
    Ok(match kind {
        "account" => Actor::Account(AccountId(
            name.parse().map_err(|_| StoreError::Inconsistent(format!("account {name}")))?,
        )),
        "key" => Actor::Key(KeyId(name.to_owned())),
        "agent" => Actor::Agent(AgentId(
            name.parse().map_err(|_| StoreError::Inconsistent(format!("agent {name}")))?,
        )),
        "operator" => Actor::Operator,
        "system" => Actor::System,
        other => return Err(StoreError::Inconsistent(format!("actor {other}"))),
    })
}

pub(super) async fn record(tx: &mut WriteTx, entry: AuditEntry) -> Result<()> {
    let (kind, name) = actor_columns(&entry.actor);
    query("INSERT INTO audit_entry (site_id, actor_kind, actor, action, subject, detail, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(entry.site.as_ref().map(SiteId::as_bytes))
        .bind(kind)
        .bind(name)
        .bind(&entry.action)
        .bind(&entry.subject)
        .bind(entry.detail.as_ref().map(to_json).transpose()?)
        .bind(entry.at.millis())
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

fn entry_of(row: &Row, site: Option<SiteId>) -> Result<StoredAuditEntry> {
    let mut columns = Columns::new(row);
    Ok(StoredAuditEntry {
        number: columns.value()?,
        entry: AuditEntry {
            site,
            actor: actor_of(columns.value()?, columns.value()?)?,
            action: columns.value()?,
            subject: columns.value()?,
            detail: columns.maybe_json()?,
            at: columns.time()?,
        },
    })
}

async fn list(
    connection: &mut Connection,
    site: Option<SiteId>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<StoredAuditEntry>> {
    query(if site.is_some() { OF_SITE } else { OF_NO_SITE })
        .bind(site.as_ref().map(SiteId::as_bytes))
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| entry_of(row, site))
        .collect()
}
