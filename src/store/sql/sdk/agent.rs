//! Agents who sign in with a JWT: created or updated from its claims.

use crate::{
    MAX_SDK_AGENTS, Result, StoreError,
    db::{query, query_as, query_scalar},
    sql::{channel, sdk_rows::number_of, write_tx::WriteTx},
    vault::Vault,
};
use belfry_domain::{
    SiteId, Timestamp, ValidationError,
    channel::{AgentId, AgentRole, ChannelToken},
    sdk::{SdkAgentDraft, SdkScope},
};
use belfry_locales::phrases::errors;

pub(in crate::sql) const BY_EXTERNAL_ID: &str = "SELECT id, name, email FROM agent WHERE site_id = ?1 AND sdk_inbox_id = ?2 AND external_id = ?3";

/// The agent with this external id in the scope: updated, or created if it is missing.
pub(super) async fn upsert(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, scope): (SiteId, SdkScope),
    draft: &SdkAgentDraft,
    pubsub_token: &ChannelToken,
    now: Timestamp,
) -> Result<AgentId> {
    let found: Option<(i64, String, String)> = query_as(BY_EXTERNAL_ID)
        .bind(site.as_bytes())
        .bind(number_of(scope))
        .bind(&draft.external_id)
        .fetch_optional(&mut tx.connection)
        .await?;
    let Some((id, name, email)) = found else {
        return add(tx, vault, (site, scope), draft, pubsub_token, now).await;
    };
    if name != draft.name || email != draft.email {
        query("UPDATE agent SET name = ?2, email = ?3 WHERE id = ?1")
            .bind(id)
            .bind(&draft.name)
            .bind(&draft.email)
            .execute(&mut tx.connection)
            .await?;
    }
    Ok(AgentId(id))
}

async fn add(
    tx: &mut WriteTx,
    vault: &Vault,
    (site, scope): (SiteId, SdkScope),
    draft: &SdkAgentDraft,
    pubsub_token: &ChannelToken,
    now: Timestamp,
) -> Result<AgentId> {
    let counted = query(
        "UPDATE site_counter SET sdk_agents = sdk_agents + 1 WHERE site_id = ?1 AND sdk_agents < ?2",
    )
    .bind(site.as_bytes())
    .bind(MAX_SDK_AGENTS)
    .execute(&mut tx.connection)
    .await?;
    if counted == 0 {
        return Err(StoreError::Limit(ValidationError::new(
            "id",
            errors::too_many_sdk_agents(MAX_SDK_AGENTS),
        )));
    }
    let id: i64 = query_scalar(
        "INSERT INTO agent (site_id, name, email, role, pubsub_token, pubsub_digest, created_at, external_id, sdk_inbox_id)
         VALUES (?1, ?2, ?3, ?4, '', ?5, ?6, ?7, ?8) RETURNING id",
    )
    .bind(site.as_bytes())
    .bind(&draft.name)
    .bind(&draft.email)
    .bind(AgentRole::Agent.as_int())
    .bind(pubsub_token.digest().0.to_vec())
    .bind(now.millis())
    .bind(&draft.external_id)
    .bind(number_of(scope))
    .fetch_one(&mut tx.connection)
    .await?;
    channel::seal_pubsub_of_agent(tx, vault, site, id, pubsub_token).await?;
    Ok(AgentId(id))
}
