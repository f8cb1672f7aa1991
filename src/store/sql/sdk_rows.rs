//! Rows of the Inbox SDK that end with an agent or an inbox, and the scope as it is stored.
//!
//! Must not depend on how agents sign in ([`super::sdk`]). Used by it and by conversations.

use super::write_tx::WriteTx;
use crate::{Result, db::query};
use belfry_domain::{
    SiteId,
    channel::{AgentId, InboxId},
    sdk::SdkScope,
};

/// The number of a scope as stored.
pub(super) fn number_of(scope: SdkScope) -> i64 {
    scope.inbox().map_or(0, |inbox| inbox.0)
}

/// The scope with a stored number.
pub(super) fn scope_of(number: i64) -> SdkScope {
    SdkScope::of((number != 0).then_some(InboxId(number)))
}

pub(super) const DELETE_AGENTS_OF_INBOX: &str = "DELETE FROM agent WHERE id IN (
        SELECT id FROM agent INDEXED BY agent_external WHERE site_id = ?1 AND sdk_inbox_id = ?2 AND external_id IS NOT NULL LIMIT ?3 + 0)";

pub(super) const END_TOKENS_OF_AGENT: &str = "DELETE FROM sdk_token WHERE agent_id = ?1";

/// Deletes some of the agents of a deleted inbox, which nothing else refers to. Returns their
/// number.
pub(super) async fn delete_agents_of_inbox(
    tx: &mut WriteTx,
    site: SiteId,
    inbox: i64,
    limit: i64,
) -> Result<u64> {
    let deleted = query(DELETE_AGENTS_OF_INBOX)
        .bind(site.as_bytes())
        .bind(inbox)
        .bind(limit)
        .execute(&mut tx.connection)
        .await?;
    if deleted > 0 {
        query("UPDATE site_counter SET sdk_agents = max(0, sdk_agents - ?2) WHERE site_id = ?1")
            .bind(site.as_bytes())
            .bind(i64::try_from(deleted).unwrap_or(i64::MAX))
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(deleted)
}

/// Deletes the keys of an inbox that is being deleted.
pub(super) async fn delete_keys_of_inbox(
    tx: &mut WriteTx,
    site: SiteId,
    inbox: InboxId,
) -> Result<()> {
    query("DELETE FROM sdk_key WHERE site_id = ?1 AND inbox_id = ?2")
        .bind(site.as_bytes())
        .bind(inbox.0)
        .execute(&mut tx.connection)
        .await?;
    Ok(())
}

/// Ends all sessions and windows of an agent.
pub(super) async fn end_tokens_of_agent(tx: &mut WriteTx, agent: AgentId) -> Result<()> {
    query(END_TOKENS_OF_AGENT).bind(agent.0).execute(&mut tx.connection).await?;
    Ok(())
}
